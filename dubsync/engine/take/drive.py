"""A filmed take's mouth as this actor would do it.

What the voice actor does, as offsets from their own closed and silent face, is scaled channel by
channel into the actor's own range; the finer shape of the movement goes with it; what comes out
is a mouth the actor could make, closed where the take's lips are closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import minimum_filter1d

from dubsync.core.arrays import Array
from dubsync.core.steps import Seconds, TakeCue, frame_seconds
from dubsync.engine.motion.basis import Basis, coefficients, learn_basis, lip_metric
from dubsync.engine.motion.fit import CHANNELS, Channels, channels, frontal, standing
from dubsync.engine.motion.motion_range import (
    JAW,
    OPENING,
    MotionRange,
    held_back,
    mouth_with,
    opened,
    sigmas,
)
from dubsync.engine.take.quality import WRONG, trust
from dubsync.engine.take.upper_face import Beyond, beyond_mouth

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: How far ranges are matched: 0 keeps the take's own amounts, 1 maps range on range.  A take is
#: short: a calm line does not show how far its speaker could go.
MATCHED = 0.5
LEAST_GAIN, MOST_GAIN = 0.55, 1.8
#: Channels follow one to one up to this share of the actor's own way, then bend, and never leave
#: the actor's range by more than this share of it.
FREE, BEYOND = 0.85, 0.08
#: Inner lips nearer than this touch, model units (0.004 is about a pixel of a 250 px face).
TOUCH, APART = 0.012, 0.024
#: Lips that touch may read as this much apart in a take; its least opening tells how much.
MOST_MISREAD = 0.02
SLACK = {"opening": 0.002, "jaw": 0.004, "width": 0.006, "protrusion": 0.02, "corners": 0.02,
         "upper_lip": 0.012, "lower_lip": 0.012}  # fmt: skip
#: Model units that channels may stay off when a mouth is brought back into the actor's range.
BOX_SLACK, BOX_ROUNDS = [0.002] * len(CHANNELS), 3
#: Of the actor's covariance, in the fit of the finer shape: model units of landmark noise.
SHAPE_NOISE = 0.02
#: Unusual enough to be a tracker's slip rather than a performance.
WILD_SIGMAS = 9.0
#: Frames round an unseen one that are not trusted either.
UNSURE_FRAMES = 1


@dataclass(frozen=True, slots=True, eq=False)
class TakeMouth:
    """What a take asks for on the frames of a plate.

    mouth   (T, M)  coefficients in the target's basis
    sure    (T,)    whether the take shows this instant, and sensibly
    trust   (T, 5)  how far it may be trusted, see `take_quality.trust`; 0 where it shows nothing
    beyond  what the take does beyond the mouth
    """

    mouth: Values
    sure: Flags
    trust: Values
    beyond: Beyond


def drive_take(cue: TakeCue, times: Seconds, basis: Basis, actor: MotionRange) -> TakeMouth:
    """The take's mouth in the actor's own way, at `times` (T,) on the dub's clock.

    Args:
        cue: the tracked take, each of its frames laid on the dub's clock.
        times: when each frame to drive is shown; the take's rate may be another.
        basis: the target actor's linear model.
        actor: how far the target goes.

    Source: ours; offsets from neutral as in Averbuch-Elor 2017, "Bringing Portraits to Life",
    ranges per channel as in peers.md E3.
    """
    seen = np.asarray(cue.track.confidence) > 0
    if seen.sum() < 2:
        return nothing(len(times), basis)
    own = learn_basis([cue.track])
    pose = standing(cue.track, own)
    faces = np.asarray(pose.remove(cue.track.landmarks), np.float32)
    offsets = _offsets(faces, own, seen)
    wanted = in_range(offsets, seen, actor)
    wanted[:, OPENING] = contact(offsets[:, OPENING], wanted[:, OPENING])
    gain = _overall_gain(offsets, wanted, seen)
    near = _shape(np.asarray(faces - own.rest, np.float64) * gain, basis, actor)
    mouth = mouth_with(wanted, near, actor, [SLACK[name] for name in CHANNELS])
    sane = sigmas(mouth, actor) < WILD_SIGMAS
    mouth = _in_box(held_back(mouth, actor), actor)
    mouth = _closed(mouth, wanted, actor)
    sure = minimum_filter1d((seen & sane).astype(np.uint8), 2 * UNSURE_FRAMES + 1) > 0
    beyond = beyond_mouth(cue, faces, pose, own, basis)
    result = TakeMouth(mouth, sure, trust(cue, faces, pose), beyond)
    return _resampled(result, wanted[:, OPENING] <= 0, np.asarray(cue.times), times, actor, basis)


def in_range(offsets: Values, seen: Flags, actor: MotionRange) -> Values:
    """The take's channels (T, 7), offsets from its own neutral, in the actor's own range.

    Each channel is scaled by the two ranges' ratio to the power MATCHED, less where the take goes
    farther than the actor does on that side of rest, and bent softly at the end of the actor's
    range.  Rest stays rest; order is kept.
    """
    low, high = np.asarray(actor.low, np.float64), np.asarray(actor.high, np.float64)
    least, most = np.quantile(offsets[seen], [0.02, 0.98], axis=0)
    room = BEYOND * (high - low)
    above, below = np.maximum(high, 0), np.maximum(-low, 0)
    gain = _gain(high - np.minimum(low, 0), most - np.minimum(least, 0))
    # A take that goes far beyond the actor keeps its shape: it is made smaller, not cut off.
    up = offsets * np.minimum(gain, (above + room) / np.maximum(most, 1e-4))
    down = -offsets * np.minimum(gain, (below + room) / np.maximum(-least, 1e-4))
    return np.where(offsets > 0, _bent(up, above, room), -_bent(down, below, room))


def contact(offset: Values, wanted: Values) -> Values:
    """Openings (T,) with lips that touch in the take set to 0, and eased apart above that."""
    share = np.clip((offset - TOUCH) / (APART - TOUCH), 0, 1)
    return np.asarray(np.maximum(wanted, 0) * share * share * (3 - 2 * share), np.float64)


def _gain(ours: Values, theirs: Values) -> Values:
    """(7,) how much the take's ranges are stretched into the actor's."""
    ratio = np.maximum(ours, 1e-4) / np.maximum(theirs, 1e-4)
    return np.clip(ratio**MATCHED, LEAST_GAIN, MOST_GAIN)


def _bent(values: Values, reach_to: Values, beyond: Values) -> Values:
    """Values up to FREE of `reach_to` as they are, then bending towards `beyond` more than it."""
    free = FREE * reach_to
    room = reach_to - free + beyond
    over = np.maximum(values - free, 0)
    return np.asarray(np.minimum(values, free) + room * (1 - np.exp(-over / room)), np.float64)


def _overall_gain(offsets: Values, wanted: Values, seen: Flags) -> float:
    """How much smaller or larger the movement becomes as a whole: jaw and opening together."""
    parts = [OPENING, JAW]
    before, after = offsets[seen][:, parts].std(axis=0), wanted[seen][:, parts].std(axis=0)
    return float(np.clip(np.median(after / np.maximum(before, 1e-4)), LEAST_GAIN, MOST_GAIN))


def _shape(apart: Values, basis: Basis, actor: MotionRange) -> Values:
    """Coefficients (T, M) of the take's own movement, kept to what the actor does together."""
    share = np.asarray(basis.share, np.float64)[:, None]
    free = coefficients(apart * share, basis.mouth_moves, lip_metric())
    weight = np.sqrt(lip_metric())[:, None]
    columns = (np.asarray(basis.mouth_moves, np.float64) * weight).reshape(len(free.T), -1)
    normal = columns @ columns.T / SHAPE_NOISE**2 / columns.shape[1] * 30
    spread = np.asarray(actor.covariance, np.float64) + np.outer(actor.usual, actor.usual)
    spread += 1e-8 * np.eye(len(spread))
    shrink = np.linalg.solve(normal + np.linalg.inv(spread), normal)
    return np.asarray(free @ shrink.T, np.float64)


def _in_box(mouth: Values, actor: MotionRange) -> Values:
    """Mouths of which no channel leaves the actor's range by more than BEYOND of it."""
    low, high = np.asarray(actor.low, np.float64), np.asarray(actor.high, np.float64)
    room = BEYOND * (high - low)
    for _ in range(BOX_ROUNDS):
        result = actor.channels(mouth)
        allowed = np.clip(result, low - room, high + room)
        outside = (allowed != result).any(axis=1)
        if not outside.any():
            break
        mouth = mouth.copy()
        mouth[outside] = mouth_with(allowed[outside], mouth[outside], actor, BOX_SLACK)
    return mouth


def _closed(mouth: Values, wanted: Values, actor: MotionRange) -> Values:
    """Lips put back where they were wanted, closed or open, after the mouth was held back."""
    shut = wanted[:, OPENING] <= 0
    crossing = actor.channels(mouth)[:, OPENING] < 0
    fixed = opened(mouth, 0.0, actor, slack=2e-4)
    return np.asarray(np.where((shut | crossing)[:, None], fixed, mouth), np.float64)


def _resampled(
    result: TakeMouth,
    shut: Flags,
    spoken_at: Seconds,
    times: Seconds,
    actor: MotionRange,
    basis: Basis,
) -> TakeMouth:
    """The take at `times`; a closure that falls between two plate frames is not lost."""
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(spoken_at)) > 1e-6])
    rising[1:] &= spoken_at[1:] > np.maximum.accumulate(spoken_at)[:-1]
    at, shut, sure = spoken_at[rising], shut[rising], result.sure[rising]
    if len(at) < 2:
        return nothing(len(times), basis)
    curve = PchipInterpolator(at, result.mouth[rising], axis=0)(np.clip(times, at[0], at[-1]))
    nearest = np.clip(np.searchsorted(at, times), 1, len(at) - 1)
    nearest -= times - at[nearest - 1] < at[nearest] - times
    frame_s = min(max(frame_seconds(times), float(np.median(np.diff(at)))), 0.1)
    inside = (times >= at[0] - frame_s) & (times <= at[-1] + frame_s)
    closed = _caught(at[shut], times, frame_s)
    curve = np.where(closed[:, None], opened(curve, 0.0, actor, slack=2e-4), curve)
    shown = inside & (np.abs(at[nearest] - times) < 1.5 * frame_s)
    beyond = [np.interp(times, at, column) for column in result.beyond.stacked()[rising].T]
    return TakeMouth(
        np.asarray(curve, np.float64),
        shown & sure[nearest],
        np.where(shown[:, None], result.trust[rising][nearest], 0),
        Beyond.from_stacked(np.stack(beyond, axis=1)),
    )


def nothing(frames: int, basis: Basis) -> TakeMouth:
    """A take that shows none of `frames`."""
    beyond = Beyond.from_stacked(np.zeros((frames, 2 * len(basis.upper_moves) + 11)))
    mouth = np.zeros((frames, len(basis.mouth_moves)))
    return TakeMouth(mouth, np.zeros(frames, bool), np.zeros((frames, len(WRONG))), beyond)


def _caught(shut_at: Seconds, times: Seconds, frame_s: float) -> Flags:
    """Which of `times` is the nearest to an instant at which the lips were shut."""
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
    """The take's own channels, offsets from its neutral: what a re-tracked result is held to."""
    own = learn_basis([cue.track])
    seen = np.asarray(cue.track.confidence) > 0
    offsets = _offsets(frontal(cue.track, own), own, seen)
    return Channels(*np.asarray(offsets, np.float32).T)


def _offsets(faces: Array, own: Basis, seen: Flags) -> Values:
    """(T, 7) channels as differences from the take's own rest, shut lips at 0."""
    apart = channels(faces).stacked() - channels(own.rest[None]).stacked()
    offsets: Values = np.asarray(apart, np.float64)
    least = np.quantile(offsets[seen, OPENING], 0.02) if seen.any() else 0.0
    offsets[:, OPENING] -= np.clip(least, 0, MOST_MISREAD)
    return offsets
