"""Joins a project's file, its turnover and its answers to the Reel that everything works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dubsync.core.shot import Stem, Turnover
from dubsync.service.consent.live import LiveConsent
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.reel.actor_cache import kept_actors
from dubsync.service.reel.reel import Reel
from dubsync.service.settings import answers
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.conform_stems import StemConform
from dubsync.service.store.folder import Store
from dubsync.service.tweaks.tweak_store import Tweaks


def open_reel(
    file: ProjectFile,
    turnover: Turnover,
    *,
    stems: Mapping[str, Stem],
    stem_conform: StemConform,
    take_training: Mapping[str, TakeTraining],
    store: Store,
    tweaks: Mapping[str, Tweaks],
    earlier: Sequence[Reel],
    languages: Sequence[str],
) -> Reel:
    """The reel of a project in one language.

    Args:
        file: the project, as if that were its only language.
        turnover: with every warning that is added to it.
        earlier: the reels of the languages before this one.
        languages: every language of the project.
    """
    return Reel(
        turnover=turnover,
        stems=stems,
        stem_conform=stem_conform,
        kept=kept_actors(store),
        language=file.language,
        performers=file.performers,
        pauses=file.pauses,
        photos=file.photos,
        consents=LiveConsent(file.folder / "consent"),
        settings=file.settings,
        store=store,
        audio_analysis=AudioAnalysisCache(store, file.settings.engine.device),
        pointed=answers.face_points(file),
        holdouts=file.holdouts,
        renderers=answers.renderers(file.folder, file.language),
        tweaks=tweaks,
        earlier=earlier,
        languages=languages,
        take_training=take_training,
        voice_actors={r.character: r.voice_actor for r in file.roles if r.voice_actor},
    )
