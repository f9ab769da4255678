"""Actors driven by other people's takes: does the head do what the take does, and who is it?

The plate holds still (one calm frame, again and again), so all that moves is the take's.
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
from dubsync.engine.head_draw.choose.pose_features import lid_roots
from dubsync.engine.head_draw.head_renderer import HeadRenderer
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
#: What the tracker errs by, standard deviations, on a take and its mirror image; frames between the
#: stretches of a take that are compared.
ERRS = np.array([0.008, 0.006, 0.007, 0.005, 0.013, 0.017])
STEP = 8
#: Frames a second of the clips.
RATE = 25


@dataclass(frozen=True, slots=True, eq=False)
class Driven:
    """An actor's frames, as driven.

    first     of the take's frames
    pictures  of T frames
    wanted    (T, 478, 3) landmarks that were to be drawn
    cuts      (4, T) whether the exemplar of head, mouth, right and left eye changes
    beyond    (T,) degrees beyond the nearest key frame
    """

    first: int
    pictures: list[NDArray[np.uint8]]
    wanted: Array
    cuts: NDArray[np.bool_]
    beyond: Array


def driven(trial: Trial, take: Clip, count: int, window: int = 1) -> Driven:
    """A calm frame of the clip, held, with the head of the liveliest frames of a take.

    Args:
        count: frames at most.
        window: frames of wanted motion by which exemplars are chosen.
    """
    part = liveliest(take, count)
    made = _renderer(trial, take, part)
    if window > 1:
        made = in_window(made, trial, window)
    plan = made.plan
    still = _held(trial)
    pictures = []
    for n in range(len(part)):
        frame = Frame(FIRST + n, still.planes, still.format)
        (patch,) = made([frame])
        done = composite(frame, [patch] if patch is not None else []).frame
        pictures.append(np.stack(done.planes, axis=-1))
    cuts = np.stack([chosen.cut for chosen in (plan.head, plan.mouth, *plan.eyes)])
    turns = plan.rests.turn
    beyond = np.asarray(trial.head.beyond(turns))
    return Driven(part.start, pictures, plan.landmarks, cuts, beyond)


def liveliest(take: Clip, count: int) -> range:
    """The frames of a take in which the measure that moves least, moves most.

    A measure that hardly moves says nothing of whether it is followed.
    """
    if len(take) <= count:
        return range(len(take))
    values = measures(take.track())
    starts = range(0, len(take) - count, STEP)
    moves = [(values[n : n + count].std(axis=0) / ERRS).min() for n in starts]
    first = starts[int(np.argmax(moves))]
    return range(first, first + count)


def _renderer(trial: Trial, take: Clip, part: range) -> HeadRenderer:
    """Draws the held plate as `tweak --set region=head head=1 brows=1 blinks=1 gaze=1` has it."""
    count, basis, number = len(part), trial.actor.model, _calm(trial)
    span = FrameRange(FIRST, FIRST + count, trial.track.frames.rate)
    rows = np.full(count, number)
    clip = trial.clip
    track = FaceTrack(
        1, span, clip.landmarks[rows], clip.blendshapes[rows], clip.confidence[rows],
        trial.track.appearance,
    )  # fmt: skip
    original = fit(track, basis)
    tweak = Tweak().chosen("region", "head")
    for name in ("brows", "blinks", "gaze", "head"):
        tweak = tweak.held(name, 1.0)
    times = np.arange(part.start, part.stop) / RATE
    cue = TakeCue(take.track(), np.arange(len(take)) / RATE, (0.0, len(take) / RATE))
    bank = fit(trial.bank.track(0, trial.learnt), basis)
    taken = drive_take(cue, times, basis, motion_range_of(basis, [bank.mouth]))
    everywhere = np.ones(count, np.float32)
    wanted = Performance(
        "take", basis.digest, span, np.asarray(taken.mouth, np.float32), everywhere,
        neck=np.asarray(neck_of(basis.rest), np.float32),
        **added_by_take(taken.upper_face, original, tweak),
    )  # fmt: skip
    return prepare_head(
        trial.actor, trial.head, _held_plate(trial.plate, number, count), track,
        original, retarget(original, wanted, tweak), everywhere, plate_name=trial.plate_name,
        sources=Sources(own=False),
    )  # fmt: skip


def _calm(trial: Trial) -> int:
    """The frame that is most at rest, of those whose background is known."""
    numbers = np.array(trial.plate.numbers)
    motion = fit(trial.clip.track(), trial.actor.model)
    apart = [np.abs(part).mean(axis=1) for part in (motion.mouth, motion.upper)]
    turns = motion.head[:, :3] - np.median(motion.head[:, :3], axis=0)
    apart.append(np.linalg.norm(turns, axis=1))
    total = np.sum([one / one.mean() for one in apart], axis=0)
    return int(numbers[np.argmin(total[numbers])])


def _held(trial: Trial) -> Frame:
    return trial.clip.frame(_calm(trial))


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
    truth = take.track(result.first, result.first + len(frames))
    theirs = measures(truth)
    wanted = replace(truth, landmarks=np.asarray(result.wanted, np.float32))
    found = alike(measures(track), theirs[rows])
    stage = alike(measures(wanted), theirs)
    found |= {f"wanted {name}": value for name, value in stage.items()}
    found["identity"], found["own identity"] = _identity(trial, frames, track)
    parts = (("cuts", [0]), ("mouth cuts", [1]), ("eye cuts", [2, 3]))
    found |= {name: 100 * float(result.cuts[which].mean()) for name, which in parts}
    found["beyond"] = float(result.beyond.max())
    found["shake"] = shake(result.pictures, result.wanted)
    own = trial.clip.frames[trial.numbers[0] : trial.numbers[-1] + 1]
    found["own shake"] = shake(list(own), trial.track.landmarks)
    return found


def floor(take: Clip, count: int) -> Mapping[str, float]:
    """Correlations of a take with itself, mirrored: what the tracker's own reading leaves."""
    part = liveliest(take, count)
    mirror = np.ascontiguousarray(take.frames[part.start : part.stop, :, ::-1])
    track = tracked([rgb_frame(picture, n) for n, picture in enumerate(mirror)])
    rows = np.arange(track.frames.start, track.frames.stop)
    mirrored = measures(track)
    mirrored[:, [YAW, GAZE]] *= -1
    return alike(mirrored, measures(take.track(part.start, part.stop))[rows])


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
