"""Actors driven by other people's takes: does the head do what the take does, and who is it?

The plate holds still (one calm held-out frame, again and again), so all that moves is the take's.
What is measured at each stage tells where movement is lost: in the take, in the landmarks that are
wanted of the actor, and in the picture as the tracker reads it.  How well that reads at all is told
by the take itself, mirrored: the same movement, another picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.clips import Clip
from benchmarks.heads.trial import Trial
from benchmarks.heads.window import in_window
from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack, Performance
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.steps import TakeCue
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.clean_plate.clean_plate import CleanPlate
from dubsync.engine.compositing.composite import composite
from dubsync.engine.drive.performance import added_by_take
from dubsync.engine.geometry.mesh import LEFT_BROW, LEFT_CORNER, RIGHT_BROW, RIGHT_CORNER
from dubsync.engine.geometry.pose import to_vectors
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.pose_features import lid_roots
from dubsync.engine.head_draw.prepare_head import Sources, prepare_head
from dubsync.engine.motion.fit import fit, frontal, gaze_of, head_pose
from dubsync.engine.motion.motion_range import motion_range_of
from dubsync.engine.motion.retarget import retarget
from dubsync.engine.motion.turn import neck_of
from dubsync.engine.take.drive import drive_take
from dubsync.engine.track.face_descriptor import face_chip
from dubsync.engine.track.face_network import describe_chips
from dubsync.engine.track.tracker import FaceTracker

Values = NDArray[Any]

MEASURES = ("pitch", "yaw", "lids", "brows", "gaze", "smile")
PITCH, YAW, LIDS, BROWS, GAZE, SMILE = range(len(MEASURES))
#: The plate that holds still is numbered from here on.
FIRST = 1_000_000
#: A gaze is read only while the lids are open this much, as a share of what is usual in the take.
OPEN = 0.85
#: Frames a second of the clips.
RATE = 25


@dataclass(frozen=True, slots=True, eq=False)
class Driven:
    """An actor's frames, as driven.

    pictures  of T frames
    wanted    (T, 478, 3) landmarks that were to be drawn
    cuts      (3, T) whether the exemplar of head, mouth and eyes changes
    beyond    (T,) degrees beyond the nearest key frame
    """

    pictures: list[NDArray[np.uint8]]
    wanted: Array
    cuts: NDArray[np.bool_]
    beyond: Array


def driven(trial: Trial, take: Clip, count: int, window: int = 1) -> Driven:
    """A calm frame of the trial, held, with the head of the first frames of a take.

    Args:
        count: frames at most.
        window: frames of wanted motion by which exemplars are chosen.
    """
    count = min(count, len(take))
    made = _renderer(trial, take, count)
    if window > 1:
        made = in_window(made, trial, window)
    plan = made.plan
    still = _held(trial)
    pictures = []
    for n in range(count):
        frame = Frame(FIRST + n, still.planes, still.format)
        (patch,) = made([frame])
        done = composite(frame, [patch] if patch is not None else []).frame
        pictures.append(np.stack(done.planes, axis=-1))
    cuts = np.stack([chosen.cut for chosen in (plan.head, plan.mouth, plan.eyes)])
    turns = plan.rests.turn
    return Driven(pictures, plan.landmarks, cuts, np.asarray(trial.head.beyond(turns)))


def _renderer(trial: Trial, take: Clip, count: int) -> HeadRenderer:
    """Draws the held plate as `tweak --set region=head head=1 brows=1 blinks=1 gaze=1` has it."""
    basis, row = trial.actor.model, _calm(trial)
    span = FrameRange(FIRST, FIRST + count, trial.track.frames.rate)
    rows = np.full(count, row)
    own = trial.track
    track = FaceTrack(
        1, span, own.landmarks[rows], own.blendshapes[rows], own.confidence[rows], own.appearance
    )
    original = fit(track, basis)
    tweak = Tweak().chosen("region", "head")
    for name in ("brows", "blinks", "gaze", "head"):
        tweak = tweak.held(name, 1.0)
    times = np.arange(count) / RATE
    cue = TakeCue(take.track(0, count), times, (0.0, count / RATE))
    bank = fit(trial.bank.track(0, trial.learnt), basis)
    taken = drive_take(cue, times, basis, motion_range_of(basis, [bank.mouth]))
    everywhere = np.ones(count, np.float32)
    wanted = Performance(
        "take", basis.digest, span, np.asarray(taken.mouth, np.float32), everywhere,
        neck=np.asarray(neck_of(basis.rest), np.float32),
        **added_by_take(taken.upper_face, original, tweak),
    )  # fmt: skip
    return prepare_head(
        trial.actor, trial.head, _held_plate(trial.plate, trial.numbers[row], count), track,
        original, retarget(original, wanted, tweak), everywhere, plate_name=trial.plate_name,
        sources=Sources(own=False),
    )  # fmt: skip


def _calm(trial: Trial) -> int:
    """The row of the held-out frame that is most at rest."""
    motion = trial.motion
    apart = [np.abs(motion.mouth).mean(axis=1) / np.abs(motion.mouth).mean()]
    apart.append(np.abs(motion.upper).mean(axis=1) / np.abs(motion.upper).mean())
    turns = motion.head[:, :3] - np.median(motion.head[:, :3], axis=0)
    apart.append(np.linalg.norm(turns, axis=1) / 0.1)
    return int(np.argmin(np.sum(apart, axis=0)))


def _held(trial: Trial) -> Frame:
    return trial.clip.frame(trial.numbers[_calm(trial)])


def _held_plate(plate: CleanPlate, number: int, count: int) -> CleanPlate:
    """The plate, which knows frames from FIRST on as well: all of them as frame `number`."""
    row = plate.numbers.index(number)
    canvas = plate.canvas
    more = np.full(count, row)
    held = replace(
        canvas,
        places=np.concatenate([canvas.places, canvas.places[more]]),
        slack=np.concatenate([canvas.slack, canvas.slack[more]]),
    )
    return replace(
        plate,
        numbers=(*plate.numbers, *range(FIRST, FIRST + count)),
        canvas=held,
        camera=(*plate.camera, *(plate.camera[row],) * count),
        lights=(*plate.lights, *(plate.lights[row],) * count),
    )


def figures(trial: Trial, take: Clip, result: Driven) -> Mapping[str, float]:
    """Correlations with the take, identity distance, cuts, and how the picture moves."""
    frames = [rgb_frame(np.ascontiguousarray(p), n) for n, p in enumerate(result.pictures)]
    track = tracked(frames)
    rows = np.arange(track.frames.start, track.frames.stop)
    truth = take.track(0, len(frames))
    theirs = measures(truth)
    wanted = replace(truth, landmarks=np.asarray(result.wanted, np.float32))
    found = alike(measures(track), theirs[rows])
    stage = alike(measures(wanted), theirs)
    found |= {f"wanted {name}": value for name, value in stage.items()}
    found["identity"], found["own identity"] = _identity(trial, frames, track)
    for name, cut in zip(("cuts", "mouth cuts", "eye cuts"), result.cuts, strict=True):
        found[name] = 100 * float(cut.mean())
    found["beyond"] = float(result.beyond.max())
    found["shake"] = shake(result.pictures, result.wanted)
    own = trial.clip.frames[trial.numbers[0] : trial.numbers[-1] + 1]
    found["own shake"] = shake(list(own), trial.track.landmarks)
    return found


def floor(take: Clip, count: int) -> Mapping[str, float]:
    """Correlations of a take with itself, mirrored: what the tracker's own reading leaves."""
    count = min(count, len(take))
    frames = [rgb_frame(np.ascontiguousarray(take.frames[n][:, ::-1]), n) for n in range(count)]
    track = tracked(frames)
    rows = np.arange(track.frames.start, track.frames.stop)
    mirrored = measures(track)
    mirrored[:, [YAW, GAZE]] *= -1
    return alike(mirrored, measures(take.track(0, count))[rows])


def tracked(frames: Sequence[Frame]) -> FaceTrack:
    """The longest track of frames numbered from 0."""
    whole = FrameRange(0, len(frames), Fraction(RATE))
    tracks = FaceTracker()(iter(frames), whole, shot="driven", progress=silent)
    return max(tracks, key=lambda t: len(t.frames))


def alike(ours: Values, theirs: Values) -> dict[str, float]:
    """Correlation of each of MEASURES; of gaze, where the lids are open."""
    seen = theirs[:, LIDS] > OPEN * np.median(theirs[:, LIDS])
    every = np.ones(len(theirs), bool)
    result = {}
    for n, name in enumerate(MEASURES):
        use = seen if n == GAZE else every
        result[name] = float(np.corrcoef(ours[use, n], theirs[use, n])[0, 1])
    return result


def measures(track: FaceTrack) -> Values:
    """(T, 6) the MEASURES of a track."""
    faces = np.asarray(frontal(track), np.float64)
    turn = to_vectors(head_pose(track).rotation)
    brows = -faces[:, np.concatenate([LEFT_BROW, RIGHT_BROW]), 1].mean(axis=1)
    smile = np.linalg.norm(faces[:, LEFT_CORNER] - faces[:, RIGHT_CORNER], axis=1)
    gaze = gaze_of(np.asarray(faces, np.float32))[:, [0, 2]].mean(axis=1)
    lids = lid_roots(faces).mean(axis=1)
    return np.stack([turn[:, 0], turn[:, 1], lids, brows, gaze, smile], axis=1)


def shake(pictures: Sequence[NDArray[np.uint8]], landmarks: Array) -> float:
    """Mean size of the pictures' second difference round the face, levels of 255."""
    low = np.floor(landmarks[..., :2].min(axis=(0, 1))).astype(int)
    high = np.ceil(landmarks[..., :2].max(axis=(0, 1))).astype(int)
    box = slice(max(low[1], 0), high[1]), slice(max(low[0], 0), high[0])
    parts = [np.asarray(picture[box], np.float32) for picture in pictures]
    bent = [
        np.abs(a - 2 * b + c).mean() for a, b, c in zip(parts, parts[1:], parts[2:], strict=False)
    ]
    return float(np.mean(bent))


def _identity(trial: Trial, frames: list[Frame], track: FaceTrack) -> tuple[float, float]:
    """Mean distance of descriptors: driven to own frames, and own frames to each other."""
    bank = trial.bank.track(0, trial.learnt)
    some = np.linspace(0, trial.learnt - 1, 12).astype(int)
    own = describe_chips(
        np.stack([face_chip(trial.bank.frame(int(n)), bank.landmarks[n]) for n in some])
    )
    rows = np.linspace(0, len(track.frames) - 1, 12).astype(int)
    made = describe_chips(
        np.stack([face_chip(frames[track.frames.start + n], track.landmarks[n]) for n in rows])
    )
    apart = [float(np.linalg.norm(a - b)) for a in made for b in own]
    among = [float(np.linalg.norm(a - b)) for n, a in enumerate(own) for b in own[:n]]
    return float(np.mean(apart)), float(np.mean(among))
