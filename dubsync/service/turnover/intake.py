"""Everything a project's files name, opened and laid against the cut: a Turnover."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from dubsync.core.errors import DubsyncError, MissingMedia, SettingsError, TurnoverError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Cut, Line, Plate, ProjectWarning, Shot, Stem, Take, Turnover
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.timeline.timecode import Clock, FrameRange
from dubsync.editorial.probe import probe_format
from dubsync.editorial.turnover.shots import turnover
from dubsync.media.sound.stem import probe_sound
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.script.convert import under_script
from dubsync.service.settings.project_file import ProjectFile, Role
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.conform_stems import IN_PLACE, StemConform, conform_to
from dubsync.service.stems.stem_start import stem_start
from dubsync.service.stems.word_times import words_warnings
from dubsync.service.store.folder import Store
from dubsync.service.turnover.opened_files import OpenedFiles
from dubsync.service.voices.diarization import FaceLookup
from dubsync.service.voices.mixed_stem import (
    HeardVoice,
    Untangled,
    mixed_roles,
    music_warnings,
    split_mixed_stem,
)
from dubsync.service.voices.voice_face_match import SeenFace
from dubsync.speech.lines import spoken_runs


@dataclass(frozen=True, slots=True)
class Intake:
    """A Turnover with what was opened to make it.

    stems   character -> their dub; `laid`: where it lies under each event
    voices  every voice of every mixed stem, and whose it is
    takes   every take whose words are found in its character's dub
    teaching  character -> those that may teach how the dub moves their mouth
    """

    turnover: Turnover
    stems: Mapping[str, Stem]
    laid: StemConform = IN_PLACE
    voices: tuple[HeardVoice, ...] = ()
    takes: tuple[Take, ...] = ()
    take_training: Mapping[str, TakeTraining] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Whether some voice is nobody's yet."""
        return any(voice.character is None for voice in self.voices)


#: What is known of the faces in some shots.
Looked = Callable[[Sequence[Shot]], Sequence[SeenFace]]


def not_looked(shots: Sequence[Shot]) -> Sequence[SeenFace]:
    """Nobody has looked."""
    return ()


def open_turnover(
    project: ProjectFile,
    audio_analysis: AudioAnalysisCache,
    store: Store,
    *,
    files: OpenedFiles | None = None,
    looked: Looked = not_looked,
    progress: Progress = silent,
) -> Intake:
    """Open what the project names and resolve it.

    Args:
        files: what is open already, and what is opened now; None: nothing is.
        looked: what is known of the faces in the shots over which a mixed stem's voices speak.

    Raises:
        TurnoverError: the cut cannot be read, or a plate root or stem is missing.
        ModelError: the diarization set in the project cannot be loaded.
    """
    files = files or OpenedFiles()
    plates, warnings = _plates(project, files)
    cut = files.cut(checked_file(project.cut, "cut"), cut_rate(project, plates), project.timeline)
    result, take_warnings = _take_plates(project, files)
    warnings += take_warnings
    dub_cut = _dub_cut(project, plates, files)
    laid, laid_warnings = conform_to(cut, dub_cut)
    under = dub_cut or cut  # what the stems were laid against

    def look(spoken: Sequence[Line]) -> Sequence[SeenFace]:
        if dub_cut is not None:  # the voices' times are not this cut's
            return ()
        over = turnover(cut, plates, spoken, (), handles=project.settings.handles,
                        roots=project.media)  # fmt: skip
        return looked(over.shots)

    apart = _stems(project, under, result, audio_analysis, store, look, progress)
    stems = apart.stems
    warnings += [*laid_warnings, *apart.warnings]
    lines: list[Line] = []
    for stem in stems.values():
        said, line_warnings = _lines(stem, audio_analysis.stem_features(stem), under)
        lines += said
        warnings += line_warnings
        if stem.turns is None:
            spans = spoken_runs(replace(audio_analysis.stem_features(stem), start=Fraction(0)))
            warnings += music_warnings(stem, audio_analysis, spans)
    told = under_script(
        project.script, project.language, lines, stems, _span(under), under.drop
    )  # fmt: skip
    lines = list(told.lines)
    warnings += told.warnings
    warnings += words_warnings(lines, tuple(stems.values()))
    takes, laying_warnings = _takes(result, stems, lines, audio_analysis)
    warnings += laying_warnings
    resolved = turnover(
        cut, plates, lines, takes, handles=project.settings.handles, roots=project.media,
        unclaimed=apart.unclaimed, heard=laid.lines,
    )  # fmt: skip
    resolved = replace(resolved, warnings=(*warnings, *resolved.warnings))
    return Intake(resolved, stems, laid, apart.voices, tuple(takes))


def _dub_cut(project: ProjectFile, plates: Sequence[Plate], files: OpenedFiles) -> Cut | None:
    """The cut that the dub was laid against, where it is another than the project's."""
    if project.dub_cut is None:
        return None
    path = checked_file(project.dub_cut, "dub_cut")
    rate = cut_rate(replace(project, cut=path), plates)
    return files.cut(path, rate, project.dub_timeline)


def checked_file(path: Path, what: str) -> Path:
    """`path`, when it is a file.  Raises MissingMedia."""
    if not path.is_file():
        hint = "check the path; in dubsync.toml it counts from that file's folder"
        raise MissingMedia(f"the {what} {path} is not there", hint=hint)
    return path


def cut_rate(project: ProjectFile, plates: Sequence[Plate]) -> Fraction | None:
    """The cut's rate: as the project says, else the one rate that all plates share.

    Raises:
        SettingsError: an EDL, which states no rate, over plates of several rates or none.
        MissingMedia, TurnoverError: the cut's file cannot be read, as `probe_format`.
    """
    if project.rate is not None or probe_format(project.cut).states_rate:
        return project.rate
    rates = sorted({plate.frames.rate for plate in plates})
    if len(rates) == 1:
        return rates[0]
    result = (
        f"the plates run at {', '.join(map(str, rates))} fps" if rates else "no plate was found"
    )
    raise SettingsError(
        f"an EDL does not say its frame rate, and {result}",
        hint='say it: rate = "24000/1001" in dubsync.toml, or --rate',
    )


def _plates(
    project: ProjectFile, files: OpenedFiles
) -> tuple[tuple[Plate, ...], list[ProjectWarning]]:
    for root in project.media:
        if not root.is_dir():
            raise MissingMedia(f"media folder {root} is not there", hint="check [project] media")
    plates, warnings = files.plates(project.media)
    return plates, list(warnings)


def _stems(
    project: ProjectFile,
    cut: Cut,
    takes: Sequence[Plate],
    audio_analysis: AudioAnalysisCache,
    store: Store,
    look: FaceLookup,
    progress: Progress,
) -> Untangled:
    """Every character's stem, mixed ones taken apart."""
    stems: dict[str, Stem] = {}
    unclaimed: list[Line] = []
    warnings: list[ProjectWarning] = []
    mixed = mixed_roles(project)
    voices: list[HeardVoice] = []
    names = tuple(role.character for role in project.roles)
    theirs = {who: [t for t in takes if whose_take(t.name, names) == who] for who in names}
    for role in project.roles:
        if role.character in stems:
            continue
        stem, stem_warnings = _stem(role, project.language, cut, audio_analysis)
        warnings += stem_warnings
        if role.dub not in mixed:
            stems[role.character] = stem
            continue
        apart = split_mixed_stem(
            project, mixed[role.dub], stem, Clock(cut.rate, cut.drop), audio_analysis, store,
            takes=theirs, look=look, before=len(voices), progress=progress,
        )  # fmt: skip
        voices += apart.voices
        stems.update(apart.stems)
        unclaimed += apart.unclaimed
        warnings += apart.warnings
    return Untangled(stems, tuple(unclaimed), tuple(warnings), tuple(voices))


def _stem(
    role: Role, language: str, cut: Cut, audio_analysis: AudioAnalysisCache
) -> tuple[Stem, list[ProjectWarning]]:
    """The role's dub, laid against record time: see stem_clock.py."""
    result = probe_sound(checked_file(role.dub, f"dub of {role.character}"))
    record = _span(cut)
    laid = stem_start(result, role.character, role.start, record, cut.drop, audio_analysis)
    stem = Stem(role.character, language, str(role.dub), result.sample_rate, result.n_samples,
                laid.start)  # fmt: skip
    return stem, [*laid.warnings, *_length_warnings(stem, record, Clock(cut.rate, cut.drop))]


def _length_warnings(stem: Stem, record: FrameRange, clock: Clock) -> list[ProjectWarning]:
    name = Path(stem.path).name
    cut_from, cut_to = (Fraction(f) / record.rate for f in (record.start, record.stop))
    if stem.stop <= cut_from or stem.start >= cut_to:
        at, to = (clock.timecode(t) for t in (stem.start, stem.stop))
        return [ProjectWarning(name, f"lies at {at} to {to}, wholly outside the cut",
                      "check its timecode, or set start in dubsync.toml")]  # fmt: skip
    one = 1 / record.rate
    warnings = []
    if stem.stop < cut_to - one:
        warnings.append(
            ProjectWarning(name, f"ends {float(cut_to - stem.stop):.2f} s before the cut")
        )
    if stem.stop > cut_to + one:
        warnings.append(
            ProjectWarning(name, f"runs {float(stem.stop - cut_to):.2f} s past the cut")
        )
    return warnings


def _lines(stem: Stem, heard: AudioFeatures, cut: Cut) -> tuple[list[Line], list[ProjectWarning]]:
    runs = spoken_runs(heard)
    lines: list[Line] = []
    for start, stop in runs:
        record = FrameRange(
            floor(start * cut.rate), max(ceil(stop * cut.rate), floor(start * cut.rate) + 1),
            cut.rate,
        )  # fmt: skip
        name = f"{stem.character}_L{len(lines) + 1:03d}"
        lines.append(Line(name, stem.character, stem.language, stem.path, record))
    if not lines and stem.turns is None:
        return [], [ProjectWarning(Path(stem.path).name, "nobody is heard in it",
                          "check that it is the dialogue stem")]  # fmt: skip
    return lines, []


def _take_plates(
    project: ProjectFile, files: OpenedFiles
) -> tuple[Sequence[Plate], Sequence[ProjectWarning]]:
    for folder in project.takes:
        if not folder.is_dir():
            raise MissingMedia(f"takes folder {folder} is not there", hint="check [project] takes")
    return files.plates(project.takes) if project.takes else ((), ())


def _takes(
    result: Sequence[Plate],
    stems: Mapping[str, Stem],
    lines: Sequence[Line],
    audio_analysis: AudioAnalysisCache,
) -> tuple[list[Take], list[ProjectWarning]]:
    """Takes by the character in their name and the line that their sound is found under."""
    takes: list[Take] = []
    unsure: list[ProjectWarning] = []
    for plate in result:
        character = whose_take(plate.name, tuple(stems))
        if character is None:
            unsure.append(ProjectWarning(plate.name, "no character's name begins this take's name",
                                "name takes CHARACTER_LINE_TAKE.mov"))  # fmt: skip
            continue
        try:
            span = audio_analysis.take_span(plate, stems[character])
        except DubsyncError as error:
            unsure.append(ProjectWarning(plate.name, f"not used: {error}", error.hint))
            continue
        line = _line_under(span, character, lines)
        if line is None:
            unsure.append(
                ProjectWarning(plate.name, f"not used: no line of {character} where it fits")
            )
            continue
        takes.append(Take(plate, character, line.name))
    return takes, unsure


def whose_take(name: str, characters: Sequence[str]) -> str | None:
    """The character whose name begins the file name `name`; the longest of several."""
    fitting = [
        c for c in characters if re.match(re.escape(c) + r"[\W_]", name, flags=re.IGNORECASE)
    ]
    return max(fitting, key=len, default=None)


def _line_under(span: tuple[float, float], character: str, lines: Sequence[Line]) -> Line | None:
    """The line of `character` that shares most time with `span` (record seconds)."""

    def shared(line: Line) -> float:
        start, stop = (float(f / line.record.rate) for f in (line.record.start, line.record.stop))
        return min(stop, span[1]) - max(start, span[0])

    theirs = [line for line in lines if line.character == character and shared(line) > 0]
    return max(theirs, key=shared, default=None)


def _span(cut: Cut) -> FrameRange:
    if not cut.events:
        raise TurnoverError(f"{cut.path} holds no picture event")
    records = [event.record for event in cut.events]
    return FrameRange(min(r.start for r in records), max(r.stop for r in records), cut.rate)
