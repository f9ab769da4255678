"""Reads Pro Tools "Session Info as Text": the clips of all tracks, and all markers.

The main counter can be timecode, with or without hundredths of a frame, feet and frames, minutes
and seconds, or samples; all are read as exactly as they are printed.
"""

from __future__ import annotations

import re
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
from dubsync.core.timeline.timecode import Timecode, parse_rate
from dubsync.editorial.protools.feet_frames import FilmCount, film_count, film_frames
from dubsync.editorial.timeline.cut_builder import LossNotes

MOST_ROWS = 500_000
_CODE = re.compile(r"(?P<base>\d{1,3}:\d{2}:\d{2}[:;]\d{2,3})(?:\.(?P<part>\d{1,3}))?")
_MARKER = re.compile(r"\d{1,9} *\t *(\d+\+\d[\d.]*) *\t *(\d{1,15}) *\tSamples")
_MINUTES = re.compile(r"(\d{1,5}):(\d{2})\.(\d{1,6})")


@dataclass(slots=True)
class _Session(LossNotes):
    """The heading of a session, and what was read of it so far."""

    heading: Mapping[str, str]
    rate: Fraction
    drop: bool
    start: Fraction
    sample_rate: Fraction | None
    name: str
    film: FilmCount | None = None
    events: list[ProbedEvent] = field(default_factory=list)
    markers: list[ProbedMarker] = field(default_factory=list)


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
        TurnoverError: no heading, no frame rate, or no clips and markers.
    """
    where = path.rsplit("/", 1)[-1] or "the session"
    lines = re.split(r"\r\n|\r|\n", text)
    session = _session(lines, rate, where)
    session.film = _counted_film(lines, session)
    section, track = "", _Track()
    for number, line in enumerate(lines, start=1):
        if number > MOST_ROWS:
            raise TurnoverError(
                f"{where} has more than {MOST_ROWS} lines", hint="is it a Pro Tools session?"
            )
        cells = [cell.strip() for cell in line.split("\t")]
        if "L I S T I N G" in line or "I N  S E S S I O N" in line:
            section = re.sub(r"(?<=\S) (?=\S)", "", line).strip()
            continue
        if section.startswith("TRACK"):
            track = _in_track(cells, track, number, session)
        elif section.startswith("MARKERS"):
            _marker(cells, number, session)
        elif section and any(cells):
            _other(section, session)
    if not session.events and not session.markers:
        raise TurnoverError(
            f"{where} has no clips and no markers",
            hint="export Session Info as Text with Track EDLs and Markers included",
        )
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


def _other(section: str, session: _Session) -> None:
    what = section.replace("LISTING", "").replace("INSESSION", "").strip().lower()
    session.lose(what, f"the session's list of {what} is not read")


def _in_track(cells: list[str], track: _Track, number: int, session: _Session) -> _Track:
    key, colon, value = cells[0].partition(":")
    value = " ".join(cells[1:]).strip() or value.strip()
    if colon and key == "TRACK NAME":
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
        return track
    if cells[0] == "CHANNEL":
        return _Track(track.name, track.comment, track.state, tuple(cells))
    if any(cells) and track.columns:
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


def _marker(cells: list[str], number: int, session: _Session) -> None:
    if len(cells) < 5 or not cells[0].isdigit():
        return
    where = f"line {number}"
    at = _frame(cells[1], session, where)
    samples = re.fullmatch(r"\d{1,15}", cells[2])
    if samples and cells[3].lower() == "samples" and session.sample_rate:
        exact = session.start + Fraction(cells[2]) / session.sample_rate * session.rate
        if at is None or abs(at - exact) < 1:
            at = exact if at is None or exact.denominator == 1 else at
    record = (
        ProbedRange((cells[1], cells[1]))
        if at is None
        else probed_range(at, at, session.rate, session.drop)
    )
    session.markers.append(
        ProbedMarker(
            cells[4],
            "marker",
            record,
            comment=" ".join(cells[5:]),
            timeline=session.name,
            where=where,
        )
    )


def _frame(text: str, session: _Session, where: str = "") -> Fraction | None:
    """A printed time as frames since midnight; None if it is not a time."""
    if result := _CODE.fullmatch(text):
        try:
            frame = Timecode.parse(result["base"], session.rate, drop=session.drop).frame
        except TimecodeError as error:
            session.lose(where or "session start", str(error), ODD)
            return None
        part = Fraction(f"0.{result['part']}") if result["part"] else Fraction(0)
        return frame + part
    if (film := film_frames(text)) is not None:
        return session.start + _film(session).seconds(film) * session.rate
    if result := _MINUTES.fullmatch(text):
        seconds = int(result[1]) * 60 + int(result[2]) + Fraction(f"0.{result[3]}")
        session.lose(
            "minutes and seconds",
            f"printed to 1/{10 ** len(result[3])} s; frame numbers are as exact as that",
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
