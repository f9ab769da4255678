"""Reads the notes in the markers of a cut or list that came back from an editing system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

from dubsync.core.errors import TurnoverError
from dubsync.core.note import Note, NotesRead, StrayMarker
from dubsync.core.shot import Cut, Shot, Turnover
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker
from dubsync.editorial.notes.answers import said_in
from dubsync.editorial.notes.record_frames import record_of
from dubsync.editorial.notes.words import HEAD, Words, plain

#: Formats whose markers name their author, by the field that holds it.
_AUTHOR_IN_COMMENT = ("AAF", "Marker list (Avid)", "Marker list (frame.io)")
_AUTHOR_IN_NAME = ("Avid markers",)
#: Here a new note has its author in the comment, and a note of ours its words.
_LIST = "dubsync notes"
#: Author of a new note whose marker names none.
NOBODY = "editor"


@dataclass(slots=True)
class _Reading:
    """What has been read so far.

    found  note -> its marker, as it was seen first
    taken  names of notes that are in the file as a marker set by hand
    """

    turnover: Turnover
    answered: list[Note] = field(default_factory=list)
    moved: list[Note] = field(default_factory=list)
    added: list[Note] = field(default_factory=list)
    unknown: list[StrayMarker] = field(default_factory=list)
    found: dict[str, tuple[Words, str, Fraction | None]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def stray(self, marker: ProbedMarker, why: str) -> None:
        at = marker.record.text[0] if marker.record else ""
        self.unknown.append(StrayMarker(marker.name, marker.comment, at, marker.where, why))


def read_notes(file: ProbedCut, known: Sequence[Note], turnover: Turnover) -> NotesRead:
    """The notes in the markers of `file`, compared with the notes that the project has.

    Markers that the cut had at its turnover are no notes.  A marker that somebody set on a shot
    becomes a new note, unless the project has the same words at the same frame.  A marker is moved
    only where the file still has the shot at its record frames.

    Args:
        file: as `probe_cut` reads it, at the rate of the turnover's cut.

    Raises:
        TurnoverError: the file has no markers, or counts at another rate.
    """
    name = file.path.rsplit("/", 1)[-1] or "the file"
    if not file.markers:
        raise TurnoverError(f"{name} has no markers", hint="export the sequence with its markers")
    rates = {m.record.rate for m in file.markers if m.record and m.record.rate}
    if other := sorted(rates - {turnover.cut.rate}):
        raise TurnoverError(
            f"{name} counts at {other[0]} fps, and the reel at {turnover.cut.rate}",
            hint="read back a cut or list of this reel's timeline",
        )
    reading = _Reading(turnover)
    by_name = {note.name: note for note in known}
    changed = _changed_shots(file, turnover)
    old = _markers_at_turnover(turnover.cut)
    for marker in file.markers:
        note = _named(marker, by_name)
        if note is not None:
            _read_note(marker, _words(marker, file.format), note, changed, reading)
        elif (head := HEAD.match(marker.name)) and head["severity"]:
            reading.stray(marker, f"the project has no note {head['name']}")
        elif _key(marker) not in old:
            _read_new(marker, file, known, changed, reading)
    seen = {*reading.found, *reading.taken}
    missing = tuple(note.name for note in known if note.name not in seen)
    return NotesRead(
        tuple(reading.answered), tuple(reading.moved), tuple(reading.added),
        tuple(reading.unknown), missing,
    )  # fmt: skip


def _named(marker: ProbedMarker, by_name: dict[str, Note]) -> Note | None:
    """The note whose marker this is: it has the note's name and severity, or begins with it."""
    together = Words(marker.name, marker.comment).together
    heads = [m for m in HEAD.finditer(together) if m["name"] in by_name]
    ours = [m for m in heads if m["severity"]]
    ours += [m for m in heads if not together[: m.start()].strip()]
    return by_name[ours[0]["name"]] if ours else None


def _words(marker: ProbedMarker, format: str) -> Words:
    """The words of a marker, without the author of its format."""
    if format.startswith(_AUTHOR_IN_COMMENT):
        return Words(marker.name)
    return (
        Words(marker.comment)
        if format.startswith(_AUTHOR_IN_NAME)
        else Words(marker.name, marker.comment)
    )


def _read_note(
    marker: ProbedMarker, words: Words, note: Note, changed: dict[str, str], reading: _Reading
) -> None:
    """Read the marker of a note of ours."""
    start = marker.record.start if marker.record else None
    seen = (words, marker.colour.lower(), start)
    if note.name in reading.found:
        if reading.found[note.name] != seen:
            reading.stray(marker, f"{note.name} has another marker, which was read")
        return
    reading.found[note.name] = seen
    said = said_in(words, marker.colour, note)
    for doubt in said.doubts:
        reading.stray(marker, f"{note.name}: {doubt}")
    new = replace(note, answer=said.answer, reply=said.reply, severity=said.severity)
    answered = new != note
    frame = _frame_now(marker, note, changed, reading)
    moved = frame != note.frame
    new = replace(new, frame=frame)
    if answered:
        reading.answered.append(new)
    if moved:
        reading.moved.append(new)


def _frame_now(marker: ProbedMarker, note: Note, changed: dict[str, str], reading: _Reading) -> int:
    """The plate frame on which the marker of a note stands; its own where that is unknown."""
    shot = _shot_called(note.shot, reading.turnover)
    record = marker.record.start if marker.record else None
    if record is None:
        reading.stray(marker, f"{note.name}: its marker has no record frame; it is not moved")
    elif shot is None:
        reading.stray(marker, f"{note.name}: shot {note.shot} is not in the cut; it is not moved")
    elif floor(record) == record_of(shot, note.frame):
        pass
    elif note.shot in changed:
        reading.stray(marker, f"{note.name}: {changed[note.shot]}; it is not moved")
    elif floor(record) not in shot.record:
        what = f"{note.name}: its marker is outside {note.shot}; it is not moved"
        reading.stray(marker, what)
    else:
        return shot.plate_frame(floor(record))
    return note.frame


def _read_new(
    marker: ProbedMarker,
    file: ProbedCut,
    known: Sequence[Note],
    changed: dict[str, str],
    reading: _Reading,
) -> None:
    """Read a marker that somebody set in the host."""
    record = marker.record.start if marker.record else None
    if record is None:
        reading.stray(marker, "it has no record frame, so that no shot is known")
        return
    author, text = _author_and_text(marker, file.format)
    shot = _shot_at(floor(record), marker.track, reading.turnover)
    if shot is None:
        reading.stray(marker, "it is on no dubbed shot")
    elif shot.name in changed:
        reading.stray(marker, changed[shot.name])
    elif not text:
        reading.stray(marker, "it has no words")
    else:
        new = Note("", shot.name, shot.plate_frame(floor(record)), text, author)
        same = [note for note in known if _same(new, note)]
        reading.taken |= {note.name for note in same}
        if not same and not any(_same(new, note) for note in reading.added):
            reading.added.append(new)


def _same(new: Note, note: Note) -> bool:
    here = (new.shot, new.frame) == (note.shot, note.frame)
    return here and plain(new.text) == plain(note.text)


def _author_and_text(marker: ProbedMarker, format: str) -> tuple[str, str]:
    name, comment = marker.name.strip(), marker.comment.strip()
    if format.startswith((*_AUTHOR_IN_COMMENT, _LIST)):
        return comment or NOBODY, name
    if format.startswith(_AUTHOR_IN_NAME):
        return name or NOBODY, comment
    return NOBODY, "\n".join(filter(None, (name, comment)))


def _shot_called(name: str, turnover: Turnover) -> Shot | None:
    return next((shot for shot in turnover.shots if shot.name == name), None)


def _shot_at(record: int, track: str, turnover: Turnover) -> Shot | None:
    """The dubbed shot at a record frame: of the marker's track, else of the highest track."""
    here = [shot for shot in turnover.shots if record in shot.record and shot.lines]
    of_track = [shot for shot in here if shot.event.track in track.split("+")]
    enabled = [shot for shot in of_track or here if shot.event.enabled] or of_track or here
    return max(enabled, key=lambda shot: shot.event.track, default=None)


def _changed_shots(file: ProbedCut, turnover: Turnover) -> dict[str, str]:
    """Shot -> how the file differs, for shots that are not where the turnover had them.

    A list of markers has no events, and is taken to be of the same cut.
    """
    if not file.events:
        return {}
    ranges = set(_record_ranges(file))
    result = {}
    for shot in turnover.shots:
        record = shot.event.record
        if (Fraction(record.start), Fraction(record.stop)) not in ranges:
            what = f"the file has no clip at record frames {record.start}..{record.stop}, where "
            result[shot.name] = f"{what}{shot.name} was; run dubsync recut with the new cut"
    return result


def _record_ranges(file: ProbedCut) -> Iterator[tuple[Fraction, Fraction]]:
    for event in file.events:
        record = event.record
        if record is not None and record.start is not None and record.stop is not None:
            yield record.start, record.stop


def _markers_at_turnover(cut: Cut) -> set[tuple[Fraction | None, str]]:
    return {_key(marker) for marker in (cut.probed.markers if cut.probed else ())}


def _key(marker: ProbedMarker) -> tuple[Fraction | None, str]:
    """A marker by its place and its words, as every format keeps them."""
    words = sorted(plain(f"{marker.name} {marker.comment}").replace("-", " ").split())
    return (marker.record.start if marker.record else None), " ".join(words)
