"""Writes renders into the cut's own CMX3600 list, line for line.

Sound, black, transitions and remarks are kept; only rendered events name another file.  Any other
cut is printed from its tracks, see `cmx3600.write`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from dubsync.core.errors import DeliveryError
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Cut
from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.cmx3600.lines import Printed, PrintedList, Statement
from dubsync.editorial.cmx3600.markers import is_locator_of
from dubsync.editorial.cmx3600.motion import moves
from dubsync.editorial.cmx3600.names import naming_remarks, remark_side
from dubsync.editorial.cmx3600.print import print_list
from dubsync.editorial.cmx3600.printed_time import drops
from dubsync.editorial.cmx3600.statements import record_timecodes, timecodes
from dubsync.editorial.conform.original import OtioDocument, by_event, original_of
from dubsync.editorial.notes.list_lines import list_lines
from dubsync.editorial.tracks.corrected_clips import numbered_name


@dataclass(slots=True)
class _Losses:
    """What a list cannot hold, each reported once."""

    messages: dict[str, None] = field(default_factory=dict)

    def add(self, message: str) -> None:
        self.messages.setdefault(message)


def corrected_edl(
    cut: Cut, rendered: Sequence[RenderedShot], notes: Sequence[ProbedMarker] = ()
) -> tuple[str, tuple[str, ...]]:
    """The text of the list, with CRLF line ends, and what it cannot hold.

    Rendered events keep their plate's reel and timecode, which the render shares; one that is
    drawn for each record frame has its shot's name as its reel, record timecode and normal speed;
    `FROM CLIP NAME` and `SOURCE FILE` name the render, `PLATE` the plate.  `notes` become locators
    of the events over which they stand, in place of those that the list had of them.

    Raises:
        DeliveryError: the cut is not a CMX3600 list, its file has changed, or a render is not of
            this cut.
    """
    original = original_of(cut)
    if isinstance(original, OtioDocument):
        raise DeliveryError(
            f"{cut.path} is not a CMX3600 list",
            hint="print it from its tracks, with cmx3600.write.write_tracks",
        )
    losses = _Losses()
    renders = by_event(cut, tuple(rendered))
    statements = _from_list(original, renders, cut, losses)
    if notes:
        statements = _with_notes(statements, notes, cut, losses)
    text = print_list(original.title or cut.name, statements, cut.drop, losses.add)
    return text, tuple(losses.messages)


def _from_list(
    printed: PrintedList, renders: Mapping[str, RenderedShot], cut: Cut, losses: _Losses
) -> list[Statement]:
    """The list's own statements, sound and black included, with the renders in them."""
    for number, _ in printed.unread:
        losses.add(f"line {number} cannot be read, and is not written")
    events = {event.where: event for event in cut.events}
    statements = []
    for statement in printed.statements:
        changed = statement
        for n, line in enumerate(statement.lines):
            event = events.get(f"line {line.line}")
            if event is not None and event.name in renders:
                changed = _with_render(changed, n, renders[event.name])
        statements.append(changed)
    return statements


def _with_notes(
    statements: Sequence[Statement], notes: Sequence[ProbedMarker], cut: Cut, losses: _Losses
) -> list[Statement]:
    """The statements with locators for `notes`, in record order."""
    names = {note.where for note in notes}
    placed: set[str] = set()
    result = []
    for statement in statements:
        kept = [r for r in statement.remarks if not is_locator_of(r, names)]
        line = statement.lines[-1]
        for note in notes:
            if note.where not in placed and line.picture and _holds(line, note, cut):
                placed.add(note.where)
                kept += list_lines(note)
        result.append(replace(statement, remarks=tuple(kept)))
    for name in sorted(names - placed):
        losses.add(f"note {name} is on no event of the list, and is not printed")
    return result


def _holds(line: Printed, note: ProbedMarker, cut: Cut) -> bool:
    """Whether an event of the note's track shows its record frame."""
    event = next((e for e in cut.events if e.where == f"line {line.line}"), None)
    if event is None or note.record is None or note.record.start is None:
        return False
    return event.track in note.track.split("+") and int(note.record.start) in event.record


def _with_render(statement: Statement, n: int, render: RenderedShot) -> Statement:
    """The statement with the render named in its line `n`, over the frames that the cut shows."""
    shot = render.shot
    line = statement.lines[n]
    source = timecodes(shot.source, drops(line).source_in)
    counted = shot.event.source
    other = counted is not None and counted.rate != shot.plate.frames.rate
    if shot.event.speed < 0 or other or line.times[0].isdigit():  # as its system prints them
        source = line.times[0], line.times[1]
    record = record_timecodes(shot.record, drops(line).record_in)
    motions = statement.motions
    if shot.plate.shown is not None:  # its frames are record frames, and play at normal speed
        source, line = record, replace(line, reel=shot.plate.reel)
        motions = tuple(m for m in motions if not moves(m, statement.lines[n], statement))
    fresh = replace(line, times=(*source, *record))
    lines = tuple(fresh if i == n else x for i, x in enumerate(statement.lines))
    motions = tuple(
        replace(m, start=source[0]) if m.start == line.times[0] and m.reel == line.reel else m
        for m in motions
    )
    side = remark_side(statement, n)
    renamed = naming_remarks(statement, n)
    kept = (remark for i, remark in enumerate(statement.remarks) if i not in renamed)
    named = (f"* {side} CLIP NAME:  {_file_name(render)}", f"* SOURCE FILE: {_file_name(render)}")
    plate = (f"* PLATE: {shot.plate.name}",)
    return replace(statement, lines=lines, motions=motions, remarks=(*named, *plate, *kept))


def _file_name(render: RenderedShot) -> str:
    return numbered_name(PurePath(render.in_cut).name, render.frames, render.first_number)
