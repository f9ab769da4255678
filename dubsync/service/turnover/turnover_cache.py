"""The turnover of one language of a project: opened at the first use, then cached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from dubsync.core.progress import Progress
from dubsync.service.consent.records import read_all
from dubsync.service.consent.take_training import take_training
from dubsync.service.faces.cast import Casting
from dubsync.service.settings.languages import missing_dub_warnings
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.service.turnover.open_turnover import Intake, open_turnover
from dubsync.service.turnover.opened_files import OpenedFiles
from dubsync.service.voices.plate_evidence import PlateEvidence


class TurnoverCache:
    """The Intake of one language, with warnings about missing dubs and consent added.

    Args:
        whole: the project with all its languages.
        language: the one to open.
        files: the cuts and plates opened so far, shared by all languages.
        elsewhere: returns the faces that the dubs into the languages before this one identified.
    """

    def __init__(
        self,
        whole: ProjectFile,
        language: str,
        store: Store,
        files: OpenedFiles,
        elsewhere: Callable[[], Sequence[Casting]],
    ) -> None:
        self._whole, self._language, self._store = whole, language, store
        self._files, self._elsewhere = files, elsewhere
        self._intake: Intake | None = None
        self._looked = False

    def now(self, progress: Progress) -> Intake:
        """The Intake without analysing a plate.  Raises as `open_turnover`."""
        if self._intake is None:
            self._intake = self._opened(progress, look=False)
        return self._intake

    def looked(self, progress: Progress) -> Intake:
        """The Intake after the plates under mixed stems were analysed to match voices to faces."""
        if self.now(progress).voices and not self._looked:
            self._intake, self._looked = self._opened(progress, look=True), True
        return self.now(progress)

    def forget(self) -> None:
        """Join the turnover again at the next use; files that are open stay open."""
        self._intake, self._looked = None, False

    def forget_voices(self) -> None:
        """Assign the voices of mixed stems again at the next use, because faces have changed."""
        if self._intake is not None and self._intake.voices:
            self.forget()

    def _opened(self, progress: Progress, *, look: bool) -> Intake:
        project = self._whole.in_language(self._language)
        evidence = PlateEvidence(project, self._store)
        refused = evidence.consent_warning(self._whole.languages) if look else None
        faces = evidence.cached
        if look and not refused:
            faces = partial(evidence.faces, elsewhere=self._elsewhere, progress=progress)
        result = open_turnover(
            project, AudioAnalysisCache(self._store), self._store,
            files=self._files, faces=faces, progress=progress,
        )  # fmt: skip
        training, unused = take_training(
            {role.character: role.voice_actor for role in project.roles if role.voice_actor},
            result.takes,
            read_all(project.folder / "consent"),
            self._language,
            date.today(),
        )
        more = [refused] if refused else []
        more += [*missing_dub_warnings(self._whole, self._language), *unused]
        warnings = (*result.turnover.warnings, *more)
        return replace(
            result, take_training=training, turnover=replace(result.turnover, warnings=warnings)
        )
