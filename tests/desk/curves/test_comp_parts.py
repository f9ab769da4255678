"""What comp and take lanes show, out of what the preview tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.face import Stretch
from dubsync.desk.curves.comp_parts import comp_parts, refusals, short_names, take_rows
from dubsync.service.preview.packed import packed_curves, unpacked_curves
from dubsync.service.reel.comp_list import Candidate, CharacterComp, CompWord
from tests.desk.curves.conftest import made_comp, made_curves, made_shot


def test_takes_are_called_by_what_sets_them_apart():
    assert short_names(["MARC_L002_t01", "sound", "MARC_L002_t02"]) == {
        "MARC_L002_t01": "t01", "MARC_L002_t02": "t02",
    }  # fmt: skip
    assert short_names(["A_t01", "B_t01"]) == {"A_t01": "A_t01", "B_t01": "B_t01"}


sources = st.sampled_from(["sound", "plate", "X_t01", "X_t02"])


@given(st.lists(st.tuples(st.integers(1, 9), sources), min_size=1, max_size=20))
def test_parts_cover_what_drives_and_no_neighbours_are_alike(runs):
    drivers, at = [], 100
    for length, source in runs:
        drivers.append(Stretch(at, at + length - 1, source))
        at += length
    parts = comp_parts(drivers)
    frames = [(f, p.source) for p in parts for f in range(p.first, p.last + 1)]
    assert frames == [(f, d.source) for d in drivers for f in range(d.first, d.last + 1)]
    assert all(a.source != b.source for a, b in zip(parts, parts[1:], strict=False))


def test_a_part_that_holds_a_word_set_by_hand_says_so():
    drivers = [Stretch(100, 119, "X_t01"), Stretch(120, 139, "sound")]
    assert [part.by_hand for part in comp_parts(drivers, [(125, 130)])] == [False, True]


def test_rows_keep_their_place_before_anything_is_worked_out():
    assert [row.name for row in take_rows(None, ["MARC_t01", "MARC_t02"])] == ["t01", "t02"]
    rows = take_rows(made_comp(), ["MARC_t01", "MARC_t02", "MARC_t03"])
    assert [len(row.boxes) for row in rows] == [2, 2, 0]


def test_refused_neighbours_with_one_reason_are_one_run():
    away = (Candidate("X", False, "its face is turned away"),)
    words = tuple(
        CompWord(n, "", 10 * n, 10 * n + 8, "sound", False, "", away if n != 3 else ())
        for n in range(1, 6)
    )
    (row,) = take_rows(CharacterComp("MARC", words, ()), ["X"])
    assert refusals(row.boxes) == (
        (10, 28, "its face is turned away"), (40, 58, "its face is turned away"),
    )  # fmt: skip


def test_the_comp_comes_through_the_preview_process_as_it_was():
    made = made_curves(made_shot("SH010"))
    body, data = packed_curves(made)
    came = unpacked_curves(body, memoryview(data))
    assert came.characters["MARC"].comp == made.characters["MARC"].comp
