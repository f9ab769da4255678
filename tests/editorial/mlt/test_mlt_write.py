"""What is written opens in Kdenlive and Shotcut as a project, and keeps what MLT does not."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from dubsync.core.timeline.losses import ASSUMED
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedMarker, probed_range
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.mlt.document import properties
from dubsync.editorial.mlt.read import read_mlt
from dubsync.editorial.mlt.write import write_mlt
from tests.editorial.written_making import corrected_of
from tests.hosts.mlt.projects import cut_of

FILM = Fraction(24)


def root_of(cut: ProbedCut, *, kdenlive: bool = False) -> Element:
    return xml_tree(write_mlt(cut, corrected_of(cut), kdenlive=kdenlive).data, "x")


def joined(cut: ProbedCut) -> ProbedCut:
    """The cut with a dissolve between its first two clips."""
    at = cut.events[1].record
    assert at is not None and at.start is not None
    over = probed_range(at.start - 4, at.start + 4, FILM)
    mix = ProbedEvent(("V1",), "", "dissolve", over, None, transition=8, timeline="cut")
    return replace(cut, events=(*cut.events, mix))


@pytest.mark.parametrize("kdenlive", [False, True])
def test_the_profile_is_explicit_and_exact(kdenlive: bool) -> None:
    profile = root_of(cut_of(), kdenlive=kdenlive).first("profile")
    assert profile is not None
    stated = {
        name: profile.get(name) for name in ("width", "height", "frame_rate_num", "colorspace")
    }
    assert stated == {
        "width": "1920",
        "height": "1080",
        "frame_rate_num": "24",
        "colorspace": "709",
    }
    assert profile.get("sample_aspect_num") == profile.get("sample_aspect_den") == "1"


@pytest.mark.parametrize("kdenlive", [False, True])
def test_everything_is_defined_before_it_is_used(kdenlive: bool) -> None:
    known = set()
    for element in root_of(joined(cut_of()), kdenlive=kdenlive).children:
        used = {e.get("producer") for e in element.descendants() if e.get("producer")}
        assert used <= known
        known.add(element.get("id"))


def test_kdenlive_finds_its_bin_first_and_only_incoming_clips_in_the_second_playlist() -> None:
    root = root_of(joined(cut_of()), kdenlive=True)
    playlists = {e.get("id"): e for e in root.all("playlist")}
    assert next(iter(playlists)) == "main_bin"
    in_bin = {properties(e).get("kdenlive:id") for e in root.all("producer")} - {None}
    for track in root.all("tractor")[:-1]:
        lanes = [playlists[one.get("producer")] for one in track.all("track")]
        mixes = track.all("transition")
        assert len(lanes) == 2 and len(lanes[1].all("entry")) <= len(mixes)
        ids = {properties(e)["kdenlive:id"] for lane in lanes for e in lane.all("entry")}
        assert ids <= in_bin, "every clip is one of the bin"


def test_a_mix_of_shotcut_is_an_entry_between_the_two_clips() -> None:
    root = root_of(joined(cut_of()))
    plate = next(e for e in root.all("playlist") if properties(e).get("shotcut:name") == "V1")
    mixes = {e.get("id") for e in root.all("tractor") if "shotcut:transition" in properties(e)}
    played = [e.get("producer") in mixes for e in plate.all("entry")]
    assert played.count(True) == 1 and not played[0] and not played[-1]
    assert not any(a and b for a, b in pairwise(played))


def test_a_first_timecode_a_reel_and_a_file_s_own_count_come_back() -> None:
    event = cut_of().events[0]
    cut = replace(cut_of(), events=(replace(event, reel="A001"),))
    for kdenlive in (False, True):
        again = read_mlt(write_mlt(cut, (), kdenlive=kdenlive).data)
        assert again.timelines[0].start == cut.timelines[0].start
        (came,) = again.events
        assert (came.source, came.reel, came.name) == (event.source, "A001", event.name)
        assert came.available == event.available


def test_notes_become_coloured_guides_and_markers() -> None:
    place = probed_range(Fraction(86410), Fraction(86411), FILM)
    note = ProbedMarker("N0001", "note", place, colour="red", comment="closes late", timeline="cut")
    cut = replace(cut_of(), markers=(note,))
    for kdenlive in (False, True):
        (marker,) = read_mlt(write_mlt(cut, (), kdenlive=kdenlive).data).markers
        assert (marker.name, marker.comment, marker.colour) == ("N0001", "closes late", "#ff0000")
        assert marker.record is not None and marker.record.start == 86410
    guides = properties(root_of(cut, kdenlive=True).all("playlist")[0])
    assert json.loads(guides["kdenlive:docproperties.guides"])[0]["pos"] == 10


def test_the_count_of_a_file_that_the_cut_does_not_state_is_assumed_and_said() -> None:
    cut = cut_of()
    bare = replace(cut, events=tuple(replace(e, available=None) for e in cut.events[:1]))
    said = [loss for loss in write_mlt(bare, ()).losses if loss.kind == ASSUMED]
    assert any("the cut does not state that of" in loss.what for loss in said)
