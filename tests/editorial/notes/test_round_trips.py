"""A note comes back from every format as it was written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.note import Note
from dubsync.editorial.notes.read_back import read_notes
from dubsync.editorial.notes.words import one_line
from tests.editorial.notes.notes_making import (
    CUTS,
    PLACES,
    RATES,
    Reel,
    delivered,
    notes_on,
    reel_in,
)

_REELS: dict[tuple[str, int], Reel] = {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reels")


def reel_of(folder: Path, own: str, n: int) -> Reel:
    """The reel in format `own` at the rate `RATES[n]`, made once."""
    if (own, n) not in _REELS:
        place = folder / f"{own}{n}"
        place.mkdir()
        _REELS[own, n] = reel_in(place, own, *RATES[n])
    return _REELS[own, n]


@pytest.mark.parametrize("own", CUTS)
@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_note_that_nobody_touched_comes_back_unchanged(
    folder: Path, own: str, place: str, data: st.DataObject
) -> None:
    reel = reel_of(folder, own, data.draw(st.integers(0, len(RATES) - 1)))
    notes = data.draw(notes_on(reel.turnover))
    with TemporaryDirectory() as where:
        file = delivered(Path(where), reel, place, notes)
    read = read_notes(file, notes, reel.turnover)
    assert (read.answered, read.moved, read.added, read.unknown) == ((), (), (), ())
    assert read.missing == ()


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_answer_given_in_the_host_comes_back(
    folder: Path, place: str, data: st.DataObject
) -> None:
    """The project has the notes open; the file has the answers, as an editor would write them."""
    reel = reel_of(folder, "edl", data.draw(st.integers(0, len(RATES) - 1)))
    answered = data.draw(notes_on(reel.turnover))
    known = [replace(note, answer="open", reply="") for note in answered]
    with TemporaryDirectory() as where:
        file = delivered(Path(where), reel, place, answered)
    read = read_notes(file, known, reel.turnover)
    wanted = [note for note in answered if (note.answer, note.reply) != ("open", "")]
    assert {_flat(n, place) for n in read.answered} == {_flat(n, place) for n in wanted}
    assert (read.moved, read.added, read.unknown, read.missing) == ((), (), (), ())


def _flat(note: Note, place: str) -> Note:
    """The note as a format keeps it: the lists for Avid and Resolve are one line a marker."""
    reply = one_line(note.reply)
    if place == "notes-resolve":
        reply = reply.replace("|", "/")
    return replace(note, reply=reply) if place in ("notes-avid", "notes-resolve") else note
