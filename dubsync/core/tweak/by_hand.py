"""Where an artist's controls act by hand, and a tweak whose dub falls silent in some frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.controls import MIX, control, controls_of
from dubsync.core.tweak.curve import Curve, Values, slope
from dubsync.core.tweak.tweak import Tweak

#: What is asked of head, eyes, expression and face shape without a take.
BY_HAND = controls_of("head", "eyes", "expression", "face shape")


def hand_share(tweak: Tweak, frames: FrameRange) -> Values:
    """(T,) 0..1 where controls of head, eyes, expression and face shape act.

    A control acts in full from a hundredth of its range on, so that what it does is drawn in full.
    """
    share = np.zeros(len(frames))
    for name in BY_HAND:
        if name == "soft_stop" or not tweak.overrides(name, frames):
            continue
        known = control(name)
        away = np.abs(tweak.at(name, frames) - known.default) / (known.high - known.low)
        share = np.maximum(share, np.clip(away / 0.01, 0, 1))
    for key in tweak.likes:
        share = np.maximum(share, np.clip(key.slope(frames, tweak.ease) / 0.02, 0, 1))
    if tweak.look_at.value != "off":
        return np.ones(len(frames))
    for span in tweak.look_at.spans:
        share = np.maximum(share, slope(span.first, span.last, frames, tweak.ease))
    return share


def asked_by_hand(tweak: Tweak, frames: FrameRange) -> NDArray[np.bool_]:
    """(T,) frames in which a hand asks for something: `hand_share`, mouth shapes and contacts."""
    asked = hand_share(tweak, frames) > 0
    numbers = np.arange(frames.start, frames.stop)
    held = [(key.first, key.last) for key in tweak.visemes]
    held += [(key.first, key.last) for key in tweak.contacts]
    for first, last in held:
        asked |= (numbers >= first) & (numbers <= last)
    return np.asarray(asked, bool)


def dub_at(tweak: Tweak, frames: FrameRange, share: NDArray[np.floating]) -> Tweak:
    """`tweak` whose dub moves the mouth by `share` (T,) of what it does; the plate has the rest.

    Raises:
        SettingsError: take, sound and original are all 0 somewhere.
    """
    mix = tweak.shares(frames) * np.asarray(share, np.float64)[:, None]
    mix[:, MIX.index("original")] += 1 - np.asarray(share, np.float64)
    for n, name in enumerate(MIX):
        keys = tuple(zip(range(frames.start, frames.stop), mix[:, n].tolist(), strict=True))
        tweak = tweak.curved(name, Curve(control(name).default, keys))
    return tweak
