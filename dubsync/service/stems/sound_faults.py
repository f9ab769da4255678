"""What is wrong with the sound of a dub: clipped, narrow, noisy, reverberant.

Each warning is true of the sound, says where, and what to try; on a clean recording there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.media.sound.condition import Condition
from dubsync.speech.lines import SPOKEN, spoken_runs

LEAST_S = 0.4  #: shorter utterances are not judged
#: Share of an utterance's hundredths with flat tops from which it is clipped.  The recordings of
#: ../shared have .001 at most, speech clipped by 6 dB .1 and more.
CLIPPED = 0.02
#: dB of what is above 4.4 kHz in an utterance's sharpest sounds, re its loud ones, below which it
#: is as narrow as a telephone.  Recordings have -8 to -45, telephones -51 and less.
NARROW_DB = -49.0
#: dB by which loud speech stands out of the sound beneath it, below which that is in the way.
#: Recordings have 22 and more, speech in a café 12, songs 4 to 9.
BURIED_DB = 15.0
BENEATH_S = 3.0  #: what is beneath an utterance is heard within this time of it
BESIDE_S = 0.1  #: nearer to speech it is speech that dies away
FEWEST_BENEATH = 20  #: readings of it
BENEATH_SHARE = 30  #: percentile of their level: what is heard all the time, no echo or knock
#: Seconds in which speech dies away by 60 dB, from which a room is in the way.  Recordings have .12
#: to .46; of rooms of 1 s four in five are found.
LONG_S = 0.5
FALLS = 4  #: fewest falls by which that is measured
FALL_DB, FALL_READINGS = 6.0, 4  #: of a fall, at least
FROM_DB, DEEPEST_DB, ABOVE_FLOOR_DB = 3.0, 30.0, 8.0  #: what of it is measured
STILL_FALLS_DB = 0.3  #: a rise by less in a hundredth does not end it
BELOW_TOP_DB = 15.0  #: a fall begins this near to the sound's loud moments

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]
Where = Callable[[float], str]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Stem:
    """A dub's speech and condition, on its own clock."""

    spans: tuple[Span, ...]
    speech: Flags
    level: Values
    high: Values
    flat: Values
    start: float

    def part(self, span: Span) -> slice:
        first, last = (round((at - self.start) * READING_RATE) for at in span)
        return slice(max(first, 0), max(last, first + 1))


def sound_faults(
    about: str, name: str, features: AudioFeatures, condition: Condition, where: Where
) -> list[ProjectWarning]:
    """Warnings about the sound file `name`; none where it has hardly any speech.

    Args:
        about: whom or what the warnings are about.
        features: of the whole file.
        condition: of the same channels; reading 0 is that of the features.
        where: a time on the features' clock as people read it.
    """
    count = min(len(features.speech), len(condition.level))
    speech = np.asarray(features.speech)[:count] > SPOKEN
    spans = tuple(span for span in spoken_runs(features) if span[1] - span[0] >= LEAST_S)
    if not spans or not speech.any():
        return []
    level = np.asarray(condition.level[:count], np.float64)
    stem = _Stem(
        spans, speech, level, np.asarray(condition.high[:count], np.float64),
        np.asarray(condition.flat[:count], np.float64), float(features.start),
    )  # fmt: skip
    buried = list(_buried(stem, where))
    # Music dies away, too, so nothing is known of the room where it lies beneath.
    room = [] if buried else _reverberant(stem)
    found = [*_clipped(stem, where), *_narrow(stem, where), *buried, *room]
    return [ProjectWarning(about, f"{name}: {message}", hint) for message, hint in found]


def _clipped(stem: _Stem, where: Where) -> Iterator[tuple[str, str]]:
    spans = [s for s in stem.spans if (stem.flat[stem.part(s)] > 0).mean() >= CLIPPED]
    if spans:
        yield (
            f"{_several(spans, stem, where)} clipped",
            "record or export it again with more headroom; what was cut off cannot be put back",
        )


def _narrow(stem: _Stem, where: Where) -> Iterator[tuple[str, str]]:
    spans = [s for s in stem.spans if _is_narrow(stem, stem.part(s))]
    if spans:
        yield (
            f"{_several(spans, stem, where)} as narrow as a telephone: nothing is heard above "
            "4 kHz, where s, f and t are told apart",
            "take the recording before the telephone filter, at 16 kHz or more",
        )


def _is_narrow(stem: _Stem, part: slice) -> bool:
    spoken = stem.speech[part]
    if not spoken.any():
        return False
    sharp = np.percentile(stem.high[part][spoken], 95)
    return bool(sharp - np.percentile(stem.level[part][spoken], 90) < NARROW_DB)


def _buried(stem: _Stem, where: Where) -> Iterator[tuple[str, str]]:
    aside = ~_widened(stem.speech, round(BESIDE_S * READING_RATE))
    found: list[tuple[float, Span]] = []
    for span in stem.spans:
        near = stem.part((span[0] - BENEATH_S, span[1] + BENEATH_S))
        beneath = stem.level[near][aside[near]]
        spoken = stem.level[stem.part(span)][stem.speech[stem.part(span)]]
        if len(beneath) >= FEWEST_BENEATH and len(spoken):
            found.append(
                (float(np.percentile(spoken, 90) - np.percentile(beneath, BENEATH_SHARE)), span)
            )
    buried = [(out, span) for out, span in found if out < BURIED_DB]
    if buried:
        out = float(np.median([out for out, _ in buried]))
        spans = [span for _, span in buried]
        yield (
            f"{_several(spans, stem, where, verb=('lies', 'lie'))} only {max(out, 0):.0f} dB above "
            "the music or noise beneath",
            "use the dialogue stem without music and effects, or reduce the noise",
        )


def _widened(speech: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """(T,) whether a reading lies at most `by` readings from one of `speech`."""
    before = np.concatenate(([0], np.cumsum(speech)))
    at = np.arange(len(speech))
    last, first = np.minimum(at + by + 1, len(speech)), np.maximum(at - by, 0)
    return np.asarray(before[last] > before[first])


def _smoothed(level: Values) -> Values:
    """(T,) under a Gaussian of one reading, mirrored at the ends."""
    weights = np.exp(-0.5 * np.arange(-4, 5) ** 2.0)
    padded = np.pad(level, 4, mode="symmetric")
    return np.asarray(np.convolve(padded, weights / weights.sum(), mode="valid"), np.float64)


def _reverberant(stem: _Stem) -> Iterator[tuple[str, str]]:
    seconds, fallen = falls(stem.level)
    if len(seconds) < FALLS:
        return
    order = np.argsort(seconds)
    deep = np.cumsum(fallen[order])  # the deeper a fall, the surer it is
    middle = float(seconds[order][np.searchsorted(deep, deep[-1] / 2)])
    if middle >= LONG_S:
        yield (
            f"its speech dies away over {middle:.1f} s: much reverberation is in it",
            "use the dry recording, before reverberation was added, or a nearer microphone",
        )


def falls(level: Values) -> tuple[Values, Values]:
    """Of each fall of a sound: seconds in which it would go down by 60 dB, and the dB it did.

    Args:
        level: (N,) dB, READING_RATE a second.

    Source: after Vesa and Härmä 2005, "Automatic estimation of reverberation time from binaural
    signals", which also takes the falls that a recording happens to have.
    """
    smooth = _smoothed(level)
    floor, top = np.percentile(smooth, [5, 95])
    ends = np.flatnonzero(np.diff(smooth) >= STILL_FALLS_DB)
    peaks = np.flatnonzero((smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:])) + 1
    found = []
    for peak in peaks[smooth[peaks] > top - BELOW_TOP_DB]:
        place = np.searchsorted(ends, peak)
        last = int(ends[place]) if place < len(ends) else len(smooth) - 1
        part = smooth[peak : last + 1]
        end = max(floor + ABOVE_FLOOR_DB, smooth[peak] - DEEPEST_DB)
        inside = np.flatnonzero((part < smooth[peak] - FROM_DB) & (part > end))
        if len(inside) < FALL_READINGS or part[inside[0]] - part[inside[-1]] < FALL_DB:
            continue
        slope = -np.polyfit(inside, part[inside], 1)[0] * READING_RATE
        found.append((60 / max(float(slope), 1e-3), part[inside[0]] - part[inside[-1]]))
    seconds, fallen = np.array(found, np.float64).reshape(-1, 2).T
    return seconds, fallen


def _several(
    spans: Sequence[Span], stem: _Stem, where: Where, verb: tuple[str, str] = ("is", "are")
) -> str:
    """ "3 of 12 utterances are", with the place of the first."""
    if len(stem.spans) == 1:
        return f"the utterance at {where(spans[0][0])} {verb[0]}"
    which = counted(len(stem.spans), "utterance")
    number = "all" if len(spans) == len(stem.spans) else f"{len(spans)}"
    return f"{number} of {which} (the first at {where(spans[0][0])}) {verb[len(spans) > 1]}"
