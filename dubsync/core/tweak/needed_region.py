"""Which region a control needs to be seen in full, and settings that their region does not show."""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.core.tweak.choices import NOWHERE, REGIONS, Choice, Region
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.tweak import Tweak

#: The largest turn that region "mouth" and "face" show, degrees: a turn bends the plate there.
SMALL_TURN = 4.0
#: The largest change of gaze that region "mouth" shows, in the unit of gaze_x.
SMALL_GAZE = 0.5
_BY_GROUP: Mapping[str, Region] = {"head": "head", "eyes": "face", "expression": "face"}
_BY_NAME: Mapping[str, Region] = {
    "face_width": "head", "jaw_size": "head", "chin": "face", "eye_size": "face", "nose": "face",
    "smile": "mouth", "frown": "mouth", "lips": "mouth", "soft_stop": "mouth",
    "take_inside": "face",
}  # fmt: skip
#: What a smaller region shows of a control all the same; beyond it, it needs its own.
_SHOWN: Mapping[str, float] = {
    "yaw": SMALL_TURN, "pitch": SMALL_TURN, "roll": SMALL_TURN, "nod": SMALL_TURN,
    "gaze_x": SMALL_GAZE, "gaze_y": SMALL_GAZE,
}  # fmt: skip


def needed(name: str) -> Region:
    """The smallest region in which the control called `name` is seen in full."""
    return _BY_NAME.get(name) or _BY_GROUP.get(CONTROLS[name].group, "mouth")


def unshown(tweak: Tweak) -> tuple[str, ...]:
    """A sentence for each region that settings of `tweak` need and that it nowhere has."""
    most = max((tweak.region.value, *(s.value for s in tweak.region.spans)), key=REGIONS.index)
    short: dict[Region, list[str]] = {}
    for name, curve in tweak.curves:
        shown = _SHOWN.get(name, 0.0)
        if all(abs(value - CONTROLS[name].default) <= shown for value in curve.values()):
            continue
        if REGIONS.index(needed(name)) > REGIONS.index(most):
            short.setdefault(needed(name), []).append(name)
    if tweak.look_at != Choice(NOWHERE) and most == "mouth":
        short.setdefault("face", []).append("look_at")
    if tweak.likes and most == "mouth":
        short.setdefault("face", []).append("like")
    return tuple(
        f"{', '.join(names)}: seen in full only with region={region}"
        for region, names in short.items()
    )
