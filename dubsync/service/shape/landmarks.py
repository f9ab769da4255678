"""The face track of one shot mended by hand: places of landmarks on key frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dubsync.core.errors import SettingsError
from dubsync.core.shot import Shot
from dubsync.core.tweak.landmark_edit import REACH, LandmarkKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.project import Project
from dubsync.service.tweaks.commands import plate_frame
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore, TweakVersion

_PLACE = re.compile(r"(\d+)\s*=\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*(?:,\s*([\d.]+)\s*)?")


@dataclass(frozen=True, slots=True)
class ShotLandmarks:
    """The version of a shot's tweaks whose landmarks are set by hand."""

    shot: Shot
    version: TweakVersion


def mend_landmarks(
    project: Project, name: str, settings: Sequence[str] = (), cleared: Sequence[str] = (), *,
    character: str = "",
) -> ShotLandmarks:  # fmt: skip
    """Change where landmarks are: write a new version of the shot's tweaks, or refuse.

    Args:
        settings: FRAME:INDEX=x,y or FRAME:INDEX=x,y,reach; plate pixels.
        cleared: FRAME, FRAME:INDEX or "all"; applied before `settings`.
        character: whose face; may be left out where one character is dubbed.

    Raises:
        SettingsError: a wrong setting, or no character named where several are dubbed.
    """
    shot, drop = project.reel.shot(name), project.turnover().cut.drop
    store = TweakStore(project.file.folder, project.store.layout)
    if not settings and not cleared:
        return ShotLandmarks(shot, store.latest(name))
    who = _whose(shot, character)

    def amended(now: Tweaks) -> Tweaks:
        tweak = now.get(who, Tweak())
        for text in cleared:
            tweak = _without(tweak, text, shot, drop)
        for text in settings:
            tweak = tweak.mending(_key(text, shot, drop))
        return {**now, who: tweak}

    request = [*(f"clear landmarks {one}" for one in cleared),
               *(f"landmark {one}" for one in settings)]  # fmt: skip
    version = store.amend(name, amended, request)
    project.tweak(name)  # the project reads its tweaks anew
    return ShotLandmarks(shot, version)


def _key(text: str, shot: Shot, drop: bool) -> LandmarkKey:
    where, colon, place = text.rpartition(":")
    found = _PLACE.fullmatch(place.strip())
    if not colon or found is None:
        raise SettingsError(f"{text!r} is not FRAME:INDEX=x,y[,reach]",
                            hint="for example 1012:61=640,480 or 1012:61=640,480,30")  # fmt: skip
    try:
        x, y, reach = float(found[2]), float(found[3]), float(found[4] or REACH)
    except ValueError:
        raise SettingsError(f"{text!r} holds no numbers", hint="plate pixels") from None
    return LandmarkKey(plate_frame(where.strip(), shot, drop), int(found[1]), x, y, reach)


def _without(tweak: Tweak, text: str, shot: Shot, drop: bool) -> Tweak:
    if text.strip() == "all":
        return tweak.cleared("landmarks")
    where, _, index = text.partition(":")
    if index and not index.strip().isdigit():
        raise SettingsError(f"{text!r} names no landmark", hint="FRAME, FRAME:INDEX or all")
    frame = plate_frame(where.strip(), shot, drop)
    return tweak.unmended(frame, int(index) if index else None)


def _whose(shot: Shot, character: str) -> str:
    if character in shot.characters:
        return character
    if not character and len(shot.characters) == 1:
        return shot.characters[0]
    what = f"{character!r} is not dubbed in {shot.name}" if character else (
        f"{shot.name} shows {' and '.join(shot.characters)}")  # fmt: skip
    raise SettingsError(what, hint="--character " + " or ".join(shot.characters))
