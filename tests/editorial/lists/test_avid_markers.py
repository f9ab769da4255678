"""Avid's XML of markers: a real one, and what is not read of a made one."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dubsync.core.errors import TurnoverError
from dubsync.editorial.lists.avid_markers import read_avid_markers
from dubsync.editorial.probe import probe_cut
from tests.conftest import shared_folder

ITEM = """<ListElem><AvProp name="OMFI:ATTB:Name">_ATN_CRM_{}</AvProp>
<AvProp name="OMFI:ATTB:StringAttribute">{}</AvProp></ListElem>"""


def document(*markers: dict[str, str]) -> bytes:
    body = "".join(
        '<AvClass id="ATTR"><List>' + "".join(ITEM.format(*pair) for pair in marker.items())
        + "</List></AvClass>" for marker in markers
    )  # fmt: skip
    return f'<Avid:StreamItems xmlns:Avid="http://www.avid.com">{body}</Avid:StreamItems>'.encode()


def test_the_markers_of_a_real_reel_are_listed() -> None:
    path = shared_folder() / "timelines" / "edl_tools" / "TOA_Reel_01_Markers.xml"
    result = probe_cut(path, Fraction(24))
    assert result.format == "Avid markers (XML)" and len(result.markers) == 13
    first = result.markers[0]
    assert first.record is not None and first.record.start == 86400 + 5 * 24 + 14
    assert (first.track, first.colour, first.comment) == ("V9", "red", "GDT - New retake needed")
    assert not result.losses


def test_without_a_rate_the_timecode_is_listed_as_printed() -> None:
    result = read_avid_markers(document({"TC": "01:00:05:14", "COM": "a"}))
    assert result.markers[0].record is not None
    assert result.markers[0].record.text[0] == "01:00:05:14"
    assert any("--rate" in loss.hint for loss in result.losses)


@pytest.mark.parametrize("length", ["9" * 5000, "many", "-3", "1.5"])
def test_a_length_that_is_no_number_of_frames_is_said(length: str) -> None:
    document_ = document({"TC": "01:00:05:14", "LENGTH": length})
    result = read_avid_markers(document_, rate=Fraction(24))
    assert result.markers[0].record is not None and result.markers[0].record.length == 1
    assert any("of a marker is not read" in loss.what for loss in result.losses)


def test_a_bad_marker_and_an_unknown_attribute_are_said() -> None:
    markers = {"TC": "soon", "COM": "a"}, {"TC": "01:00:05:14", "WARP": "3"}
    result = read_avid_markers(document(*markers), rate=Fraction(24))
    assert len(result.markers) == 1
    said = " ".join(loss.what for loss in result.losses)
    assert "'soon' is not a timecode" in said and "'WARP'" in said


def test_a_file_without_a_marker_is_refused() -> None:
    with pytest.raises(TurnoverError, match="no marker"):
        read_avid_markers(document())
