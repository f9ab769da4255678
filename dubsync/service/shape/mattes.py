"""The matte of one shot shaped by hand: growth, feather, cut-outs, and a matte from a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dubsync.core.errors import SettingsError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.core.tweak.matte_edit import MOST_GROWTH, CutOut, Outline
from dubsync.core.tweak.tweak import Tweak
from dubsync.qc.mouth import eye_distance
from dubsync.service.faces.holdouts import checked_matte
from dubsync.service.project import Project
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.settings.holdout_setting import matte_path, save_matte_file
from dubsync.service.tweaks.commands import changed, plate_frame
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore, TweakVersion

_POINT = re.compile(r"\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*")


@dataclass(frozen=True, slots=True)
class MatteChange:
    """What to change of the matte of one shot; each setting as a user writes it.

    grow, feather  "4", "4@1012", "4@1012..1040": plate pixels, as in `dubsync tweak`
    cuts   NAME=FRAME:x,y;x,y;x,y: a key of a cut-out
    spans  NAME=FIRST..LAST: the frames in which it applies; NAME= for the whole shot
    softs  NAME=PIXELS: width of its soft edge
    hidden, shown, removed  names of cut-outs
    """

    grow: tuple[str, ...] = ()
    feather: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    softs: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def request(self) -> tuple[str, ...]:
        """The change as the history of tweaks shows it."""
        return (
            *(f"matte_grow={value}" for value in self.grow),
            *(f"matte_feather={value}" for value in self.feather),
            *(f"cut {one}" for one in self.cuts), *(f"span {one}" for one in self.spans),
            *(f"soft {one}" for one in self.softs), *(f"hide {one}" for one in self.hidden),
            *(f"show {one}" for one in self.shown), *(f"cut off {one}" for one in self.removed),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShotMatte:
    """How the matte of one shot is shaped.

    version  of the shot's tweaks
    file     the artist's matte of what stands in front of the faces; None: it is detected
    most     character -> the least of their growth limits, plate pixels; {} where not asked
    """

    shot: Shot
    version: TweakVersion
    file: Path | None
    most: Mapping[str, float]


def shot_matte(project: Project, name: str) -> ShotMatte:
    """How the matte of the shot called `name` is shaped now.  Raises EngineError: no such shot."""
    shot = project.reel.shot(name)
    return ShotMatte(shot, _store(project).latest(name), project.file.holdouts.get(name), {})


def shape_matte(
    project: Project, name: str, change: MatteChange, *, character: str = "",
    progress: Progress = silent,
) -> ShotMatte:  # fmt: skip
    """Change the matte of one shot: write a new version of its tweaks, or refuse.

    Where the matte is grown, the plates are analysed if they never were: how far it can be grown
    depends on the size of the face.

    Args:
        character: whose matte; "": every dubbed character's.

    Raises:
        SettingsError: a wrong setting, or a matte grown beyond what is drawn.
    """
    shot, drop = project.reel.shot(name), project.turnover().cut.drop
    whose = _whose(shot, character)
    store = _store(project)
    if not change.request:
        return shot_matte(project, name)
    faces: tuple[DubbedFace, ...] = ()
    if change.grow:
        faces = project.reel.look(progress).plan(shot).faces
    settings = [f"matte_grow={value}" for value in change.grow]
    settings += [f"matte_feather={value}" for value in change.feather]

    def amended(now: Tweaks) -> Tweaks:
        tweaks = dict(changed(now, shot, drop, settings, (), character, lambda _: ()))
        for who in whose:
            tweaks[who] = _cut(tweaks.get(who, Tweak()), change, shot, drop)
            for face in (face for face in faces if face.character == who):
                check_growth(tweaks[who], face)
        return tweaks

    version = store.amend(name, amended, change.request)
    project.tweak(name)  # the project reads its tweaks anew
    most = {face.character: growth_limit(face) for face in faces if face.character in whose}
    return ShotMatte(shot, version, project.file.holdouts.get(name), most)


def take_matte(project: Project, name: str, text: str) -> Path | None:
    """Let a matte movie or stills say what stands in front of the faces of one shot.

    White is in front.  It is written into dubsync.toml; open the project again to work with it.

    Args:
        text: its path; "": what is in front is detected again.

    Raises:
        SettingsError: it lies outside the media folders.
        MissingMedia, MediaError: it cannot be read, or differs from the plate in size or frames.
    """
    shot = project.reel.shot(name)
    path = matte_path(project.file, name, text) if text else None
    if path is not None:
        checked_matte(path, shot)
    save_matte_file(project.file, name, path)
    return path


def growth_limit(face: DubbedFace) -> float:
    """Plate pixels by which the matte can be grown in every frame that shows the face; at least 0.

    There is no more skin drawn round it.
    """
    widths = [float(w) for _, w in _widths(face)]
    return min(widths, default=0.0) * MOST_GROWTH


def check_growth(tweak: Tweak, face: DubbedFace) -> None:
    """Raises SettingsError where `tweak` grows the matte beyond what is drawn."""
    for frame, width in _widths(face):
        grow = tweak.curve("matte_grow").value
        if tweak.curve("matte_grow").constant and grow <= MOST_GROWTH * width:
            continue
        track = next(one for one in face.tracks if frame in one.frames)
        at = float(tweak.at("matte_grow", track.frames)[frame - track.frames.start])
        most = MOST_GROWTH * width
        if at > most:
            raise SettingsError(
                f"the matte of {face.character} cannot be grown by {at:g} px: at frame {frame} "
                f"nothing is drawn beyond {most:.0f} px",
                hint=f"--grow {int(growth_limit(face))} holds in every frame of the shot; "
                f"--grow {int(most)}@{frame} sets a key",
            )


def _widths(face: DubbedFace) -> list[tuple[int, float]]:
    """(plate frame, pixels between the eyes) of every frame that shows the face."""
    result = []
    for track in face.tracks:
        widths = np.asarray(eye_distance(track.landmarks), np.float64)
        for n in np.flatnonzero(track.confidence > 0):
            result.append((track.frames.start + int(n), float(widths[n])))
    return result


def _cut(tweak: Tweak, change: MatteChange, shot: Shot, drop: bool) -> Tweak:
    """`tweak` with the cut-outs of `change`."""
    for one in change.removed:
        tweak = tweak.not_cutting(one)
    for text in change.cuts:
        tweak = _with_key(tweak, text, shot, drop)
    for text in change.spans:
        name, frames = _named(text, "collar=1012..1040")
        tweak = tweak.cutting(_spanned(tweak.cut_out(name), frames, shot, drop))
    for text in change.softs:
        name, width = _named(text, "collar=6")
        tweak = tweak.cutting(replace(tweak.cut_out(name), soft=_number(width, text)))
    for names, on in ((change.hidden, False), (change.shown, True)):
        for name in names:
            tweak = tweak.cutting(replace(tweak.cut_out(name), shown=on))
    return tweak


def _with_key(tweak: Tweak, text: str, shot: Shot, drop: bool) -> Tweak:
    name, key = _named(text, "collar=1012:640,400;720,410;700,480")
    where, colon, drawn = key.rpartition(":")
    if not colon:
        raise SettingsError(f"{text!r} is not NAME=FRAME:x,y;x,y;x,y",
                            hint="for example collar=1012:640,400;720,410;700,480")  # fmt: skip
    frame, outline = plate_frame(where.strip(), shot, drop), _outline(drawn, text)
    known = next((one for one in tweak.cut_outs if one.name == name), None)
    return tweak.cutting(
        CutOut(name, ((frame, outline),)) if known is None else known.keyed(frame, outline)
    )


def _outline(drawn: str, text: str) -> Outline:
    points = []
    for part in drawn.split(";"):
        found = _POINT.fullmatch(part)
        if found is None:
            raise SettingsError(f"{part!r} in {text!r} is no point",
                                hint="x,y in plate pixels, points parted by ;")  # fmt: skip
        points.append((_number(found[1], text), _number(found[2], text)))
    return tuple(points)


def _spanned(one: CutOut, frames: str, shot: Shot, drop: bool) -> CutOut:
    if not frames.strip():
        return replace(one, first=None, last=None)
    begin, dots, end = frames.partition("..")
    first = plate_frame(begin.strip(), shot, drop)
    last = plate_frame(end.strip(), shot, drop) if dots else first
    return replace(one, first=first, last=last)


def _named(text: str, example: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise SettingsError(f"{text!r} names no cut-out", hint=f"for example {example}")
    return name.strip(), value


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{text!r} in {whole!r} is not a number", hint="plate pixels") from None


def _whose(shot: Shot, character: str) -> tuple[str, ...]:
    if character and character not in shot.characters:
        raise SettingsError(f"{character!r} is not dubbed in {shot.name}",
                            hint="dubbed there: " + ", ".join(shot.characters))  # fmt: skip
    return (character,) if character else tuple(shot.characters)


def _store(project: Project) -> TweakStore:
    return TweakStore(project.file.folder, project.store.layout)
