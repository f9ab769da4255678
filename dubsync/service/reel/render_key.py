"""Digest of all inputs of a shot's picture: if it changes, the render is stale (DR005)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dubsync.core.digest import digest
from dubsync.core.errors import MissingMedia
from dubsync.core.shot import Shot
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.grain.plate_grain import grain_key
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.settings.photo_setting import photograph_files
from dubsync.service.tweaks.tweak_store import tweaks_plain


def render_key(reel: ReelInputs, shot: Shot, faces: Sequence[DubbedFace]) -> str:
    """Digest of every input and setting.

    The language is not part of it: only the sound under the shot counts.
    """
    dubs = [
        (face.character, face.actor_key, face.speaking_style_key,
         [(track.face, track.frames) for track in face.tracks],
         reel.audio_analysis.window_digest(face.stem, shot))
        for face in faces
    ]  # fmt: skip
    rests = [
        (face.character, under)
        for face in faces
        if (under := reel.audio_analysis.rests_under(face.stem, shot))
    ]
    drawn = [(face.character, face.pick.renderer, face.trained or "") for face in faces]
    elsewhere = {
        face.character: [(ln.name, ln.record) for ln in face.off_screen]
        for face in sorted(faces, key=lambda face: face.character)
        if face.off_screen
    }
    shut = reel.shut_in_pauses(face.character for face in faces)
    takes = [(t.name, t.line, reel.store.file_digest(Path(t.path))) for t in shot.takes]
    matte = reel.in_front.matte_digest(shot)
    pace = shot.time.keyframes if shot.speed is None else shot.speed
    photos = [
        (face.character, _photographs(reel, face.character))
        for face in faces
        if face.character in reel.photos and "head" in face.regions(shot.render)
    ]
    # The renderer is in `drawn`; the time limit of training changes no picture.
    engine = replace(reel.settings.engine, renderer="auto", train_minutes=0.0)
    grain = grain_key(reel, shot)
    return digest(
        "render", reel.engine.version, engine, reel.settings.delivery,
        tweaks_plain(reel.tweaks.get(shot.name, {})),
        reel.store.plate_digest(shot.plate), shot.source, shot.render, shot.record, pace,
        dubs, drawn, takes, elsewhere, *((matte,) if matte else ()),
        *((("shut in pauses", shut),) if shut else ()),
        *((("photographs", photos),) if photos else ()), *_colours(shot),
        *((("grain", grain),) if grain else ()), *mark_key(reel), *shot.plate.shown_key,
        *precision_key(reel), *((("rests in music", rests),) if rests else ()),
    )  # fmt: skip


def precision_key(reel: ReelInputs) -> tuple[object, ...]:
    """What networks are computed in; () where that is float32, as it was before one could say."""
    precision = reel.settings.engine.precision
    return () if precision == "float32" else (("precision", precision),)


def _colours(shot: Shot) -> tuple[object, ...]:
    """How the colours of the shot's plate and takes are managed; () where they are not."""
    plates = (shot.plate, *(take.plate for take in shot.takes))
    keys = [(plate.name, key) for plate in plates for key in plate.format.colour_key]
    return (("colours", keys),) if keys else ()


def mark_key(reel: ReelInputs) -> tuple[object, ...]:
    """Whose mark is made, and how; () where none is, so that nothing is drawn anew for it."""
    return () if reel.house_mark is None else (reel.house_mark.key,)


def _photographs(reel: ReelInputs, character: str) -> list[str]:
    """Digests of the photographs that a head is drawn from besides plates; of none that is gone."""
    try:
        files = photograph_files(reel.photos[character])
    except MissingMedia:
        return []
    return [reel.store.file_digest(path) for path in files]
