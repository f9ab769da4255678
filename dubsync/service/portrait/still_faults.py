"""What a photograph lacks for a portrait: refused, or said, by what is measured of its face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dubsync.core.errors import NoFace
from dubsync.core.face import FaceTrack
from dubsync.core.learning.moving_still import MovingStill, Still, StillFacts
from dubsync.core.shot import ProjectWarning
from dubsync.service.portrait.found_stills import FoundStills

#: Distance between the eyes, pixels: below the first there is too little to move, below the second
#: the portrait is soft.
LEAST_EYES, SOFT_EYES = 14.0, 40.0
#: Degrees from straight at the camera: beyond the first a face is a profile, beyond the second its
#: far side has little to show.
PROFILE, TURNED = 38.0, 22.0
#: How far lids are down from which eyes are shut, or nearly.
SHUT, NEARLY = 0.6, 0.45
#: Darkness of a line across the bridge of the nose from which it is the frame of glasses.
GLASSES = 0.22
#: Degrees from upright from which a photograph lies on its side.
ON_ITS_SIDE = 50.0
#: Share of a face's landmarks outside the picture from which it is cut.
CUT = 0.02


class UnusableStill(NoFace):
    """A photograph whose face cannot be moved."""


def still_faults(found: FoundStills, portrait: MovingStill) -> tuple[ProjectWarning, ...]:
    """What to say of the photographs.

    Raises:
        UnusableStill: the first, which is moved, is a profile, has shut eyes, or its face is too
            small or cut by the edge.
    """
    result: list[ProjectWarning] = []
    together = zip(found.stills, found.photos, portrait.facts, strict=True)
    for n, (still, photo, facts) in enumerate(together):
        for fault in _faults(still, facts, photo.reduced):
            if fault.fatal and n == 0:
                raise UnusableStill(f"{photo.path.name}: {fault.message}", hint=fault.hint)
            result.append(ProjectWarning(photo.path.name, fault.message, fault.hint))
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _Fault:
    """One fault, what to try, and whether a face cannot be moved with it."""

    message: str
    hint: str
    fatal: bool = False


def _faults(still: Still, facts: StillFacts, reduced: bool) -> Iterator[_Fault]:
    """Args: reduced: whether the photograph was made smaller than its file's picture."""
    larger = "give a larger --size: the photograph's own is larger"
    if facts.eye_px < LEAST_EYES:
        yield _Fault(
            f"the face is too small: the eyes are {facts.eye_px:.0f} pixels apart, and "
            f"{LEAST_EYES:.0f} is the least",
            larger if reduced else "give a larger picture of the face",
            fatal=True,
        )
    elif facts.eye_px < SOFT_EYES:
        yield _Fault(
            f"the face is small (eyes {facts.eye_px:.0f} pixels apart): the portrait is soft",
            larger if reduced else f"from {SOFT_EYES:.0f} pixels on it is sharp",
        )
    if abs(facts.roll) > ON_ITS_SIDE:
        yield _Fault(
            "the face lies on its side", "turn the photograph upright, and give it again",
            fatal=True,
        )  # fmt: skip
    turned = max(abs(facts.yaw), abs(facts.pitch))
    if abs(facts.yaw) > PROFILE:
        yield _Fault(
            f"the face is a profile: it is turned by {abs(facts.yaw):.0f} degrees",
            "give a photograph in which both eyes look about at the camera",
            fatal=True,
        )
    elif turned > TURNED:
        yield _Fault(
            f"the face is turned by {turned:.0f} degrees: its far side has little to show",
            "a photograph from the front can be moved further",
        )
    if facts.shut > SHUT:
        yield _Fault(
            "the eyes are shut, and nothing shows what they look like open",
            "give a photograph with open eyes first; this one may come after it",
            fatal=True,
        )
    elif facts.shut > NEARLY:
        yield _Fault("the eyes are nearly shut: they stay narrow", "give one with open eyes")
    if facts.bridge > GLASSES:
        yield _Fault(
            "glasses are seen: their frames go with the skin, and bend where lids and brows move",
            "look at blinks and raised brows; a photograph without glasses has no such faults",
        )
    if _outside(still.face, still) > CUT:
        yield _Fault(
            "the face is cut by the picture's edge: what is missing cannot be moved in",
            "give a picture that shows the whole face, with some room round the hair",
            fatal=True,
        )


def _outside(face: FaceTrack, still: Still) -> float:
    """The share of the face's landmarks that lie outside the picture."""
    height, width = still.picture.shape[:2]
    x, y = face.landmarks[0, :468, 0], face.landmarks[0, :468, 1]
    return float(np.mean((x < 0) | (y < 0) | (x > width) | (y > height)))
