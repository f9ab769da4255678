"""The plates under a mixed stem, looked at for whose voice is whose; what was seen is kept."""

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

KIND = "voices"  #: of derived data: goes when consent is withdrawn, as prints do


class VoiceLooker:
    """Tells `open_turnover` of the faces in the shots over which a mixed stem's voices speak."""

    def __init__(self, project: ProjectFile, store: Store) -> None:
        self._project, self._store, self._day = project, store, date.today()
        self._pointed = face_points(project)

    def kept(self, shots: Sequence[Shot]) -> tuple[SeenFace, ...]:
        """What was seen when somebody looked last; no plate is opened, no engine loaded."""
        kept = self._store.kept_arrays(KIND, self._key(shots)) if shots else None
        return from_arrays(kept) if kept else ()

    def looked(
        self,
        shots: Sequence[Shot],
        *,
        elsewhere: Callable[[], Sequence[Casting]],
        progress: Progress,
    ) -> tuple[SeenFace, ...]:
        """As `kept`, else the plates are looked at and listened to.

        A plate that cannot be tracked tells nothing.

        Args:
            elsewhere: asked for whose faces the dubs into other languages found.
        """
        if not shots:
            return ()

        def make() -> tuple[SeenFace, ...]:
            engine = load_engine(self._project.settings.engine)
            return self._look(shots, joined(elsewhere()), engine, progress)

        kept = self._store.arrays(KIND, self._key(shots), lambda: to_arrays(make()))
        return from_arrays(kept)

    def _look(
        self, shots: Sequence[Shot], elsewhere: Known, engine: Engine, progress: Progress
    ) -> tuple[SeenFace, ...]:
        face_tracks = FaceTrackCache(self._store, engine)
        plate_sound = PlateSound(self._store, engine, AudioAnalysisCache(self._store), face_tracks)
        tracks: dict[str, tuple[FaceTrack, ...]] = {}
        for shot in shots:
            try:
                tracks[shot.name] = face_tracks.in_shot(shot, progress=progress)
            except DubsyncError:
                continue  # whoever syncs the shot is told why
        here = [shot for shot in shots if shot.name in tracks]
        speaking = {shot.name: plate_sound.speaking(shot, tracks[shot.name]) for shot in here}
        people = tuple(self._project.performers)
        return seen_faces(here, tracks, speaking, people, self._pointed, elsewhere)

    def _key(self, shots: Sequence[Shot]) -> str:
        engine = self._project.settings.engine.engine
        return looked_key(shots, engine, tuple(self._project.performers), self._pointed)

    def refused(self, languages: Sequence[str]) -> ProjectWarning | None:
        """Why plates are not looked at for voices, or None.

        Whose face is in a plate is not known before, so everybody in a mixed stem must have agreed.

        Args:
            languages: the project's; a plate may be looked at where one is consented.
        """
        records = read_all(self._project.folder / "consent")
        roles = [role for theirs in mixed_roles(self._project).values() for role in theirs]
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
            "plates are not looked at for whose voices these are: no consent that holds from "
            + ", ".join(lacking),
            "put a signed record into the project's consent/ folder "
            "(docs/reference/consent.md), or answer",
        )
