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
from dubsync.core.shot import Cut, Doubt, Line, Plate, Shot, Stem, Take, Turnover
from dubsync.core.sound.audio import Hearing
from dubsync.core.timeline.timecode import Clock, FrameRange
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.turnover.shots import turnover
from dubsync.media.probe import find_plates
from dubsync.media.sound.stem import probe_sound
from dubsync.service.consent.take_training import Teaching
from dubsync.service.script.convert import under_script
from dubsync.service.settings.project_file import ProjectFile, Role
from dubsync.service.stems.audio_analysis import Ear
from dubsync.service.stems.conform_stems import IN_PLACE, DubLaid, laid_under
from dubsync.service.stems.stem_start import stem_start
from dubsync.service.stems.word_times import words_doubts
from dubsync.service.store.folder import Store
from dubsync.service.voices.diarization import Look
from dubsync.service.voices.mixed_stem import (
    HeardVoice,
    Untangled,
    mixed_roles,
    music_doubts,
    untangle,
)
from dubsync.service.voices.voice_face_match import SeenFace
from dubsync.speech.lines import spoken_runs

#: Cuts that say how many frames a second they count; an EDL does not, whatever it is called.
STATE_THEIR_RATE = frozenset({".otio", ".otioz", ".xml", ".fcpxml", ".aaf"})


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
    laid: DubLaid = IN_PLACE
    voices: tuple[HeardVoice, ...] = ()
    takes: tuple[Take, ...] = ()
    teaching: Mapping[str, Teaching] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Whether some voice is nobody's yet."""
        return any(voice.character is None for voice in self.voices)


#: What is known of the faces in some shots.
Looked = Callable[[Sequence[Shot]], Sequence[SeenFace]]


def not_looked(shots: Sequence[Shot]) -> Sequence[SeenFace]:
    """Nobody has looked."""
    return ()


def take_in(
    project: ProjectFile,
    ear: Ear,
    store: Store,
    *,
    looked: Looked = not_looked,
    progress: Progress = silent,
) -> Intake:
    """Open what the project names and resolve it.

    Args:
        looked: what is known of the faces in the shots over which a mixed stem's voices speak.

    Raises:
        TurnoverError: the cut cannot be read, or a plate root or stem is missing.
        ModelError: the diarization that the project asks for cannot be had.
    """
    plates, doubts = _plates(project)
    path = checked_file(project.cut, "cut")
    cut = read_cut(path, rate=cut_rate(project, plates), timeline=project.timeline)
    found, take_doubts = _take_plates(project)
    doubts += take_doubts
    dub_cut = _dub_cut(project, plates)
    laid, laid_doubts = laid_under(cut, dub_cut)
    under = dub_cut or cut  # what the stems were laid against

    def look(spoken: Sequence[Line]) -> Sequence[SeenFace]:
        if dub_cut is not None:  # the voices' times are not this cut's
            return ()
        over = turnover(cut, plates, spoken, (), handles=project.settings.handles,
                        roots=project.media)  # fmt: skip
        return looked(over.shots)

    apart = _stems(project, under, found, ear, store, look, progress)
    stems = apart.stems
    doubts += [*laid_doubts, *apart.doubts]
    lines: list[Line] = []
    for stem in stems.values():
        said, line_doubts = _lines(stem, ear.dub(stem), under)
        lines += said
        doubts += line_doubts
        if stem.turns is None:
            spans = spoken_runs(replace(ear.dub(stem), start=Fraction(0)))
            doubts += music_doubts(stem, ear, spans)
    told = under_script(
        project.script, project.language, lines, stems, _span(under), under.drop
    )  # fmt: skip
    lines = list(told.lines)
    doubts += told.doubts
    doubts += words_doubts(lines, tuple(stems.values()))
    takes, laying_doubts = _takes(found, stems, lines, ear)
    doubts += laying_doubts
    resolved = turnover(
        cut, plates, lines, takes, handles=project.settings.handles, roots=project.media,
        unclaimed=apart.unclaimed, heard=laid.lines,
    )  # fmt: skip
    resolved = replace(resolved, doubts=(*doubts, *resolved.doubts))
    return Intake(resolved, stems, laid, apart.voices, tuple(takes))


def _dub_cut(project: ProjectFile, plates: Sequence[Plate]) -> Cut | None:
    """The cut that the dub was laid against, where it is another than the project's."""
    if project.dub_cut is None:
        return None
    path = checked_file(project.dub_cut, "dub_cut")
    rate = cut_rate(replace(project, cut=path), plates)
    return read_cut(path, rate=rate, timeline=project.dub_timeline)


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
    """
    if project.rate is not None or project.cut.suffix.lower() in STATE_THEIR_RATE:
        return project.rate
    rates = sorted({plate.frames.rate for plate in plates})
    if len(rates) == 1:
        return rates[0]
    found = f"the plates run at {', '.join(map(str, rates))} fps" if rates else "no plate was found"
    raise SettingsError(
        f"an EDL does not say its frame rate, and {found}",
        hint='say it: rate = "24000/1001" in dubsync.toml, or --rate',
    )


def _plates(project: ProjectFile) -> tuple[tuple[Plate, ...], list[Doubt]]:
    for root in project.media:
        if not root.is_dir():
            raise MissingMedia(f"media folder {root} is not there", hint="check [project] media")
    plates, doubts = find_plates(project.media)
    return plates, list(doubts)


def _stems(
    project: ProjectFile,
    cut: Cut,
    takes: Sequence[Plate],
    ear: Ear,
    store: Store,
    look: Look,
    progress: Progress,
) -> Untangled:
    """Every character's stem, mixed ones taken apart."""
    stems: dict[str, Stem] = {}
    unclaimed: list[Line] = []
    doubts: list[Doubt] = []
    mixed = mixed_roles(project)
    voices: list[HeardVoice] = []
    names = tuple(role.character for role in project.roles)
    theirs = {who: [t for t in takes if whose_take(t.name, names) == who] for who in names}
    for role in project.roles:
        if role.character in stems:
            continue
        stem, stem_doubts = _stem(role, project.language, cut, ear)
        doubts += stem_doubts
        if role.dub not in mixed:
            stems[role.character] = stem
            continue
        apart = untangle(
            project, mixed[role.dub], stem, Clock(cut.rate, cut.drop), ear, store,
            takes=theirs, look=look, before=len(voices), progress=progress,
        )  # fmt: skip
        voices += apart.voices
        stems.update(apart.stems)
        unclaimed += apart.unclaimed
        doubts += apart.doubts
    return Untangled(stems, tuple(unclaimed), tuple(doubts), tuple(voices))


def _stem(role: Role, language: str, cut: Cut, ear: Ear) -> tuple[Stem, list[Doubt]]:
    """The role's dub, laid against record time: see stem_clock.py."""
    found = probe_sound(checked_file(role.dub, f"dub of {role.character}"))
    record = _span(cut)
    laid = stem_start(found, role.character, role.start, record, cut.drop, ear)
    stem = Stem(role.character, language, str(role.dub), found.sample_rate, found.n_samples,
                laid.start)  # fmt: skip
    return stem, [*laid.doubts, *_length_doubts(stem, record, Clock(cut.rate, cut.drop))]


def _length_doubts(stem: Stem, record: FrameRange, clock: Clock) -> list[Doubt]:
    name = Path(stem.path).name
    cut_from, cut_to = (Fraction(f) / record.rate for f in (record.start, record.stop))
    if stem.stop <= cut_from or stem.start >= cut_to:
        at, to = (clock.timecode(t) for t in (stem.start, stem.stop))
        return [Doubt(name, f"lies at {at} to {to}, wholly outside the cut",
                      "check its timecode, or set start in dubsync.toml")]  # fmt: skip
    one = 1 / record.rate
    doubts = []
    if stem.stop < cut_to - one:
        doubts.append(Doubt(name, f"ends {float(cut_to - stem.stop):.2f} s before the cut"))
    if stem.stop > cut_to + one:
        doubts.append(Doubt(name, f"runs {float(stem.stop - cut_to):.2f} s past the cut"))
    return doubts


def _lines(stem: Stem, heard: Hearing, cut: Cut) -> tuple[list[Line], list[Doubt]]:
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
        return [], [Doubt(Path(stem.path).name, "nobody is heard in it",
                          "check that it is the dialogue stem")]  # fmt: skip
    return lines, []


def _take_plates(project: ProjectFile) -> tuple[Sequence[Plate], Sequence[Doubt]]:
    for folder in project.takes:
        if not folder.is_dir():
            raise MissingMedia(f"takes folder {folder} is not there", hint="check [project] takes")
    return find_plates(project.takes) if project.takes else ((), ())


def _takes(
    found: Sequence[Plate], stems: Mapping[str, Stem], lines: Sequence[Line], ear: Ear
) -> tuple[list[Take], list[Doubt]]:
    """Takes by the character in their name and the line that their sound is found under."""
    takes: list[Take] = []
    unsure: list[Doubt] = []
    for plate in found:
        character = whose_take(plate.name, tuple(stems))
        if character is None:
            unsure.append(Doubt(plate.name, "no character's name begins this take's name",
                                "name takes CHARACTER_LINE_TAKE.mov"))  # fmt: skip
            continue
        try:
            span = ear.take_span(plate, stems[character])
        except DubsyncError as error:
            unsure.append(Doubt(plate.name, f"not used: {error}", error.hint))
            continue
        line = _line_under(span, character, lines)
        if line is None:
            unsure.append(Doubt(plate.name, f"not used: no line of {character} where it fits"))
            continue
        takes.append(Take(plate.name, plate.path, character, line.name, plate.frames))
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
