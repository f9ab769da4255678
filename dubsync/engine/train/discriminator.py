"""Adversarial training: a patch discriminator, and the loss terms it gives the drawing network.

It scores patches, not whole faces, and is conditioned on where lips and jaw should be.  It gives
the drawing network two loss terms: the adversarial term (drawn patches should score as real) and
feature matching (its layers should respond to the drawn picture as to the truth).  On consecutive
frames it also scores the changes between them.  Each term is scaled by its gradient on the picture
relative to the other losses' gradient, so that no term dominates whatever its units.
Source: Isola, Zhu, Zhou, Efros 2017, "Image-to-Image Translation with Conditional Adversarial
Networks" (patches, condition); Miyato, Kataoka, Koyama, Yoshida 2018, "Spectral Normalization for
Generative Adversarial Networks" (hinge loss, equation 17); Wang et al. 2018, "High-Resolution Image
Synthesis and Semantic Manipulation with Conditional GANs" (feature matching, equation 4); Wang et
al. 2018, "Video-to-Video Synthesis" (a discriminator of consecutive frames); Esser, Rombach, Ommer
2021, "Taming Transformers", equation 7 (weight by gradients); Heusel et al. 2017, "GANs Trained by
a Two Time-Scale Update Rule" (the discriminator's higher learning rate).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from dubsync.engine.network.mouth_net import DIFFERENCE, GUIDES, INPUT_CHANNELS, coarse
from dubsync.engine.train.checkpoint import optimiser_tensors, restore_optimiser
from dubsync.engine.train.training_pairs import Batch

CHANNELS = (32, 64, 128)
#: Matte and guides: the last input channels of the drawing network.
CONDITION = 1 + GUIDES
RATE, BETAS = 1e-3, (0.0, 0.9)
LEAK = 0.2
#: Scale of a picture's finest band relative to the picture.
DETAIL = 8.0
#: Gradient norms below this count as zero.
FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class AdversarialConfig:
    """Adversarial training.

    score     gradient of the adversarial term on the picture, relative to the other losses'
    features  the same for feature matching
    frames    consecutive training pairs shown to the discriminator together; 1: each alone
    alone     initial steps in which only the discriminator is trained: an untrained one gives the
              drawing network no useful gradient
    """

    score: float = 0.5
    features: float = 0.5
    frames: int = 1
    alone: int = 500


class Discriminator(nn.Module):
    """A network of 34 pixel patches: the features of each layer, and last the score."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = (channels, *CHANNELS)
        self.seen = nn.ModuleList(
            spectral_norm(nn.Conv2d(a, b, 4, stride=2, padding=1))
            for a, b in zip(wide, wide[1:], strict=False)
        )
        self.score = spectral_norm(nn.Conv2d(wide[-1], 1, 3, padding=1))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Features (B, c, h / 2^n, w / 2^n), then the discriminator score (B, 1, h / 8, w / 8)."""
        result = []
        for layer in self.seen:
            x = functional.leaky_relu(layer(x), LEAK)
            result.append(x)
        return [*result, self.score(x)]


class DiscriminatorTraining:
    """A discriminator of pictures, one of changes between frames, and their optimiser."""

    def __init__(self, config: AdversarialConfig, device: torch.device) -> None:
        self.config = config
        self.discriminators = nn.ModuleDict({"picture": Discriminator(6 + CONDITION)})
        if config.frames > 1:
            self.discriminators["change"] = Discriminator(3 * (config.frames - 1) + CONDITION)
        self.discriminators.to(device)
        self.optimiser = torch.optim.Adam(self.discriminators.parameters(), lr=RATE, betas=BETAS)

    def learn(self, made: torch.Tensor, batch: Batch) -> None:
        """One optimiser step of the discriminators.  Arguments as of `terms`."""
        total = torch.zeros((), device=made.device)
        for view in self._views(made.detach(), batch):
            drawn, true = view.scores()[-1]
            wrong = functional.relu(1 + drawn) + functional.relu(1 - true)
            total = total + _matte_mean(wrong, view.matte)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()

    def terms(self, made: torch.Tensor, batch: Batch) -> list[tuple[float, torch.Tensor]]:
        """Loss terms for the drawing network: (relative gradient, scalar) each.

        Args:
            made: (B, 3, h, w) working colour, drawn and composited over the truth by the matte.
            batch: what it was drawn from, in clips of `config.frames`.
        """
        adversarial, feature_matching = made.new_zeros(()), made.new_zeros(())
        for view in self._views(made, batch):
            *seen, (score, _) = view.scores()
            adversarial = adversarial - _matte_mean(score, view.matte)
            for drawn, true in seen:
                feature_matching = feature_matching + _matte_mean(
                    (drawn - true.detach()).abs(), view.matte
                )
        both = ((self.config.score, adversarial), (self.config.features, feature_matching))
        return [(share, term) for share, term in both if share > 0]

    def _views(self, made: torch.Tensor, batch: Batch) -> list[_View]:
        """The inputs of each discriminator."""
        condition, frames = batch.shown[:, INPUT_CHANNELS - CONDITION :], self.config.frames
        drawn, true = _with_detail(made), _with_detail(batch.truth)
        views = [_View(self.discriminators["picture"], drawn, true, condition)]
        if frames > 1:
            drawn, true = _changes(made, frames), _changes(batch.truth, frames)
            views.append(_View(self.discriminators["change"], drawn, true, condition[::frames]))
        return views

    def parts(self) -> dict[str, dict[str, torch.Tensor]]:
        """The whole state, for `restore`."""
        return {
            "opponent": self.discriminators.state_dict(),
            "opponent_optimiser": optimiser_tensors(self.optimiser),
        }

    def restore(self, parts: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
        """Restore what `parts()` returned.

        Raises:
            KeyError, RuntimeError, ValueError: not such a state.
        """
        self.discriminators.load_state_dict(parts["opponent"])
        restore_optimiser(self.optimiser, parts.get("opponent_optimiser", {}))


class _View:
    """Inputs of one discriminator: pictures, each with matte and guides (`condition`)."""

    def __init__(
        self,
        discriminator: nn.Module,
        drawn: torch.Tensor,
        true: torch.Tensor,
        condition: torch.Tensor,
    ) -> None:
        self.discriminator = discriminator
        self.drawn, self.true = (torch.cat([x, condition], dim=1) for x in (drawn, true))
        self.matte = condition[:, :1]

    def scores(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Features, and last the score, of the drawn and of the true pictures.

        Both in one pass, because spectral norm updates its estimate in each forward pass.
        """
        together = self.discriminator(torch.cat([self.drawn, self.true]))
        half = len(self.drawn)
        return [(result[:half], result[half:]) for result in together]


def combined_gradient(
    loss: torch.Tensor, terms: list[tuple[float, torch.Tensor]], made: torch.Tensor
) -> torch.Tensor:
    """(B, 3, h, w) gradient on `made`: the loss's, plus each term's scaled to its share of it."""
    (own,) = torch.autograd.grad(loss, made, retain_graph=True)
    total, length = own, own.norm()
    for share, term in terms:
        (gradient,) = torch.autograd.grad(term, made, retain_graph=True)
        total = total + gradient * (share * length / gradient.norm().clamp_min(FLAT))
    return total


def _with_detail(pictures: torch.Tensor) -> torch.Tensor:
    """(B, 6, h, w) pictures, and beside them their finest band, amplified."""
    return torch.cat([pictures * 2 - 1, (pictures - coarse(pictures)) * DETAIL], dim=1)


def _changes(pictures: torch.Tensor, frames: int) -> torch.Tensor:
    """(B / frames, 3 (frames - 1), h, w) differences between consecutive frames."""
    clips = pictures.reshape(-1, frames, *pictures.shape[1:])
    return (clips.diff(dim=1) * DIFFERENCE).flatten(1, 2)


def _matte_mean(values: torch.Tensor, matte: torch.Tensor) -> torch.Tensor:
    """Mean of (B, c, h, w) over patches, weighted by the matte (B, 1, H, W)."""
    weight = functional.adaptive_avg_pool2d(matte, (values.shape[2], values.shape[3]))
    return (values.mean(dim=1, keepdim=True) * weight).sum() / weight.sum().clamp_min(1e-6)
