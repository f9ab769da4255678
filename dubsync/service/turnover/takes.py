"""Takes: the character by file name, and the line by sound, or without sound by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dubsync.core.errors import DubsyncError, MissingMedia
from dubsync.core.progress import Progress
from dubsync.core.shot import Line, Plate, ProjectWarning, Stem, Take
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.turnover.opened_files import OpenedFiles

_LINE_NUMBER = re.compile(r"(?<![A-Za-z0-9])L(\d{1,4})(?![A-Za-z0-9])", re.IGNORECASE)
#: Share of a line that the timecode of a take without sound must cover to be the line's.
COVERED = 0.8


def take_plates_of(
    project: ProjectFile, files: OpenedFiles, progress: Progress
) -> tuple[Sequence[Plate], Sequence[ProjectWarning]]:
    """The takes in the project's folders.  Raises MissingMedia for a folder that is absent."""
    for folder in project.takes:
        if not folder.is_dir():
            raise MissingMedia(
                f"the takes folder was not found: {folder}",
                hint="check takes in dubsync.toml: under [project], or under the language",
            )
    return files.plates(project.takes, progress) if project.takes else ((), ())


def match_takes(
    plates: Sequence[Plate],
    stems: Mapping[str, Stem],
    lines: Sequence[Line],
    audio: AudioAnalysisCache,
) -> tuple[list[Take], list[ProjectWarning]]:
    """Takes with their character and line, and warnings.

    The character is the one that the file name begins with.  The line is the one where the take's
    words are heard; a take without sound is matched by its name or timecode, and that is said.
    """
    takes: list[Take] = []
    warnings: list[ProjectWarning] = []
    for plate in plates:
        character = take_character(plate.name, tuple(stems))
        if character is None:
            message = "not used: its name does not begin with a character's name"
            hint = "name takes CHARACTER_LINE_TAKE.mov"
            warnings.append(ProjectWarning(plate.name, message, hint))
            continue
        if not plate.has_sound:
            line, warning = _without_sound(plate, character, lines)
            warnings.append(warning)
            takes += [Take(plate, character, line.name)] if line else []
            continue
        try:
            span = audio.take_span(plate, stems[character])
        except DubsyncError as error:
            warnings.append(ProjectWarning(plate.name, f"not used: {error}", error.hint))
            continue
        line = _line_under(span, character, lines)
        if line is None:
            warnings.append(
                ProjectWarning(plate.name, f"not used: no line of {character} where it fits")
            )
            continue
        takes.append(Take(plate, character, line.name))
    return takes, warnings


def _without_sound(
    plate: Plate, character: str, lines: Sequence[Line]
) -> tuple[Line | None, ProjectWarning]:
    """The line of a take without sound, and the warning that says how it was found."""
    own = [line for line in lines if line.character == character]
    hint = f"name it after its line, such as {character}_L002_take1.mov"
    for found, how in (
        (_named_line(plate.name, character, own), "by its name"),
        (_line_by_timecode(plate, own), "by its timecode"),
        (own[0] if len(own) == 1 else None, f"the only line of {character}"),
    ):
        if found is not None:
            message = f"has no sound: matched with {found.called}, {how}; its lips are aligned"
            return found, ProjectWarning(plate.name, f"{message} with the dub", hint)
    message = "not used: it has no sound, and neither its name nor its timecode names a line"
    return None, ProjectWarning(plate.name, message, hint)


def _named_line(name: str, character: str, own: Sequence[Line]) -> Line | None:
    """The line whose number ("L002") or cue number stands in a file name."""
    rest = name[len(character) :].rpartition(".")[0]
    numbers = {int(number) for number in _LINE_NUMBER.findall(rest)}
    words = {word.lower() for word in re.split(r"[^A-Za-z0-9]+", rest) if word}
    matches = [
        line
        for line in own
        if int(line.name.rpartition("_L")[2]) in numbers or line.cue and line.cue.lower() in words
    ]
    return matches[0] if len(matches) == 1 else None


def _line_by_timecode(plate: Plate, own: Sequence[Line]) -> Line | None:
    """The line that the take's timecode covers, where it is record time."""
    if not plate.has_timecode:
        return None
    first, last = (float(f / plate.frames.rate) for f in (plate.frames.start, plate.frames.stop))
    for line in own:
        start, stop = (float(f / line.record.rate) for f in (line.record.start, line.record.stop))
        if min(stop, last) - max(start, first) >= COVERED * (stop - start):
            return line
    return None


def take_character(name: str, characters: Sequence[str]) -> str | None:
    """The character whose name begins the file name `name`; the longest of several."""
    matches = [
        c for c in characters if re.match(re.escape(c) + r"[\W_]", name, flags=re.IGNORECASE)
    ]
    return max(matches, key=len, default=None)


def _line_under(span: tuple[float, float], character: str, lines: Sequence[Line]) -> Line | None:
    """The line of `character` that shares most time with `span` (record seconds)."""

    def shared(line: Line) -> float:
        start, stop = (float(f / line.record.rate) for f in (line.record.start, line.record.stop))
        return min(stop, span[1]) - max(start, span[0])

    own = [line for line in lines if line.character == character and shared(line) > 0]
    return max(own, key=shared, default=None)
