"""The person in a take that drives a portrait: who it is, and where they cannot be followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import working_rgb
from dubsync.core.errors import FaceQuestion, NoFace
from dubsync.core.face import FaceTrack
from dubsync.core.plural import counted
from dubsync.core.progress import Progress
from dubsync.core.shot import Plate
from dubsync.core.steps import Engine
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.service.portrait.faces_picture import write_faces

#: A person lower than this share of the tallest, or seen in a smaller share of the frames than this
#: of who is seen most, passes by behind the driver.
BACKGROUND, PASSING = 0.4, 0.2
_CORNERS = (33, 263)  #: landmarks of the outer eye corners


@dataclass(frozen=True, slots=True, eq=False)
class Driver:
    """Who drives.

    plate   the take
    track   the driver's face over all its frames; confidence 0 where they are not seen
    others  how many more people the take shows, behind or passing by
    """

    plate: Plate
    track: FaceTrack
    others: int = 0


def usual_turn(driver: Driver) -> float:
    """Degrees to either side that the driver's face is turned in half of the frames it is seen in:
    the slope in depth of the line from outer eye corner to outer eye corner."""
    seen = np.asarray(driver.track.confidence) > 0
    points = np.asarray(driver.track.landmarks, np.float64)[seen]
    if not len(points):
        return 0.0
    across = points[:, _CORNERS[1]] - points[:, _CORNERS[0]]
    slope = np.arctan2(across[:, 2], np.hypot(across[:, 0], across[:, 1]))
    return float(np.degrees(np.median(np.abs(slope))))


def find_driver(
    take: Path, engine: Engine, *, face: int, beside: Path, progress: Progress
) -> Driver:
    """Track the take, and join the runs of the person who drives.

    Args:
        face: the person's number in the picture of faces; 0: the only one.
        beside: folder for that picture, where there is a question.

    Raises:
        MediaError: the take cannot be read.
        NoFace: nobody is seen.
        FaceQuestion: several people, and `face` does not say which.
    """
    plate = probe_plate(take)
    with open_square(plate) as reader:
        tracks = engine.track(
            reader.frames(plate.frames), plate.frames, shot=plate.name, progress=progress
        )
    people = _people(tracks)
    if not people:
        raise NoFace(
            f"no face is seen in {plate.name}", hint="film the driver's face, about at the camera"
        )
    if face and face not in people:
        raise FaceQuestion(
            f"{plate.name} has no person {face}; it shows {_persons(len(people))}",
            hint=f"they are numbered in {_picture(plate, people, beside)}",
        )
    near = _near(people)
    if not face and len(near) > 1:
        raise FaceQuestion(
            f"{plate.name} shows {_persons(len(near))}, and one drives",
            hint=f"look at {_picture(plate, people, beside)} and give the number: --take-face 1",
        )
    return Driver(plate, _joined(people[face or near[0]], plate), len(people) - 1)


def _persons(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _people(tracks: Sequence[FaceTrack]) -> dict[int, list[FaceTrack]]:
    """Number -> that person's runs."""
    people: dict[int, list[FaceTrack]] = {}
    for track in tracks:
        people.setdefault(track.face, []).append(track)
    return people


def _near(people: dict[int, list[FaceTrack]]) -> list[int]:
    """Who is plainly in front of the camera."""
    seen = {n: sum(int((t.confidence > 0).sum()) for t in runs) for n, runs in people.items()}
    tall = {n: max(float(np.median(np.ptp(t.landmarks[..., 1], axis=1))) for t in runs)
            for n, runs in people.items()}  # fmt: skip
    most, tallest = max(seen.values()), max(tall.values())
    near = [n for n in people if seen[n] >= PASSING * most and tall[n] >= BACKGROUND * tallest]
    return near or [max(seen, key=lambda n: seen[n])]


def _joined(runs: Sequence[FaceTrack], plate: Plate) -> FaceTrack:
    """One track over the whole take: in gaps the landmarks go straight from run to run."""
    span, count = plate.frames, len(plate.frames)
    seen = np.zeros(count, np.float32)
    points: dict[int, NDArray[np.float32]] = {}
    scores: dict[int, NDArray[np.float32]] = {}
    for run in runs:
        for n in range(len(run.frames)):
            at = run.frames.start + n - span.start
            seen[at] = run.confidence[n]
            points[at], scores[at] = run.landmarks[n], run.blendshapes[n]
    known = np.array(sorted(points))
    every = np.arange(count)
    low = np.clip(np.searchsorted(known, every, side="right") - 1, 0, len(known) - 1)
    high = np.minimum(low + 1, len(known) - 1)
    share = np.clip((every - known[low]) / np.maximum(known[high] - known[low], 1), 0, 1)

    def between(values: dict[int, NDArray[np.float32]]) -> NDArray[np.float32]:
        held = np.stack([values[int(n)] for n in known])
        part = share.reshape(-1, *([1] * (held.ndim - 1)))
        return np.asarray(held[low] * (1 - part) + held[high] * part, np.float32)

    appearance = np.average([run.appearance for run in runs], axis=0,
                            weights=[len(run.frames) for run in runs])  # fmt: skip
    return FaceTrack(
        runs[0].face, span, between(points), between(scores), seen,
        np.asarray(appearance, np.float32),
    )  # fmt: skip


def _picture(plate: Plate, people: dict[int, list[FaceTrack]], beside: Path) -> Path:
    """faces_in_take.png: the frame that shows the most people at once."""
    counts = np.zeros(len(plate.frames), np.int64)
    runs = [run for all_runs in people.values() for run in all_runs]
    for run in runs:
        start = run.frames.start - plate.frames.start
        counts[start : start + len(run.frames)] += run.confidence > 0
    frame = plate.frames.start + int(counts.argmax())
    shown = [run for run in runs if frame in run.frames]
    with open_square(plate) as reader:
        picture = working_rgb(next(reader.read([frame])))
    here = [run.part(frame - run.frames.start, frame - run.frames.start + 1) for run in shown]
    return write_faces(beside, picture, here, name="faces_in_take.png")


def frames_told(flags: NDArray[np.bool_], first: int, most: int = 4) -> str:
    """Runs of flagged frames in words: "frames 12 to 30, 44 and 60 to 71".

    Args:
        first: number of the first frame.
        most: runs that are named; of further ones only the number is.
    """
    at = np.flatnonzero(flags)
    if not len(at):
        return "no frame"
    breaks = np.flatnonzero(np.diff(at) > 1)
    starts, stops = at[np.r_[0, breaks + 1]] + first, at[np.r_[breaks, len(at) - 1]] + first
    words = [f"{a} to {b}" if b > a else f"{a}" for a, b in zip(starts, stops, strict=True)]
    told = words[:most]
    if len(words) > most:
        told.append(counted(len(words) - most, "more run"))
    joined = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return f"{'frame' if len(at) == 1 else 'frames'} {joined}"
