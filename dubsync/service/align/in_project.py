"""Align the lines of a project, and say how to use the result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Stem
from dubsync.core.sound.tracks import SoundChoice
from dubsync.core.timeline.timecode import Clock
from dubsync.service.align.align_lines import align_lines, lines_to_align
from dubsync.service.align.guide import open_guide
from dubsync.service.align.results import Alignment
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.settings.stem_choices import stem_choices_text
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.service.turnover.open_turnover import Intake


def align_in_project(
    file: ProjectFile,
    intake: Intake,
    store: Store,
    names: Sequence[str],
    to: str,
    progress: Progress = silent,
) -> tuple[Alignment, Clock]:
    """Align the named lines (none: all) to `to`, and the cut's clock; see `align_lines`.

    Args:
        file: the project in the language of the dub.
        to: "original", or the path of a sound file.

    Raises:
        SettingsError, MissingMedia, MediaError: no such line, or no such guide.
    """
    turnover = intake.turnover

    def use(stem: Stem, written: Path) -> str:
        return to_use(file, store.layout.first, stem, written)

    wanted = lines_to_align(turnover.shots, names, intake.stems, intake.conform)
    audio = AudioAnalysisCache(store)
    guide = open_guide(to, turnover, audio, [one.line for one in wanted])
    clock = Clock(turnover.cut.rate, turnover.cut.drop)
    return align_lines(wanted, guide, clock, use, progress), clock


def to_use(file: ProjectFile, first: bool, stem: Stem, written: Path) -> str:
    """The lines of dubsync.toml that make a project use `written` in place of `stem`.

    Args:
        file: the project in the language of the dub.
        first: whether that is the project's first language.
    """
    shown = file.shown(written)
    characters = [role.character for role in file.roles if str(role.dub) == stem.path]
    lines: list[str] = []
    if first:
        for character in characters:
            lines += [f"[characters.{character}]", f'dub = "{shown}"']
    else:
        lines = [f"[languages.{file.language}.dub]"]
        lines += [f'{character} = "{shown}"' for character in characters]
    heard = file.heard.get(Path(stem.path))
    if heard is not None and heard.channels:
        lines += stem_choices_text({shown: SoundChoice(0, heard.channels)})
    return "\n".join(f"  {line}".rstrip() for line in lines)
