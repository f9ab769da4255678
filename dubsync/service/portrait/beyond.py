"""What is known before a portrait is drawn: where its driver cannot be followed, and how far the
still goes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dubsync.core.learning.moving_still import StillMotion, StillReach
from dubsync.core.shot import ProjectWarning
from dubsync.service.portrait.driver import Driver, frames_told, usual_turn

#: A driver's least distance from calm above which there is no neutral face of theirs.
NEVER_CALM = 0.2
#: Degrees of a driver's usual turn from which the far half of their face is hardly seen.
ASIDE = 25.0
#: Seconds into the take after which a neutral face is said to be found.
LATE_S = 1.0
#: Degrees that are held back without a word.
HARDLY = 1.0
#: Share of the frames that open the mouth beyond the still's own from which it is said.
OFTEN = 0.1
#: So much further than on the photograph a mouth opens before what is inside it is missed.
WIDER = 1.8
_AXES = ("pitch", "yaw", "roll")


def driver_faults(driver: Driver, motion: StillMotion) -> Iterator[ProjectWarning]:
    """What to say of the take."""
    name, span = driver.plate.name, driver.plate.frames
    unseen = ~np.asarray(motion.seen)
    if unseen.any():
        yield ProjectWarning(
            name,
            f"the driver is not seen, or has turned away, in {frames_told(unseen, span.start)}: "
            "the portrait holds still there",
            "film the driver's face throughout, about at the camera, or cut those frames out",
        )
    if (turn := usual_turn(driver)) > ASIDE:
        yield ProjectWarning(
            name,
            f"the driver's face is turned aside, by {turn:.0f} degrees in most frames: what its "
            "far side does is a guess",
            "film the driver looking about at the camera",
        )
    if motion.calm > NEVER_CALM:
        yield ProjectWarning(
            name,
            "the driver's face is never at rest, so that their neutral face is a guess: frame "
            f"{span.start + motion.neutral[0]} is the nearest",
            "film a second of a resting face, looking at the camera, anywhere in the take",
        )
    elif motion.neutral and min(motion.neutral) > LATE_S * float(span.rate):
        yield ProjectWarning(
            name,
            "the take does not start at rest: the driver's neutral face is that of frame "
            f"{span.start + motion.neutral[0]}",
        )
    if driver.others:
        yield ProjectWarning(name, f"{driver.others} more seen in the take; they do not drive")


def beyond_reach(
    name: str, motion: StillMotion, reach: StillReach, first: int, *, own: float, inside: bool
) -> Iterator[ProjectWarning]:
    """Where the motion goes beyond what the stills can show.

    Args:
        name: the first photograph's.
        first: number of the motion's first frame.
        own: how far the lips are apart in the first photograph, eye distances.
        inside: whether the driver's picture lends the inside of the mouth.
    """
    turned = np.abs(np.asarray(motion.turned, np.float64))
    most = (reach.pitch, reach.yaw, reach.roll)
    for axis, wanted, limit in zip(_AXES, turned.T, most, strict=True):
        over = wanted > limit
        if over.any():
            yield ProjectWarning(
                name,
                f"{axis} goes to {wanted.max():.0f} degrees from the photograph's own, and it "
                f"is clean to {limit:.0f}: {frames_told(over, first)}",
                "look at those frames; another photograph, turned that way, may do better",
            )
    held = np.asarray(motion.held) > HARDLY
    if held.any():
        yield ProjectWarning(
            name,
            f"turns are softly held back, by up to {float(np.max(motion.held)):.0f} degrees, in "
            f"{frames_told(held, first)}",
        )
    wide = np.asarray(motion.opening) > max(reach.opening, WIDER * own)
    if not inside and not reach.teeth and wide.mean() > OFTEN:
        yield ProjectWarning(
            name,
            "the mouth opens further than on the photograph, and no picture shows its inside: the "
            "teeth are not the person's own",
            "give one more photograph of the person in which teeth show",
        )
