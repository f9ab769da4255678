"""Digest of all that a shot's picture depends on: when it changes, the render is stale (DR005)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dubsync.core.digest import digest
from dubsync.core.progress import Progress
from dubsync.core.shot import Shot
from dubsync.service.reel.speaking_style import speaking_style_key
from dubsync.service.tweaks.tweak_store import tweaks_plain

if TYPE_CHECKING:
    from dubsync.service.reel.reel import Reel


def render_key(reel: Reel, shot: Shot, progress: Progress) -> str:
    """Digest of every input and setting; no language is in it, for only what is heard counts."""
    people, _ = reel.faces(shot, progress)
    dubs = [
        (who, reel.actor_key(who, progress), speaking_style_key(reel, who, progress),
         [(track.face, track.frames) for track in tracks],
         reel.audio_analysis.window_digest(reel.stem(who, shot), shot))
        for who, tracks in people.items()
    ]  # fmt: skip
    drawn = []
    for who, picked in reel.picks(shot, progress).items():
        trained = reel.trained(who, progress) if picked.renderer == "actor" else None
        drawn.append((who, picked.renderer, trained.digest if trained else ""))
    away = reel.off_screen(shot, progress)
    elsewhere = {who: [(ln.name, ln.record) for ln in away[who]] for who in sorted(away)}
    takes = [(t.name, t.line, reel.store.file_digest(Path(t.path))) for t in shot.takes]
    pace = shot.time.keyframes if shot.speed is None else shot.speed
    # What was asked for shows in what is drawn; how long training may take shows nowhere.
    engine = replace(reel.settings.engine, renderer="auto", train_minutes=0.0)
    return digest(
        "render", reel.engine.version, engine, reel.settings.delivery,
        tweaks_plain(reel.tweaks.get(shot.name, {})),
        reel.store.plate_digest(shot.plate), shot.source, shot.render, shot.record, pace,
        dubs, drawn, takes, elsewhere,
    )  # fmt: skip
