"""The AAF files of ../shared/cases/timelines, with the values of their expected.txt; what is not
read is reported, and a damaged object costs itself only."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
import pytest

from dubsync.core.timeline.losses import REFUSES
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.aaf import dump, read
from dubsync.editorial.aaf.write import write_aaf
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from tests.editorial.cases_making import Case, all_said, row_of

HOUR = 86400
CASES = [
    Case("33", None, (("", (HOUR, HOUR + 120), None, 1),
                      ("line_one", (HOUR + 120, HOUR + 168), (48000, 144000), 1)), (), "in.aaf"),
    Case("34", None, (("Reel,Video Mixdown,1", (HOUR, HOUR + 48), (HOUR + 24, HOUR + 72), 1),),
         (), "in.aaf"),
    Case("46", None, (("Submaster", (HOUR, HOUR + 48), None, 1),
                      ("A", (HOUR, HOUR + 24), (HOUR, HOUR + 24), 1),
                      ("", (HOUR + 24, HOUR + 48), None, 1), ("", (HOUR, HOUR + 12), None, 1),
                      ("B", (HOUR + 12, HOUR + 48), (172800, 172836), 1)), (), "in.aaf"),
]  # fmt: skip
BY_FOLDER = {case.folder: case for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file_has_the_events_of_its_expected_values(shared: Path, case: Case) -> None:
    assert tuple(row_of(event) for event in case.probed(shared).events) == case.rows


def test_sound_alone_counts_the_frames_of_its_timecode(shared: Path) -> None:
    cut = BY_FOLDER["33"].probed(shared)
    (one,) = cut.timelines
    assert (one.rate, one.start, one.length) == (Fraction(24), HOUR, 168)
    assert cut.events[1].record is not None
    assert cut.events[1].record.text == ("01:00:05:00", "01:00:07:00")


def test_the_upper_layer_of_a_submaster_hides_the_lower_and_filler_nothing(shared: Path) -> None:
    cut = BY_FOLDER["46"].probed(shared)
    shown = [
        (run.record.start - HOUR, run.record.stop - HOUR, cut.events[one.event].name,
         one.map.keyframes[0][1])
        for run in resolve(cut) for one in run.shown if one.map
    ]  # fmt: skip
    assert shown == [(0, 12, "A", HOUR), (12, 48, "B", 172800)]


@pytest.mark.parametrize("folder", ["34", "46"])
def test_it_shows_the_same_frames_when_written_again(
    shared: Path, tmp_path: Path, folder: str
) -> None:
    cut = BY_FOLDER[folder].probed(shared)
    path = tmp_path / "again.aaf"
    path.write_bytes(write_aaf(cut, ()).data)
    assert pictures(probe_cut(path)) == pictures(cut)


def pictures(cut: ProbedCut) -> list[tuple[int, int, Fraction]]:
    return [
        (run.record.start, run.record.stop, one.map.keyframes[0][1])
        for run in resolve(cut)
        for one in run.shown
        if one.map
    ]


def comment(file: Any) -> None:
    top = next(file.content.toplevel())
    top.comments["Director"] = "somebody"


def idle_clip(file: Any) -> None:
    file.content.mobs.append(file.create.MasterMob("never played"))


def idle_composition(file: Any) -> None:
    mob = file.create.CompositionMob("an old cut")
    mob.usage = "Usage_LowerLevel"
    file.content.mobs.append(mob)


def film_slot(file: Any) -> None:
    top = next(file.content.toplevel())
    slot = top.create_timeline_slot("24/1", 9)
    slot.name = "EC1"
    slot.segment = file.create.Filler("Edgecode", 48)


def mark_in(file: Any) -> None:
    slot = next(s for s in next(file.content.toplevel()).slots if s.media_kind == "Picture")
    slot["MarkIn"].value = 5


UNKNOWN: list[tuple[Callable[[Any], None], str]] = [
    (comment, "properties of CompositionMob are not listed: UserComments"),
    (idle_clip, "clips of the bin that no timeline plays are not listed: never played"),
    (idle_composition, "compositions that no timeline plays are not listed: an old cut"),
    (film_slot, "slots of kind Edgecode are not listed: 9 'EC1'"),
    (mark_in, "properties of TimelineMobSlot are not listed: MarkIn"),
]


def test_what_is_not_read_of_avids_effects_is_a_few_lines(shared: Path) -> None:
    cut = probe_cut(shared / "timelines/aaf/keyframed_properties.aaf")
    assert len(cut.losses) < 40
    (effects,) = (x.what for x in cut.losses if x.what.startswith("parameters of effects"))
    assert " and " in effects and effects.endswith(" more")


def test_what_is_not_read_is_reported(shared: Path, tmp_path: Path) -> None:
    (folder,) = (shared / "cases/timelines").glob("46-*")
    path = tmp_path / "in.aaf"
    shutil.copy(folder / "in.aaf", path)
    path.chmod(0o644)
    with aaf2.open(str(path), "rw") as file:
        for change, _ in UNKNOWN:
            change(file)
    cut, before = probe_cut(path), all_said(BY_FOLDER["46"].probed(shared))
    assert len(cut.events) == 5
    for change, words in UNKNOWN:
        assert words in all_said(cut), change.__name__
        assert words not in before


class Broken:
    """An object whose properties cannot be read, as pyaaf2 has it of a damaged file."""

    def __getattr__(self, name: str) -> Any:
        raise KeyError(name)


def test_a_damaged_object_costs_itself_only(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder,) = (shared / "cases/timelines").glob("34-*")
    whole = dump.dumped(str(folder / "in.aaf"))
    damaged = dump._whole(dump._slot, Broken())
    assert damaged["type"] == "Damaged"
    top = whole["mobs"][whole["top"][0]]
    top["slots"].append(damaged)
    segment = next(s["segment"] for s in top["slots"] if s["kind"] == "Picture")
    segment["parts"].append(damaged["segment"])
    monkeypatch.setattr(read, "aaf_mobs", lambda path, where: whole)
    cut = read.read_aaf(str(folder / "in.aaf"))
    assert [row_of(event) for event in cut.events] == list(BY_FOLDER["34"].rows)
    assert "slot 0 is damaged" in all_said(cut)
    (loss,) = (x for x in cut.losses if x.turnover == REFUSES)
    assert "what follows it may be misplaced" in loss.what
