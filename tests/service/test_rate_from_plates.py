"""A rate that `new` takes from the plates is said, with doubts about it (case 07, part 1)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.service.test_bad_input import HEAD, event, made, movie, parts

__all__ = ["parts"]  # a fixture


def cut_of(parts: Path, times: list[str]) -> None:
    events = (event(n + 1, "a.mov", f"{a} {b}", f"{a} {b}")
              for n, (a, b) in enumerate(zip(times, times[1:], strict=False)))  # fmt: skip
    (parts / "cut.edl").write_text(HEAD + "".join(events))


def test_the_plates_that_gave_the_rate_are_named(parts: Path) -> None:
    notes: list[str] = []
    project = made(parts, noted=notes.append)
    assert project.file.rate == 24
    note, colour = notes
    assert colour == "Colour: 1 plate not stated."
    assert note.startswith("Rate 24 fps, from the plates: a.mov.") and "--rate" in note


def test_a_rate_that_is_given_is_not_said(parts: Path) -> None:
    notes: list[str] = []
    made(parts, noted=notes.append, rate=Fraction(24))
    assert [note for note in notes if not note.startswith("Colour:")] == []


@pytest.mark.parametrize(("last", "warned"), [("01:00:00:24", True), ("01:00:00:26", False)])
def test_plates_at_twice_the_rate_of_the_cut_are_noticed(
    last: str, warned: bool, parts: Path
) -> None:
    (parts / "plates" / "a.mov").unlink()
    movie(parts / "plates" / "a.mov", rate=Fraction(50), frames=60)
    cut_of(parts, ["01:00:00:00", "01:00:00:10", "01:00:00:18", last])
    notes: list[str] = []
    made(parts, noted=notes.append)
    assert notes[0].startswith("Rate 50 fps, from the plates")
    said = " ".join(notes)
    assert ("--rate 25" in said and "twice their rate" in said) == warned
