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
from dubsync.core.steps import Seconds, TakeCue
from dubsync.engine.basis import Basis, coefficients, learn_basis, lip_metric
from dubsync.engine.fit import CHANNELS, Channels, channels, frontal
from dubsync.engine.reach import JAW, OPENING, Reach, held_back, mouth_with, sigmas

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: How far ranges are matched: 0 keeps the take's own amounts, 1 maps range on range.  A take is
#: short: a calm line does not show how far its speaker could go.
MATCHED = 0.5
LEAST_GAIN, MOST_GAIN = 0.55, 1.8
#: Channels follow one to one up to this share of the actor's range, then bend, and never pass
#: BEYOND times it.  A chin can be bent further than lips that no exemplar shows so wide.
FREE, BEYOND = 0.85, 1.35
CHIN_BEYOND = 1.8
#: Inner lips nearer than this touch, model units (0.004 is about a pixel of a 250 px face).
TOUCH, APART = 0.012, 0.024
#: Lips that touch may read as this much apart in a take; its least opening tells how much.
MOST_MISREAD = 0.02
SLACK = {"opening": 0.002, "jaw": 0.004, "width": 0.006, "protrusion": 0.02, "corners": 0.02,
         "upper_lip": 0.012, "lower_lip": 0.012}  # fmt: skip
#: Of the actor's covariance, in the fit of the finer shape: model units of landmark noise.
SHAPE_NOISE = 0.02
#: Unusual enough to be a tracker's slip rather than a performance.
WILD_SIGMAS = 9.0
#: Frames round an unseen one that are not trusted either.
UNSURE_FRAMES = 1


@dataclass(frozen=True, slots=True, eq=False)
class TakeMouth:
    """What a take asks for on the frames of a plate.

    mouth  (T, M)  coefficients in the target's basis
    sure   (T,)    whether the take shows this instant, and sensibly
    """

    mouth: Values
    sure: Flags


def drive_take(cue: TakeCue, times: Seconds, basis: Basis, actor: Reach) -> TakeMouth:
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
        return TakeMouth(np.zeros((len(times), len(basis.mouth_moves))), np.zeros(len(times), bool))
    own = learn_basis([cue.track])
    faces = frontal(cue.track, own)
    offsets = _offsets(faces, own, seen)
    wanted = in_range(offsets, seen, actor)
    wanted[:, OPENING] = contact(offsets[:, OPENING], wanted[:, OPENING])
    gain = _overall_gain(offsets, wanted, seen)
    near = _shape(np.asarray(faces - own.rest, np.float64) * gain, basis, actor)
    mouth = mouth_with(wanted, near, actor, [SLACK[name] for name in CHANNELS])
    sane = sigmas(mouth, actor) < WILD_SIGMAS
    mouth = _closed(held_back(mouth, actor), wanted, actor)
    sure = minimum_filter1d((seen & sane).astype(np.uint8), 2 * UNSURE_FRAMES + 1) > 0
    return _resampled(mouth, wanted[:, OPENING] <= 0, sure, np.asarray(cue.times), times, actor)


def in_range(offsets: Values, seen: Flags, actor: Reach) -> Values:
    """The take's channels (T, 7), offsets from its own neutral, in the actor's own range.

    On either side of rest each channel is scaled by the two ranges' ratio to the power MATCHED,
    and bent softly where it would pass the actor's range.  Rest stays rest; order is kept.
    """
    low, high = np.asarray(actor.low, np.float64), np.asarray(actor.high, np.float64)
    theirs = np.quantile(offsets[seen], [0.02, 0.98], axis=0)
    mapped = np.empty_like(offsets)
    for c in range(offsets.shape[1]):
        up = _gain(high[c] - min(low[c], 0), theirs[1, c] - min(theirs[0, c], 0))
        mapped[:, c] = up * offsets[:, c]
    reach_up = np.maximum(high, 0.5 * (high - low))
    reach_down = np.maximum(-low, 0.5 * (high - low))
    return np.where(mapped > 0, _bent(mapped, reach_up), -_bent(-mapped, reach_down))


def contact(offset: Values, wanted: Values) -> Values:
    """Openings (T,) with lips that touch in the take set to 0, and eased apart above that."""
    share = np.clip((offset - TOUCH) / (APART - TOUCH), 0, 1)
    return np.asarray(np.maximum(wanted, 0) * share * share * (3 - 2 * share), np.float64)


def _gain(ours: float, theirs: float) -> float:
    """Of one channel: how much the take's range is stretched into the actor's."""
    ratio = max(ours, 1e-4) / max(theirs, 1e-4)
    return float(np.clip(ratio**MATCHED, LEAST_GAIN, MOST_GAIN))


def _bent(values: Values, reach_to: Values) -> Values:
    share = np.maximum(values, 0) / np.maximum(reach_to, 1e-4)
    over = np.maximum(share - FREE, 0)
    room = np.where(np.arange(len(CHANNELS)) == JAW, CHIN_BEYOND, BEYOND) - FREE
    bent = np.where(over > 0, FREE + room * (1 - np.exp(-over / room)), share)
    return np.asarray(bent * np.maximum(reach_to, 1e-4), np.float64)


def _overall_gain(offsets: Values, wanted: Values, seen: Flags) -> float:
    """How much smaller or larger the movement becomes as a whole: jaw and opening together."""
    parts = [OPENING, JAW]
    before, after = offsets[seen][:, parts].std(axis=0), wanted[seen][:, parts].std(axis=0)
    return float(np.clip(np.median(after / np.maximum(before, 1e-4)), LEAST_GAIN, MOST_GAIN))


def _shape(apart: Values, basis: Basis, actor: Reach) -> Values:
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


def _closed(mouth: Values, wanted: Values, actor: Reach) -> Values:
    """Lips put back where they were wanted, closed or open, after the mouth was held back."""
    slack = np.full(len(CHANNELS), np.inf)
    slack[OPENING] = 2e-4
    shut = wanted[:, OPENING] <= 0
    crossing = actor.channels(mouth)[:, OPENING] < 0
    target = np.zeros_like(wanted)
    fixed = mouth_with(target, mouth, actor, slack)
    return np.asarray(np.where((shut | crossing)[:, None], fixed, mouth), np.float64)


def _resampled(
    mouth: Values, shut: Flags, sure: Flags, spoken_at: Seconds, times: Seconds, actor: Reach
) -> TakeMouth:
    """The mouth at `times`; a closure that falls between two plate frames is not lost."""
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(spoken_at)) > 1e-6])
    rising[1:] &= spoken_at[1:] > np.maximum.accumulate(spoken_at)[:-1]
    at, values = spoken_at[rising], mouth[rising]
    shut, sure = shut[rising], sure[rising]
    if len(at) < 2:
        return TakeMouth(np.zeros((len(times), mouth.shape[1])), np.zeros(len(times), bool))
    curve = PchipInterpolator(at, values, axis=0)(np.clip(times, at[0], at[-1]))
    nearest = np.clip(np.searchsorted(at, times), 1, len(at) - 1)
    nearest -= times - at[nearest - 1] < at[nearest] - times
    step = float(np.median(np.abs(np.diff(times)))) if len(times) > 1 else 0.04
    frame_s = min(max(step, float(np.median(np.diff(at)))), 0.1)
    inside = (times >= at[0] - frame_s) & (times <= at[-1] + frame_s)
    closed = _caught(at[shut], times, frame_s)
    slack = np.full(len(CHANNELS), np.inf)
    slack[OPENING] = 2e-4
    target = np.zeros((len(times), len(CHANNELS)))
    curve = np.where(closed[:, None], mouth_with(target, curve, actor, slack), curve)
    near = np.abs(at[nearest] - times) < 1.5 * frame_s
    return TakeMouth(np.asarray(curve, np.float64), inside & near & sure[nearest])


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
