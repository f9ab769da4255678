"""The change list of two cuts is exact to the frame."""

import random
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.change import MOVE_DUB, NEW_SYNC, NOTHING, REMOVE_DUB
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.changes.change_list import change_list, changes, to_its_cut
from dubsync.editorial.changes.match import matched
from dubsync.editorial.changes.uses import identity, joined, same_media, uses_of
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from tests.conftest import shared_folder
from tests.editorial.changes.cutdiff_making import START, cut, use

SAMPLE = Path(__file__).parents[3] / "sample_projects" / "reel_change"
A, B, C, D = ("A", 100, 50), ("B", 200, 50), ("C", 300, 50), ("D", 400, 50)
OLD = (A, B, C, D)


def words(new, old=OLD):
    return {change.use.name: change.words for change in changes(cut(old), cut(new))}


def test_a_cut_against_itself_is_the_same():
    assert set(words(OLD).values()) == {"same"}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (("-", 48), {"A": "moved +48", "D": "moved +48"}),
        ((A, ("B", 200, 38), C, D), {"B": "trimmed tail -12", "C": "moved -12"}),
        ((A, ("B", 212, 38), C, D), {"B": "moved -12, trimmed head -12", "C": "moved -12"}),
        ((("A", 100, 62), ("B", 212, 38), C, D), {"A": "extended tail +12",
                                                  "B": "trimmed head -12", "C": "same"}),
        ((A, ("B", 205, 50), C, D), {"B": "slipped +5", "C": "same"}),
        ((A, B, C, ("D", 900, 50)), {"D": "slipped +500"}),
        ((B, C, D, A), {"B": "moved -50", "A": "moved +150, reordered"}),
        ((A, B, ("C", 300, 100, Fraction(1, 2)), D), {"C": "retimed 100 % to 50 %",
                                                      "D": "moved +50"}),
        ((A, C, D), {"B": "gone", "C": "moved -50"}),
        ((A, ("N", 7, 10), B, C, D), {"N": "new", "B": "moved +10"}),
        ((A, B, C, D, ("A", 90, 20)), {"A": "new, partly of frames the old cut showed elsewhere"}),
        ((("-", 48), A, ("B", 200, 38), C, D), {"B": "moved +48, trimmed tail -12",
                                                "C": "moved +36"}),
    ],
)  # fmt: skip
def test_each_kind_of_change_as_text(new, said):
    new = (new, *OLD) if new and isinstance(new[0], str) else new
    result = words(new)

    assert {name: result[name] for name in said} == said


def test_what_a_change_requires_of_the_dub():
    new = (("A", 100, 62), ("B", 212, 38), D, ("C", 310, 40))
    asked = {c.use.name: c.dub for c in changes(cut((*OLD, ("E", 5, 5))), cut(new))}

    assert asked == {"A": NEW_SYNC, "B": NOTHING, "D": MOVE_DUB, "C": MOVE_DUB, "E": REMOVE_DUB}


def test_a_reverse_trims_at_the_end_that_it_shows_last():
    old = (use(0, "A", START, 150, 50, -1),)
    new = (use(0, "A", START, 150, 40, -1),)

    (change,) = changes(old, new)

    assert change.words == "trimmed tail -10"


def test_a_freeze_on_another_frame_is_slipped():
    old, new = (use(0, "A", START, 100, 50, 0),), (use(0, "A", START, 103, 60, 0),)

    (change,) = changes(old, new)

    assert change.words == "extended tail +10, slipped +3"


def test_a_ramp_that_moved_is_the_same_ramp():
    bend = TimeMap(((Fraction(START), Fraction(0)), (Fraction(START + 10), Fraction(10)),
                    (Fraction(START + 30), Fraction(50))))  # fmt: skip
    later = TimeMap(tuple((r + 24, s) for r, s in bend.keyframes[:2]) + ((Fraction(START + 49), Fraction(40)),))  # noqa: E501  # fmt: skip
    old = replace(use(0, "A", START, 0, 30), map=bend)
    new = replace(use(0, "A", START + 24, 0, 25), map=later)
    other = replace(new, map=TimeMap((later.keyframes[0], (Fraction(START + 36), Fraction(10)),
                                      later.keyframes[2])))  # fmt: skip

    assert changes((old,), (new,))[0].words == "moved +24, trimmed tail -5"
    assert changes((old,), (other,))[0].kind == "retimed"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ({"media": "/x/A001.mov", "name": "n"}, {"media": "file:///y/a001.mxf", "name": "m"}, True),
        ({"media": "/x/A001.mov", "name": "n"}, {"media": "/x/A002.mov", "name": "n"}, False),
        ({"media": "/x/A001.mov"}, {"name": "A001.mov", "reel": "AX"}, True),
        ({"reel": "A001C003_0412"}, {"reel": "A001C003"}, True),
        ({"reel": "A001C003"}, {"reel": "A001C004"}, False),
        ({"name": "shot"}, {"name": "shot"}, True),
        ({"name": "shot", "reel": "T1"}, {"name": "shot", "reel": "T2"}, False),
        ({"media": "/x/A001.mov", "reel": "R"}, {"media": "/x/A001_proxy.mov", "reel": "R"}, True),
    ],
)
def test_media_is_identified_by_file_then_reel_then_clip_name(a, b, same):
    made = [use(0, kind.get("name", ""), 0, 0, 10, reel=kind.get("reel", ""),
                media=kind.get("media", "")) for kind in (a, b)]  # fmt: skip

    assert same_media(*map(identity, made)) is same
    assert same_media(*map(identity, reversed(made))) is same


def test_a_clip_used_many_times_is_matched_in_order():
    loop = [("A", 100, 25), ("B", 10 * 1, 25)] * 20
    new = [shot for n, shot in enumerate(loop) if n not in (7, 20)]

    pairs = matched(cut(loop), cut(new))

    assert len(pairs) == 38 and all(pair.ordered for pair in pairs)


def test_frames_under_a_transition_belong_to_the_incoming_event():
    whole = use(0, "A", START, 0, 58)
    under = replace(whole, tail=8)

    assert changes((whole,), (whole,))[0].kind == "same"
    assert len(to_its_cut(under).record) == 50
    (change,) = changes((use(0, "A", START, 0, 50),), (under,))
    assert change.words == "out by a transition of 8, was a cut"  # its frames are new
    assert (change.tail, change.fresh, change.dub) == (0, 8, NEW_SYNC)
    (shorter,) = changes((under,), (use(0, "A", START, 0, 50),))
    assert shorter.words == "same"


@settings(max_examples=60)
@given(st.data())
def test_every_event_of_both_cuts_is_in_the_list(data):
    shot = st.tuples(st.sampled_from("ABC"), st.integers(0, 60), st.integers(1, 40))
    old, new = (cut(data.draw(st.lists(shot, max_size=12))) for _ in range(2))

    result = changes(old, new)

    listed_ = {number for c in result if c.old for number in c.old.number.split(", ")}
    assert listed_ == {u.number for u in old}
    assert [c.new.event for c in result if c.new] == [u.event for u in new]
    for change in result:
        if change.old and change.new:
            assert identity(change.old) == identity(change.new)
            grown = len(change.new.record) - len(change.old.record)
            assert change.kind == "retimed" or change.head + change.tail == grown
            if not change.slipped:
                stands = change.new.record.start - change.old.record.start
                assert change.moved - change.head == stands


def test_two_thousand_events_take_seconds():
    random.seed(4)
    shots = [(f"R{random.randint(0, 60)}", random.randint(0, 5000), random.randint(10, 200))
             for _ in range(2000)]  # fmt: skip
    new = [shot for shot in shots if random.random() > 0.02]
    for _ in range(40):
        new.insert(random.randrange(len(new)), new.pop(random.randrange(len(new))))
    began = time.process_time()

    result = changes(cut(shots), cut(new))

    assert time.process_time() - began < 5
    assert sum(change.kind == "gone" for change in result) == len(shots) - len(new)
    assert sum(change.kind == "reordered" for change in result) <= 40


def test_runs_of_one_event_are_one_use():
    first = TimeMap(((Fraction(0), Fraction(5)), (Fraction(10), Fraction(15))))
    second = TimeMap(((Fraction(10), Fraction(15)), (Fraction(20), Fraction(25))))

    assert joined(first, second).keyframes == ((0, 5), (20, 25))


# -- whole files ------------------------------------------------------------------------------

NAMES = [(a, b) for a in ("edl", "otio", "fcpxml", "xml") for b in ("edl", "otio", "fcpxml", "xml")]
FILM = Fraction(24000, 1001)


def listed(old, new, rate=FILM):
    cuts = [probe_cut(SAMPLE / name, rate) for name in (old, new)]
    return change_list(cuts[0], resolve(cuts[0]), cuts[1], resolve(cuts[1]))


@pytest.mark.parametrize(("a", "b"), NAMES)
def test_the_sample_is_the_same_in_every_format(a, b):
    result = listed(f"old.{a}", f"new.{b}")

    assert [change.words for change in result.changes] == [
        "trimmed tail -8",
        "moved -14, trimmed head -6",
        "moved -98, reordered",
        "moved +44, extended tail +4",
        "moved -10, in by a transition of 6, was a transition of 8, slipped +4",
        "moved -10",
        "new, partly of frames the old cut showed elsewhere",
        "moved +10, retimed 80 % to 100 %",
        "moved -6",
    ]


def test_drop_frame_timecode_is_counted_and_printed_as_such():
    result = listed("broadcast_old.edl", "broadcast_new.edl", Fraction(30000, 1001))

    assert [change.words for change in result.changes] == [
        "same", "trimmed tail -20", "moved -110, reordered, trimmed head -2, extended tail +12",
        "moved +130",
    ]  # fmt: skip
    assert result.changes[1].use.record_text == ("00:59:58;05", "01:00:07;25")


def test_cuts_of_two_frame_rates_are_refused():
    cuts = [probe_cut(SAMPLE / "old.edl", rate) for rate in (FILM, Fraction(24))]

    with pytest.raises(TurnoverError, match="24000/1001"):
        change_list(cuts[0], resolve(cuts[0]), cuts[1], resolve(cuts[1]))


def test_an_event_cut_in_two_by_an_overlay_is_two_uses():
    result = probe_cut(SAMPLE / "old.edl", FILM)
    runs = resolve(result)
    (first, *_) = (use for use in uses_of(result, runs) if use.event == 0)
    middle = replace(runs[0], record=FrameRange(*_inner(runs[0].record), FILM), shown=())
    before = replace(runs[0], record=replace(runs[0].record, stop=middle.record.start))
    after = replace(runs[0], record=replace(runs[0].record, start=middle.record.stop))
    parted = [before, middle, after]

    assert first.record == runs[0].record
    assert len([use for use in uses_of(result, parted) if use.event == 0]) == 2


def _inner(record):
    return record.start + 10, record.stop - 10


# -- the cases of ../shared, one change each -----------------------------------------------------

TEN = {
    "delete": {"003": "out by a transition of 8, was a cut", "004": "gone", "005": "moved -58",
               "006": "moved -58", "007": "moved -58", "008": "moved -58"},
    "dissolve_added": {"002": "out by a transition of 12, was a cut",
                       "003": "in by a transition of 12, was a cut"},
    "insert": {"+003": "new", **{f"{n:03d}": "moved +40" for n in range(3, 9)}},
    "move_last_first": {"008": "moved -622, reordered",
                        **{f"{n:03d}": "moved +54" for n in range(1, 8)}},
    "old": {},
    "replaced_take": {"006": "gone", "+006": "new"},
    "retime": {"006": "retimed 100 % to 66.67 %", "007": "moved +43", "008": "moved +43"},
    "reused_shot_at_end": {"+009": "new, of frames the old cut showed elsewhere"},
    "same_roll_elsewhere": {"001": "slipped +22495"},
    "slip": {"003": "slipped +7"},
    "split_insert": {"+003": "new", "002": "moved +20",
                     **{f"{n:03d}": "moved +20" for n in range(3, 9)}},
    "split_only": {},
    "swap": {"002": "moved -94", "001": "moved +108, reordered"},
    "trim_head": {"002": "moved -10, trimmed head -10",
                  **{f"{n:03d}": "moved -10" for n in range(3, 9)}},
    "trim_tail": {"006": "trimmed tail -12", "007": "moved -12", "008": "moved -12"},
}  # fmt: skip
FRESH = {"dissolve_added": {"002": 12}, "delete": {"003": 8}, "slip": {"003": 7},
         "insert": {"+003": 40}, "split_insert": {"+003": 20}, "replaced_take": {"+006": 86},
         "same_roll_elsewhere": {"001": 94}}  # fmt: skip


@pytest.mark.parametrize("name", sorted(TEN))
def test_each_change_of_the_case_is_the_only_one_listed(name):
    folder = shared_folder() / "cases" / "timelines" / "cutdiff-ten-changes"
    old, new = (probe_cut(folder / f"{each}.edl", Fraction(24)) for each in ("old", name))
    result = change_list(old, resolve(old), new, resolve(new)).changes

    assert {place(c): c.words for c in result if c.kind != "same"} == TEN[name]
    assert {place(c): c.fresh for c in result if c.fresh} == FRESH.get(name, {})
    assert all(c.dub == NOTHING for c in result if c.kind == "same")


def test_many_changes_at_once_are_each_listed():
    folder = shared_folder() / "cases" / "timelines" / "cutdiff-ten-changes"
    old, new = (probe_cut(folder / f"{each}.edl", Fraction(24)) for each in ("old", "many"))
    result = change_list(old, resolve(old), new, resolve(new)).changes

    assert [c.words for c in result] == [
        "same", "moved -10, trimmed head -10", "new",
        "moved +30, in by a transition of 12, was a cut, slipped +7", "moved +30", "moved +30",
        "moved +30, retimed 100 % to 66.67 %", "moved +73", "moved +73",
    ]  # fmt: skip


def place(change):
    return change.old.number if change.old else f"+{change.new.number}"


# -- a razor cut changes nothing -----------------------------------------------------------------

SHOT = st.tuples(st.sampled_from("ABC"), st.integers(0, 3).map(lambda n: 1000 * n),
                 st.integers(2, 40), st.sampled_from([Fraction(1), Fraction(2)]))  # fmt: skip


def razored(shots, data):
    """The same pictures, each shot divided at up to two places."""
    result = []
    for name, source, frames, speed in shots:
        edges = sorted({0, frames, *data.draw(st.lists(st.integers(1, frames - 1), max_size=2))})
        result += [
            (name, source + a * speed, b - a, speed) for a, b in zip(edges, edges[1:], strict=False)
        ]
    return result


@settings(max_examples=60)
@given(st.lists(SHOT, min_size=1, max_size=6), st.data())
def test_a_razor_cut_changes_nothing_in_either_direction(shots, data):
    whole, pieces = cut(shots), cut(razored(shots, data))

    for old, new in ((whole, pieces), (pieces, whole)):
        result = changes(old, new)
        assert {change.words for change in result} == {"same"}
        assert not any(change.dub for change in result) and len(result) == len(new)


def test_an_insert_into_a_divided_shot_moves_only_what_follows():
    new = (A, ("B", 200, 20), ("N", 0, 10), ("B", 220, 30), C, D)

    assert [c.words for c in changes(cut(OLD), cut(new))] == [
        "same", "same", "new", "moved +10", "moved +10", "moved +10",
    ]  # fmt: skip


def test_frames_left_out_of_the_middle_of_a_shot_are_a_trim():
    new = (A, ("B", 200, 20), ("B", 228, 22), C, D)

    assert [c.words for c in changes(cut(OLD), cut(new))] == [
        "same", "trimmed tail -8", "moved -8", "moved -8", "moved -8",
    ]  # fmt: skip
