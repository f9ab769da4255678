"""Render a line in its new time: phrases are stretched with their pitch kept, pauses are edited.

Phrases that only move are copied sample by sample.  A pause is shortened by a crossfade at its
quietest place, and lengthened with its own room tone; it is never stretched.
"""

from __future__ import annotations

from collections.abc import Sequence

import libtsm
import numpy as np
from numpy.typing import NDArray

from dubsync.speech.elastic.fit import Phrase

Samples = NDArray[np.float64]

WINDOW_S = 0.032  #: of the phase vocoder: two periods of a low voice
OVERLAP = 4  #: windows over each sample
EASE_S = 0.012  #: half a crossfade
RUN_IN_S = 0.1  #: sound before and after a phrase that the vocoder gets
STEADY_S = 0.001  #: a phrase whose offset varies by less only moves
TONE_S = 0.5  #: most room tone that is repeated


def render(samples: Samples, rate: int, phrases: Sequence[Phrase], start: float) -> Samples:
    """(N, C) the samples with each phrase at its new time; as many as before.

    What is before the first phrase and after the last takes up the change, as a pause.  The
    phrases lie in the samples, before and after.

    Args:
        samples: (N, C), from a pause before the first phrase to a pause after the last.
        start: seconds of sample 0 on the phrases' clock.

    Source: Laroche and Dolson 1999, "Improved phase vocoder time-scale modification of audio"
    (identity phase locking), as made in libtsm.
    """
    if not phrases:
        return samples.copy()
    places = [_in_samples(phrase, rate, start) for phrase in phrases]
    tone = _room_tone(samples, places, rate)
    source_at = [0, *(int(end) for old, _ in places for end in (old[0], old[-1])), len(samples)]
    out_at = [0, *(int(end) for _, new in places for end in (new[0], new[-1])), len(samples)]
    lengths = np.diff(out_at)
    ease = [0, *(min(round(EASE_S * rate), int(min(pair)) // 2)
                 for pair in zip(lengths[:-1], lengths[1:], strict=True)), 0]  # fmt: skip
    out = np.zeros_like(samples)
    for n in range(len(lengths)):
        eases = (ease[n], ease[n + 1])
        if n % 2:
            old, new = places[n // 2]
            piece = _phrase(samples, old, new, eases, rate)
        else:
            part = _between(samples, source_at[n] - eases[0], source_at[n + 1] + eases[1])
            piece = _pause(part, int(lengths[n]) + sum(eases), tone, eases, rate)
        first = out_at[n] - eases[0]
        out[first : first + len(piece)] += piece * _ramps(len(piece), eases)[:, None]
    return out


def _in_samples(phrase: Phrase, rate: int, start: float) -> tuple[Samples, Samples]:
    """The phrase's times in samples, with whole ends; one that only moves, by whole samples."""
    source = np.rint((phrase.source - start) * rate)
    new = np.rint((phrase.out - start) * rate)
    away = new - source
    if float(np.ptp(away)) < STEADY_S * rate:
        return source, source + round(float(away.mean()))
    return source, new


def _between(samples: Samples, first: int, last: int) -> Samples:
    """Samples `first` up to `last`; zeros outside."""
    inside = samples[max(first, 0) : max(last, 0)]
    after = last - max(first, 0) - len(inside)
    return np.pad(inside, ((max(-first, 0), max(after, 0)), (0, 0)))


def _ramps(count: int, eases: tuple[int, int]) -> Samples:
    """(N,) weights that rise over twice the first ease, and fall over twice the second."""
    weights = np.ones(count)
    for ease, part in ((eases[0], weights), (eases[1], weights[::-1])):
        if ease:
            part[: 2 * ease] = (np.arange(2 * ease) + 0.5) / (2 * ease)
    return weights


def _phrase(
    samples: Samples, old: Samples, new: Samples, eases: tuple[int, int], rate: int
) -> Samples:
    """A phrase at its new time, with `eases` more samples at its ends."""
    first, last = int(old[0]), int(old[-1])
    if float(np.ptp(new - old)) == 0:
        return _between(samples, first - eases[0], last + eases[1])
    run_in = round(RUN_IN_S * rate)
    part = _between(samples, first - run_in, last + run_in)
    length = int(new[-1] - new[0])
    anchors = np.stack([old - first, new - new[0]], axis=1) + run_in
    anchors = np.concatenate([[[0, 0]], anchors, [anchors[-1] + run_in - 1]])
    window = 4 * OVERLAP * round(WINDOW_S * rate / OVERLAP / 4)
    made = libtsm.pv_tsm(
        part, anchors.astype(int), syn_hop=window // OVERLAP, win_length=window, Fs=rate,
        phase_locking=True,
    )  # fmt: skip
    return np.asarray(made[run_in - eases[0] : run_in + length + eases[1]], np.float64)


def _pause(part: Samples, count: int, tone: Samples, eases: tuple[int, int], rate: int) -> Samples:
    """`part`, a pause and `eases` samples beyond it, as `count` samples.

    Its ends stay; its middle is cut, or padded.
    """
    if len(part) == count:
        return part
    before, after = eases
    least = min(len(part), count) - before - after
    width = max(min(round(2 * EASE_S * rate), least // 2), 1)
    low = max(width + before, count - len(part) + width + before)
    high = min(len(part), count) - after
    if low > high:  # even twice the pause is too short
        middle = (len(part) + before - after) // 2
        eased = min(width, middle), min(width, len(part) - middle)
        padded = _joined(part[:middle], _repeated(tone, count - len(part) + sum(eased)), eased[0])
        return _joined(padded, part[middle:], eased[1])
    power = np.concatenate([[0.0], np.cumsum((part**2).sum(axis=1))])
    ends = np.arange(low, high + 1)
    starts = len(part) - count + ends - width
    loud = power[ends] - power[ends - width] + power[starts + width] - power[starts]
    best = int(np.argmin(loud))
    return _joined(part[: ends[best]], part[starts[best] :], width)


def _joined(left: Samples, right: Samples, width: int) -> Samples:
    """Two sounds with a crossfade of `width` samples, of equal power: room tone keeps its level."""
    width = min(width, len(left), len(right))
    turn = (np.arange(width) + 0.5)[:, None] / max(width, 1) * np.pi / 2
    mixed = left[len(left) - width :] * np.cos(turn) + right[:width] * np.sin(turn)
    return np.concatenate([left[: len(left) - width], mixed, right[width:]])


def _room_tone(samples: Samples, places: Sequence[tuple[Samples, Samples]], rate: int) -> Samples:
    """The quietest TONE_S of the longest pause, or all of it."""
    edges = [0, *(int(end) for old, _ in places for end in (old[0], old[-1])), len(samples)]
    pauses = [samples[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    longest = max(pauses, key=len)
    count = min(len(longest), round(TONE_S * rate))
    if not count:
        return np.zeros((1, samples.shape[1]))
    power = np.concatenate([[0.0], np.cumsum((longest**2).sum(axis=1))])
    first = int(np.argmin(power[count:] - power[:-count]))
    return np.asarray(longest[first : first + count], np.float64)


def _repeated(tone: Samples, count: int) -> Samples:
    """`count` samples of `tone`, forwards and backwards by turns, so that nothing jumps."""
    both = np.concatenate([tone, tone[::-1]])
    return np.asarray(np.tile(both, (-(-count // len(both)), 1))[:count], np.float64)
