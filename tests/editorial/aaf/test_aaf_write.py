"""Written AAF reads back with our reader and with OpenTimelineIO's adapter."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.edit.media import EditEssence, EditMedia
from dubsync.core.timeline.losses import LOST
from dubsync.editorial.aaf.process import aaf_mobs
from dubsync.editorial.aaf.write import write_aaf
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.tracks.verify import differences
from tests.editorial.delivered_making import (
    FILM,
    HOUR,
    clip,
    corrected,
    cut_of,
    dissolve,
    empty,
    marker,
    read,
)

aaf2 = pytest.importorskip("aaf2")


def test_tracks_fades_speeds_and_markers_come_back(tmp_path: Path) -> None:
    cut = cut_of(
        clip("A", 0, 48),
        dissolve(42, 54),
        clip("B", 48, 100, 2000),
        clip("slow", 100, 140, 5000, speed=Fraction(4, 5)),
        clip("back", 140, 160, 300, speed=-1),
        clip("still", 160, 170, 700, speed=0),
        clip("over", 60, 80, 9000, track="V2"),
        clip("voice", 0, 170, 0, track="A1"),
        markers=[marker("look here", 50, "GREEN")],
    )
    new = corrected(cut, 2, 3)
    written = write_aaf(cut, new)
    assert written.losses.losses == ()
    back = read(tmp_path, "r1.aaf", written.data)
    assert differences(cut, new, back) == ()
    assert [t.start_text for t in back.timelines] == ["01:00:00:00"]
    (locator,) = back.markers
    assert (locator.name, locator.colour) == ("look here", "Green")
    assert locator.record is not None and locator.record.start == HOUR + 50
    speeds = {e.name: e.speed for e in back.events if e.track == "V1"}
    assert (speeds["slow"], speeds["back"], speeds["still"]) == (Fraction(4, 5), -1, 0)


def test_a_dubbed_track_repeats_the_transition(tmp_path: Path) -> None:
    cut = cut_of(clip("A", 0, 48), dissolve(42, 54), clip("B", 48, 100, 2000))
    back = read(tmp_path, "r1.aaf", write_aaf(cut, corrected(cut, 2)).data)
    above = [e for e in back.events if e.track == "V2" and e.kind != "gap"]
    assert len(above) == 3 and above[0].name == "A"
    assert above[1].kind == "dissolve" and above[2].name == "SH002_fr-FR_v001"
    assert {e.name for e in back.events if e.track == "V1" and e.kind == "cut"} == {"A", "B"}


def test_a_corrected_clip_relinks_by_tape_timecode_and_path(tmp_path: Path) -> None:
    cut = cut_of(clip("A", 0, 48, HOUR * 10, reel="A001C003"))
    back = read(tmp_path, "r1.aaf", write_aaf(cut, corrected(cut, 0)).data)
    new = next(e for e in back.events if e.track == "V2")
    assert new.reel == "A001C003" and new.media.endswith("/renders/SH000_v001.mov")
    assert new.source is not None and new.source.text == ("10:00:00:00", "10:00:02:00")


def test_two_deliveries_have_the_same_mob_ids(tmp_path: Path) -> None:
    cut = cut_of(clip("A", 0, 48))
    ids = []
    for n in range(2):
        path = tmp_path / f"{n}.aaf"
        path.write_bytes(write_aaf(cut, corrected(cut, 0)).data)
        listed = aaf_mobs(str(path), path.name)["mobs"]
        ids.append({key for key, mob in listed.items() if mob["type"] == "MasterMob"})
    assert ids[0] == ids[1] and len(ids[0]) == 2


def test_a_nest_of_one_track_stays_a_nest_and_one_of_two_is_broken_apart(tmp_path: Path) -> None:
    nest = empty("nest", 0, 48, kind="compound")
    inner = clip("in", 0, 48, 3000, track="V1/V1")
    cut = cut_of(nest, inner)
    written = write_aaf(cut, corrected(cut, 1))
    back = read(tmp_path, "one.aaf", written.data)
    assert differences(cut, corrected(cut, 1), back) == ()
    assert [e.name for e in back.events if e.kind == "compound"] == ["nest"]
    double = cut_of(nest, inner, clip("high", 10, 20, 8000, track="V1/V2"))
    written = write_aaf(double, corrected(double, 1))
    assert any("broken apart" in loss.what for loss in written.losses)
    again = read(tmp_path, "two.aaf", written.data)
    assert differences(double, (), again, whole=False) == ()


def test_what_aaf_cannot_hold_is_reported() -> None:
    cut = cut_of(
        clip("A", 0, 48),
        clip("off", 48, 60, enabled=False),
        empty("words", 0, 20, track="V2", kind="title"),
        dissolve(90, 96, kind="wipe"),
        clip("B", 60, 93),
        clip("C", 93, 120),
    )
    listed = [(loss.kind, loss.what) for loss in write_aaf(cut, ()).losses]
    assert (LOST, "off is disabled, and is not written") in listed
    assert any(kind == LOST and what.startswith("words: has no media") for kind, what in listed)
    assert any("wipe is written as a dissolve" in what for _, what in listed)


@pytest.mark.parametrize(
    "name", ["aaf/transitions.aaf", "aaf/misc_speed_effects.aaf", "otio/transition_test.otio"]
)
def test_a_real_cut_written_as_a_new_file_shows_the_same_frames(
    shared: Path, tmp_path: Path, name: str
) -> None:
    cut = probe_cut(shared / "timelines" / name, FILM)
    written = write_aaf(cut, ())
    back = read(tmp_path, "again.aaf", written.data)
    assert differences(cut, (), back, whole=True) == ()


def test_a_patched_aaf_keeps_everything_and_gains_a_track(tmp_path: Path) -> None:
    cut = cut_of(
        clip("A", 0, 48),
        clip("B", 48, 100, 2000),
        clip("high", 10, 20, 77, track="V2"),
        markers=[marker("look", 5)],
    )
    original = write_aaf(cut, ()).data
    came = read(tmp_path, "came.aaf", original)
    n = next(n for n, e in enumerate(came.events) if e.name == "B")
    written = write_aaf(came, corrected(came, n), original=original)
    assert written.losses.losses == ()
    back = read(tmp_path, "back.aaf", written.data)
    assert differences(came, corrected(came, n), back) == ()
    tracks = {e.name: e.track for e in back.events if e.kind != "gap"}
    assert tracks == {"A": "V1", "B": "V1", f"SH{n:03d}_fr-FR_v001": "V2", "high": "V3"}
    before = aaf_mobs(str(tmp_path / "came.aaf"), "came")["mobs"]
    assert set(before) <= set(aaf_mobs(str(tmp_path / "back.aaf"), "back")["mobs"])


@pytest.mark.parametrize("name", ["duplicates.aaf", "transitions.aaf"])
def test_a_track_is_inserted_into_a_real_file(shared: Path, tmp_path: Path, name: str) -> None:
    path = shared / "timelines/aaf" / name
    cut = probe_cut(path)
    n = next(n for n, e in enumerate(cut.events) if e.kind == "cut" and e.track == "V1")
    written = write_aaf(cut, corrected(cut, n), original=path.read_bytes())
    assert not any("anew" in loss.what for loss in written.losses)
    assert differences(cut, corrected(cut, n), read(tmp_path, name, written.data)) == ()


def test_opentimelineio_s_adapter_reads_it(tmp_path: Path) -> None:
    pytest.importorskip("otio_aaf_adapter")
    import opentimelineio as otio

    cut = cut_of(clip("A", 0, 48), dissolve(42, 54), clip("B", 48, 100, 2000, speed=Fraction(4, 5)))
    path = tmp_path / "r1.aaf"
    path.write_bytes(write_aaf(cut, corrected(cut, 2)).data)
    theirs = otio.adapters.read_from_file(str(path))
    assert [len(list(t.find_clips())) for t in theirs.video_tracks()] == [2, 2]
    assert theirs.global_start_time.value == HOUR


def test_mxf_edit_media_are_linked_by_the_identities_and_tracks_in_their_files(
    tmp_path: Path,
) -> None:
    cut = cut_of(clip("A", 0, 48), clip("B", 48, 100, 2000))
    material, file, tape, heard = (
        "urn:smpte:umid:060a2b34.01010105.01010f20.13000000."
        + ".".join(f"{n}{part}b0c6a1" for part in "abcd")
        for n in range(1, 5)
    )
    picture = EditEssence("/r/a_v1.mxf", "picture", 0, material, file, tape, 2, 52)
    sound = replace(picture, path="/r/a_a1.mxf", kind="sound", channel=1, file=heard)
    (one,) = corrected(cut, 1)
    for essences in ((picture,), (picture, sound)):
        media = EditMedia("dnxhr_hqx", "mxf_opatom", one.frames, essences, material)
        written = write_aaf(cut, [replace(one, path=picture.path, edit=media)])
        path = tmp_path / f"{len(essences)}.aaf"
        path.write_bytes(written.data)
        with aaf2.open(str(path)) as aaf:
            mobs = {str(mob.mob_id): mob for mob in aaf.content.mobs}
            slots = {s.slot_id: s.segment for s in mobs[material].slots}
            assert set(slots) == {e.clip_track for e in essences} == {*range(2, 2 + len(essences))}
            assert mobs[tape].slot_at(1).media_kind == "Timecode"
            for essence in essences:
                (inner,) = mobs[essence.file].slots
                assert slots[essence.clip_track].mob_id == mobs[essence.file].mob_id
                assert slots[essence.clip_track].slot_id == inner.slot_id == essence.track
                assert inner.segment.mob_id == mobs[tape].mob_id
                assert inner.segment.slot_id == essence.clip_track
                at = Fraction(inner.segment.start) / Fraction(str(inner.edit_rate))
                assert at == one.frames.start / one.frames.rate
                (where,) = mobs[essence.file].descriptor["Locator"].value
                assert where["URLString"].value == f"file://localhost{essence.path}"
