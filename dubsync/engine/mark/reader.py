"""Reading the mark from a copy: needs the secret and the faces' tracks, not the plate or the time.

The copy's frames are read once.  A face is read in stretches of up to 192 frames, whole and in
halves and quarters, so memory does not grow with the copy's length and a short marked passage in a
long shot is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.mark.compare import Evidence, aligned, evidence
from dubsync.engine.mark.decide import MOST_FALSE, Match, matches
from dubsync.engine.mark.flat_face import flat_face
from dubsync.engine.mark.pattern import Keyed
from dubsync.engine.mark.prepare import residues
from dubsync.engine.mark.reading import Reading

#: Frames read together, at most and at least.
STRETCH, LEAST = 192, 8
#: A stretch is also read in parts of no fewer frames than this.
PART = 48

Numbers = NDArray[np.int64]
Less = Callable[[Array], Array]


@dataclass(slots=True)
class _Face:
    """The flat faces of one track that are not read yet."""

    track: FaceTrack
    numbers: list[int] = field(default_factory=list)
    flat: list[Array] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    match: Match
    frames: FrameRange
    face: int


def read_mark(
    frames: Iterable[Frame], tracks: Sequence[FaceTrack], secret: bytes, *,
    expected: Sequence[int] = (), trials: int = 1,
) -> Reading:  # fmt: skip
    """The surest mark of any face in `frames`; its payload is None where no mark is sure.

    frames    of the copy, in order, each once
    tracks    `FaceTracker`'s, of the same copy
    expected  payloads that are looked for (the records at hand); they are read from less
    trials    files and secrets that the caller tries in search of one mark
    """
    everything = read_marks(frames, tracks, secret, expected=expected, trials=trials, unsure=True)
    return everything[0]


def read_marks(
    frames: Iterable[Frame], tracks: Sequence[FaceTrack], secret: bytes, *,
    expected: Sequence[int] = (), trials: int = 1, unsure: bool = False, less: Less | None = None,
) -> tuple[Reading, ...]:  # fmt: skip
    """One reading for each payload found under `secret`, surest first; arguments as `read_mark`'s.

    An older mark under a newer one is given too.  unsure: where nothing is sure, the best guess is
    given, with payload None; else ().  less: takes what is known away from a stretch of flat faces.
    """
    keyed = Keyed(secret)
    found: list[_Found] = []
    windows = 0
    for numbers, flat, track in _stretches(frames, tracks):
        for rows in residues(flat if less is None else less(flat)):
            whole = evidence(rows, numbers - numbers[0], keyed)
            for part in _parts(len(numbers)):
                windows += 1
                given = aligned(_part(whole, part))
                span = FrameRange(
                    int(numbers[part][0]), int(numbers[part][-1]) + 1, track.frames.rate
                )
                found += [_Found(m, span, track.face) for m in matches(given, 1.0, expected)]
        found = _best_of(found)
    return _readings(found, trials * max(windows, 1), unsure=unsure)


def _stretches(
    frames: Iterable[Frame], tracks: Sequence[FaceTrack]
) -> Iterator[tuple[Numbers, Array, FaceTrack]]:
    """Frame numbers and flat faces of each stretch of each face."""
    faces = [_Face(track) for track in tracks]
    for frame in frames:
        for face in faces:
            at = frame.number - face.track.frames.start
            if 0 <= at < len(face.track.frames) and face.track.confidence[at] > 0:
                flat = flat_face(frame, face.track.landmarks[at])
                if flat is not None:
                    face.numbers.append(frame.number)
                    face.flat.append(flat)
            over = at == len(face.track.frames) - 1
            if len(face.flat) == STRETCH or (over and len(face.flat) >= LEAST):
                yield _taken(face)
    for face in faces:
        if len(face.flat) >= LEAST:
            yield _taken(face)


def _taken(face: _Face) -> tuple[Numbers, Array, FaceTrack]:
    result = np.array(face.numbers, np.int64), np.stack(face.flat), face.track
    face.numbers, face.flat = [], []
    return result


def _parts(count: int) -> list[slice]:
    """The whole stretch, and its halves and quarters of no fewer than PART frames."""
    result = [slice(0, count)]
    pieces = 2
    while count // pieces >= PART:
        edges = np.linspace(0, count, pieces + 1).astype(int)
        result += [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
        pieces *= 2
    return result


def _part(whole: Evidence, part: slice) -> Evidence:
    at = whole.at[part]
    return Evidence(at - at[0], whole.bins[part], whole.gram[part, part])


def _best_of(found: Sequence[_Found]) -> list[_Found]:
    """The surest of each payload; a few, so that nothing grows with the copy's length."""
    best: dict[int, _Found] = {}
    for one in sorted(found, key=lambda f: f.match.false):
        best.setdefault(one.match.payload, one)
    return list(best.values())[:16]


def _readings(found: Sequence[_Found], trials: int, *, unsure: bool) -> tuple[Reading, ...]:
    result: list[Reading] = []
    for one in found:
        match, false = one.match, min(1.0, one.match.false * trials)
        sure = false <= MOST_FALSE
        if sure or (unsure and not result):
            result.append(Reading(
                match.payload if sure else None, match.score, false, match.symbols, one.frames,
                match.offset, match.rate, one.face,
            ))  # fmt: skip
    if unsure and not result:
        result.append(Reading(None, 0.0, 1.0, (), None))
    return tuple(result)
