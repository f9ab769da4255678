"""Expressions found in the footage of characters: frames, a picture sheet, and tweaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from dubsync.service.tweaks.tweak_store import TweakStore

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
    project: Project, shot_name: str, asked: Sequence[str], *, character: str = "",
    progress: Progress,
) -> ShotTweaks:  # fmt: skip
    """Give the characters of a shot expressions from footage, as one step that can be undone.

    Args:
        asked: `WHO:EXPRESSION[=STRENGTH][@WHERE]`.  WHO is a character, or the name of one of the
            shot's takes; EXPRESSION a name that `expressions_of` finds, or a frame of the take or
            of a plate of the character's, as in "ELISE:918500".
        character: whose face gets it; "": WHO if they are dubbed in the shot, else everybody.

    Raises:
        SettingsError: wrong syntax, nobody of that name, or no such expression.
    """
    reel = project.reel
    shot, drop = reel.shot(shot_name), project.turnover().cut.drop
    keys: list[tuple[str, LikeKey, NamedExpression]] = []
    for text in asked:
        parsed = _LIKE.fullmatch(text)
        if parsed is None:
            raise SettingsError(
                f"{text!r} is not WHO:EXPRESSION[=STRENGTH][@WHERE]",
                hint="for example ELISE:angry, ELISE:smile=0.6@1012..1040",
            )
        who, name, strength, where = parsed.groups()
        one = _picked(project, shot, who, name, progress)
        first, last = place_of(where, shot, drop) if where else (None, None)
        source = f"{who}:{name}"
        keys.append((who, LikeKey(source, one.scores, float(strength or 1), first, last), one))

    def amended(now: Tweak, to: str) -> Tweak:
        for who, key, one in keys:
            if to in (character or (who if who in shot.characters else to),):
                now = with_expression(now, key, one)
        return now

    store = TweakStore(project.file.folder, reel.store.layout)
    people = (character,) if character else shot.characters
    store.amend(
        shot.name,
        lambda now: {**now, **{who: amended(now.get(who, Tweak()), who) for who in people}},
        [f"like {text}" for text in asked],
    )
    return change_tweaks(store, shot, drop)


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
            return find(tracks, at=(0, start + int(name.lstrip("+"))))[0]
        return _of_name(find(tracks), name, who)
    if who not in reel.performers:
        known = ", ".join([*reel.performers, *(Path(t.name).stem for t in shot.takes)])
        raise SettingsError(f"{who!r} is neither a character nor a take of {shot.name}", hint=known)
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
    known = ", ".join(one.name for one in found)
    raise SettingsError(f"the footage of {who} shows no {name!r}", hint=f"it shows: {known}")
