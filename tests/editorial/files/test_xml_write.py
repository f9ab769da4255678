"""Any cut written as FCPXML or FCP7 XML reads back the same, with corrected clips above."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.fcpxml.read import read_fcpxml
from dubsync.editorial.fcpxml.write import write_fcpxml
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.xmeml.read import read_xmeml
from dubsync.editorial.xmeml.write import write_xmeml
from tests.editorial.editorial_making import PAL
from tests.editorial.written_making import (
    assert_corrected_on_top,
    assert_kept_in_place,
    corrected_of,
    made_cuts,
)

Writer = Callable[..., Written]
Reader = Callable[..., ProbedCut]

in_both = pytest.mark.parametrize(
    ("write", "read"),
    [
        pytest.param(write_fcpxml, read_fcpxml, id="FCPXML"),
        pytest.param(write_xmeml, read_xmeml, id="FCP7 XML"),
    ],
)


@in_both
@settings(max_examples=10)
@given(cut=made_cuts())
def test_a_cut_is_written_the_same_every_time_and_keeps_its_clock_and_markers(
    write: Writer, read: Reader, cut: ProbedCut
) -> None:
    written = write(cut, ())
    assert written.data == write(cut, ()).data
    again = read(written.data)
    assert again.timelines[0] == cut.timelines[0]
    assert len(again.markers) == 1


@in_both
@settings(max_examples=15)
@given(cut=made_cuts())
def test_a_patched_document_shows_the_original_and_the_corrected_clips(
    write: Writer, read: Reader, cut: ProbedCut
) -> None:
    original = write(cut, ()).data
    came = read(original, path="r1")
    corrected = corrected_of(came, every=2)
    again = read(write(came, corrected, original=original).data)
    assert_corrected_on_top(came, again, corrected)
    assert_kept_in_place(came, again, corrected)


@in_both
def test_a_locator_of_a_list_is_a_marker(tmp_path: Path, write: Writer, read: Reader) -> None:
    lines = "001  A001 V C 01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n"
    path = tmp_path / "r1.edl"
    path.write_text("TITLE: R1\nFCM: NON-DROP FRAME\n" + lines + "* LOC: 01:00:01:05 RED LOOK\n")
    written = write(probe_cut(path, PAL), ())
    (result,) = read(written.data).markers
    assert (result.name, result.record and result.record.start) == ("LOOK", 90000 + 30)
    assert not any("locator" in loss.what for loss in written.losses)
