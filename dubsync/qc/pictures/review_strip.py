"""Data of a review strip: mouths, waveform, phones, curves, closures and weight over time.

`strip_drawing` draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import BILABIAL, LABIODENTAL, PHONES, ROUNDED, VISEME_OF, VISEMES
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.chart import Mark
from dubsync.qc.drawing import RGB
from dubsync.qc.mouth import Curve

Tone = Literal["plain", "shut", "teeth", "round"]
Source = Literal["plate", "sound", "take", "target", "render"]

ROW_FRAMES = 72  #: of a row, at most
PLOT_PX = 1728  #: of a row, at most
MOST_SCALE = 36  #: pixels per frame in a short shot
PICTURE = (128, 90)  #: width, height of a mouth in the strip
WAVE_BINS = 16  #: lows and highs of the waveform in each frame
HEARD = 0.3  #: probability from which a phone is labelled
STEADY, SHORTEST = 3, 2  #: readings that are averaged; fewest readings of a label

#: Spellings for phones that the font lacks.
PRINTED = {
    "ʃ": "sh", "ʒ": "zh", "ʧ": "ch", "ʤ": "dj", "ɡ": "g", "ɹ": "r", "ɾ": "r", "ɪ": "ih",
    "ɛ": "eh", "ɑ": "ah", "ɔ": "aw", "ʊ": "oo", "ʌ": "uh", "ə": "@", "ɜ": "er", "θ": "th",
    "ð": "dh", "ŋ": "ng",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """A text over frames `first` to `last`, counted from the strip's first; may be fractional.

    strength  0..1, opacity of its block
    """

    first: float
    last: float
    text: str
    tone: Tone = "plain"
    strength: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ReviewStrip:
    """One face in one shot, over `frames` (T of them).

    title     the shot, its version, the character
    frames    plate frames
    cut       those of them that the cut shows
    shown_at  (T) record timecode of each frame
    plate     frame -> picture of the mouth, PICTURE
    render    the same of the render; empty without one
    wave      (T, WAVE_BINS, 2) lowest and highest sample, full scale 1
    lines     dubbed lines
    phones    recognised phones; empty where none were recognised
    spoken    (T,) where the dub speaks
    opening   curves (T,), NaN for gaps, in distances between the eyes
    width     the same of the mouth's width
    closure_evidence  (T,) evidence of closed lips in the dub, 0..1
    dub_closures      m, b and p of the dub, met or not
    target_closures   closures of the target mouth, met or not
    weight    (T,) blend weight, 0 where the plate is kept
    tweaks    control -> the artist's values
    """

    title: str
    frames: FrameRange
    cut: FrameRange
    shown_at: Sequence[str]
    plate: Mapping[int, RGB]
    render: Mapping[int, RGB]
    wave: Curve
    lines: Sequence[Label]
    phones: Sequence[Label]
    spoken: NDArray[np.bool_]
    opening: Mapping[Source, Curve]
    width: Mapping[Source, Curve]
    closure_evidence: Curve
    dub_closures: Sequence[Mark]
    target_closures: Sequence[Mark]
    weight: Curve
    tweaks: Mapping[str, Sequence[Label]]


def rows_of(frames: FrameRange) -> tuple[int, int, int]:
    """(rows, frames in each, pixels per frame) of a strip over `frames`."""
    rows = -(-len(frames) // ROW_FRAMES)
    each = -(-len(frames) // rows)
    return rows, each, min(MOST_SCALE, PLOT_PX // each)


def pictured(frames: FrameRange) -> tuple[int, ...]:
    """The frames whose mouths are shown: as many as fit, each in the middle of its slot."""
    rows, each, scale = rows_of(frames)
    step = -(-(PICTURE[0] + 4) // scale)
    return tuple(
        frames.start + row * each + min(at + step // 2, each - 1)
        for row in range(rows)
        for at in range(0, max(each - step + 1, 1), step)
        if row * each + min(at + step // 2, each - 1) < len(frames)
    )


def phone_labels(features: AudioFeatures, times: Curve) -> tuple[Label, ...]:
    """Labels of the phones over frames shown at `times` (T,), rising.

    Phones of one viseme are counted together, so that a sound that may be p, b or m is labelled as
    what it is on the lips.  The likeliest phone gives the text, the probability of the viseme the
    strength.
    """
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    if step <= 0:
        return ()
    ends = np.append(times, times[-1] + step)
    start = float(features.start)
    first, last = (int(place) for place in features.places(ends[[0, -1]]))
    first = max(first, 0)
    phones = np.asarray(features.phones[first : last + 1], np.float64)
    if not len(phones):
        return ()
    phones = scipy.ndimage.uniform_filter1d(phones, STEADY, axis=0, mode="nearest")
    sure = phones @ _VISEMES
    best = np.where(sure.max(axis=1) < HEARD, 0, sure.argmax(axis=1))
    edges = np.concatenate([[0], np.flatnonzero(np.diff(best)) + 1, [len(best)]])
    labels = []
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        if best[a] == 0 or b - a < SHORTEST:
            continue
        phone = int((phones[a:b].mean(axis=0) * _VISEMES[:, best[a]]).argmax())
        at = start + (first + np.array([a, b])) / READING_RATE
        left, right = np.interp(at, ends, np.arange(len(ends)))
        text = PRINTED.get(PHONES[phone], PHONES[phone])
        strength = float(sure[a:b, best[a]].mean())
        labels.append(Label(float(left), float(right), text, _tone(phone), strength))
    return tuple(labels)


#: (P, V) 1 where a phone is of a viseme.
_VISEMES = np.eye(len(VISEMES))[list(VISEME_OF)]


def tone_of(symbol: str) -> Tone:
    """What the lips do in a phone, one of PHONES."""
    return _tone(PHONES.index(symbol))


def _tone(phone: int) -> Tone:
    if phone in BILABIAL:
        return "shut"
    if phone in LABIODENTAL:
        return "teeth"
    return "round" if phone in ROUNDED else "plain"
