"""Write a machine-made script of a project's dub, for a person to correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.digest import digest
from dubsync.core.errors import DeliveryError, MissingMedia, SettingsError
from dubsync.core.plural import counted
from dubsync.core.progress import Progress, silent
from dubsync.core.script import Script
from dubsync.core.shot import ProjectWarning
from dubsync.service.project import Project
from dubsync.service.script.convert import write_script
from dubsync.service.script.transcript import Model, transcribed
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.service.turnover.open_turnover import Intake, cut_span
from dubsync.speech.transcription import model_files, open_transcriber

#: Suffix of a file -> its format: sheets, which have a column for the marks.
SHEETS = {".xlsx": "xlsx", ".csv": "csv", ".tsv": "tsv"}


@dataclass(frozen=True, slots=True)
class MachineScript:
    """A machine-made script as written to `path`.

    model    digest of the model's files
    unsure   number of words that are marked as unsure
    unheard  number of lines without words: speech is heard, but not understood
    """

    path: Path
    script: Script
    model: str
    unsure: int
    unheard: int
    warnings: tuple[ProjectWarning, ...]


def transcribe(
    project: Project, model: Path, out: Path | None = None, *, progress: Progress = silent
) -> MachineScript:
    """Write the words that `model` hears in the project's dub as a cue sheet.

    Args:
        model: folder of a Whisper model in CTranslate2's form; nothing is downloaded.
        out: a sheet, .xlsx, .csv or .tsv, that does not exist yet; None: NAME_LANGUAGE_machine.xlsx
            in the project's folder.

    Raises:
        SettingsError: another suffix, or the model does not know the dub's language.
        DeliveryError: `out` exists, or cannot be written.
        ModelError: no model there, or the extra dubsync[transcribe] is not installed.
        MissingMedia: no speech is heard within the cut.
    """
    path = out or project.file.folder / f"{project.file.name}_{project.language}_machine.xlsx"
    kind = SHEETS.get(path.suffix.lower())
    if kind is None:
        raise SettingsError(
            f"{path.name} is no cue sheet", hint="name it .xlsx, .csv or .tsv; dubsync script FILE "
            "--to FORMAT OUT converts it",
        )  # fmt: skip
    if path.exists() or path.is_symlink():
        raise DeliveryError(f"{path} exists already", hint="choose another name: -o FILE")
    known = _model_digest(model, project.store)
    device = project.file.settings.engine.device
    transcriber = open_transcriber(model, "cuda" if device == "cuda" else "cpu")
    project.turnover(progress=progress)
    intake = project.intake
    result = transcribed(
        tuple(intake.stems.values()), cut_span(intake.stem_cut), Model(transcriber, known),
        AudioAnalysisCache(project.store), project.store,
        drop=intake.stem_cut.drop, progress=progress,
    )  # fmt: skip
    if not result.script.lines:
        raise MissingMedia(
            "no speech is heard in the dub within the cut", hint="see dubsync turnover REEL"
        )
    lost = write_script(result.script, kind, path)
    warnings = (
        *_undecided(intake),
        *result.warnings,
        *(ProjectWarning(path.name, f"{loss.where}: {loss.what}", loss.hint) for loss in lost),
    )
    return MachineScript(path, result.script, known, result.unsure, result.unheard, warnings)


def _model_digest(folder: Path, store: Store) -> str:
    """One digest for the names and bytes of the model's files.  Raises ModelError."""
    files: Sequence[Path] = model_files(folder)
    return digest("whisper", [(file.name, store.file_digest(file)) for file in files])


def _undecided(intake: Intake) -> list[ProjectWarning]:
    """A warning about the voices that have no character yet, and so no lines."""
    voices = [voice for voice in intake.voices if voice.character is None]
    if not voices:
        return []
    names = ", ".join(voice.name for voice in voices)
    return [
        ProjectWarning(
            voices[0].stem,
            f"{counted(len(voices), 'voice')} without a character, not transcribed: {names}",
            "say whose they are: dubsync turnover REEL --look",
        )
    ]
