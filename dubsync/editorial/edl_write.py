"""The corrected cut as a CMX3600 list that Resolve, Premiere and Avid take.

Columns as CMX prints them: event number, reel, channels, transition, its length, source in
and out, record in and out; ASCII, CRLF.  A list that came in goes out line for line, with
the rendered events' names put in place of the plates'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import PurePath

from dubsync.core.result import RenderedShot
from dubsync.core.shot import Cut, Event, Shot, Turnover
from dubsync.core.timecode import DROP_RATES, FrameRange, Timecode, counting_base
from dubsync.editorial.edl import day_frames, drops, naming_remarks, remark_side
from dubsync.editorial.edl_lines import Motion, Printed, PrintedList, Statement
from dubsync.editorial.edl_print import print_list
from dubsync.editorial.media_paths import base_name
from dubsync.editorial.original import by_event, original_of
from dubsync.editorial.otio_read import ReadCut
from dubsync.editorial.overlaps import track_height


@dataclass(slots=True)
class _Losses:
    """What a list cannot carry, each told once."""

    told: dict[str, None] = field(default_factory=dict)

    def add(self, message: str) -> None:
        self.told.setdefault(message)


def corrected_edl(
    cut: Cut, turnover: Turnover, rendered: Sequence[RenderedShot]
) -> tuple[str, tuple[str, ...]]:
    """The text of the list, lines ended by CRLF, and what it could not carry.

    Rendered events keep their plate's reel and timecode, which the render carries too;
    `FROM CLIP NAME` and `SOURCE FILE` name the render, `PLATE` the plate.

    Raises:
        DeliveryError: the cut's file changed, or a render does not belong to it.
    """
    losses = _Losses()
    renders = by_event(cut, tuple(rendered))
    original = original_of(cut)
    if isinstance(original, ReadCut):
        title, statements = cut.name, _from_events(cut, turnover, renders, original, losses)
    else:
        title, statements = original.title or cut.name, _from_list(cut, original, renders, losses)
    text = print_list(title, statements, cut.drop, losses.add)
    return text, tuple(losses.told)


def _from_list(
    cut: Cut, printed: PrintedList, renders: Mapping[str, RenderedShot], losses: _Losses
) -> list[Statement]:
    """The list's own statements, sound and black included, renders put in."""
    for number, _ in printed.unread:
        losses.add(f"line {number} could not be read and is left out")
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


def _with_render(statement: Statement, n: int, render: RenderedShot) -> Statement:
    """The statement with its line `n` naming the render, over the frames that it shows."""
    shot = render.shot
    line = statement.lines[n]
    source = _timecodes(shot.source, drops(line)[0])
    record = _timecodes(shot.record, drops(line)[2])
    fresh = replace(line, times=(*source, *record))
    lines = tuple(fresh if i == n else x for i, x in enumerate(statement.lines))
    motions = tuple(
        replace(m, start=source[0]) if m.start == line.times[0] and m.reel == line.reel else m
        for m in statement.motions
    )
    side = remark_side(statement, n)
    renamed = naming_remarks(statement, n)
    kept = (remark for i, remark in enumerate(statement.remarks) if i not in renamed)
    named = (f"* {side} CLIP NAME:  {_file_name(render)}", f"* SOURCE FILE: {_file_name(render)}")
    plate = (f"* PLATE: {shot.plate.name}",)
    return replace(statement, lines=lines, motions=motions, remarks=(*named, *plate, *kept))


def _from_events(
    cut: Cut,
    turnover: Turnover,
    renders: Mapping[str, RenderedShot],
    original: ReadCut,
    losses: _Losses,
) -> list[Statement]:
    """Statements of the lowest track with picture of a cut that came as .otio."""
    shots = {shot.event.name: shot for shot in turnover.shots}
    track = min((e.track for e in cut.events if e.enabled), key=track_height, default="V1")
    statements = []
    for event in cut.events:
        refused = _refused(event, cut, track)
        if refused:
            also = " (rendered)" if event.name in renders else ""
            losses.add(f"{event.name}{also}: {refused}")
            continue
        shot, render = shots.get(event.name), renders.get(event.name)
        statements.append(_statement(event, shot, render, cut.drop, losses))
    if fades := _count_schema(original.document, "Transition"):
        losses.add(f"{fades} transitions are printed as cuts, at their middle")
    if _count_schema(original.document, "Marker"):
        losses.add("markers are not printed")
    if any(_count_schema(original.document, kind) for kind in ("Effect", "UnknownSchema")):
        losses.add("effects other than a steady speed are not printed")
    return statements


def _refused(event: Event, cut: Cut, track: str) -> str:
    """Why a list of `track` cannot hold this event, or ""."""
    if not event.enabled:
        return "is switched off"
    if event.track != track:
        return f"lies on {event.track}; the list is of {track}, and holds one picture track"
    if event.source is None:
        return "has no source frames"
    if event.source.rate != cut.rate:
        return f"counts its source at {event.source.rate} fps, the list at {cut.rate}"
    if event.source.start < 0:
        return "begins before timecode 00:00:00:00"
    return ""


def _statement(
    event: Event, shot: Shot | None, render: RenderedShot | None, drop: bool, losses: _Losses
) -> Statement:
    """One event as a list prints it; `drop` says whether record timecode drops."""
    source = render.shot.source if render is not None else event.source
    assert source is not None
    remarks = [f"* FROM CLIP NAME:  {event.clip or event.name}"]
    if render is not None:
        name = _file_name(render)
        remarks = [f"* FROM CLIP NAME:  {name}", f"* SOURCE FILE: {name}"]
        remarks.append(f"* PLATE: {render.shot.plate.name}")
    elif event.media:
        remarks.append(f"* SOURCE FILE: {base_name(event.media)}")
    reel = event.reel or "AX"
    if shot is not None and not event.reel:
        reel = shot.plate.reel or PurePath(shot.plate.name).stem
    source_drops = shot.plate.drop if shot is not None else drop
    times = (*_timecodes(source, source_drops), *_timecodes(event.record, drop))
    line = Printed(0, event.number, reel, "V", "C", "", times, drop)
    if event.speed == 1:
        return Statement((line,), tuple(remarks))
    fps = event.speed * counting_base(event.record.rate)
    printed = f"{float(fps):06.1f}" if fps < 0 else f"{float(fps):05.1f}"
    if Fraction(printed) != fps:
        losses.add(f"{event.name}: its speed of {float(fps):.4f} fps is printed as {printed}")
    return Statement((line,), tuple(remarks), (Motion(0, reel, printed, times[0]),))


def _timecodes(span: FrameRange, drop: bool) -> tuple[str, str]:
    """In and out of a range, printed; an out past midnight begins the day again."""
    drop = drop and span.rate in DROP_RATES
    stop = span.stop
    day = day_frames(span.rate, drop)
    if span.start < day < stop:
        stop -= day
    return str(Timecode(span.start, span.rate, drop)), str(Timecode(stop, span.rate, drop))


def _file_name(render: RenderedShot) -> str:
    """The render's file; a sequence as "name.[1001-1050].exr", which Resolve knows."""
    name = PurePath(render.picture).name
    first, last = render.frames.start, render.frames.stop - 1
    return re.sub(
        r"%(0(\d+))?d",
        lambda m: f"[{first:0{m.group(2) or 1}d}-{last:0{m.group(2) or 1}d}]",
        name,
    )


def _count_schema(node: object, schema: str) -> int:
    """How many objects of `schema` the picture tracks of a document hold."""
    if isinstance(node, list):
        return sum(_count_schema(child, schema) for child in node)
    if not isinstance(node, dict) or node.get("kind", "Video") != "Video":
        return 0
    here = str(node.get("OTIO_SCHEMA", "")).split(".")[0] == schema
    below = ("tracks", "children", "effects", "markers")
    return here + sum(_count_schema(node.get(key), schema) for key in below)
