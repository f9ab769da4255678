"""The people of one shot: face tracks joined into persons, numbered, and found by a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack, Point, runs_of_one_face
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange

#: A face in fewer frames than this, and in less than a fifth of the cut's frames, is a passer-by.
PASSING_FRAMES = 12
#: A face lower than this share of the shot's tallest is in the background.
BACKGROUND = 0.4
#: A point is on a face if it is nearer its middle than this share of its height.
AMBIGUOUS = 0.35


@dataclass(frozen=True, eq=False)
class Person:
    """One person's face tracks in one shot: several if they leave and return.

    number  1, 2, ... in order of first appearance, as faces.png and --face have it
    """

    shot: str
    tracks: tuple[FaceTrack, ...]
    number: int = 1

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """The plate frames (first, last) of each of its tracks."""
        return tuple((track.frames.start, track.frames.stop - 1) for track in self.tracks)

    def seen(self, frames: FrameRange) -> int:
        """In how many of these plate frames the face is seen."""
        return sum(
            int((track.confidence > 0)[_inside(track.frames, frames)].sum())
            for track in self.tracks
        )

    @cached_property
    def height(self) -> float:
        """Median height of the face, plate pixels."""
        return float(np.median([np.median(np.ptp(t.landmarks[..., 1], axis=1))
                                for t in self.tracks]))  # fmt: skip

    @cached_property
    def spot(self) -> tuple[float, float, int]:
        """Middle of the face where it is seen best: x, y in plate pixels, and the plate frame.

        The frame nearest the middle of its longest run in which the tracker is as sure as usual.
        """
        track = max(self.tracks, key=lambda track: int((track.confidence > 0).sum()))
        sure = np.flatnonzero(track.confidence >= np.median(track.confidence))
        at = int(sure[np.abs(sure - len(track.confidence) / 2).argmin()])
        x, y = track.landmarks[at, :, :2].mean(axis=0)
        return float(x), float(y), track.frames.start + at

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the face where it is seen best, plate pixels."""
        return self.spot[:2]

    @cached_property
    def appearance(self) -> Array:
        """The mean face descriptor of the tracks, each by its number of frames."""
        return np.asarray(
            np.average([t.appearance for t in self.tracks], axis=0,
                       weights=[len(t.frames) for t in self.tracks]), np.float32
        )  # fmt: skip

    def apart(self, other: Person) -> float:
        """Distance of the two faces; see `core.face.SAME_FACE`."""
        return float(np.linalg.norm(self.appearance - other.appearance))


def everyone_in(shot: Shot, tracks: Sequence[FaceTrack]) -> tuple[Person, ...]:
    """Tracks joined into people, numbered, passers-by among them."""
    return tuple(
        Person(shot.name, group, number) for number, group in enumerate(runs_of_one_face(tracks), 1)
    )


def people_in(shot: Shot, tracks: Sequence[FaceTrack]) -> tuple[Person, ...]:
    """The people plainly seen: without passers-by and faces in the background."""
    return plainly_seen(shot, everyone_in(shot, tracks))


def plainly_seen(shot: Shot, people: Sequence[Person]) -> tuple[Person, ...]:
    """Those of `people` who are no passers-by and not in the background of what the cut shows.

    A face that is seen in the handles alone does not count: in a plate with cuts of its own these
    reach into the next shot.
    """
    least = min(PASSING_FRAMES, max(1, len(shot.source) // 5))
    here = [person for person in people if person.seen(shot.source) >= least]
    tallest = max((person.height for person in here), default=0.0)
    return tuple(person for person in here if person.height >= BACKGROUND * tallest)


def people_at(point: Point, people: Sequence[Person]) -> tuple[Person, ...]:
    """The people on whose face `point` lies, nearest first; more than one: it is ambiguous.

    A point without a frame may lie on faces that are never in view together.  Of faces in view
    together it is the nearest one's.
    """
    if len(point) == 1:
        return tuple(person for person in people if person.number == int(point[0]))
    near: list[tuple[float, Person]] = []
    for person in people:
        away = min(_away(track, point) for track in person.tracks)
        if np.isfinite(away):
            near.append((away / person.height, person))
    near.sort(key=lambda pair: pair[0])
    first = [person for _, person in near[:1]]
    apart = [person for away, person in near[1:]
             if away <= AMBIGUOUS and not together(first[0], person)]  # fmt: skip
    return (*first, *apart)


def person_at(point: Point, people: Sequence[Person]) -> Person | None:
    """The person on whose face `point` lies; of several, the nearest."""
    return next(iter(people_at(point, people)), None)


def together(one: Person, other: Person) -> bool:
    """Whether the two are ever in view at the same time: then they are two people."""
    return any(a.frames.overlap(b.frames) for a in one.tracks for b in other.tracks)


def _inside(frames: FrameRange, others: FrameRange) -> slice:
    """Those of `frames` that are in `others`, as a slice of their rows."""
    first = max(others.start - frames.start, 0)
    return slice(first, max(others.stop - frames.start, first))


def _away(track: FaceTrack, point: Point) -> float:
    """Pixels from `point` to the middle of the face where it lies on it; else infinity."""
    xy = track.landmarks[..., :2]
    low, high = xy.min(axis=1), xy.max(axis=1)
    inside = ((low <= point[:2]) & (point[:2] <= high)).all(axis=1)
    if len(point) == 3:
        at = int(point[2]) - track.frames.start
        inside &= np.arange(len(inside)) == at
    if not inside.any():
        return float("inf")
    return float(np.linalg.norm(xy[inside].mean(axis=1) - point[:2], axis=1).min())
