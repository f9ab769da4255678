"""A second network that learns to tell drawn faces from true ones, and what it tells the first.

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
2021, "Taming Transformers", equation 7 (weight by slopes); Heusel et al. 2017, "GANs Trained by a
Two Time-Scale Update Rule" (the discriminator's faster rate).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from dubsync.engine.network.mouth_net import DIFFERENCE, GUIDES, SHOWN, coarse
from dubsync.engine.train.checkpoint import optimiser_tensors, restore_optimiser
from dubsync.engine.train.training_pairs import Batch

CHANNELS = (32, 64, 128)
#: Matte and guides: the last of what the drawing network is shown.
CONDITION = 1 + GUIDES
RATE, BETAS = 1e-3, (0.0, 0.9)
LEAK = 0.2
#: The finest band of a picture is to weigh like the picture.
DETAIL = 8.0
#: A slope under this is none.
FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class Adversary:
    """What is asked of the discriminator.

    score     gradient of the adversarial term on the picture, as a share of the other losses'
    features  the same of feature matching
    frames    training pairs that follow each other and are shown together; 1: each alone
    alone     steps that it learns by itself at first, while the drawing network stands still: a
              discriminator that knows nothing teaches nothing
    """

    score: float = 0.5
    features: float = 0.5
    frames: int = 1
    alone: int = 500


class Discriminator(nn.Module):
    """Patches of about 34 pixels a side: what each layer sees of them, and last the score."""

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


class Opponent:
    """One discriminator of pictures, one of changes between frames, and their training."""

    def __init__(self, asked: Adversary, device: torch.device) -> None:
        self.asked = asked
        self.discriminators = nn.ModuleDict({"picture": Discriminator(6 + CONDITION)})
        if asked.frames > 1:
            self.discriminators["change"] = Discriminator(3 * (asked.frames - 1) + CONDITION)
        self.discriminators.to(device)
        self.optimiser = torch.optim.Adam(self.discriminators.parameters(), lr=RATE, betas=BETAS)

    def learn(self, made: torch.Tensor, batch: Batch) -> None:
        """One step of the discriminators' own.  Arguments as of `terms`."""
        total = torch.zeros((), device=made.device)
        for view in self._views(made.detach(), batch):
            drawn, true = view.judged()[-1]
            wrong = functional.relu(1 + drawn) + functional.relu(1 - true)
            total = total + _within(wrong, view.matte)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()

    def terms(self, made: torch.Tensor, batch: Batch) -> list[tuple[float, torch.Tensor]]:
        """What the drawing network hears: (share of the slope, scalar) each.

        Args:
            made: (B, 3, h, w) working colour, drawn and laid over the truth by the matte.
            batch: what it was drawn from, in clips of `asked.frames`.
        """
        passing, unlike = made.new_zeros(()), made.new_zeros(())
        for view in self._views(made, batch):
            *seen, (score, _) = view.judged()
            passing = passing - _within(score, view.matte)
            for drawn, true in seen:
                unlike = unlike + _within((drawn - true.detach()).abs(), view.matte)
        both = ((self.asked.score, passing), (self.asked.features, unlike))
        return [(share, term) for share, term in both if share > 0]

    def _views(self, made: torch.Tensor, batch: Batch) -> list[_View]:
        """What each discriminator is shown."""
        told, frames = batch.shown[:, SHOWN - CONDITION :], self.asked.frames
        drawn, true = _with_detail(made), _with_detail(batch.truth)
        views = [_View(self.discriminators["picture"], drawn, true, told)]
        if frames > 1:
            drawn, true = _changes(made, frames), _changes(batch.truth, frames)
            views.append(_View(self.discriminators["change"], drawn, true, told[::frames]))
        return views

    def parts(self) -> dict[str, dict[str, torch.Tensor]]:
        """Its whole state, for `restore`."""
        return {
            "opponent": self.discriminators.state_dict(),
            "opponent_optimiser": optimiser_tensors(self.optimiser),
        }

    def restore(self, parts: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
        """From `parts()`.

        Raises:
            KeyError, RuntimeError, ValueError: not such a state.
        """
        self.discriminators.load_state_dict(parts["opponent"])
        restore_optimiser(self.optimiser, parts.get("opponent_optimiser", {}))


class _View:
    """Pictures as one discriminator is shown them, each with the matte and the guides, `told`."""

    def __init__(
        self, judge: nn.Module, drawn: torch.Tensor, true: torch.Tensor, told: torch.Tensor
    ) -> None:
        self.judge = judge
        self.drawn, self.true = (torch.cat([x, told], dim=1) for x in (drawn, true))
        self.matte = told[:, :1]

    def judged(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Features, and last the discriminator score, of what was drawn and of what is true.

        Both at once, for the norm is estimated anew whenever the discriminator looks.
        """
        together = self.judge(torch.cat([self.drawn, self.true]))
        half = len(self.drawn)
        return [(result[:half], result[half:]) for result in together]


def slope(
    loss: torch.Tensor, terms: list[tuple[float, torch.Tensor]], made: torch.Tensor
) -> torch.Tensor:
    """(B, 3, h, w) by which `made` shall fall: the loss's slope, and each term's share of it."""
    (own,) = torch.autograd.grad(loss, made, retain_graph=True)
    total, length = own, own.norm()
    for share, term in terms:
        (result,) = torch.autograd.grad(term, made, retain_graph=True)
        total = total + result * (share * length / result.norm().clamp_min(FLAT))
    return total


def _with_detail(pictures: torch.Tensor) -> torch.Tensor:
    """(B, 6, h, w) pictures, and their finest band beside them, as loud."""
    return torch.cat([pictures * 2 - 1, (pictures - coarse(pictures)) * DETAIL], dim=1)


def _changes(pictures: torch.Tensor, frames: int) -> torch.Tensor:
    """(B / frames, 3 (frames - 1), h, w) what changes from each frame to the next."""
    clips = pictures.reshape(-1, frames, *pictures.shape[1:])
    return (clips.diff(dim=1) * DIFFERENCE).flatten(1, 2)


def _within(result: torch.Tensor, matte: torch.Tensor) -> torch.Tensor:
    """Mean of (B, c, h, w) over the patches that the matte (B, 1, H, W) reaches, as it does."""
    reach = functional.adaptive_avg_pool2d(matte, (result.shape[2], result.shape[3]))
    return (result.mean(dim=1, keepdim=True) * reach).sum() / reach.sum().clamp_min(1e-6)
