"""Dub scripts: read, placed on a project's cut, and written in another format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.core.plural import counted
from dubsync.core.script import Script
from dubsync.core.shot import Line, ProjectWarning, Stem
from dubsync.core.timeline.losses import LOST, LossReport
from dubsync.core.timeline.speed import between_rates
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.script.match_lines import Scripted, scripted
from dubsync.service.settings.script_file import ScriptFile
from dubsync.service.stems.stem_start import speed_warning
from dubsync.service.store.atomic_write import write_whole


def read_script(
    path: Path,
    rate: Fraction | None = None,
    *,
    drop: bool = False,
    language: str = "",
    columns: Mapping[str, str] | None = None,
    start: Fraction | None = None,
) -> Script:
    """A script; its times count from midnight where the start of the programme is known.

    Args:
        start: record time of the programme's first frame, seconds; used where the file's times
            count from that frame.

    Raises:
        MissingMedia, SettingsError, TurnoverError: as `script_in`.
    """
    from dubsync.editorial.script.formats import script_in, with_start

    result = script_in(path, rate, drop=drop, language=language, maps=columns)
    if result.from_start and start is not None:
        result = with_start(
            replace(result, rate=result.rate or rate, drop=result.drop or drop), start
        )
    return result


def write_script(script: Script, kind: str, path: Path) -> LossReport:
    """Write `script` to `path` in the format `kind`, one of FORMATS.

    Returns:
        What the format cannot hold.

    Raises:
        SettingsError: no such format.
        DeliveryError: `path` exists already, or the script cannot be written in that format.
    """
    from dubsync.editorial.script.formats import written

    if path.exists() or path.is_symlink():
        raise DeliveryError(f"{path} exists already", hint="choose another file name")
    result = written(script, kind)
    write_whole(path, result.data)
    return result.losses


def under_script(
    file: ScriptFile | None,
    language: str,
    lines: Sequence[Line],
    stems: Mapping[str, Stem],
    record: FrameRange,
    drop: bool,
) -> Scripted:
    """`lines` matched with the project's script; unchanged where it names none.

    Args:
        language: of the dub.
        record: the frames of the cut.
        drop: whether the cut's timecode is drop-frame.
    """
    if file is None:
        return Scripted(tuple(lines), ())
    script, warnings = on_cut(file, language, record, drop)
    names = {character: Path(stem.path).name for character, stem in stems.items()}
    result = scripted(script, lines, names, record, drop)
    return replace(result, warnings=(*warnings, *result.warnings))


def on_cut(
    file: ScriptFile, language: str, record: FrameRange, drop: bool
) -> tuple[Script, tuple[ProjectWarning, ...]]:
    """The project's script in record time, and warnings about it."""
    from dubsync.editorial.script.formats import script_in, with_start

    name, rate = file.path.name, record.rate
    begins = Fraction(record.start) / rate
    read = script_in(file.path, rate, drop=drop, maps=file.columns)
    several = read.format == "DAPT" and not _same(read.language, language)
    if several:
        read = script_in(file.path, rate, drop=drop, language=language, maps=file.columns)
    warnings = [ProjectWarning(name, f"{loss.where}: {loss.what}", loss.hint)
              for loss in read.losses if loss.kind != LOST]  # fmt: skip
    if (
        read.language
        and not _same(read.language, language)
        or (several and not any(line.text for line in read.lines))
    ):
        warnings.append(
            ProjectWarning(
                name,
                f"the script is in {read.language or 'another language'}, the dub in {language}",
                "name the script of this language in dubsync.toml",
            )
        )
    warnings += _unchecked(name, read)
    if read.rate is not None and read.rate != rate:
        known = between_rates(read.rate, rate)
        evidence = f"the script counts {read.rate} fps, the cut {rate} fps"
        warnings.append(
            speed_warning(name, known, evidence) if known
            else ProjectWarning(name, evidence, "check that it is the script of this cut")
        )  # fmt: skip
    if read.from_start:
        absolute = any(
            line.start * rate < record.stop and line.stop * rate > record.start
            for line in read.lines
        )
        relative = any(line.start < len(record) / rate for line in read.lines)
        if absolute and not relative:
            warnings.append(
                ProjectWarning(
                    name,
                    "its times seem to count from the first frame, but fit the cut only as record "
                    "time; used as record time",
                    "export the script with timecode",
                )
            )
        else:
            read = with_start(read, begins)
    return read, tuple(warnings)


def _unchecked(name: str, script: Script) -> list[ProjectWarning]:
    """A warning about machine-made lines that nobody has checked."""
    lines = sum(line.unchecked for line in script.lines)
    if not lines:
        return []
    return [
        ProjectWarning(
            name,
            f"{lines} of {counted(len(script.lines), 'line')} are machine-made and nobody has "
            "checked them; their words do not move the lips",
            "correct their words, or clear the note of a line that is right",
        )
    ]


def _same(ours: str, theirs: str) -> bool:
    return ours.split("-")[0].lower() == theirs.split("-")[0].lower()
