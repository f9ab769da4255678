"""What a project brings in one language, taken in when first asked for, and kept."""

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
from dubsync.service.turnover.intake import Intake, open_turnover
from dubsync.service.turnover.opened_files import OpenedFiles
from dubsync.service.voices.plate_evidence import VoiceLooker


class TurnoverCache:
    """The Intake of one language, with what a project of several, and consent, have to say of it.

    Args:
        whole: what dubsync.toml says of every language.
        language: the one to take in.
        files: the cuts and plates opened so far, shared by all languages.
        elsewhere: asked for whose faces the dubs into the languages before this one found.
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
        """As far as is known without looking at a plate.  Raises as `open_turnover`."""
        if self._intake is None:
            self._intake = self._taken_in(progress, look=False)
        return self._intake

    def looked(self, progress: Progress) -> Intake:
        """With the plates under mixed stems looked at, for whose voice is whose."""
        if self.now(progress).voices and not self._looked:
            self._intake, self._looked = self._taken_in(progress, look=True), True
        return self.now(progress)

    def forget(self) -> None:
        """All is taken in again: it hangs on consent."""
        self._intake, self._looked = None, False

    def forget_voices(self) -> None:
        """Whose voice is whose is asked again: it hangs on faces."""
        if self._intake is not None and self._intake.voices:
            self.forget()

    def _taken_in(self, progress: Progress, *, look: bool) -> Intake:
        project = self._whole.in_language(self._language)
        looker = VoiceLooker(project, self._store)
        refused = looker.refused(self._whole.languages) if look else None
        looked = looker.kept
        if look and not refused:
            looked = partial(looker.looked, elsewhere=self._elsewhere, progress=progress)
        result = open_turnover(
            project, AudioAnalysisCache(self._store), self._store,
            files=self._files, looked=looked, progress=progress,
        )  # fmt: skip
        taught, untaught = take_training(
            {role.character: role.voice_actor for role in project.roles if role.voice_actor},
            result.takes,
            read_all(project.folder / "consent"),
            self._language,
            date.today(),
        )
        more = [refused] if refused else []
        more += [*missing_dub_warnings(self._whole, self._language), *untaught]
        warnings = (*result.turnover.warnings, *more)
        return replace(
            result, take_training=taught, turnover=replace(result.turnover, warnings=warnings)
        )
