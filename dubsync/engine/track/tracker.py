"""Pass one: track every face through a plate.

Each frame is read once. Where a face is tracked, only its own square of the plate is converted; the
detector searches the whole frame when nothing is tracked, at a cut, and from time to time for new
faces.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.face import BLENDSHAPES, LANDMARKS, FaceTrack, runs_of_one_face
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.mesh import lip_share, skull_weights
from dubsync.engine.geometry.sampling import Square, thumbnail
from dubsync.engine.track import detector
from dubsync.engine.track.face_descriptor import Chips
from dubsync.engine.track.landmarker import (
    LEAST_PRESENCE,
    Face,
    Landmarker,
    box_of,
    same_face,
    square_of,
)
from dubsync.engine.track.picture_match import SAME_PICTURE, alike, small_picture
from dubsync.engine.track.smoothing import steady

log = logging.getLogger(__name__)

#: Frames for which a face may be missing within a run.
MOST_MISSED = 8
#: While faces are tracked, one square of the frame (whole, or as high as its short side) is
#: searched for new ones every DETECT_EVERY frames, in turn, and rarely the whole frame in detail.
#: Together 0.45 detections a frame at 16:9; more would exceed 1.5 times the cost of the bare model.
DETECT_EVERY, DETECT_FINELY_EVERY = 4, 96
#: Frames that a new face is tracked backwards, to where it came in.
BACK = 8
MOST_FACES = 8
#: Least height of a face, pixels, and least number of frames of a run that show it.
LEAST_PX, LEAST_SEEN = 24, 3
PICTURE_EVERY = 12  #: frames after which the small picture of a run is taken again
#: Similarity of consecutive thumbnails below which there is a cut; the second if faces jump too.
CUT_LIKENESS, JUMP_LIKENESS = 0.5, 0.85
THUMBNAIL = (32, 18)


@dataclass(slots=True)
class _Run:
    """One face being tracked.  points[k] is of frame `first + k`; None where it was missed."""

    first: int
    points: list[Array | None] = field(default_factory=list)
    presence: list[float] = field(default_factory=list)
    expression: list[Array | None] = field(default_factory=list)
    picture: Array | None = None
    chips: Chips = field(default_factory=Chips)
    last: Array = field(default_factory=lambda: np.zeros((LANDMARKS, 3), np.float32))
    missed: int = 0
    seen: int = 0
    uncertain: bool = False  # the picture changed much while the face was gone


class FaceTracker:
    """Implements `core.steps.Track` with Face Landmarker v2; loads its weights when first used."""

    def __init__(self, landmarker: Landmarker | None = None) -> None:
        self._landmarker = landmarker

    @property
    def landmarker(self) -> Landmarker:
        if self._landmarker is None:
            self._landmarker = Landmarker()
        return self._landmarker

    def __call__(
        self, frames: Iterable[Frame], span: FrameRange, *, shot: str, progress: Progress
    ) -> tuple[FaceTrack, ...]:
        """Every face in `frames` (which are exactly `span`), each run of it a FaceTrack.

        A face that leaves and comes back, or is cut away from, gives a track for each run of it
        under the same `face` number where the runs look alike.  A plate without a face gives ().

        Raises:
            ShapeError: frames that are not those of `span`, in order.
            ModelError: the weights are missing or altered.
        """
        follow = _Follow(self.landmarker, span)
        number = span.start
        for frame in frames:
            if frame.number != number or number >= span.stop:
                raise ShapeError(f"{shot}: expected frame {number}, got frame {frame.number}")
            follow.step(frame)
            number += 1
            progress(Step("track", shot, number - span.start, len(span)))
        if number != span.stop:
            raise ShapeError(f"{shot}: frames end at {number}, not at {span.stop}")
        tracks = follow.tracks()
        log.info("%s: %d runs of faces in %d frames", shot, len(tracks), len(span))
        return tracks


class _Follow:
    """The state of one pass."""

    def __init__(self, landmarker: Landmarker, span: FrameRange) -> None:
        self._landmarker = landmarker
        self._span = span
        self._open: list[_Run] = []
        self._done: list[_Run] = []
        self._recent: deque[Frame] = deque(maxlen=BACK)
        self._thumbnail: Array | None = None

    def step(self, frame: Frame) -> None:
        """Continue all runs into `frame`, and search it for new faces."""
        before = {id(run): run.last for run in self._open if not run.missed}
        likeness = self._likeness(frame)
        if likeness < CUT_LIKENESS:
            self._close(frame, self._open)
        for run in list(self._open):
            self._read(frame, run)
        if likeness < JUMP_LIKENESS:
            for run in self._open:
                run.uncertain |= run.missed > 0
            there = [run for run in self._open if not run.missed and id(run) in before]
            if there and all(_jumped(before[id(run)], run) for run in there):
                self._restart(frame)
        self._drop_duplicates()
        self._detect_new(frame)
        self._close(frame, [run for run in self._open if run.missed > MOST_MISSED])
        self._recent.append(frame)

    def tracks(self) -> tuple[FaceTrack, ...]:
        """All runs, smoothed, numbered and described."""
        runs = [run for run in self._done + self._open if run.seen >= LEAST_SEEN]
        if len(self._span) <= LEAST_SEEN:
            runs = self._done + self._open
        runs.sort(key=lambda run: (run.first, -float(np.ptp(run.last[:, 1]))))
        return numbered([self._finish(run) for run in runs])

    def _likeness(self, frame: Frame) -> float:
        """Correlation of this frame's thumbnail with the last one's."""
        last, now = self._thumbnail, thumbnail(frame, *THUMBNAIL)
        now = now - now.mean()
        self._thumbnail = now
        if last is None:
            return 1.0
        size = float(np.sqrt((last * last).sum() * (now * now).sum()))
        flat = 0.003 * now.size**0.5
        if np.linalg.norm(last) < flat and np.linalg.norm(now) < flat:
            return 1.0
        return float((last * now).sum()) / max(size, 1e-9)

    def _read(self, frame: Frame, run: _Run) -> None:
        face = self._landmarker.read(frame, square_of(run.last))
        lost = face.presence < LEAST_PRESENCE or np.ptp(face.points[:, 1]) < LEAST_PX
        if lost or (run.missed and not self._same(frame, run, face)):
            again = self._search(frame, run)
            if again is None:
                _miss(run)
                return
            face = again
        self._keep(frame, run, face)

    def _search(self, frame: Frame, run: _Run) -> Face | None:
        """Search for a lost face around its last position."""
        last = square_of(run.last)
        squares = [Square(last.x, last.y, last.side * much) for much in (1.2, 2.4)]
        for seen in self._landmarker.detect(frame, squares):
            face = self._landmarker.read(frame, seen.square())
            if face.presence >= LEAST_PRESENCE and _near(face.points, run.last):
                face = self._landmarker.read(frame, square_of(face.points))
                return face if self._same(frame, run, face) else None
        return None

    def _same(self, frame: Frame, run: _Run, face: Face) -> bool:
        """Whether a face found again is the run's own, in case the picture changed meanwhile."""
        if not run.uncertain:
            return True
        before = run.picture
        now = small_picture(frame, face.points)
        return before is None or alike(before, now) >= SAME_PICTURE

    def _keep(self, frame: Frame, run: _Run, face: Face) -> None:
        run.points.append(face.points)
        run.presence.append(face.presence)
        run.expression.append(self._landmarker.expression(face.points))
        run.last, run.missed, run.uncertain = face.points, 0, False
        if run.seen % PICTURE_EVERY == 0:
            run.picture = small_picture(frame, face.points)
        run.chips.add(run.seen, frame, face.points, face.presence)
        run.seen += 1

    def _detect_new(self, frame: Frame) -> None:
        """Detect faces that are not tracked yet."""
        followed = [run for run in self._open if not run.missed]
        squares = self._squares(frame, bool(followed))
        if not squares or len(followed) >= MOST_FACES:
            return
        result = self._landmarker.detect(frame, squares)
        for seen in result:
            if any(detector.contained(seen.box, box_of(run.last)) > 0.4 for run in followed):
                continue
            face = self._landmarker.confirm(frame, seen)
            if face is None or np.ptp(face.points[:, 1]) < LEAST_PX:
                continue
            run = self._returned(frame, face)
            if run is None:
                run = self._begin(frame, face)
            else:
                run.points.pop()
                run.presence.pop()
                run.expression.pop()
                self._keep(frame, run, face)
            followed.append(run)
            if len(followed) >= MOST_FACES:
                return

    def _squares(self, frame: Frame, followed: bool) -> list[Square]:
        """Where to search this frame for new faces."""
        at = frame.number - self._span.start
        if not self._recent or at % DETECT_FINELY_EVERY == 0:
            return detector.search_squares(frame.format, 2)
        wide = detector.search_squares(frame.format, 1)
        if not followed:
            # With no face to track there is time for a detailed search, and reason for it.
            finely = at % (DETECT_FINELY_EVERY // 4) == 0
            return detector.search_squares(frame.format, 2) if finely else wide
        turn, due = divmod(at, DETECT_EVERY)
        return [] if due else [wide[turn % len(wide)]]

    def _returned(self, frame: Frame, face: Face) -> _Run | None:
        """The run missed in this very frame that `face` continues."""
        for run in self._open:
            near = run.missed and run.points and _near(face.points, run.last)
            if near and self._same(frame, run, face):
                return run
        return None

    def _begin(self, frame: Frame, face: Face) -> _Run:
        """A new run from `face`, tracked backwards through the frames since the last search."""
        back: list[tuple[Frame, Face]] = []
        points = face.points
        for earlier in reversed(self._recent):
            seen = self._landmarker.read(earlier, square_of(points))
            lost = seen.presence < LEAST_PRESENCE or not _near(seen.points, points)
            if lost or self._taken(earlier.number, seen):
                break
            back.append((earlier, seen))
            points = seen.points
        run = _Run(frame.number - len(back))
        for earlier, seen in [*reversed(back), (frame, face)]:
            self._keep(earlier, run, seen)
        self._open.append(run)
        return run

    def _taken(self, number: int, face: Face) -> bool:
        for run in self._open + self._done:
            at = number - run.first
            if 0 <= at < len(run.points):
                points = run.points[at]
                if points is not None and same_face(Face(points, 1.0), face):
                    return True
        return False

    def _restart(self, frame: Frame) -> None:
        """A cut that the thumbnails did not show: drop this frame's readings and start new runs."""
        for run in self._open:
            run.points.pop()
            run.presence.pop()
            if run.expression.pop() is not None:
                run.seen -= 1
        self._close(frame, self._open)

    def _close(self, frame: Frame, runs: Sequence[_Run]) -> None:
        if runs is self._open or len(runs) == len(self._open):
            if runs:
                log.debug("frame %d: %d runs end", frame.number, len(runs))
            self._recent.clear()
        for run in list(runs):
            self._open.remove(run)
            self._done.append(run)

    def _drop_duplicates(self) -> None:
        """Of two runs on one face, end the shorter one's here."""
        followed = sorted((r for r in self._open if not r.missed), key=lambda r: -r.seen)
        for n, run in enumerate(followed):
            faces = [Face(other.last, 1.0) for other in followed[:n] if not other.missed]
            if any(same_face(Face(run.last, 1.0), face) for face in faces):
                run.points[-1] = run.expression[-1] = None
                run.presence[-1] = 0.0
                run.seen -= 1
                run.missed += 1

    def _finish(self, run: _Run) -> FaceTrack:
        seen = np.array([p is not None for p in run.points])
        count = int(np.flatnonzero(seen)[-1]) + 1
        seen = seen[:count]
        points = filled([p for p in run.points[:count] if p is not None], seen)
        scores = filled([e for e in run.expression[:count] if e is not None], seen)
        skull = skull_weights(self._landmarker.canonical)
        smooth = steady(points, skull, lip_share(self._landmarker.canonical))
        span = FrameRange(run.first, run.first + count, self._span.rate)
        confidence = np.array(run.presence[:count], np.float32)
        return FaceTrack(
            1, span, smooth, scores.reshape(count, BLENDSHAPES), confidence, run.chips.describe()
        )


def filled(values: Sequence[Array], seen: NDArray[np.bool_]) -> Array:
    """`values` of the seen frames, linearly interpolated for the rest, (T, ...)."""
    at = np.flatnonzero(seen)
    known = np.stack(values)
    frames = np.arange(len(seen))
    low = np.clip(np.searchsorted(at, frames, side="right") - 1, 0, len(at) - 1)
    high = np.minimum(low + 1, len(at) - 1)
    share = (frames - at[low]) / np.maximum(at[high] - at[low], 1)
    share = share.reshape(-1, *([1] * (known.ndim - 1)))
    return np.asarray(known[low] * (1 - share) + known[high] * share, np.float32)


def numbered(tracks: Sequence[FaceTrack]) -> tuple[FaceTrack, ...]:
    """Tracks with `face` numbered by first appearance; runs of one person share a number."""
    faces = runs_of_one_face(tracks)
    result = (replace(run, face=n) for n, runs in enumerate(faces, 1) for run in runs)
    return tuple(sorted(result, key=lambda track: track.frames.start))


def _miss(run: _Run) -> None:
    run.points.append(None)
    run.presence.append(0.0)
    run.expression.append(None)
    run.missed += 1


def _near(a: Array, b: Array) -> bool:
    """Whether two readings may be of one face a few frames apart: position and size."""
    middle = np.linalg.norm(a[:, :2].mean(axis=0) - b[:, :2].mean(axis=0))
    size_a, size_b = float(np.ptp(a[:, 1])), float(np.ptp(b[:, 1]))
    return bool(middle < 0.6 * max(size_a, size_b)) and 0.6 < size_a / max(size_b, 1e-6) < 1.67


def _jumped(before: Array, run: _Run) -> bool:
    """Whether a face moved further in one frame than heads do."""
    return detector.iou(box_of(before), box_of(run.last)) < 0.55
