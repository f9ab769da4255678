"""Reads Pro Tools "Session Info as Text": the clips of all tracks, and all markers.

The main counter can be timecode, with or without hundredths of a frame, feet and frames, minutes
and seconds, or samples; all are read as exactly as they are printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, LOST, ODD, Loss, LossReport
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, Timecode, day_frames, parse_rate
from dubsync.editorial.protools.feet_frames import FilmCount, film_count, film_frames
from dubsync.editorial.protools.marker_rows import MarkerRow, marker_rows
from dubsync.editorial.timeline.cut_builder import LossNotes

MOST_ROWS = 500_000
_CODE = re.compile(r"(?P<base>\d{1,3}:\d{2}:\d{2}[:;]\d{2,3})(?:\.(?P<part>\d{1,3}))?")
_MARKER = re.compile(r"\d{1,9} *\t *(\d+\+\d[\d.]*) *\t *(\d{1,15}) *\tSamples")
_MINUTES = re.compile(r"(\d{1,5}):([0-5]\d)(?:\.(\d{1,6}))?")
#: A line such as "T R A C K  L I S T I N G".
_SECTION = re.compile(r"\S(?: {1,2}\S){5,}\s*")
_HEADINGS = frozenset({
    "SESSION NAME", "SAMPLE RATE", "BIT DEPTH", "SESSION START TIMECODE", "TIMECODE FORMAT",
    "# OF AUDIO TRACKS", "# OF AUDIO CLIPS", "# OF AUDIO FILES",
})  # fmt: skip
_COLUMNS = frozenset({
    "CHANNEL", "EVENT", "CLIP NAME", "START TIME", "END TIME", "DURATION", "TIMESTAMP", "STATE",
})  # fmt: skip
#: Sections that are not read, and known to hold nothing of the timeline.
_LISTS = ("FILES IN SESSION", "CLIPS IN SESSION", "PLUG-INS LISTING")


@dataclass(slots=True)
class _Session(LossNotes):
    """The heading of a session, and what was read of it so far.

    rows  section that is not read -> its number of lines
    idle  names of the tracks without clips so far
    """

    heading: Mapping[str, str]
    rate: Fraction
    drop: bool
    start: Fraction
    sample_rate: Fraction | None
    name: str
    film: FilmCount | None = None
    events: list[ProbedEvent] = field(default_factory=list)
    markers: list[ProbedMarker] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    idle: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Track:
    """The track whose rows are read."""

    name: str = ""
    comment: str = ""
    state: str = ""
    columns: tuple[str, ...] = ()


def looks_like_protools(text: str) -> bool:
    """Whether text begins like a session export."""
    return text.lstrip("\ufeff \t\r\n").startswith("SESSION NAME:")


def read_protools(text: str, *, rate: Fraction | None = None, path: str = "") -> ProbedCut:
    """The clips and markers of a session's text.

    Args:
        rate: frames per second if the heading states no known rate; the heading takes precedence.

    Raises:
        TurnoverError: no heading or no frame rate.
    """
    where = path.rsplit("/", 1)[-1] or "the session"
    lines = re.split(r"\r\n|\r|\n", text)
    session = _session(lines, rate, where)
    session.film = _counted_film(lines, session)
    section, track = "", _Track()
    marks: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if number > MOST_ROWS:
            raise TurnoverError(
                f"{where} has more than {MOST_ROWS} lines", hint="is it a Pro Tools session?"
            )
        cells = [cell.strip() for cell in line.split("\t")]
        if _SECTION.fullmatch(line):
            section = " ".join(re.sub(r"(?<=\S) (?=\S)", "", line).split())
            session.rows[section] += 0
            continue
        if section.startswith("TRACK"):
            track = _in_track(cells, track, number, session)
        elif section.startswith("MARKERS"):
            marks.append((number, line))
        elif section and any(cells):
            session.rows[section] += 1
    for row in marker_rows(marks):
        _marker(row, session)
    _report_unread(session, where)
    stops = [e.record.stop for e in session.events if e.record and e.record.stop is not None]
    length = max(stops) - session.start if stops else None
    timeline = ProbedTimeline(session.name, session.rate, session.start, length, session.drop)
    return ProbedCut(
        path,
        "Pro Tools session text",
        (timeline,),
        tuple(session.events),
        tuple(session.markers),
        LossReport.of(session.losses),
    )


def _session(lines: list[str], rate: Fraction | None, where: str) -> _Session:
    heading: dict[str, str] = {}
    for line in lines[:40]:
        key, colon, value = line.partition(":")
        if not colon or "L I S T I N G" in line:
            break
        heading[key.strip().upper()] = value.strip()
    stated = heading.get("TIMECODE FORMAT", "")
    result = re.match(r"(\d{1,5}(?:\.\d{1,6})?)", stated)
    losses: list[Loss] = []
    if result:
        try:
            rate = parse_rate(result[1])
        except TimecodeError as error:
            losses.append(Loss(where, f"timecode format {stated!r}: {error}", ODD))
    if rate is None:
        raise TurnoverError(
            f"{where} has an unknown timecode format: {stated[:40]!r}",
            hint="give the rate, as --rate 25",
        )
    drop = "drop" in stated.lower() and "non" not in stated.lower()
    sample_rate = None
    if re.fullmatch(r"\d{4,6}(\.\d*)?", heading.get("SAMPLE RATE", "")):
        sample_rate = Fraction(heading["SAMPLE RATE"])
    name = heading.get("SESSION NAME", "") or where
    session = _Session(heading, rate, drop, Fraction(0), sample_rate, name, losses=losses)
    first = heading.get("SESSION START TIMECODE", "")
    session.start = _frame(first, session) or Fraction(0)
    if not first:
        losses.append(
            Loss(where, "the session start is not stated; 00:00:00:00 is assumed", ASSUMED)
        )
    return session


def _counted_film(lines: list[str], session: _Session) -> FilmCount | None:
    """The film count, from the samples of its markers; None if no marker is in feet."""
    result = [mark for line in lines if (mark := _MARKER.match(line))]
    if session.sample_rate is None:
        return None
    marks = [
        (Fraction(mark[2]) / session.sample_rate, film)
        for mark in result
        if (film := film_frames(mark[1])) is not None
    ]
    return film_count(session.rate, marks) if marks else None


def _film(session: _Session) -> FilmCount:
    """The film count, with a Loss if the session does not prove it."""
    count = session.film or film_count(session.rate, ())
    session.film = count
    if not count.proved:
        session.lose(
            "feet and frames",
            f"35 mm film with four perforations at {count.rate} fps is assumed; the markers do "
            "not prove it",
            ASSUMED,
            "set the main counter to timecode, and export again",
        )
    return count


def _report_unread(session: _Session, where: str) -> None:
    """Losses for sections, headings and tracks that are not listed."""
    for section, rows in session.rows.items():
        if section.startswith(("TRACK", "MARKERS")):
            continue
        known = section.endswith(_LISTS)
        what = section.replace("LISTING", "").replace("IN SESSION", "").strip().lower()
        lines = rows - 1 if known else rows  # the first row names the columns
        if known and lines > 0:
            session.lose(what, f"the session's list of {what} is not read; rows: {lines}")
        elif not known:
            what = f"the section {section[:60]!r} is not known, and not read; rows: {rows}"
            session.lose(section[:60], what)
    for key, value in session.heading.items():
        if key not in _HEADINGS and value:
            session.lose(where, f"the heading {key[:40]!r} is not read: {value[:60]}")
    if session.idle:
        session.lose("tracks", f"tracks without clips are not listed: {', '.join(session.idle)}")
    if not session.events:
        stated = session.heading.get("# OF AUDIO TRACKS", "0")
        what = f"the session lists no clips{'' if session.markers else ' and no markers'}; "
        what += f"it states {stated} audio tracks"
        hint = "export Session Info as Text with Track EDLs and Markers included"
        session.lose(where, what, ODD, hint)


def _in_track(cells: list[str], track: _Track, number: int, session: _Session) -> _Track:
    key, colon, value = cells[0].partition(":")
    value = " ".join(cells[1:]).strip() or value.strip()
    if colon and key == "TRACK NAME":
        session.idle[value] = None
        return _Track(value)
    if colon and key == "COMMENTS":
        if value:
            session.markers.append(
                ProbedMarker(
                    value,
                    "track comment",
                    track=track.name,
                    timeline=session.name,
                    where=f"line {number}",
                )
            )
        return _Track(track.name, value, track.state, track.columns)
    if colon and key == "STATE":
        return _Track(track.name, track.comment, value, track.columns)
    if colon and key in ("USER DELAY", "PLUG-INS"):
        if key == "PLUG-INS" and value:
            session.lose(f"track {track.name}", f"plug-ins {value[:80]!r} are not listed")
        if key == "USER DELAY" and re.match(r"[+-]?0*[1-9]", value):
            session.lose(f"track {track.name}", f"its delay of {value[:40]} is not applied")
        return track
    if cells[0] == "CHANNEL":
        unknown = [c for c in cells if c and c not in _COLUMNS]
        if unknown:
            session.lose("columns of clips", f"are not listed: {', '.join(unknown)[:80]}")
        return _Track(track.name, track.comment, track.state, tuple(cells))
    if any(cells) and not track.columns:
        what = f"{' '.join(cells).strip()[:80]!r} is no row of clips, and is not listed"
        session.lose(f"line {number}", what)
    elif any(cells):
        session.idle.pop(track.name, None)
        spare = [cell for cell in cells[len(track.columns) :] if cell]
        if spare:
            what = f"cells after the last column are not listed: {', '.join(spare)[:80]}"
            session.lose(f"line {number}", what)
        _clip(dict(zip(track.columns, cells, strict=False)), track, number, session)
    return track


def _clip(row: Mapping[str, str], track: _Track, number: int, session: _Session) -> None:
    where = f"line {number}"
    printed = row.get("START TIME", ""), row.get("END TIME", "")
    start, stop = (_frame(text, session, where) for text in printed)
    if start is None or stop is None:
        session.lose(
            where, f"{' '.join(printed)[:60]!r} are not times that can be counted in frames", ODD
        )
        record = ProbedRange(printed)
    else:
        record = probed_range(start, stop, session.rate, session.drop)
        if stop < start:
            session.lose(where, "a clip ends before it begins", ODD)
        length = _length(row.get("DURATION", ""), session)
        if length is not None and abs(length - (stop - start)) >= 1:
            what = (
                f"its duration of {row['DURATION']} is not its end minus its start, which are used"
            )
            session.lose(where, what, ODD)
    stamp = row.get("TIMESTAMP", "")
    source = None
    if stamp and (at := _frame(stamp, session, where)) is not None and record.length is not None:
        source = probed_range(at, at + record.length, session.rate, session.drop)
    state = row.get("STATE", "")
    off = "Muted" in state or "Muted" in track.state or "Inactive" in track.state
    channel = row.get("CHANNEL", "1")
    kind = "audio"
    if row.get("CLIP NAME", "").startswith("(cross fade)") or row.get("CLIP NAME", "").startswith(
        "(fade"
    ):
        kind = "dissolve"
    session.events.append(
        ProbedEvent(
            tracks=(track.name,),
            name=row.get("CLIP NAME", ""),
            kind=kind,
            record=record,
            source=source,
            number=row.get("EVENT", ""),
            enabled=not (off and "Unmuted" not in state)
            and "Muted" not in track.state
            and "Inactive" not in track.state,
            timeline=session.name,
            where=where,
            remarks=tuple(
                t
                for t in (
                    f"channel {channel}" if channel != "1" else "",
                    track.state and f"track {track.state}",
                )
                if t
            ),
        )
    )


def _marker(row: MarkerRow | tuple[int, str], session: _Session) -> None:
    if isinstance(row, tuple):
        what = f"{row[1].strip()[:80]!r} is no marker, and is not listed"
        session.lose(f"line {row[0]}", what, ODD)
        return
    where = f"line {row.line}"
    at = _frame(row.location, session, where)
    samples = re.fullmatch(r"\d{1,15}", row.reference)
    if samples and row.units.lower() == "samples" and session.sample_rate:
        exact = session.start + Fraction(row.reference) / session.sample_rate * session.rate
        if at is None or abs(at - exact) < 1:
            at = exact if at is None or exact.denominator == 1 else at
    if row.spare:
        session.lose(where, f"columns of its marker are not listed: {', '.join(row.spare)[:80]}")
    printed = ProbedRange((row.location, row.location))
    record = printed if at is None else probed_range(at, at, session.rate, session.drop)
    session.markers.append(
        ProbedMarker(
            row.name,
            "marker",
            record,
            comment=row.comment,
            track=row.track,
            timeline=session.name,
            where=where,
        )
    )


def _length(text: str, session: _Session) -> Fraction | None:
    """A printed duration in frames; None if it is not in timecode or samples."""
    if result := _CODE.fullmatch(text):
        try:
            frames = Timecode.parse(result["base"], session.rate, drop=False).frame
        except TimecodeError:
            return None
        return None if session.drop else Fraction(frames)
    if re.fullmatch(r"\d{1,15}", text) and session.sample_rate:
        return Fraction(text) / session.sample_rate * session.rate
    return None


def _frame(text: str, session: _Session, where: str = "") -> Fraction | None:
    """A printed time as frames since midnight; None if it is not a time."""
    if result := _CODE.fullmatch(text):
        try:
            frame = Timecode.parse(result["base"], session.rate, drop=session.drop).frame
        except TimecodeError as error:
            session.lose(where or "session start", str(error), ODD)
            return None
        part = Fraction(f"0.{result['part']}") if result["part"] else Fraction(0)
        day = day_frames(session.rate, session.drop and session.rate in DROP_RATES)
        if where and session.start - frame > day // 2:
            frame += day  # the session passes midnight
        return frame + part
    if (film := film_frames(text)) is not None:
        return session.start + _film(session).seconds(film) * session.rate
    if result := _MINUTES.fullmatch(text):
        seconds = int(result[1]) * 60 + int(result[2]) + Fraction(f"0.{result[3] or 0}")
        exact = f"1/{10 ** len(result[3])} s" if result[3] else "a whole second"
        session.lose(
            "minutes and seconds",
            f"printed to {exact}; frame numbers are as exact as that",
            APPROXIMATE,
        )
        return session.start + seconds * session.rate
    if re.fullmatch(r"\d{1,15}", text) and session.sample_rate:
        return session.start + Fraction(text) / session.sample_rate * session.rate
    if text and "|" in text:
        session.lose(
            "bars and beats",
            "cannot be counted in frames",
            LOST,
            "set the main counter to timecode, and export again",
        )
    return None
