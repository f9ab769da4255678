"""Nothing in a list is skipped: what is not understood is kept with its event, or reported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.timeline.losses import BLOCKS
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.cmx3600.read import read_cmx
from tests.editorial.cases_making import all_said
from tests.editorial.editorial_making import FILM, event_row, listing

ROWS = (
    event_row(1, "A001", ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00")),
    event_row(2, "A002", ("02:00:10:00", "02:00:12:00"), ("01:00:02:00", "01:00:04:00")),
)
#: Statements of edit controllers that are not read.
STATEMENTS = (
    "SPLIT:    AUDIO DELAY=  00:00:00:05", "SWM  ON", "GPI 01 AT 01:00:00:00",
    "M1 A001 01:00:10:00", "%01 TRIM", "[NOTE] hand written", "CTIM 2", "PATCH A1 A2",
)  # fmt: skip
#: Remarks that hold their text and nothing that is read.
REMARKS = (
    "* ASC_SOP (1 1 1)(0 0 0)(1 1 1)", "*ASC_SAT 0.9", "* PATCH SR 1",
    "EFFECTS NAME IS Constant Power", "* COMMENT: hand", "** SLATED AS 12A",
    "FINAL CUT PRO REEL: 006-I REPLACED BY: 006I",
)  # fmt: skip


def read(*rows: str, mode: str = "NON-DROP FRAME") -> ProbedCut:
    return read_cmx(listing(*rows, mode=mode), rate=FILM)


def found(cut: ProbedCut, text: str) -> bool:
    """Whether a text is anywhere in what was read, or in its losses."""
    listed = [*(r for event in cut.events for r in event.remarks), *(m.name for m in cut.markers)]
    return any(text in one for one in (*listed, all_said(cut)))


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_statement_that_is_not_read_is_reported(statement: str, place: int) -> None:
    cut = read(*ROWS[:place], statement, *ROWS[place:])
    assert len(cut.events) == 2
    assert statement.split()[0].rstrip(":") in all_said(cut)


@pytest.mark.parametrize("remark", REMARKS)
def test_a_remark_stays_with_its_event(remark: str) -> None:
    cut = read(ROWS[0], remark, ROWS[1])
    assert remark in cut.events[0].remarks
    assert not cut.losses


@given(st.text(st.characters(codec="ascii", min_codepoint=32), min_size=1, max_size=40))
def test_any_line_is_listed_or_reported(text: str) -> None:
    line = " ".join(text.split())
    before, after = read(*ROWS), read(ROWS[0], text, ROWS[1])
    if not line or line.upper().startswith(("TITLE", "FCM", "M2")):
        return
    assert found(after, line.split()[0][:20]) or len(after.events) > len(before.events)


@pytest.mark.parametrize(
    "remark",
    ["* EFFECT NAME: TIMEWARP", "* TIMEWARP EFFECT: 48 FPS", "** FREEZE FRAME", "* MOTION EFFECT"],
)
def test_a_retime_that_only_a_remark_names_is_shown_to_a_person(remark: str) -> None:
    cut = read(ROWS[0], remark)
    assert "no M2 line states the speed" in all_said(cut)
    assert not read(ROWS[0], remark, "M2   A001   024.0   01:00:10:00").losses


def test_unknown_frame_modes_and_further_titles_are_reported() -> None:
    assert "FCM: FILM is no known frame mode; read as non-drop" in all_said(
        read(*ROWS, mode="FILM")
    )
    assert "a further title, 'R2', is not listed" in all_said(read(*ROWS, "TITLE: R2"))


def test_lines_above_the_first_event_are_all_counted() -> None:
    cut = read(*(f"note {n}" for n in range(50)), *ROWS)
    assert "30 more lines above the first event" in all_said(cut)


@pytest.mark.parametrize(
    "damaged", ["01:00:10:99", "01:75:10:00", "01:00:10:100", "01:00:10;00", "01:99:99:99"]
)
@pytest.mark.parametrize("column", [0, 1])
def test_a_damaged_source_time_costs_its_event_only(damaged: str, column: int) -> None:
    times = ["01:00:10:00", "01:00:12:00"]
    times[column] = damaged
    bad = event_row(2, "A002", (times[0], times[1]), ("01:00:02:00", "01:00:04:00"))
    later = event_row(3, "A003", ("02:00:10:00", "02:00:12:00"), ("01:00:04:00", "01:00:06:00"))
    cut = read(ROWS[0], bad, later)
    starts = [event.record.start for event in cut.events if event.record]
    assert starts == [86400, 86448, 86496]
    assert [event.source.start is None for event in cut.events if event.source] == [
        False, True, False,
    ]  # fmt: skip
    assert [(loss.where, loss.turnover) for loss in cut.losses] == [("line 4", BLOCKS)]
