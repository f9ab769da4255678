"""Apply an artist's Tweak to the target mouth.

Frames without a tweak are unchanged bit for bit.  Closed lips stay closed unless the closure
control itself is lowered.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.curve import slope
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.drive.contact_keys import with_contacts
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import (
    FREE_SIGMAS,
    MOST_SIGMAS,
    OPENING,
    MotionRange,
    limit_to_range,
    mouth_for_channels,
    sigmas,
    with_opening,
)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Controls that scale one channel of the mouth.
GAINS = ("jaw", "width", "protrusion")
#: Tolerance of a scaled channel, model units.
SLACK = 0.002
#: Inner lips closer than this are closed, model units.
SHUT = 0.004
#: Lips closed for longer than this are at rest, not on an m, b or p.
CLOSURE_S = 0.3
#: Frames on either side of a closure over which the lips close and open.
BESIDE = 2
#: Visemes as fractions of the actor's own range on that side of rest: opening, width, jaw,
#: protrusion.  The viseme "rest" is the rest face itself.
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


def apply_tweak(
    mouth: Values, tweak: Tweak, frames: FrameRange, motion_range: MotionRange, frame_s: float
) -> Values:
    """Mouths (T, M) smoothed, scaled, and opened or closed as `tweak` says.

    In this order: smoothing; intensity and the gains of single channels (the other channels follow
    as this actor's do); the strength of closures; visemes and contacts, last, so that they are
    shown in full.

    Args:
        mouth: coefficients in the actor's basis, 0 at rest.
        tweak: the controls.
        frames: the plate frames that `mouth` is for.
        motion_range: of the actor.
        frame_s: seconds from one frame to the next.
    """
    shut = motion_range.channels(mouth)[:, OPENING] <= SHUT
    changed = _scaled(_smoothed(mouth, tweak.at("smoothing", frames)), tweak, frames, motion_range)
    edited = (changed != mouth).any(axis=1)
    if edited.any():
        changed = np.where(edited[:, None], _keep_closures(changed, shut, motion_range), mouth)
    if tweak.overrides("closure", frames):
        changed = _weaken_closures(changed, tweak.at("closure", frames), motion_range, frame_s)
    changed = _with_visemes(changed, tweak, frames, motion_range)
    return with_contacts(changed, tweak.contacts, frames, motion_range)


def viseme_share(tweak: Tweak, frames: FrameRange) -> Values:
    """(T,) weight of the viseme keys in each frame, 0..1."""
    share = np.zeros(len(frames))
    for key in tweak.visemes:
        share = np.maximum(share, slope(key.first, key.last, frames, tweak.ease))
    return share


def viseme_mouth(viseme: str, motion_range: MotionRange) -> Values:
    """(M,) the mouth with which this actor shows `viseme`, one of `core.phones.VISEMES`."""
    rest = np.zeros((1, len(motion_range.usual)))
    if viseme == "rest":
        return np.zeros(len(motion_range.usual))
    shares = np.array(VISEME_SHARES[viseme])
    limits = np.where(
        shares >= 0, motion_range.high[list(_SHAPED)], -motion_range.low[list(_SHAPED)]
    )
    wanted, slack = np.zeros((1, len(CHANNELS))), np.full(len(CHANNELS), np.inf)
    wanted[0, list(_SHAPED)] = shares * limits
    slack[list(_SHAPED)] = SLACK
    mouth = limit_to_range(mouth_for_channels(wanted, rest, motion_range, slack), motion_range)
    return np.asarray(with_opening(mouth, wanted[:, OPENING], motion_range)[0], np.float64)


def _smoothed(mouth: Values, deviation: Values) -> Values:
    """Each frame as the Gaussian mean of its neighbours, `deviation` (T,) frames wide."""
    if not deviation.any():
        return mouth
    radius = int(np.ceil(3 * deviation.max()))
    away = np.arange(-radius, radius + 1)
    near = np.clip(np.arange(len(mouth))[:, None] + away, 0, len(mouth) - 1)
    weights = np.exp(-0.5 * (away / np.maximum(deviation, 1e-3)[:, None]) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    mean = np.einsum("tk,tkm->tm", weights, mouth[near])
    return np.where(deviation[:, None] > 0, mean, mouth)


def _scaled(mouth: Values, tweak: Tweak, frames: FrameRange, motion_range: MotionRange) -> Values:
    """Intensity applied to the whole mouth, gains to single channels."""
    intensity = tweak.at("intensity", frames)
    gains = {name: tweak.at(name, frames) for name in GAINS if tweak.overrides(name, frames)}
    if not gains and (intensity == 1).all():
        return mouth
    scaled = mouth * intensity[:, None]
    if gains:
        wanted, slack = motion_range.channels(scaled), np.full(len(CHANNELS), np.inf)
        for name, gain in gains.items():
            wanted[:, CHANNELS.index(name)] *= gain
            slack[CHANNELS.index(name)] = SLACK
        edited = np.any([gain != 1 for gain in gains.values()], axis=0)
        scaled = np.where(
            edited[:, None], mouth_for_channels(wanted, scaled, motion_range, slack), scaled
        )
    more = np.max([intensity, *gains.values()], axis=0) > 1
    return np.where(more[:, None], _within(scaled, mouth, motion_range), scaled)


def _within(mouth: Values, before: Values, motion_range: MotionRange) -> Values:
    """Mouths softly limited where they exceed both the actor's range and what they were before."""
    allowed = np.maximum(FREE_SIGMAS, sigmas(before, motion_range))
    far = sigmas(mouth, motion_range)
    room = MOST_SIGMAS - FREE_SIGMAS
    over = np.maximum(far - allowed, 0)
    kept = np.where(over > 0, allowed + room * (1 - np.exp(-over / room)), far)
    share = np.where(over > 0, kept / np.maximum(far, 1e-9), 1)
    back = motion_range.usual + (mouth - motion_range.usual) * share[:, None]
    return np.where((over > 0)[:, None], back, mouth)


def _keep_closures(mouth: Values, shut: Flags, motion_range: MotionRange) -> Values:
    """Lips closed where they were closed, and never crossing."""
    opening = motion_range.channels(mouth)[:, OPENING]
    wrong = (shut & (opening > SHUT)) | (opening < 0)
    return np.where(wrong[:, None], with_opening(mouth, 0.0, motion_range), mouth)


def _weaken_closures(
    mouth: Values, strength: Values, motion_range: MotionRange, frame_s: float
) -> Values:
    """Short closures opened towards the openings on either side of them."""
    opening = motion_range.channels(mouth)[:, OPENING]
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
    return np.where((wanted > opening)[:, None], with_opening(mouth, wanted, motion_range), mouth)


def _with_visemes(
    mouth: Values, tweak: Tweak, frames: FrameRange, motion_range: MotionRange
) -> Values:
    for key in tweak.visemes:
        share = slope(key.first, key.last, frames, tweak.ease)[:, None]
        mouth = np.where(
            share > 0, (1 - share) * mouth + share * viseme_mouth(key.viseme, motion_range), mouth
        )
    return mouth
