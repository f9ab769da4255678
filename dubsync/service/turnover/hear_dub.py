"""Hears one dub by itself: what a turnover needs of each, so that several are heard at once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from dubsync.core.shot import Stem
from dubsync.core.sound.tracks import WHOLE
from dubsync.service.settings.project_file import ProjectFile, Role
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.open_dub import open_dub
from dubsync.service.store.folder import Store
from dubsync.service.turnover.open_turnover import checked_file
from dubsync.service.voices.mixed_stem import mixed_roles, music_warnings
from dubsync.speech.lines import spoken_runs


def is_heard(project: ProjectFile, role: Role, audio: AudioAnalysisCache, store: Store) -> bool:
    """Whether the role's dub was heard already.  Raises as `open_dub`."""
    return audio.is_heard(_stem(project, role, store))


def seconds_of(project: ProjectFile, role: Role, store: Store) -> float:
    """How long the role's dub is.  Raises as `open_dub`."""
    stem = _stem(project, role, store)
    return stem.n_samples / stem.sample_rate


def hear_dub(project: ProjectFile, role: Role, audio: AudioAnalysisCache, store: Store) -> float:
    """Analyse the whole sound of the role's dub, and keep what is found.

    Returns:
        Seconds of speech in it.

    Raises:
        MissingMedia, MediaError: there is no such file, or it cannot be read.
    """
    stem = _stem(project, role, store)
    features = audio.stem_features(stem)
    audio.rests(stem)
    spoken = spoken_runs(replace(features, start=Fraction(0)))
    if role.dub not in mixed_roles(project):
        audio.condition(stem)
        music_warnings(stem, audio, spoken)
    return sum(stop - start for start, stop in spoken)


def _stem(project: ProjectFile, role: Role, store: Store) -> Stem:
    """The role's dub as if record time began with it."""
    path = checked_file(role.dub, f"dub of {role.character}")
    asked, written = project.heard.get(role.dub, WHOLE), project.shown(role.dub)
    sound, _ = open_dub(path, project.language, store, asked=asked, written=written)
    return Stem(role.character, project.language, str(role.dub), sound.sample_rate,
                sound.n_samples, Fraction(0), heard=sound.heard)  # fmt: skip
