"""Speaker embedding ("voiceprint") in 192 dimensions: CAM++ with its normalisation folded in.

Import it only after pyannote.audio (see torchaudio_shim): the pipeline needs a subclass of Model.
"""

from __future__ import annotations

from typing import Any

import torch
from pyannote.audio import Model
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  torch's own name for it
from torchaudio.compliance import kaldi

RATE = 16000  #: Hz
BANDS = 80
PRINT = 192  #: numbers in a voiceprint
STEP_S = 0.010  #: seconds between frames of the spectrum
LEAST_FRAMES = 20  #: of speech; fewer do not identify a speaker
LAYERS, DILATIONS = (12, 24, 16), (1, 2, 2)
GROWTH, NARROW, HEAD = 32, 128, 32
SEGMENT = 100  #: frames whose mean is a layer's local context


class _Residual(nn.Module):
    def __init__(self, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(HEAD, HEAD, 3, stride=(stride, 1), padding=1)
        self.second = nn.Conv2d(HEAD, HEAD, 3, padding=1)
        self.bypass = nn.Conv2d(HEAD, HEAD, 1, stride=(stride, 1)) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.second(F.relu(self.first(x)))
        return F.relu(y + (x if self.bypass is None else self.bypass(x)))


class _Scaled(nn.Module):
    """A scale and a shift per channel, then a ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels, 1))
        self.shift = nn.Parameter(torch.zeros(channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x * self.scale + self.shift)


class _Masked(nn.Module):
    """One densely connected layer, masked by its context (equations 3 to 6)."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.before = _Scaled(channels)
        self.narrow = nn.Conv1d(channels, NARROW, 1)
        self.local = nn.Conv1d(NARROW, GROWTH, 3, padding=dilation, dilation=dilation, bias=False)
        self.around = nn.Conv1d(NARROW, NARROW // 2, 1)
        self.mask = nn.Conv1d(NARROW // 2, GROWTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.narrow(self.before(x)))
        near = F.avg_pool1d(x, SEGMENT, SEGMENT, ceil_mode=True)
        near = near.repeat_interleave(SEGMENT, dim=-1)[..., : x.shape[-1]]
        mask = self.mask(F.relu(self.around(x.mean(-1, keepdim=True) + near)))
        result: Tensor = self.local(x) * torch.sigmoid(mask)
        return result


class _Stage(nn.Module):
    def __init__(self, channels: int, layers: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Masked(channels + n * GROWTH, dilation) for n in range(layers))
        wide = channels + layers * GROWTH
        self.after = _Scaled(wide)
        self.halve = nn.Conv1d(wide, wide // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        halved: Tensor = self.halve(self.after(x))
        return halved


class Voiceprint(Model):  # type: ignore[misc]  # pyannote.audio is not typed
    """CAM++ on the stretches of a waveform in which one voice speaks alone.

    The network sees only those stretches, joined end to end: other voices and pauses would
    otherwise change the context that masks its layers.

    Source: Wang et al. 2023, "CAM++: A Fast and Efficient Network for Speaker Verification Using
    Context-Aware Masking", arXiv 2303.00332.
    """

    dimension = PRINT

    def __init__(self) -> None:
        super().__init__(sample_rate=RATE, num_channels=1)
        self.enter = nn.Conv2d(1, HEAD, 3, padding=1)
        self.residuals = nn.ModuleList(_Residual(stride) for stride in (2, 1, 2, 1))
        self.leave = nn.Conv2d(HEAD, HEAD, 3, stride=(2, 1), padding=1)
        self.start = nn.Conv1d(HEAD * BANDS // 8, NARROW, 5, stride=2, padding=2)
        channels = NARROW
        stages = []
        for layers, dilation in zip(LAYERS, DILATIONS, strict=True):
            stages.append(_Stage(channels, layers, dilation))
            channels = (channels + layers * GROWTH) // 2
        self.stages = nn.ModuleList(stages)
        self.last = _Scaled(channels)
        self.sum_up = nn.Linear(2 * channels, PRINT)

    def forward(self, waveforms: Tensor, weights: Tensor | None = None) -> Tensor:
        """(B, 192) voiceprints; NaN for a voice that is not heard long enough.

        Args:
            waveforms: (B, 1, N) at 16 kHz, full scale 1.
            weights: (B, F) 1 where the voice speaks, 0 elsewhere, F frames over the N samples.
        """
        prints = []
        for n, waveform in enumerate(waveforms):
            spectrum = _spectrum(waveform)
            if weights is not None:
                spectrum = spectrum[_where(weights[n], len(spectrum))]
            if len(spectrum) < LEAST_FRAMES:
                prints.append(torch.full((PRINT,), torch.nan))
            else:
                prints.append(self._print(spectrum - spectrum.mean(0)))
        return torch.stack(prints)

    def _print(self, spectrum: Tensor) -> Tensor:
        """(192,) of (T, 80) log energies with mean 0."""
        x: Any = F.relu(self.enter(spectrum.T[None, None]))
        for residual in self.residuals:
            x = residual(x)
        x = F.relu(self.leave(x))
        x = F.relu(self.start(x.flatten(1, 2)))
        for stage in self.stages:
            x = stage(x)
        x = self.last(x)
        result: Tensor = self.sum_up(torch.cat([x.mean(-1), x.std(-1)], dim=1))
        return result[0]


def _spectrum(waveform: Tensor) -> Tensor:
    """(T, 80) log mel energies, 100 a second, as in the network's training."""
    result: Tensor = kaldi.fbank(
        waveform, num_mel_bins=BANDS, sample_frequency=RATE, dither=0.0, snip_edges=False
    )
    return result


def _where(weights: Tensor, frames: int) -> Tensor:
    """(frames,) whether the voice speaks, from a mask at another frame rate."""
    at = (torch.arange(frames) + 0.5) * len(weights) / frames
    spoken: Tensor = weights[at.long().clamp(max=len(weights) - 1)] > 0.5
    return spoken
