"""Show the contacts that a tweak sets: the lips and the jaw alone change, and briefly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import ContactKey, ContactKind
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.curve import slope
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import JAW, OPENING, WIDTH, MotionRange, mouth_for_channels
from dubsync.engine.sound.contacts import enforce_lips

Values = NDArray[np.float64]

PROTRUSION = CHANNELS.index("protrusion")
#: Frames over which a contact comes and goes.  Real lips open and close in 40 to 80 ms.
BESIDE = 1
#: Rounded lips, and a jaw that brings the teeth near, as shares of the actor's own range.
NARROW, FORWARD, JAW_UP = 0.7, 0.6, 0.15
#: Tolerances of width, protrusion and jaw, model units.
SLACK = 0.003


def contact_share(
    contacts: Sequence[ContactKey],
    frames: FrameRange,
    kind: ContactKind | None = None,
    ease: int = BESIDE,
) -> Values:
    """(T,) strength of the contacts of `kind` (None: of any) in each frame, 0..1.

    Args:
        ease: frames over which it rises and falls.
    """
    share = np.zeros(len(frames))
    for key in contacts:
        if kind in (None, key.kind):
            share = np.maximum(share, slope(key.first, key.last, frames, ease))
    return share


def with_contacts(
    mouth: Values, contacts: Sequence[ContactKey], frames: FrameRange, motion_range: MotionRange
) -> Values:
    """Mouths (T, M) that show `contacts`; frames farther than BESIDE from them are unchanged."""
    if not contacts:
        return mouth
    rounded = contact_share(contacts, frames, "rounded lips")
    near = contact_share(contacts, frames, "teeth near")
    moved = _drawn(mouth, rounded, near, motion_range)
    shut = contact_share(contacts, frames, "closed lips")
    teeth = contact_share(contacts, frames, "lip to teeth")
    touched = np.where(np.maximum(shut, teeth)[:, None] > 0,
                       enforce_lips(moved, shut, teeth, motion_range), moved)  # fmt: skip
    asked = np.max([rounded, near, shut, teeth], axis=0)
    return np.where(asked[:, None] > 0, touched, mouth)


def _drawn(mouth: Values, rounded: Values, near: Values, motion_range: MotionRange) -> Values:
    """Lips drawn narrow and forward by `rounded` (T,), the jaw drawn up by `near` (T,)."""
    shown = motion_range.channels(mouth)
    slack = np.full(shown.shape, np.inf)
    for channel, share, most in (
        (WIDTH, rounded, NARROW * motion_range.low[WIDTH]),
        (JAW, near, JAW_UP * motion_range.high[JAW]),
    ):
        shown[:, channel] -= share * np.maximum(shown[:, channel] - most, 0)
        slack[share > 0, channel] = SLACK
    least = FORWARD * motion_range.high[PROTRUSION]
    shown[:, PROTRUSION] += rounded * np.maximum(least - shown[:, PROTRUSION], 0)
    slack[rounded > 0, PROTRUSION] = SLACK
    shown[:, OPENING] = np.maximum(shown[:, OPENING], 0)  # which stays as it is
    slack[(rounded > 0) | (near > 0), OPENING] = 1e-4
    return mouth_for_channels(shown, mouth, motion_range, slack)
