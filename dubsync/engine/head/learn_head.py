"""Learn an actor's whole head: key frames, the outline followed in them, and its ridge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import NoFace
from dubsync.core.picture import Region
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Actor, Footage
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.exemplars.bank import LEAST_CONFIDENCE, MOST_CANDIDATES
from dubsync.engine.exemplars.uncovered import uncovered
from dubsync.engine.geometry.mesh import CHIN, FOREHEAD
from dubsync.engine.head.camera_rest import CameraRest
from dubsync.engine.head.head_crop import ABOVE, BELOW, BESIDE, head_regions, working_scale
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.head_path import joined_path, path_of_pose
from dubsync.engine.head.join_keys import joined
from dubsync.engine.head.key_choice import MOST_KEYS, Poses, range_of, shifts_of, well_spread
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.head.read_keys import Look, Reader, Rest
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import gaze_of, head_pose

#: The key pictures of one head together take at most this much memory, however large the plate,
#: but there are LEAST_PICTURES: ten well spread ones draw most of what a hundred do.  The outline
#: is learnt from all key frames, kept or not.
MOST_BYTES, LEAST_PICTURES = 512 << 20, 10


def learn_head(actor: Actor, footage: Sequence[Footage], *, progress: Progress) -> HeadModel:
    """Implements `core.learning.head.LearnHead`.

    Key frames are chosen from the tracks; only their frames are read.  Frames in which something
    stands in front of the face teach nothing.

    Raises:
        NoFace: no frame shows the head.  ModelError: another engine's actor.
    """
    learnt = ours(actor)
    shots = [_Shot.of(part, learnt.model) for part in uncovered(footage, learnt.character)]
    where = [(n, int(row)) for n, shot in enumerate(shots) for row in shot.rows]
    if not where:
        raise NoFace(
            f"no frame shows {learnt.character}'s head",
            hint="point at the face with --face, or give a plate that shows head and shoulders",
        )
    poses = Poses.joined([shot.poses[shot.rows] for shot in shots if len(shot.rows)])
    features = poses.features()
    every = -(-len(features) // MOST_CANDIDATES)
    chosen = well_spread(features[::every], MOST_KEYS) * every
    count = _room(shots, len(chosen))
    drawn = set(well_spread(features[chosen], count).tolist())
    wanted = [(*where[row], n in drawn) for n, row in enumerate(chosen)]
    middle_turn = np.median(poses.path.turn, axis=0)
    reader = Reader(learnt.model, learnt.appearance, PersonMatte(), middle_turn)
    looks, moves = _read(learnt, shots, wanted, reader, progress)
    seen = range_of(poses)
    if moves:
        # Where a head went in the frame is then not where it went before its shoulders.
        seen = replace(seen, shift=shifts_of(joined_path([look.path for look in looks])))
    return joined(
        looks, learnt.character, np.asarray(learnt.model.rest), middle_turn, seen,
        actor=learnt.digest, stills=sum(map(_Shot.is_still, shots)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    """One part of the footage, its poses, and the rows of them that show the face."""

    part: Footage
    poses: Poses
    scale: float
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, part: Footage, basis: Basis) -> _Shot:
        track = part.track
        rows = np.flatnonzero(track.confidence >= LEAST_CONFIDENCE)
        pose = head_pose(track, basis)
        faces = np.asarray(pose.remove(track.landmarks), np.float32)
        scale = working_scale(track.landmarks[rows] if len(rows) else track.landmarks)
        return cls(part, Poses(path_of_pose(pose, rows), faces, gaze_of(faces)), scale, rows)

    def looks(
        self, wanted: Sequence[tuple[int, bool]], reader: Reader, camera: CameraRest
    ) -> Iterator[Look]:
        """Frames read; those in which the head is outside are left out.

        Args:
            wanted: rising rows, and whether each one's picture is kept.
            camera: gets each frame.
        """
        track, start = self.part.track, self.part.track.frames.start
        regions: list[Region | None] = []
        keep = dict(wanted)
        for frame in self.part.read([start + row for row, _ in wanted]):
            regions = regions or head_regions(track.landmarks[self.rows], frame.format)
            row = frame.number - start
            region = regions[int(np.searchsorted(self.rows, row))]
            if region is not None:
                path = self.poses.path
                rest = Rest(path.rest_shift[row], float(path.rest_scale[row]))
                look = reader.look(
                    frame, self.part.plate, track.landmarks[row], region, self.scale, rest,
                    keep[row], self.speed(row),
                )  # fmt: skip
                camera.add(frame, region, look.matte)
                yield look

    def speed(self, row: int) -> Array:
        """(2,) of the head in a frame, eye distances a frame."""
        shift = self.poses.path.shift
        before, after = max(row - 1, 0), min(row + 1, len(shift) - 1)
        moved = (shift[after] - shift[before]) / max(after - before, 1)
        return np.asarray(moved / self.poses.path.scale[row], np.float32)

    def is_still(self) -> bool:
        """Whether this is one photograph."""
        return len(self.part.track.frames) == 1

    def picture_bytes(self) -> float:
        """Of one key's picture, about."""
        ends = np.asarray(self.part.track.landmarks[self.rows][:, [FOREHEAD, CHIN], :2], np.float64)
        face = float(np.median(np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)))
        return 2 * BESIDE * face * (ABOVE + BELOW) * face * 3 * np.dtype(np.float16).itemsize


def _room(shots: Sequence[_Shot], count: int) -> int:
    """How many of `count` pictures are kept."""
    each = max(shot.picture_bytes() for shot in shots if len(shot.rows))
    return min(count, max(LEAST_PICTURES, int(MOST_BYTES // max(each, 1.0))))


def _read(
    learnt: LearntActor,
    shots: Sequence[_Shot],
    wanted: Sequence[tuple[int, int, bool]],
    reader: Reader,
    progress: Progress,
) -> tuple[list[Look], bool]:
    """The frames read, and whether the camera of one of their plates moves."""
    looks, moves = list[Look](), False
    for n, shot in enumerate(shots):
        rows = [(row, keep) for m, row, keep in wanted if m == n]
        camera, its = CameraRest(), list[Look]()
        for look in shot.looks(rows, reader, camera) if rows else ():
            its.append(look)
            done = len(looks) + len(its)
            progress(Step("learn the head", learnt.character, done, len(wanted)))
        rested, its_moves = camera.rested(its, shot.scale, reader.middle_turn)
        looks, moves = looks + rested, moves or its_moves
    if not looks:
        raise NoFace(f"{learnt.character}'s head lies outside every frame", hint="check the plates")
    alone = [look for look in looks if not look.crowded]
    # The edge between two people is no outline, unless there is nothing else to learn from.
    return (alone if any(look.picture is not None for look in alone) else looks), moves
