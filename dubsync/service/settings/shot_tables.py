"""Small parts of a project's TOML files: face points, renderers, holdout mattes, voices, pauses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from dubsync.core.errors import SettingsError
from dubsync.core.face import Point
from dubsync.core.tweak.controls import Pauses
from dubsync.editorial.turnover.other_rate import Answers, Plays

#: Shot -> character -> points on that character's face.
Points = dict[str, dict[str, tuple[Point, ...]]]

_VOICE = re.compile(r"Speaker \d+|\d+[:;]\d\d[:;]\d\d[:;.]\d+")
RENDERERS = ("auto", "actor", "warp", "plate")
#: Keys of [shots.SHOT].
SHOT_KEYS = ("holdout", "plays")


def parse_renderers(table: Mapping[str, object]) -> dict[str, str]:
    """shot -> one of RENDERERS.  Raises SettingsError."""
    result: dict[str, str] = {}
    for shot, name in table.items():
        if name not in RENDERERS:
            raise SettingsError(f"unknown renderer {name!r} for shot {shot!r}",
                                hint="choose one of: " + ", ".join(RENDERERS))  # fmt: skip
        result[shot] = str(name)
    return result


def parse_points(table: object) -> Points:
    """shot -> character -> points on their face, from a table per shot.  Raises SettingsError."""
    faces: Points = {}
    if not isinstance(table, dict):
        raise SettingsError(
            "[faces] must hold a table for each shot",
            hint="for example [faces.SH010] with CHARACTER = [x, y] in it",
        )
    for shot, points in table.items():
        if not isinstance(points, dict):
            raise SettingsError(
                f"[faces.{shot}] must hold lines CHARACTER = [x, y]", hint="x, y: plate pixels"
            )
        faces[shot] = {character: _points(shot, value) for character, value in points.items()}
    return faces


def parse_holdouts(table: object, folder: Path, media: Sequence[Path]) -> dict[str, Path]:
    """shot -> its holdout matte, from [shots.SHOT] holdout = "MATTE".

    Args:
        folder: of the project; paths are relative to it, or to a folder of `media`.
        media: the media folders. A matte must lie in one of them.

    Raises:
        SettingsError: another table, or a matte outside the media folders.
    """
    if not isinstance(table, dict) or not all(isinstance(t, dict) for t in table.values()):
        raise SettingsError(
            "[shots] must hold a table for each shot",
            hint='for example [shots.SH010] with holdout = "MATTE.mov" in it',
        )
    result: dict[str, Path] = {}
    for shot, keys in table.items():
        odd = sorted(set(keys) - set(SHOT_KEYS))
        if odd:
            hint = f"known: {', '.join(SHOT_KEYS)}"
            raise SettingsError(f"[shots.{shot}]: unknown key {odd[0]!r}", hint=hint)
        if "holdout" in keys:
            result[shot] = _in_media(shot, keys["holdout"], folder, media)
    return result


def parse_plays(head: Mapping[str, object], shots: object) -> Answers:
    """How plates at another rate than the cut play: [project] plays, and that of [shots.SHOT].

    Raises:
        SettingsError: in no way that is known.
    """
    tables = shots if isinstance(shots, dict) else {}
    named = {shot: keys["plays"] for shot, keys in tables.items()
             if isinstance(keys, dict) and "plays" in keys}  # fmt: skip
    return Answers(
        _plays("[project]", head["plays"]) if "plays" in head else None,
        {shot: _plays(f"[shots.{shot}]", value) for shot, value in named.items()},
    )


def _plays(where: str, value: object) -> Plays:
    ways: tuple[Plays, ...] = get_args(Plays)
    known = next((one for one in ways if one == value), None)
    if known is None:
        raise SettingsError(
            f"{where} has plays = {value!r}", hint="choose one of: " + ", ".join(ways)
        )
    return known


def parse_voices(table: object, characters: Sequence[str]) -> dict[str, str]:
    """[voices], checked against the project's characters.  Raises SettingsError."""
    if not isinstance(table, dict):
        raise SettingsError(
            'write [voices] as lines "Speaker 1" = "CHARACTER"', hint="docs/explanation/voices.md"
        )
    for voice, character in table.items():
        if not _VOICE.fullmatch(voice):
            raise SettingsError(
                f"[voices] {voice!r} is not the name of a voice",
                hint='write "Speaker 1", or a record timecode at which it speaks: "01:02:03:04"',
            )
        if character not in ("", *characters):
            raise SettingsError(
                f"[voices] {voice!r} is assigned to an unknown character {character!r}",
                hint=f'one of {", ".join(characters)}, or "" for the voice of no character',
            )
    return dict(table)


def parse_pauses(characters: Mapping[str, Mapping[str, Any]]) -> dict[str, Pauses]:
    """Character -> how their lips are kept in pauses, where [characters.NAME] says so.

    Raises:
        SettingsError: in another way than those of Pauses.
    """
    known: tuple[Pauses, ...] = get_args(Pauses)
    result: dict[str, Pauses] = {}
    for character, keys in characters.items():
        if "pauses" not in keys:
            continue
        kept = next((one for one in known if one == keys["pauses"]), None)
        if kept is None:
            raise SettingsError(
                f"[characters.{character}] has pauses = {keys['pauses']!r}",
                hint="choose one of: " + ", ".join(known),
            )
        result[character] = kept
    return result


def _in_media(shot: str, text: object, folder: Path, media: Sequence[Path]) -> Path:
    if not isinstance(text, str) or not text:
        raise SettingsError(
            f"[shots.{shot}] holdout must be a path", hint='for example holdout = "MATTE.mov"'
        )
    roots = [root.resolve() for root in media]
    named = [(root / text).resolve() for root in (folder, *media)]
    inside = [path for path in named if any(path.is_relative_to(root) for root in roots)]
    if not inside:
        raise SettingsError(
            f"[shots.{shot}] holdout {text!r} lies outside the media folders",
            hint="put the matte into a folder that [project] media names, or add its folder there",
        )
    return next((path for path in inside if path.exists()), inside[0])


def _points(shot: str, value: object) -> tuple[Point, ...]:
    """One point, or a list of them."""
    if isinstance(value, list) and value and all(isinstance(point, list) for point in value):
        return tuple(_point(shot, point) for point in value)
    return (_point(shot, value),)


def _point(shot: str, point: object) -> Point:
    if (
        isinstance(point, list)
        and len(point) in (2, 3)
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in point)
    ):
        return tuple(float(v) for v in point)
    raise SettingsError(
        f"[faces.{shot}] needs [x, y] or [x, y, frame] in plate pixels, not {point!r}",
        hint="for example CHARACTER = [960, 400]",
    )
