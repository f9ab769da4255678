"""Actors driven by other people's takes: does the head do what the take does, and who is it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.clips import Clip
from benchmarks.heads.trial import Trial
from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.engine.compositing.composite import composite
from dubsync.engine.geometry.mesh import LEFT_BROW, LEFT_CORNER, RIGHT_BROW, RIGHT_CORNER
from dubsync.engine.geometry.pose import align_robustly, to_matrices, to_vectors
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head.head_path import HeadPath, path_of
from dubsync.engine.head_draw.pose_features import lid_roots
from dubsync.engine.head_draw.prepare_head import Sources, Wanted, prepare_driven
from dubsync.engine.motion.fit import frontal, gaze_of, head_pose
from dubsync.engine.still.driver_motion import DriverMotion
from dubsync.engine.still.transfer import moved_front
from dubsync.engine.track.face_descriptor import face_chip
from dubsync.engine.track.face_network import describe_chips
from dubsync.engine.track.tracker import FaceTracker

Values = NDArray[Any]

#: Shares of the take's turn, and of its movement across the picture and in size.
TURN, MOVE = 1.0, 0.6
#: Calm frames that the actor's neutral face is the mean of.
CALM = 5
MEASURES = ("pitch", "yaw", "lids", "brows", "gaze", "smile")


@dataclass(frozen=True, slots=True, eq=False)
class Driven:
    """An actor's frames, as driven."""

    pictures: list[NDArray[np.uint8]]
    cuts: NDArray[np.bool_]
    beyond: Array


def driven(trial: Trial, take: Clip, count: int, start: int = 0) -> Driven:
    """The trial's last frames with the head of `count` frames of a take."""
    rows = np.resize(np.arange(len(trial.track.frames)), count)
    motion = DriverMotion.of(take.track())
    moves = [motion.moves[n] for n in range(start, start + count)]
    track = _repeated(trial.track, rows)
    own = path_of(trial.motion)[rows]
    neutral, rotation = _neutral(trial)
    fronts = np.stack([moved_front(neutral, move) for move in moves if move is not None])
    turns = np.stack([np.asarray(m.turn, np.float64) for m in moves if m is not None])
    vectors = to_vectors(turns) * TURN
    shift = np.stack([np.asarray(m.shift, np.float64) for m in moves if m is not None])
    size = np.array([m.size for m in moves if m is not None])
    path = HeadPath(
        to_matrices(vectors) @ rotation,
        own.rest_shift + MOVE * shift * own.rest_scale[:, None],
        own.rest_scale * np.exp(MOVE * size),
        own.rest_shift, own.rest_scale,
    )  # fmt: skip
    placed = path.scale[:, None, None] * np.einsum("tij,tnj->tni", path.rotation, fronts)
    placed[..., :2] += path.shift[:, None]
    wanted = Wanted(np.asarray(placed, np.float32), track.landmarks, path, own)
    made = prepare_driven(
        trial.actor, trial.head, trial.plate, track, wanted, np.ones(count, np.float32),
        plate_name=trial.plate_name, sources=Sources(own=False),
    )  # fmt: skip
    pictures = []
    for t, row in enumerate(rows):
        source = trial.clip.frame(trial.numbers[row])
        frame = replace(source, number=t)
        (patch,) = made([frame])
        done = composite(frame, [patch] if patch is not None else []).frame
        pictures.append(np.stack(done.planes, axis=-1))
    beyond = trial.head.beyond(path.turn)
    return Driven(pictures, made.cuts, np.asarray(beyond))


def figures(trial: Trial, take: Clip, result: Driven, start: int = 0) -> Mapping[str, float]:
    """Correlations with the take, identity distance, cuts."""
    count = len(result.pictures)
    span = trial.track.frames
    frames = [rgb_frame(np.ascontiguousarray(p), n) for n, p in enumerate(result.pictures)]
    whole = type(span)(0, count, span.rate)
    tracks = FaceTracker()(iter(frames), whole, shot="driven", progress=silent)
    track = max(tracks, key=lambda t: len(t.frames))
    rows = np.arange(track.frames.start, track.frames.stop)
    theirs = _measures(take.track())[start + rows]
    ours = _measures(track)
    found: dict[str, float] = {}
    for n, name in enumerate(MEASURES):
        found[name] = float(np.corrcoef(ours[:, n], theirs[:, n])[0, 1])
    found["identity"], found["own identity"] = _identity(trial, frames, track)
    found["cuts"] = 100 * float(result.cuts.mean())
    found["beyond"] = float(result.beyond.max())
    return found


def _measures(track: FaceTrack) -> Values:
    """(T, 6) the MEASURES of a track."""
    faces = np.asarray(frontal(track), np.float64)
    turn = to_vectors(head_pose(track).rotation)
    brows = -faces[:, np.concatenate([LEFT_BROW, RIGHT_BROW]), 1].mean(axis=1)
    smile = np.linalg.norm(faces[:, LEFT_CORNER] - faces[:, RIGHT_CORNER], axis=1)
    gaze = gaze_of(np.asarray(faces, np.float32))[:, [0, 2]].mean(axis=1)
    lids = lid_roots(faces).mean(axis=1)
    return np.stack([turn[:, 0], turn[:, 1], lids, brows, gaze, smile], axis=1)


def _identity(trial: Trial, frames: list[Any], track: FaceTrack) -> tuple[float, float]:
    """Mean distance of descriptors: driven to own frames, and own frames to each other."""
    bank = trial.bank.track(0, trial.learnt)
    some = np.linspace(0, trial.learnt - 1, 12).astype(int)
    own = describe_chips(
        np.stack([face_chip(trial.bank.frame(int(n)), bank.landmarks[n]) for n in some])
    )
    rows = np.linspace(0, len(track.frames) - 1, 8).astype(int)
    made = describe_chips(
        np.stack([face_chip(frames[track.frames.start + n], track.landmarks[n]) for n in rows])
    )
    apart = [float(np.linalg.norm(a - b)) for a in made for b in own]
    among = [float(np.linalg.norm(a - b)) for n, a in enumerate(own) for b in own[:n]]
    return float(np.mean(apart)), float(np.mean(among))


def _neutral(trial: Trial) -> tuple[Values, Values]:
    """The actor's calm face (478, 3) seen from the front, and its head's rotation."""
    track = trial.bank.track(0, trial.learnt)
    basis = trial.actor.model
    pose = align_robustly(track.landmarks, basis.rest, np.asarray(basis.skull, np.float64))
    faces = pose.remove(track.landmarks)
    strain = np.sqrt(((faces - basis.rest)[..., :2] ** 2).sum(axis=-1).mean(axis=1))
    turn = to_vectors(pose.rotation)
    strain = strain + 0.3 * np.abs(turn - np.median(turn, axis=0)).sum(axis=1)
    calm = np.argsort(strain)[:CALM]
    return faces[calm].mean(axis=0), pose.rotation[calm[0]]


def _repeated(track: FaceTrack, rows: NDArray[np.intp]) -> FaceTrack:
    span = type(track.frames)(0, len(rows), track.frames.rate)
    return FaceTrack(
        1, span, track.landmarks[rows], track.blendshapes[rows], track.confidence[rows],
        track.appearance,
    )  # fmt: skip
