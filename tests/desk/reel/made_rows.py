"""Rows of a made-up reel, as service would gather them."""

from __future__ import annotations

from fractions import Fraction

from dubsync.core.picture import PictureFormat
from dubsync.core.result import Finding
from dubsync.core.shot import Event, Line, Plate, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.overview import ReelOverview, ShotRow

RATE = Fraction(24)
STATES = ("rendered", "pending review", "approved", "rejected", "stale", "todo")


def made_row(
    number: int, *, state: str = "rendered", triage: float | None = None, fails: int = 0,
    notes: int = 0, characters: tuple[str, ...] = ("ELISE",), text: str = "",
    plate: Plate | None = None,
) -> ShotRow:  # fmt: skip
    """Shot `number` of a reel in which each takes 48 frames."""
    start = 86400 + 48 * (number - 1)
    record = FrameRange(start, start + 48, RATE)
    source = FrameRange(1000, 1048, RATE)
    name = f"SH{number:03d}"
    event = Event(str(number), name, name, "", "", record, source)
    form = PictureFormat(128, 72, "yuv420p", 8)
    frames = FrameRange(900, 1200, RATE)
    own = plate or Plate(f"{name}.mov", f"/nowhere/{name}.mov", "", frames, form)
    lines = tuple(Line(f"L{number}", who, "it-IT", "", record, text) for who in characters)
    offline = state == "offline"
    shot = None if offline else Shot(name, event, own, source, record, source, lines=lines)
    finding = Finding(name, characters[0], "offset", 90.0, "ms", "at most 40 ms", "fail")
    return ShotRow(
        name, str(number), shot, event, characters, text, "sound", "actor", state, "v001",
        triage=triage, findings=(finding,) * fails, notes=notes,
        plate=None if offline else own, standing=1010,
        reasons=("missing plate: no plate matches name",) if offline else (),
    )  # fmt: skip


def made_overview(rows) -> ReelOverview:
    return ReelOverview("R1", "it-IT", ("it-IT",), RATE, False, tuple(rows), pace=0.25)


def show(session, rows) -> None:
    """Show these rows in every view of a session, as a reel that was opened."""
    session.overview = made_overview(rows)
    session.current, session.selected = None, ()
    session.reel_opened.emit()
    session.rows_changed.emit()
    session.show_shot(rows[0].name)
