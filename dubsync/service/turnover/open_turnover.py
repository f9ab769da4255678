"""Opens everything that dubsync.toml names, and joins it with the cut into a Turnover."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from dubsync.core.errors import MissingMedia, SettingsError, TurnoverError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Cut, Line, Plate, ProjectWarning, Shot, Stem, Take, Turnover
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.tracks import WHOLE
from dubsync.core.timeline.timecode import Clock, FrameRange
from dubsync.editorial.probe import probe_format
from dubsync.editorial.turnover.shots import turnover
from dubsync.media.stills.sequence import still_path
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.script.convert import under_script
from dubsync.service.settings.project_file import ProjectFile, Role
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.conform_stems import IN_PLACE, StemConform, conform_to
from dubsync.service.stems.open_dub import open_dub, speech_warning
from dubsync.service.stems.sound_faults import sound_faults
from dubsync.service.stems.stem_start import stem_start
from dubsync.service.stems.word_times import words_warnings
from dubsync.service.store.folder import Store
from dubsync.service.turnover.opened_files import OpenedFiles
from dubsync.service.turnover.takes import match_takes, take_character, take_plates_of
from dubsync.service.voices.diarization import FaceLookup
from dubsync.service.voices.mixed_stem import (
    CharacterStems,
    HeardVoice,
    MixedStem,
    mixed_roles,
    music_warnings,
    split_mixed_stem,
)
from dubsync.service.voices.voice_face_match import SeenFace
from dubsync.speech.lines import spoken_runs


@dataclass(frozen=True, slots=True)
class Intake:
    """A Turnover and what was opened to make it.

    stems    character -> their dub
    stem_cut  the cut that the stems were made for: the project's, or its dub_cut
    conform  where the dub is under each event
    voices   every voice of every mixed stem, and its character
    takes    every take whose words are found in its character's dub
    take_training  character -> the takes that may train their speaking style
    plates   every plate found under the media folders
    """

    turnover: Turnover
    stems: Mapping[str, Stem]
    stem_cut: Cut
    conform: StemConform = IN_PLACE
    voices: tuple[HeardVoice, ...] = ()
    takes: tuple[Take, ...] = ()
    take_training: Mapping[str, TakeTraining] = field(default_factory=dict)
    plates: tuple[Plate, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether some voice has no character yet."""
        return any(voice.character is None for voice in self.voices)


#: The known faces in some shots.
FacesIn = Callable[[Sequence[Shot]], Sequence[SeenFace]]


def no_faces(shots: Sequence[Shot]) -> Sequence[SeenFace]:
    """The faces before any plate was analysed: none."""
    return ()


def open_turnover(
    project: ProjectFile,
    audio: AudioAnalysisCache,
    store: Store,
    *,
    files: OpenedFiles | None = None,
    faces: FacesIn = no_faces,
    progress: Progress = silent,
) -> Intake:
    """Open everything that the project names, and join it into a Turnover.

    Args:
        files: files already open, and opened now; None: none yet.
        faces: returns the known faces in the shots over which a mixed stem's voices speak.

    Raises:
        TurnoverError: the cut cannot be read, or a media folder or stem is missing.
        ModelError: the diarization model that the project names is not available.
    """
    files = files or OpenedFiles(store, project.colour, project.paths)
    plates, warnings = _plates(project, files, progress)
    cut = files.cut(checked_file(project.cut, "cut"), cut_rate(project, plates), project.timeline)
    take_plates, take_warnings = take_plates_of(project, files, progress)
    warnings += take_warnings
    dub_cut = _dub_cut(project, plates, files)
    conform, conform_warnings = conform_to(cut, dub_cut)
    stem_cut = dub_cut or cut  # the cut that the stems were made for

    def look(spoken: Sequence[Line]) -> Sequence[SeenFace]:
        if dub_cut is not None:  # the voices' times are not those of this cut
            return ()
        over = turnover(cut, plates, spoken, (), handles=project.settings.handles,
                        roots=project.media, answers=project.plays)  # fmt: skip
        return faces(over.shots)

    split = _stems(project, stem_cut, take_plates, audio, store, look, progress)
    stems = split.stems
    warnings += [*conform_warnings, *split.warnings]
    lines: list[Line] = []
    for stem in stems.values():
        features = audio.stem_features(stem)
        stem_lines, line_warnings = _lines(stem, features, stem_cut)
        lines += stem_lines
        warnings += line_warnings
        if stem.turns is None:
            warnings += _sound_warnings(stem, features, audio, Clock(stem_cut.rate, stem_cut.drop))
    scripted = under_script(
        project.script, project.language, lines, stems, cut_span(stem_cut), stem_cut.drop
    )  # fmt: skip
    lines = list(scripted.lines)
    warnings += [*scripted.warnings, *words_warnings(lines, tuple(stems.values()))]
    takes, take_matches = match_takes(take_plates, stems, lines, audio)
    warnings += take_matches
    resolved = turnover(
        cut, plates, lines, takes, handles=project.settings.handles, roots=project.media,
        unclaimed=split.unclaimed, lines_heard=conform.lines, answers=project.plays,
    )  # fmt: skip
    resolved = replace(resolved, warnings=(*warnings, *resolved.warnings))
    return Intake(resolved, stems, stem_cut, conform, split.voices, tuple(takes),
                  plates=tuple(plates))  # fmt: skip


def _dub_cut(project: ProjectFile, plates: Sequence[Plate], files: OpenedFiles) -> Cut | None:
    """The cut that the dub was made for, where it is not the project's cut."""
    if project.dub_cut is None:
        return None
    path = checked_file(project.dub_cut, "dub_cut")
    rate = cut_rate(replace(project, cut=path), plates)
    return files.cut(path, rate, project.dub_timeline)


def checked_file(path: Path, what: str) -> Path:
    """`path`, when it is a file.  Raises MissingMedia."""
    if not path.is_file():
        hint = "check the path; in dubsync.toml, paths are relative to that file's folder"
        raise MissingMedia(f"the {what} was not found: {path}", hint=hint)
    return path


def cut_rate(project: ProjectFile, plates: Sequence[Plate]) -> Fraction | None:
    """The cut's rate: the project's, else the one rate that all plates share.

    None where the cut states its own.

    Raises:
        SettingsError: an EDL, which does not state a rate, with no plate or plates of several
            rates.
        MissingMedia, TurnoverError: the cut cannot be read, as `probe_format`.
    """
    if project.rate is not None or probe_format(project.cut).states_rate:
        return project.rate
    rates = sorted({plate.frames.rate for plate in plates})
    if len(rates) == 1:
        return rates[0]
    reason = (
        f"the plates run at {', '.join(map(str, rates))} fps" if rates else "no plate was found"
    )
    raise SettingsError(
        f"an EDL does not state its frame rate, and {reason}",
        hint='write rate = "24000/1001" in dubsync.toml, or use --rate',
    )


def _plates(
    project: ProjectFile, files: OpenedFiles, progress: Progress
) -> tuple[tuple[Plate, ...], list[ProjectWarning]]:
    for root in project.media:
        if not root.is_dir():
            raise MissingMedia(
                f"the media folder was not found: {root}",
                hint="check media under [project] in dubsync.toml",
            )
    plates, warnings = files.plates(project.media, progress)
    mattes = frozenset(project.holdouts.values())
    return tuple(plate for plate in plates if not _is_one_of(mattes, plate)), list(warnings)


def _is_one_of(mattes: frozenset[Path], plate: Plate) -> bool:
    """Whether a plate of the media folders is an artist's matte: no event of the cut shows it.

    Mattes have the timecode of their plates, and often their names.  A sequence is given by its
    pattern, its first file or its folder.
    """
    path = Path(plate.path).resolve()
    names = {path}
    if plate.first_number is not None:
        names |= {still_path(path, plate.first_number), path.parent}
    return not mattes.isdisjoint(names)


def _stems(
    project: ProjectFile,
    cut: Cut,
    takes: Sequence[Plate],
    audio: AudioAnalysisCache,
    store: Store,
    look: FaceLookup,
    progress: Progress,
) -> CharacterStems:
    """Every character's stem; mixed stems are split."""
    stems: dict[str, Stem] = {}
    unclaimed: list[Line] = []
    warnings: list[ProjectWarning] = []
    mixed = mixed_roles(project)
    voices: list[HeardVoice] = []
    names = tuple(role.character for role in project.roles)
    by_character = {
        name: [take for take in takes if take_character(take.name, names) == name] for name in names
    }
    for role in project.roles:
        if role.character in stems:
            continue
        stem, stem_warnings = _stem(role, project, cut, audio, store)
        warnings += stem_warnings
        if role.dub not in mixed:
            stems[role.character] = stem
            continue
        clock = Clock(cut.rate, cut.drop)
        mix = MixedStem(mixed[role.dub], stem, clock, by_character, before=len(voices))
        split = split_mixed_stem(project, mix, audio, store, look=look, progress=progress)
        voices += split.voices
        stems.update(split.stems)
        unclaimed += split.unclaimed
        warnings += split.warnings
    return CharacterStems(stems, tuple(unclaimed), tuple(warnings), tuple(voices))


def _stem(
    role: Role, project: ProjectFile, cut: Cut, audio: AudioAnalysisCache, store: Store
) -> tuple[Stem, list[ProjectWarning]]:
    """The role's dub on record time, see stems/stem_start.py."""
    path = checked_file(role.dub, f"dub of {role.character}")
    asked = project.heard.get(role.dub, WHOLE)
    written = project.shown(role.dub)
    sound, said = open_dub(path, project.language, store, asked=asked, written=written)
    record = cut_span(cut)
    begin = stem_start(sound, role.character, role.start, record, cut.drop, audio)
    stem = Stem(role.character, project.language, str(role.dub), sound.sample_rate,
                sound.n_samples, begin.start, heard=sound.heard)  # fmt: skip
    lengths = _length_warnings(stem, record, Clock(cut.rate, cut.drop))
    return stem, [*said, *begin.warnings, *lengths]


def _length_warnings(stem: Stem, record: FrameRange, clock: Clock) -> list[ProjectWarning]:
    name = Path(stem.path).name
    cut_from, cut_to = (Fraction(f) / record.rate for f in (record.start, record.stop))
    if stem.stop <= cut_from or stem.start >= cut_to:
        at, to = (clock.timecode(t) for t in (stem.start, stem.stop))
        return [ProjectWarning(name, f"it runs from {at} to {to}, outside the cut",
                      "check its timecode, or set start in dubsync.toml")]  # fmt: skip
    one = 1 / record.rate
    warnings = []
    if stem.stop < cut_to - one:
        warnings.append(
            ProjectWarning(name, f"it ends {float(cut_to - stem.stop):.2f} s before the cut")
        )
    if stem.stop > cut_to + one:
        warnings.append(
            ProjectWarning(name, f"it runs {float(stem.stop - cut_to):.2f} s past the cut")
        )
    return warnings


def _sound_warnings(
    stem: Stem, features: AudioFeatures, audio: AudioAnalysisCache, clock: Clock
) -> list[ProjectWarning]:
    """Where the sound of a stem of one character is not clean dialogue."""
    spans = spoken_runs(replace(features, start=Fraction(0)))
    faults = sound_faults(
        stem.character, Path(stem.path).name, features, audio.condition(stem), clock.timecode
    )
    return [*music_warnings(stem, audio, spans), *faults]


def _lines(
    stem: Stem, features: AudioFeatures, cut: Cut
) -> tuple[list[Line], list[ProjectWarning]]:
    """The utterances of a stem as lines."""
    runs = spoken_runs(features)
    lines: list[Line] = []
    for start, stop in runs:
        record = FrameRange(
            floor(start * cut.rate), max(ceil(stop * cut.rate), floor(start * cut.rate) + 1),
            cut.rate,
        )  # fmt: skip
        name = f"{stem.character}_L{len(lines) + 1:03d}"
        lines.append(Line(name, stem.character, stem.language, stem.path, record))
    if stem.turns is not None:
        return lines, []
    warning = speech_warning(stem.character, Path(stem.path).name, features)
    return lines, [warning] if warning else []


def cut_span(cut: Cut) -> FrameRange:
    """The record frames of a cut.  Raises TurnoverError for one without picture events."""
    if not cut.events:
        raise TurnoverError(
            f"{cut.path} has no picture event", hint="export the cut with its video track"
        )
    records = [event.record for event in cut.events]
    return FrameRange(min(r.start for r in records), max(r.stop for r in records), cut.rate)
