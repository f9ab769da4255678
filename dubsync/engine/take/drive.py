"""A filmed take's mouth transferred to the actor.

The voice actor's offsets from their own closed, silent face are scaled channel by channel into the
actor's own range; the finer shape of the movement goes with it.  The result is a mouth this actor
could make, closed where the take's lips are closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import minimum_filter1d

from dubsync.core.arrays import Array
from dubsync.core.steps import Seconds, TakeCue, frame_seconds
from dubsync.core.tweak.take_lane import FAULTS
from dubsync.engine.motion.basis import Basis, coefficients, learn_basis, lip_metric
from dubsync.engine.motion.fit import CHANNELS, Channels, channels, frontal, head_pose
from dubsync.engine.motion.motion_range import (
    JAW,
    OPENING,
    MotionRange,
    limit_to_range,
    mouth_for_channels,
    sigmas,
    with_opening,
)
from dubsync.engine.take.quality import trust
from dubsync.engine.take.upper_face import UpperFaceMotion, take_upper_face

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: How far ranges are matched: 0 keeps the take's own amplitudes, 1 maps range to range.  A take is
#: short: a calm line does not show its speaker's full range.
MATCHING = 0.5
LEAST_GAIN, MOST_GAIN = 0.55, 1.8
#: Channels are linear up to the first fraction of the actor's range, then compressed, and never
#: leave the range by more than the second.
FREE, BEYOND = 0.85, 0.08
#: Inner lips closer than the first touch, model units (0.004 is about a pixel of a 250 px face);
#: from the second on they are apart.
TOUCH, APART = 0.012, 0.024
#: Touching lips may be measured up to this far apart in a take; its least opening is subtracted.
MOST_MISREAD = 0.02
SLACK = {"opening": 0.002, "jaw": 0.004, "width": 0.006, "protrusion": 0.02, "corners": 0.02,
         "upper_lip": 0.012, "lower_lip": 0.012}  # fmt: skip
#: Tolerance, model units, and iterations when a mouth is brought back into the actor's range.
BOX_SLACK, BOX_ROUNDS = [0.002] * len(CHANNELS), 3
#: Landmark noise assumed in the fit of the finer shape, model units.
SHAPE_NOISE = 0.02
#: More unusual mouths are tracking errors rather than performance.
WILD_SIGMAS = 9.0
#: Frames next to an unseen one that are not trusted either.
UNSURE_FRAMES = 1


@dataclass(frozen=True, slots=True, eq=False)
class TakeMouth:
    """A take's performance on the frames of a plate.

    mouth       (T, M)  coefficients in the target's basis
    sure        (T,)    whether the take shows this instant, with a plausible mouth
    trust       (T, 5)  see `quality.trust`; 0 where the take shows nothing
    upper_face  what the take does with upper face and head
    """

    mouth: Values
    sure: Flags
    trust: Values
    upper_face: UpperFaceMotion


def drive_take(cue: TakeCue, times: Seconds, basis: Basis, motion_range: MotionRange) -> TakeMouth:
    """The take's mouth transferred to the actor, at `times` (T,) on the dub's clock.

    Args:
        cue: the tracked take, each of its frames timed on the dub's clock.
        times: when each frame to drive is shown; the take's rate may differ.
        basis: the target actor's linear model.
        motion_range: the target actor's.

    Source: ours; offsets from neutral as in Averbuch-Elor 2017, "Bringing Portraits to Life".
    """
    seen = np.asarray(cue.track.confidence) > 0
    if seen.sum() < 2:
        return empty_take(len(times), basis)
    own = learn_basis([cue.track])
    pose = head_pose(cue.track, own)
    faces = np.asarray(pose.remove(cue.track.landmarks), np.float32)
    offsets = _offsets(faces, own, seen)
    wanted = in_range(offsets, seen, motion_range)
    wanted[:, OPENING] = contact(offsets[:, OPENING], wanted[:, OPENING])
    gain = _overall_gain(offsets, wanted, seen)
    near = _shape(np.asarray(faces - own.rest, np.float64) * gain, basis, motion_range)
    mouth = mouth_for_channels(wanted, near, motion_range, [SLACK[name] for name in CHANNELS])
    sane = sigmas(mouth, motion_range) < WILD_SIGMAS
    mouth = _in_box(limit_to_range(mouth, motion_range), motion_range)
    mouth = _closed(mouth, wanted, motion_range)
    sure = minimum_filter1d((seen & sane).astype(np.uint8), 2 * UNSURE_FRAMES + 1) > 0
    upper_face = take_upper_face(cue, faces, pose, own, basis)
    result = TakeMouth(mouth, sure, trust(cue, faces, pose), upper_face)
    return _resampled(
        result, wanted[:, OPENING] <= 0, np.asarray(cue.times), times, motion_range, basis
    )


def in_range(offsets: Values, seen: Flags, motion_range: MotionRange) -> Values:
    """The take's channels (T, 7), offsets from its own neutral, in the actor's own range.

    Each channel is scaled by the two ranges' ratio to the power MATCHING, less where the take goes
    farther than the actor does on that side of rest, and softly limited at the end of the actor's
    range.  Rest stays rest; order is kept.
    """
    low, high = np.asarray(motion_range.low, np.float64), np.asarray(motion_range.high, np.float64)
    least, most = np.quantile(offsets[seen], [0.02, 0.98], axis=0)
    room = BEYOND * (high - low)
    above, below = np.maximum(high, 0), np.maximum(-low, 0)
    gain = _gain(high - np.minimum(low, 0), most - np.minimum(least, 0))
    # A take that goes far beyond the actor keeps its shape: it is scaled, not clipped.
    up = offsets * np.minimum(gain, (above + room) / np.maximum(most, 1e-4))
    down = -offsets * np.minimum(gain, (below + room) / np.maximum(-least, 1e-4))
    return np.where(offsets > 0, _bent(up, above, room), -_bent(down, below, room))


def contact(offset: Values, wanted: Values) -> Values:
    """Openings (T,) set to 0 where the take's lips touch, with a smooth transition above that."""
    share = np.clip((offset - TOUCH) / (APART - TOUCH), 0, 1)
    return np.asarray(np.maximum(wanted, 0) * share * share * (3 - 2 * share), np.float64)


def _gain(ours: Values, theirs: Values) -> Values:
    """(7,) scale from the take's ranges to the actor's."""
    ratio = np.maximum(ours, 1e-4) / np.maximum(theirs, 1e-4)
    return np.clip(ratio**MATCHING, LEAST_GAIN, MOST_GAIN)


def _bent(values: Values, limit: Values, overshoot: Values) -> Values:
    """Values unchanged up to FREE of `limit`, then compressed towards `overshoot` above it."""
    free = FREE * limit
    room = limit - free + overshoot
    over = np.maximum(values - free, 0)
    return np.asarray(np.minimum(values, free) + room * (1 - np.exp(-over / room)), np.float64)


def _overall_gain(offsets: Values, wanted: Values, seen: Flags) -> float:
    """Overall scale of the movement: median of jaw and opening."""
    parts = [OPENING, JAW]
    before, after = offsets[seen][:, parts].std(axis=0), wanted[seen][:, parts].std(axis=0)
    return float(np.clip(np.median(after / np.maximum(before, 1e-4)), LEAST_GAIN, MOST_GAIN))


def _shape(displacements: Values, basis: Basis, motion_range: MotionRange) -> Values:
    """Coefficients (T, M) of the take's own movement, regularised by the actor's covariance."""
    share = np.asarray(basis.share, np.float64)[:, None]
    free = coefficients(displacements * share, basis.mouth_moves, lip_metric())
    weight = np.sqrt(lip_metric())[:, None]
    columns = (np.asarray(basis.mouth_moves, np.float64) * weight).reshape(len(free.T), -1)
    normal = columns @ columns.T / SHAPE_NOISE**2 / columns.shape[1] * 30
    spread = np.asarray(motion_range.covariance, np.float64) + np.outer(
        motion_range.usual, motion_range.usual
    )
    spread += 1e-8 * np.eye(len(spread))
    shrink = np.linalg.solve(normal + np.linalg.inv(spread), normal)
    return np.asarray(free @ shrink.T, np.float64)


def _in_box(mouth: Values, motion_range: MotionRange) -> Values:
    """Mouths of which no channel leaves the actor's range by more than BEYOND of it."""
    low, high = np.asarray(motion_range.low, np.float64), np.asarray(motion_range.high, np.float64)
    room = BEYOND * (high - low)
    for _ in range(BOX_ROUNDS):
        result = motion_range.channels(mouth)
        allowed = np.clip(result, low - room, high + room)
        outside = (allowed != result).any(axis=1)
        if not outside.any():
            break
        mouth = mouth.copy()
        mouth[outside] = mouth_for_channels(
            allowed[outside], mouth[outside], motion_range, BOX_SLACK
        )
    return mouth


def _closed(mouth: Values, wanted: Values, motion_range: MotionRange) -> Values:
    """Lips closed again where the target is closed, and never crossing, after limiting."""
    shut = wanted[:, OPENING] <= 0
    crossing = motion_range.channels(mouth)[:, OPENING] < 0
    fixed = with_opening(mouth, 0.0, motion_range, slack=2e-4)
    return np.asarray(np.where((shut | crossing)[:, None], fixed, mouth), np.float64)


def _resampled(
    result: TakeMouth,
    shut: Flags,
    spoken_at: Seconds,
    times: Seconds,
    motion_range: MotionRange,
    basis: Basis,
) -> TakeMouth:
    """The take at `times`; a closure that falls between two plate frames is not lost."""
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(spoken_at)) > 1e-6])
    rising[1:] &= spoken_at[1:] > np.maximum.accumulate(spoken_at)[:-1]
    at, shut, sure = spoken_at[rising], shut[rising], result.sure[rising]
    if len(at) < 2:
        return empty_take(len(times), basis)
    curve = PchipInterpolator(at, result.mouth[rising], axis=0)(np.clip(times, at[0], at[-1]))
    nearest = np.clip(np.searchsorted(at, times), 1, len(at) - 1)
    nearest -= times - at[nearest - 1] < at[nearest] - times
    frame_s = min(max(frame_seconds(times), float(np.median(np.diff(at)))), 0.1)
    inside = (times >= at[0] - frame_s) & (times <= at[-1] + frame_s)
    closed = _nearest_frames(at[shut], times, frame_s)
    curve = np.where(closed[:, None], with_opening(curve, 0.0, motion_range, slack=2e-4), curve)
    shown = inside & (np.abs(at[nearest] - times) < 1.5 * frame_s)
    upper_face = [np.interp(times, at, column) for column in result.upper_face.stacked()[rising].T]
    return TakeMouth(
        np.asarray(curve, np.float64),
        shown & sure[nearest],
        np.where(shown[:, None], result.trust[rising][nearest], 0),
        UpperFaceMotion.from_stacked(np.stack(upper_face, axis=1)),
    )


def empty_take(frames: int, basis: Basis) -> TakeMouth:
    """A take that shows none of `frames`."""
    upper_face = UpperFaceMotion.none(frames, basis)
    mouth = np.zeros((frames, len(basis.mouth_moves)))
    return TakeMouth(mouth, np.zeros(frames, bool), np.zeros((frames, len(FAULTS))), upper_face)


def _nearest_frames(shut_at: Seconds, times: Seconds, frame_s: float) -> Flags:
    """(T,) whether the frame is the nearest to an instant at which the lips were closed."""
    caught = np.zeros(len(times), bool)
    order = np.argsort(times)
    rising = times[order]
    for at in shut_at:
        n = int(np.clip(np.searchsorted(rising, at), 1, max(len(rising) - 1, 1)))
        if len(rising) > 1 and at - rising[n - 1] < rising[n] - at:
            n -= 1
        if n < len(rising) and abs(rising[n] - at) <= 0.5 * frame_s + 1e-6:
            caught[order[n]] = True
    return caught


def take_channels(cue: TakeCue) -> Channels:
    """The take's own channels, offsets from its neutral: the reference for a re-tracked result."""
    own = learn_basis([cue.track])
    seen = np.asarray(cue.track.confidence) > 0
    offsets = _offsets(frontal(cue.track, own), own, seen)
    return Channels(*np.asarray(offsets, np.float32).T)


def _offsets(faces: Array, own: Basis, seen: Flags) -> Values:
    """(T, 7) channels as differences from the take's own rest, closed lips at 0."""
    apart = channels(faces).stacked() - channels(own.rest[None]).stacked()
    offsets: Values = np.asarray(apart, np.float64)
    least = np.quantile(offsets[seen, OPENING], 0.02) if seen.any() else 0.0
    offsets[:, OPENING] -= np.clip(least, 0, MOST_MISREAD)
    return offsets
