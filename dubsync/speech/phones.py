"""Recognise phones in any language with a small network trained on synthetic speech.

The network and its data are ours: benchmarks/phones makes both.  Model card:
docs/reference/phone_network.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray
from safetensors.numpy import load

from dubsync.core.arrays import Array
from dubsync.core.shipped import shipped
from dubsync.core.sound.audio import READING_RATE

WEIGHTS = Path(__file__).with_name("weights") / "phones.safetensors"
#: Of the file in weights/; docs/reference/phone_network.md is its card.
WEIGHTS_SHA256 = "f67c16e55befb5c15b49b59a98d315453368821391fe8df77d1e40ea99054793"
AT_ONCE = 2  #: readings per network step, of input and of output
DILATIONS = (1, 2, 4, 8, 1, 2, 4, 8)  #: of its blocks, in steps of AT_ONCE readings
REACH = 2 * sum(DILATIONS) // 2 + 1  #: steps either side that a step's answer depends on
STRETCH = 30 * READING_RATE // AT_ONCE  #: steps processed at a time

LOUD_S = 3.0  #: loud speech is searched for within this time, either side
QUIETER_DB = 25.0  #: a passage counts as at most this far below the loudest one
FLOOR_DB = -50.0  #: re loud speech; everything lower is treated as the same silence
SPOKEN_DB = (-20.0, 3.0)  #: re loud speech: midpoint and width of the weight of a reading's colour
COLOUR_S = 8.0  #: window for the colour that voice, room and microphone give
USUAL_S = 0.5  #: the average colour weighs as much as this much speech
SPREAD = 2.0  #: divisor of the normalised logarithms

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Weights, float32.

    usual   (B,)                 logarithm of the bands in average speech, loud speech at 0 dB
    first   (3, AT_ONCE * B, C)  and its bias (C,)
    blocks  per dilation: (3, C, C), (C,), (C, C), (C,)
    code    (C, AT_ONCE * K)     and its bias
    phones  (K, P)               and its bias
    """

    usual: Array
    first: tuple[Array, Array]
    blocks: tuple[tuple[Array, Array, Array, Array], ...]
    code: tuple[Array, Array]
    phones: tuple[Array, Array]


@cache
def network() -> Network:
    """The network that comes with the package.

    Raises:
        ModelError: its file is missing or altered.
    """
    data = shipped(WEIGHTS, WEIGHTS_SHA256, "phone network")
    return network_of(data)


def network_of(data: bytes) -> Network:
    """A network from the bytes of a safetensors file."""
    held = {name: values.astype(np.float32) for name, values in load(data).items()}
    return Network(
        held["usual"],
        (held["first.weight"], held["first.bias"]),
        tuple(
            (
                held[f"{n}.wide.weight"],
                held[f"{n}.wide.bias"],
                held[f"{n}.narrow.weight"],
                held[f"{n}.narrow.bias"],
            )
            for n in range(len(DILATIONS))
        ),
        (held["code.weight"], held["code.bias"]),
        (held["phones.weight"], held["phones.bias"]),
    )


def recognise_phones(mel: Array, of: Network | None = None) -> Array:
    """(N, P) probabilities of PHONES, summing to 1 per reading.

    Args:
        mel: (N, B) power in each mel band, 100 readings a second.
        of: the network to use; None: the one shipped with the package.

    Source: ours; a residual network of dilated convolutions after Bai, Kolter, Koltun 2018, "An
    Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling",
    but not causal: it looks both ways.
    """
    of = network() if of is None else of
    count = len(mel)
    whole = -(-count // AT_ONCE)
    inputs = normalised(mel, of.usual)
    inputs = np.pad(inputs, ((0, whole * AT_ONCE - count), (0, 0)), mode="edge")
    steps = inputs.reshape(whole, -1)
    answers = np.empty((whole * AT_ONCE, len(of.phones[1])), np.float32)
    for begin in range(0, whole, STRETCH):
        made = _answer(steps, begin, of)
        answers[begin * AT_ONCE :][: len(made)] = made
    return answers[:count]


def phone_variety(phones: Array) -> float:
    """How many different phones (N, P) holds, N > 0, each counted by its share.

    Source: the exponential of the entropy of the likeliest phones, pauses left out.
    """
    return variety_of(likeliest(phones))


def likeliest(phones: Array) -> NDArray[np.intp]:
    """(N,) the likeliest phone of each reading, pauses left out: 0 is the first that is none."""
    return np.asarray(np.asarray(phones)[:, 1:].argmax(axis=1), np.intp)


def variety_of(likeliest: NDArray[np.intp]) -> float:
    """`phone_variety` by each reading's likeliest phone (N,)."""
    share = np.bincount(likeliest) / len(likeliest)
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))


def normalised(mel: Array, usual: Array) -> Array:
    """(N, B) input of the network: log power, less the passage's loudness and colour.

    Loudness is that of the loudest speech within LOUD_S.  Colour is the mean over the speech
    within COLOUR_S, pulled towards `usual` where there is little speech.

    Args:
        mel: (N, B) power.
        usual: (B,) colour of average speech.
    """
    level = 10 * np.log10(mel.sum(axis=1).astype(np.float64) + 1e-10)
    smooth = scipy.ndimage.uniform_filter1d(level, 9, mode="nearest")
    loud = scipy.ndimage.maximum_filter1d(
        smooth, 2 * round(LOUD_S * READING_RATE) + 1, mode="nearest"
    )
    loud = scipy.ndimage.uniform_filter1d(loud, round(LOUD_S * READING_RATE), mode="nearest")
    loud = np.maximum(loud, smooth.max() - QUIETER_DB)
    reference = (10 ** (loud / 10)).astype(np.float32)[:, None]
    logs = mel / reference  # each step in place: of a long dub it is a hundred megabytes
    logs += np.float32(10 ** (FLOOR_DB / 10))
    np.log(logs, out=logs)
    where, sharp = SPOKEN_DB
    spoken = 1 / (1 + np.exp(-np.clip((level - loud - where) / sharp, -40, 40)))
    spoken = spoken.astype(np.float32)[:, None]
    width = round(COLOUR_S * READING_RATE)
    share = scipy.ndimage.uniform_filter1d(spoken, width, axis=0, mode="constant")
    colour = scipy.ndimage.uniform_filter1d(spoken * logs, width, axis=0, mode="constant")
    prior = np.float32(USUAL_S / COLOUR_S)
    colour += prior * usual
    colour /= share + prior
    logs -= colour
    logs /= SPREAD
    return np.asarray(logs, np.float32)


def _answer(steps: Array, begin: int, of: Network) -> Array:
    """Phones of one stretch of steps."""
    left = max(begin - REACH, 0)
    held = _convolved(steps[left : begin + STRETCH + REACH], *of.first, 1)
    for dilation, (wide, wide_bias, narrow, narrow_bias) in zip(DILATIONS, of.blocks, strict=True):
        inner = _convolved(held, wide, wide_bias, dilation)
        np.maximum(inner, 0, out=inner)
        held += inner @ narrow
        held += narrow_bias
    held = held[begin - left : begin - left + STRETCH]
    weight, bias = of.code
    code = np.tanh(held @ weight + bias).reshape(len(held) * AT_ONCE, -1)
    weight, bias = of.phones
    scores = code @ weight + bias
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)


def _convolved(values: Array, weight: Array, bias: Array, dilation: int) -> Array:
    """A convolution of three taps `dilation` steps apart, with zeros beyond either end."""
    before, at, after = weight
    out: Array = np.asarray(values @ at, np.float32)
    out += bias
    out[dilation:] += values[:-dilation] @ before
    out[:-dilation] += values[dilation:] @ after
    return out
