"""Analyses the plates under a mixed stem for evidence whose voice is whose; cached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from dubsync.core.errors import DubsyncError
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.steps import Engine
from dubsync.service.consent.records import LIP_REENACT, agreed, read_all
from dubsync.service.faces.cast import Casting
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.plate_sound import PlateSound
from dubsync.service.faces.recognition import joined
from dubsync.service.plugins import load_engine
from dubsync.service.settings.answers import face_points
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.service.voices.mixed_stem import mixed_roles
from dubsync.service.voices.seen_faces import Known, from_arrays, looked_key, seen_faces, to_arrays
from dubsync.service.voices.voice_face_match import SeenFace

KIND = "voices"  #: of derived data: deleted with the voiceprints when consent is withdrawn


class PlateEvidence:
    """The faces in the shots over which the voices of a mixed stem speak, for `open_turnover`."""

    def __init__(self, project: ProjectFile, store: Store) -> None:
        self._project, self._store, self._day = project, store, date.today()
        self._pointed = face_points(project)

    def cached(self, shots: Sequence[Shot]) -> tuple[SeenFace, ...]:
        """The cached faces, none where nothing is cached; opens no plate and no engine."""
        arrays = self._store.kept_arrays(KIND, self._key(shots)) if shots else None
        return from_arrays(arrays) if arrays else ()

    def faces(
        self,
        shots: Sequence[Shot],
        *,
        elsewhere: Callable[[], Sequence[Casting]],
        progress: Progress,
    ) -> tuple[SeenFace, ...]:
        """As `cached`, but analyses the plates where nothing is cached.

        A plate that cannot be tracked gives no faces.

        Args:
            elsewhere: returns the faces that the dubs into other languages identified.
        """
        if not shots:
            return ()

        def make() -> tuple[SeenFace, ...]:
            engine = load_engine(self._project.settings.engine)
            return self._analysed(shots, joined(elsewhere()), engine, progress)

        return from_arrays(self._store.arrays(KIND, self._key(shots), lambda: to_arrays(make())))

    def _analysed(
        self, shots: Sequence[Shot], elsewhere: Known, engine: Engine, progress: Progress
    ) -> tuple[SeenFace, ...]:
        face_tracks = FaceTrackCache(self._store, engine)
        plate_sound = PlateSound(self._store, engine, AudioAnalysisCache(self._store), face_tracks)
        tracks: dict[str, tuple[FaceTrack, ...]] = {}
        for shot in shots:
            try:
                tracks[shot.name] = face_tracks.in_shot(shot, progress=progress)
            except DubsyncError:
                continue  # `sync` reports it for the shot
        here = [shot for shot in shots if shot.name in tracks]
        speaking = {shot.name: plate_sound.speaking(shot, tracks[shot.name]) for shot in here}
        people = tuple(self._project.performers)
        return seen_faces(here, tracks, speaking, people, self._pointed, elsewhere)

    def _key(self, shots: Sequence[Shot]) -> str:
        engine = self._project.settings.engine.engine
        return looked_key(shots, engine, tuple(self._project.performers), self._pointed)

    def consent_warning(self, languages: Sequence[str]) -> ProjectWarning | None:
        """Why the plates may not be analysed for voices; None where they may.

        It is not known in advance whose face is in a plate, so every performer in a mixed stem
        must have consented.

        Args:
            languages: the project's; consent for one of them is enough.
        """
        records = read_all(self._project.folder / "consent")
        roles = [role for group in mixed_roles(self._project).values() for role in group]
        lacking = dict.fromkeys(
            role.performer
            for role in roles
            if not any(
                agreed(records, [role.performer], LIP_REENACT, tag, self._day) for tag in languages
            )
        )
        if not lacking:
            return None
        return ProjectWarning(
            roles[0].dub.name,
            "the plates are not searched for the speakers of this stem: no valid consent from "
            + ", ".join(lacking),
            "put a signed record into the project's consent/ folder (docs/reference/consent.md), "
            "or assign the voices under [voices] in dubsync.toml",
        )
