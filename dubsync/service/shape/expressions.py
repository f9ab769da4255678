"""Expressions found in the footage of characters: frames, a picture sheet, and tweaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.errors import SettingsError
from dubsync.core.learning.expressions import NamedExpression
from dubsync.core.plural import counted
from dubsync.core.progress import Progress
from dubsync.core.shot import Shot
from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.stills.encode import png
from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, write
from dubsync.service.project import Project
from dubsync.service.reel.heads.seen_expressions import (
    Expressions,
    expressions_of,
    finder,
    with_expression,
)
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.tweaks.commands import ShotTweaks, change_tweaks, place_of
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore

#: Of the sheet: pictures in a row, side of each, room for its words; pixels.
ACROSS, SIDE, FOOT = 6, 220, 44
_LIKE = re.compile(r"\s*([^:@=]+?)\s*:\s*([^@=]+?)\s*(?:=\s*([\d.]+)\s*)?(?:@\s*(.+?)\s*)?")


def write_sheet(project: Project, expressions: Expressions) -> Path:
    """Write the picture sheet reports/expressions/CHARACTER.png; returns its path."""
    path = project.file.folder / "reports" / "expressions" / f"{expressions.character}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_derived(path, png(sheet(expressions)))
    return path


def sheet(expressions: Expressions) -> RGB:
    """The picture (H, W, 3): a face for each expression, with its name and frame."""
    count = len(expressions.found)
    rows = max(1, -(-count // ACROSS))
    canvas: RGB = np.full((40 + rows * (SIDE + FOOT), ACROSS * SIDE, 3), GROUND, np.uint8)
    title = f"{expressions.character}: {counted(count, 'expression')} in the footage"
    write(canvas, title, (12, 27), INK, 18, 600)
    for n, one in enumerate(expressions.found):
        left, top = SIDE * (n % ACROSS), 40 + (SIDE + FOOT) * (n // ACROSS)
        canvas[top : top + SIDE, left : left + SIDE] = expressions.face(one, SIDE)
        write(canvas, one.name, (left + 8, top + SIDE + 18), INK, 16, 600)
        said = f"{one.frame}  {one.strength:.2f}"
        write(canvas, said, (left + 8, top + SIDE + 36), QUIET, 13)
    return canvas


def expressions_json(expressions: Expressions, picture: Path) -> dict[str, Any]:
    """One character in the JSON of `dubsync expressions --json`."""
    return {
        "character": expressions.character,
        "picture": str(picture),
        "expressions": [
            {
                "name": one.name,
                "plate": expressions.tracks[one.track][0].plate.name,
                "shot": expressions.tracks[one.track][0].name,
                "frame": one.frame,
                "strength": one.strength,
                "gaze": list(one.gaze),
                "scores": dict(one.scores),
            }
            for one in expressions.found
        ],
    }


# -- picked for a shot --------------------------------------------------------------------------


def like(
    project: Project, shots: Sequence[str], asked: Sequence[str], *, character: str = "",
    progress: Progress,
) -> tuple[ShotTweaks, ...]:  # fmt: skip
    """Give the characters of shots expressions from footage, a step of each that can be undone.

    Args:
        asked: `WHO:EXPRESSION[=STRENGTH][@WHERE]`.  WHO is a character, or the name of one of the
            shot's takes; EXPRESSION a name that `expressions_of` finds, or a frame of the take or
            of a plate of the character's, as in "ELISE:918500".
        character: whose face gets it; "": WHO if they are dubbed in the shot, else everybody.

    Raises:
        SettingsError: wrong syntax, nobody of that name, no such expression, or frames for several
            shots; then nothing is changed.
    """
    names, drop = tuple(dict.fromkeys(shots)), project.turnover().cut.drop
    bound = next((text for text in asked if "@" in text), "")
    if len(names) > 1 and bound:
        raise SettingsError(
            f"{bound!r} stands on one shot's frames, and {len(names)} shots are named",
            hint="name one shot",
        )
    found = [project.reel.shot(name) for name in names]
    for shot in found:
        if character and character not in shot.characters:
            raise SettingsError(f"{character!r} is not dubbed in {shot.name}",
                                hint="dubbed there: " + ", ".join(shot.characters))  # fmt: skip
    wanted = [[_wanted(text, shot, drop) for text in asked] for shot in found]
    seen = [[_seen(project, shot, key, progress) for key in keys]
            for shot, keys in zip(found, wanted, strict=True)]  # fmt: skip
    store = TweakStore(project.file.folder, project.reel.store.layout)
    for shot, keys in zip(found, seen, strict=True):
        store.amend(
            shot.name, partial(_liking, shot=shot, keys=keys, character=character),
            [f"like {text}" for text in asked],
        )  # fmt: skip
    return tuple(change_tweaks(store, shot, drop) for shot in found)


def _liking(
    now: Tweaks, shot: Shot, keys: Sequence[tuple[LikeKey, NamedExpression]], character: str
) -> Tweaks:
    """The tweaks of a shot with expressions from footage."""
    result = dict(now)
    for key, one in keys:
        who = key.source.partition(":")[0]
        named = (character or who,) if character or who in shot.characters else shot.characters
        for to in named:
            result[to] = with_expression(result.get(to, Tweak()), key, one)
    return result


def _wanted(text: str, shot: Shot, drop: bool) -> LikeKey:
    """What `WHO:EXPRESSION[=STRENGTH][@WHERE]` asks for, without its scores.

    Raises:
        SettingsError: wrong syntax, a strength out of range, or frames outside the shot.
    """
    parsed = _LIKE.fullmatch(text)
    if parsed is None:
        raise SettingsError(
            f"{text!r} is not WHO:EXPRESSION[=STRENGTH][@WHERE]",
            hint="for example ELISE:angry, ELISE:smile=0.6@1012..1040",
        )
    who, name, strength, where = parsed.groups()
    first, last = place_of(where, shot, drop) if where else (None, None)
    return LikeKey(f"{who}:{name}", (), _strength(strength), first, last)


def _strength(text: str | None) -> float:
    try:
        return 1.0 if text is None else float(text)
    except ValueError:
        raise SettingsError(
            f"strength {text!r} is not a number", hint="write a number, as in ELISE:smile=0.6"
        ) from None


def _seen(
    project: Project, shot: Shot, key: LikeKey, progress: Progress
) -> tuple[LikeKey, NamedExpression]:
    """The key with the scores of what is picked, and that."""
    who, _, name = key.source.partition(":")
    one = _picked(project, shot, who, name, progress)
    return replace(key, scores=one.scores), one


def _picked(
    project: Project, shot: Shot, who: str, name: str, progress: Progress
) -> NamedExpression:
    """The expression of a character, or the frame of a take."""
    reel = project.reel
    take = next((t for t in shot.takes if who in (t.name, Path(t.name).stem)), None)
    find = finder(reel)
    if take is not None:
        reel.consent(shot, "lip_reenact")
        tracks = [reel.face_tracks.voice_actor(take.plate, progress=progress)]
        if name.lstrip("+").isdigit():
            start = tracks[0].frames.start if name.startswith("+") else 0
            frame = start + int(name.lstrip("+"))
            if frame not in tracks[0].frames:
                frames = tracks[0].frames
                raise SettingsError(
                    f"take {who} has no frame {name}",
                    hint=f"its face is seen in +0 to +{len(frames) - 1}, which are its frames "
                    f"{frames.start} to {frames.stop - 1}",
                )
            return find(tracks, at=(0, frame))[0]
        return _of_name(find(tracks), name, who)
    if who not in reel.performers:
        takes = ", ".join(Path(t.name).stem for t in shot.takes) or "none here"
        raise SettingsError(
            f"{who!r} is neither a character nor a take of {shot.name}",
            hint=f"characters: {', '.join(reel.performers)}; takes: {takes}",
        )
    expressions = expressions_of(reel, [who], progress)[0]
    if name.isdigit():
        frame = int(name)
        for n, (_, track) in enumerate(expressions.tracks):
            if frame in track.frames:
                return find([track for _, track in expressions.tracks], at=(n, frame))[0]
        raise SettingsError(
            f"no plate of {who} has a frame {frame}", hint="dubsync expressions REEL"
        )
    return _of_name(expressions.found, name, who)


def _of_name(found: Sequence[NamedExpression], name: str, who: str) -> NamedExpression:
    for one in found:
        if one.name == name.replace("-", " ").lower():
            return one
    known = ", ".join(one.name for one in found) or "no expression that has a name"
    raise SettingsError(
        f"the footage of {who} shows no {name!r}",
        hint=f"it shows: {known}; a frame's number works too, as in {who}:1012",
    )
