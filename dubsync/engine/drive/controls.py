"""The wanted mouth as an artist's Tweak would have it.

What nobody touched comes back bit for bit; closed lips stay closed unless closures themselves
are turned down.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak import Tweak, slope
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import (
    FREE_SIGMAS,
    MOST_SIGMAS,
    OPENING,
    MotionRange,
    held_back,
    mouth_with,
    opened,
    sigmas,
)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Controls that scale one channel of the mouth.
GAINS = ("jaw", "width", "protrusion")
#: Model units that a scaled channel may stay off what was asked.
SLACK = 0.002
#: Inner lips nearer than this are closed, model units.
SHUT = 0.004
#: Lips closed for longer than this are at rest, not on an m, b or p.
CLOSURE_S = 0.3
#: Frames beside a closure over which lips come together and part.
BESIDE = 2
#: Mouth shapes as shares of the actor's own range on that side of rest: opening, width, jaw,
#: protrusion.  Rest is rest itself.
VISEME_SHARES: Mapping[str, tuple[float, float, float, float]] = {
    "closed": (0.0, -0.1, 0.05, 0.1),
    "lip teeth": (0.1, 0.1, 0.05, 0.0),
    "tongue teeth": (0.25, 0.1, 0.2, 0.0),
    "tongue": (0.25, 0.1, 0.2, 0.0),
    "hiss": (0.15, 0.35, 0.08, 0.0),
    "hush": (0.25, -0.4, 0.15, 0.6),
    "back": (0.35, 0.0, 0.3, 0.0),
    "r": (0.25, -0.4, 0.2, 0.4),
    "round close": (0.18, -0.8, 0.15, 0.8),
    "round open": (0.5, -0.55, 0.45, 0.55),
    "spread close": (0.25, 0.7, 0.15, -0.2),
    "spread open": (0.5, 0.5, 0.45, -0.1),
    "wide": (0.85, 0.1, 0.85, 0.0),
    "neutral": (0.35, 0.0, 0.3, 0.0),
}
_SHAPED = tuple(CHANNELS.index(name) for name in ("opening", "width", "jaw", "protrusion"))


def shaped(
    mouth: Values, tweak: Tweak, frames: FrameRange, actor: MotionRange, frame_s: float
) -> Values:
    """Mouths (T, M) smoothed, scaled, and opened or closed as `tweak` says.

    Smoothing first, then intensity and the gains of single channels (the other channels go along
    as this actor's do), then the strength of closures; mouth shapes asked for come last, so that
    they are shown whole.

    Args:
        mouth: coefficients in the actor's basis, 0 at rest.
        tweak: what to do.
        frames: the plate frames that `mouth` is for.
        actor: how far the actor goes, and what goes together.
        frame_s: seconds from one frame to the next.
    """
    shut = actor.channels(mouth)[:, OPENING] <= SHUT
    changed = _scaled(_smoothed(mouth, tweak.at("smoothing", frames)), tweak, frames, actor)
    touched = (changed != mouth).any(axis=1)
    if touched.any():
        changed = np.where(touched[:, None], _lips_kept(changed, shut, actor), mouth)
    if tweak.touched("closure", frames):
        changed = _less_closed(changed, tweak.at("closure", frames), actor, frame_s)
    return _with_visemes(changed, tweak, frames, actor)


def viseme_share(tweak: Tweak, frames: FrameRange) -> Values:
    """(T,) how much of each frame's mouth the viseme keys own, 0..1."""
    share = np.zeros(len(frames))
    for key in tweak.visemes:
        share = np.maximum(share, slope(key.first, key.last, frames, tweak.ease))
    return share


def viseme_mouth(viseme: str, actor: MotionRange) -> Values:
    """(M,) the mouth with which this actor shows `viseme`, one of `core.phones.VISEMES`."""
    nothing = np.zeros((1, len(actor.usual)))
    if viseme == "rest":
        return np.zeros(len(actor.usual))
    shares = np.array(VISEME_SHARES[viseme])
    reach_to = np.where(shares >= 0, actor.high[list(_SHAPED)], -actor.low[list(_SHAPED)])
    wanted, slack = np.zeros((1, len(CHANNELS))), np.full(len(CHANNELS), np.inf)
    wanted[0, list(_SHAPED)] = shares * reach_to
    slack[list(_SHAPED)] = SLACK
    mouth = held_back(mouth_with(wanted, nothing, actor, slack), actor)
    return np.asarray(opened(mouth, wanted[:, OPENING], actor)[0], np.float64)


def _smoothed(mouth: Values, deviation: Values) -> Values:
    """Each frame as the Gaussian mean of its neighbours, `deviation` (T,) frames wide."""
    if not deviation.any():
        return mouth
    reach = int(np.ceil(3 * deviation.max()))
    away = np.arange(-reach, reach + 1)
    near = np.clip(np.arange(len(mouth))[:, None] + away, 0, len(mouth) - 1)
    weights = np.exp(-0.5 * (away / np.maximum(deviation, 1e-3)[:, None]) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    mean = np.einsum("tk,tkm->tm", weights, mouth[near])
    return np.where(deviation[:, None] > 0, mean, mouth)


def _scaled(mouth: Values, tweak: Tweak, frames: FrameRange, actor: MotionRange) -> Values:
    """Intensity on the whole mouth, gains on single channels."""
    intensity = tweak.at("intensity", frames)
    gains = {name: tweak.at(name, frames) for name in GAINS if tweak.touched(name, frames)}
    if not gains and (intensity == 1).all():
        return mouth
    scaled = mouth * intensity[:, None]
    if gains:
        wanted, slack = actor.channels(scaled), np.full(len(CHANNELS), np.inf)
        for name, gain in gains.items():
            wanted[:, CHANNELS.index(name)] *= gain
            slack[CHANNELS.index(name)] = SLACK
        touched = np.any([gain != 1 for gain in gains.values()], axis=0)
        scaled = np.where(touched[:, None], mouth_with(wanted, scaled, actor, slack), scaled)
    more = np.max([intensity, *gains.values()], axis=0) > 1
    return np.where(more[:, None], _within(scaled, mouth, actor), scaled)


def _within(mouth: Values, before: Values, actor: MotionRange) -> Values:
    """Mouths drawn back softly where they pass both the actor's own ways and what they were."""
    allowed = np.maximum(FREE_SIGMAS, sigmas(before, actor))
    far = sigmas(mouth, actor)
    room = MOST_SIGMAS - FREE_SIGMAS
    over = np.maximum(far - allowed, 0)
    kept = np.where(over > 0, allowed + room * (1 - np.exp(-over / room)), far)
    share = np.where(over > 0, kept / np.maximum(far, 1e-9), 1)
    back = actor.usual + (mouth - actor.usual) * share[:, None]
    return np.where((over > 0)[:, None], back, mouth)


def _lips_kept(mouth: Values, shut: Flags, actor: MotionRange) -> Values:
    """Lips closed where they were, and crossing nowhere."""
    opening = actor.channels(mouth)[:, OPENING]
    wrong = (shut & (opening > SHUT)) | (opening < 0)
    return np.where(wrong[:, None], opened(mouth, 0.0, actor), mouth)


def _less_closed(mouth: Values, strength: Values, actor: MotionRange, frame_s: float) -> Values:
    """Short closures opened towards what lies on either side of them."""
    opening = actor.channels(mouth)[:, OPENING]
    longest = CLOSURE_S / frame_s
    runs, _ = label(opening <= SHUT)
    bridge = opening.copy()
    for (run,) in find_objects(runs):
        inner = run.start > 0 and run.stop < len(opening)
        if not inner or run.stop - run.start > longest:
            continue
        first, last = max(run.start - BESIDE, 0), min(run.stop - 1 + BESIDE, len(opening) - 1)
        across = np.linspace(opening[first], opening[last], last - first + 1)
        bridge[first : last + 1] = np.maximum(bridge[first : last + 1], across)
    wanted = opening + (1 - strength) * (bridge - opening)
    return np.where((wanted > opening)[:, None], opened(mouth, wanted, actor), mouth)


def _with_visemes(mouth: Values, tweak: Tweak, frames: FrameRange, actor: MotionRange) -> Values:
    for key in tweak.visemes:
        share = slope(key.first, key.last, frames, tweak.ease)[:, None]
        mouth = np.where(
            share > 0, (1 - share) * mouth + share * viseme_mouth(key.viseme, actor), mouth
        )
    return mouth
