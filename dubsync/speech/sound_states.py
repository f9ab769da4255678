"""States of a sound: what a speech recogniser's encoder holds of it midway, before it hears words.

The network is the beginning of OpenAI's Whisper tiny.en: two convolutions and the first two of four
blocks.  So early, its states describe how the sound is spoken, not what is said, in any language.
Model card: docs/reference/sound_states.md.

torch is imported at first use, which takes some seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load

from dubsync.core.arrays import Array
from dubsync.core.shipped import shipped
from dubsync.core.sound.audio import READING_RATE, STATES
from dubsync.speech.mel.filters import mel_filters

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS = Path(__file__).with_name("weights") / "sound_states.safetensors"
#: Of the file in weights/; docs/reference/sound_states.md is its card.
WEIGHTS_SHA256 = "0fb86475564bd4948debea1932c935c6350f877e43937da49c69a9adf0151938"

RATE = 16000  #: Hz
BANDS, FFT, STEP = 80, 400, 160  #: of the log mel spectrum
WIDTH, HEADS, BLOCKS = 384, 6, 2
SPREAD = 5.0  #: standard deviations beyond which a state's number is clipped
DEPTH = 8.0  #: logarithms (base 10) of power below the loudest band; everything lower is as quiet
QUIETEST = 1e-10  #: least power of a band

STATE_RATE = 50  #: states a second; reading 2 n of the sound is state n
STRIDE = STEP * READING_RATE // STATE_RATE  #: samples from one state to the next
#: Seconds of a window, of its overlap with each neighbour, and of silence after the end.  The
#: windows' edges are cut off: a state there lacks its context.
WINDOW_S, OVERLAP_S, TAIL_S = 12, 1, 2
AT_ONCE = {"cpu": 1, "cuda": 16}  #: windows at a time


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """Weights, float32, on one device.

    layers  by name: "conv1", "conv2", "0.query", ... each a weight and its bias
    drift   (K, 384)   mean of the states by their place in the window, as a sum of cosines
    level, deviation  (384,)  of the states over speech, the drift taken out
    axes    (384, 64)  principal axes of the normalised states, scaled to numbers of about 1
    """

    layers: dict[str, tuple[Tensor, Tensor]]
    drift: Tensor
    level: Tensor
    deviation: Tensor
    axes: Tensor


def sound_states(samples: Array, *, device: str = "auto") -> Array:
    """(N, 64) states, READING_RATE a second: reading n is centred on sample 160 n.

    Args:
        samples: (S,) at 16 kHz; N is S / 160, rounded up.
        device: as in `core.settings.EngineSettings`; what is not cuda, or has none, is computed on
            the processor, which takes a hundredth of the sound's length.

    Long sounds are processed window by window, so memory holds the states of the whole sound but
    the network's work on a few windows only.  A stem is silent most of the time: digital silence is
    computed once for each length of window, and its states are the same bits.  A state depends on
    the sound within its window and on the sound's loudest moment.

    Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision",
    section 2.2; its encoder is that of Vaswani et al. 2017, normalised before each layer.
    """
    import torch

    count = -(-len(samples) // STEP)
    states = np.zeros((-(-len(samples) // STRIDE) + 1, STATES), np.float32)
    kind = "cuda" if device in ("auto", "cuda") and torch.cuda.is_available() else "cpu"
    encoder = shipped_encoder(kind)
    top = loudest(samples)
    silence: dict[int, Array] = {}  # length of a window -> its states where nothing sounds
    for some in _batches(len(samples), AT_ONCE[kind]):
        new = [one for one in some if one.is_heard(samples) or one.length not in silence]
        made = {}
        if new:
            with torch.inference_mode():
                mel = torch.stack([log_mel(samples, one.begin, one.end, top) for one in new])
                parts = projected(encode(mel.to(kind), encoder), encoder).cpu().numpy()
            made = dict(zip(new, parts, strict=True))
        for window in some:
            part = made[window] if window in made else silence[window.length]
            if not window.is_heard(samples):
                silence[window.length] = part
            states[window.first : window.stop] = part[window.first - window.begin :][
                : window.stop - window.first
            ]
    between = np.empty((count, STATES), np.float32)
    between[::2] = states[: -(-count // 2)]
    between[1::2] = states[: count // 2]
    between[1::2] += states[1 : count // 2 + 1]
    between[1::2] /= 2
    return between


@dataclass(frozen=True, slots=True)
class Window:
    """States `begin` to `end` are computed together, `first` to `stop` of them are kept."""

    begin: int
    end: int
    first: int
    stop: int

    @property
    def length(self) -> int:
        """States that are computed."""
        return self.end - self.begin

    def is_heard(self, samples: Array) -> bool:
        """Whether any sample that its states are computed from is not digital silence."""
        return _is_heard(samples, 2 * self.begin, 2 * self.end)


def _windows(samples: int) -> Iterator[Window]:
    """Windows that cover a sound of this many samples, and every state of it exactly once."""
    total = -(-samples // STRIDE) + 1
    length, overlap = WINDOW_S * STATE_RATE, OVERLAP_S * STATE_RATE
    begin = 0
    while begin + length - overlap < total:
        first = begin + overlap if begin else 0
        yield Window(begin, begin + length, first, begin + length - overlap)
        begin += length - 2 * overlap
    first = begin + overlap if begin else 0
    yield Window(begin, total + TAIL_S * STATE_RATE, first, total)


def _batches(samples: int, at_once: int) -> Iterator[list[Window]]:
    """The windows in groups of equal length; the last window, which is shorter, comes alone."""
    windows = list(_windows(samples))
    whole = iter(windows[:-1])
    while some := list(islice(whole, at_once)):
        yield some
    yield windows[-1:]


def loudest(samples: Array) -> float:
    """Greatest log power (base 10) of any band of the whole sound, a minute at a time."""
    minute = 60 * READING_RATE
    count = -(-len(samples) // STEP)
    parts = (range(first, min(first + minute, count)) for first in range(0, count, minute))
    heard = (part for part in parts if _is_heard(samples, part.start, part.stop))
    power = max((float(_mel(samples, part.start, part.stop).max()) for part in heard), default=0.0)
    return float(np.log10(max(power, QUIETEST)))


def log_mel(samples: Array, begin: int, end: int, top: float) -> Tensor:
    """(80, 2 T) log mel spectrum for states `begin` to `end`, as the network was trained on it.

    Args:
        top: `loudest` of the whole sound.
    """
    power = _mel(samples, 2 * begin, 2 * end)
    logs = power.clamp(min=QUIETEST).log10()
    return (logs.clamp(min=top - DEPTH) + 4) / 4


def _reach(first: int, last: int) -> tuple[int, int]:
    """The samples that readings `first` to `last` are computed from; some may not be there."""
    return first * STEP - FFT // 2, (last - 1) * STEP + FFT // 2


def _is_heard(samples: Array, first: int, last: int) -> bool:
    begin, end = _reach(first, last)
    return bool(np.any(samples[max(begin, 0) : max(end, 0)]))


def _mel(samples: Array, first: int, last: int) -> Tensor:
    """(80, N) power in each band at readings `first` to `last`; silence beyond the sound's ends."""
    import torch

    begin, end = _reach(first, last)
    part = np.asarray(samples[max(begin, 0) : max(end, 0)], np.float32)
    part = np.pad(part, (max(-begin, 0), end - max(begin, 0) - len(part)))
    spectrum = torch.stft(
        torch.from_numpy(part), FFT, STEP, window=torch.hann_window(FFT), center=False,
        return_complex=True,
    )  # fmt: skip
    power = spectrum.real.square() + spectrum.imag.square()
    return _filters() @ power


@cache
def _filters() -> Tensor:
    """(80, 201) the mel filters."""
    import torch

    return torch.from_numpy(mel_filters().states)


def encode(mel: Tensor, encoder: Encoder) -> Tensor:
    """(B, T, 384) states after the second block, from log mel spectra (B, 80, 2 T)."""
    from torch.nn import functional

    weight, bias = encoder.layers["conv1"]
    held = functional.gelu(functional.conv1d(mel, weight, bias, padding=1))
    weight, bias = encoder.layers["conv2"]
    held = functional.gelu(functional.conv1d(held, weight, bias, stride=2, padding=1))
    held = held.transpose(1, 2)
    held = held + _positions(held.shape[1]).to(held.device)
    for block in range(BLOCKS):
        held = held + _attention(held, encoder, block)
        inner = functional.linear(
            _normalised(held, encoder, f"{block}.norm2"), *encoder.layers[f"{block}.wide"]
        )
        held = held + functional.linear(functional.gelu(inner), *encoder.layers[f"{block}.narrow"])
    return held


def _attention(held: Tensor, encoder: Encoder, block: int) -> Tensor:
    from torch.nn import functional

    batch, steps, width = held.shape
    together = functional.linear(
        _normalised(held, encoder, f"{block}.norm1"), *encoder.layers[f"{block}.in"]
    )
    query, key, value = (
        part.view(batch, steps, HEADS, width // HEADS).transpose(1, 2)
        for part in together.chunk(3, dim=2)
    )
    mixed = functional.scaled_dot_product_attention(query, key, value)
    mixed = mixed.transpose(1, 2).reshape(batch, steps, width)
    return functional.linear(mixed, *encoder.layers[f"{block}.out"])


def _normalised(held: Tensor, encoder: Encoder, name: str) -> Tensor:
    from torch.nn import functional

    return functional.layer_norm(held, (WIDTH,), *encoder.layers[name])


@lru_cache(maxsize=4)  # the last window of every sound has a length of its own
def _positions(steps: int) -> Tensor:
    """(T, 384) encoding of each step's place in the window: Vaswani et al. 2017, section 3.5."""
    import torch

    half = WIDTH // 2
    turns = torch.exp(-np.log(10000) / (half - 1) * torch.arange(half))
    angle = torch.arange(steps)[:, None] * turns
    return torch.cat([angle.sin(), angle.cos()], dim=1)


def projected(states: Tensor, encoder: Encoder) -> Tensor:
    """(B, T, 64) numbers of about unit size from states (B, T, 384)."""
    waves = cosines(states.shape[1], len(encoder.drift)).to(states.device)
    level = encoder.level + waves @ encoder.drift
    unit = ((states - level) / encoder.deviation).clamp(-SPREAD, SPREAD)
    return unit @ encoder.axes


def cosines(steps: int, count: int) -> Tensor:
    """(T, K) cosines over the places of a window, from half a turn in it to K of them."""
    import torch

    place = torch.arange(steps) / (WINDOW_S * STATE_RATE)
    return torch.cos(torch.pi * place[:, None] * torch.arange(1, count + 1))


@cache
def shipped_encoder(device: str) -> Encoder:
    """The encoder that comes with the package, on `device`.

    Raises:
        ModelError: its file is missing or altered.
    """
    return encoder_of(shipped(WEIGHTS, WEIGHTS_SHA256, "encoder of sound"), device)


def encoder_of(data: bytes, device: str = "cpu") -> Encoder:
    """An encoder from the bytes of a safetensors file.

    A matrix is kept in 8 bits a number with a scale for each row.
    """
    import torch

    kept = load(data)

    def tensor(name: str) -> Tensor:
        values = kept[name].astype(np.float32)
        if f"{name}.scale" in kept:
            scale = kept[f"{name}.scale"].astype(np.float32)
            values = values * scale.reshape(-1, *[1] * (values.ndim - 1))
        return torch.from_numpy(values).to(device)

    names = {name.rpartition(".")[0] for name in kept if name.endswith(".bias")}
    return Encoder(
        {name: (tensor(f"{name}.weight"), tensor(f"{name}.bias")) for name in sorted(names)},
        tensor("drift"), tensor("level"), tensor("deviation"), tensor("axes"),
    )  # fmt: skip
