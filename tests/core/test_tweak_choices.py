"""Region, look and likes of a tweak hold exactly in the frames that were named, and are kept."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.carry import carry
from dubsync.core.tweak.choices import REGIONS, looked_at, regions_at
from dubsync.core.tweak.controls import CONTROLS, GROUPS, controls_of
from dubsync.core.tweak.like_key import LikeKey, scores_from
from dubsync.core.tweak.needed_region import needed, unshown
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain

SHOT = FrameRange(1000, 1060, Fraction(24))


@given(st.sampled_from(REGIONS), st.integers(990, 1070), st.integers(0, 30))
def test_a_region_holds_in_its_frames_and_changes_at_once(region, first, length):
    tweak = Tweak().chosen("region", region, first, first + length)
    for frame, there in enumerate(regions_at(tweak.region, SHOT), start=SHOT.start):
        assert there == (region if first <= frame <= first + length else "mouth")


def test_a_later_region_overrides_and_a_whole_one_replaces():
    tweak = Tweak().chosen("region", "face").chosen("region", "head", 1010, 1020)
    assert set(regions_at(tweak.region, SHOT)) == {"face", "head"}
    assert set(regions_at(tweak.chosen("region", "mouth").region, SHOT)) == {"mouth"}
    assert tweak.cleared("region").neutral


def test_an_old_file_without_regions_is_read_as_before():
    assert from_plain({"jaw": 1.2, "slip_ms": 40}) == Tweak().held("jaw", 1.2).held("slip_ms", 40)
    assert "region" not in plain(Tweak().held("jaw", 1.2))


@pytest.mark.parametrize("typed", ["camera", "off", " Camera ", "640,360", "640.5, -3"])
def test_what_eyes_look_at_is_read_as_typed(typed):
    value = Tweak().chosen("look_at", typed).look_at.value
    assert value in ("camera", "off") or looked_at(value) is not None


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [("region", "nose", "mouth, face, head"), ("look_at", "left", "camera"),
     ("look_at", "nan,1", "camera")],
)  # fmt: skip
def test_a_choice_that_there_is_not_is_refused_with_those_there_are(name, value, hint):
    with pytest.raises(SettingsError) as refused:
        Tweak().chosen(name, value)
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    "values",
    [{"region": 3}, {"region": "nose"}, {"region": {"value": "head", "spans": [[1, 0, "head"]]}},
     {"look_at": {"spans": []}}, {"likes": [{"source": "x"}]},
     {"likes": [{"source": "x", "scores": {"../etc": 0.5}}]},
     {"likes": [{"source": "x", "scores": {"jawOpen": 3}}]},
     {"likes": [{"source": "x", "scores": {}, "first": 3}]}],
)  # fmt: skip
def test_a_damaged_choice_or_like_is_refused(values):
    with pytest.raises(SettingsError):
        from_plain(values)


def test_an_expression_is_as_strong_as_asked_and_eased_round_its_span():
    key = LikeKey("ELISE:angry", scores_from(["jawOpen", "x"], [0.5, 0.001]), 1.5, 1010, 1020)
    assert key.scores == (("jawOpen", 0.5),)
    strength = key.slope(SHOT, 3)
    assert (strength[10:21] == 1.5).all() and strength[5] == 0 and 0 < strength[8] < 1.5
    with pytest.raises(SettingsError, match="out of range"):
        LikeKey("ELISE:angry", (), 3.0)


def test_every_control_has_a_group_and_a_region_that_shows_it():
    assert controls_of(*GROUPS) == tuple(CONTROLS)
    assert {needed(name) for name in CONTROLS} == set(REGIONS)


def test_settings_that_no_region_shows_are_told():
    turned = Tweak().held("yaw", 9).held("brow_in", 0.4)
    assert unshown(turned) == (
        "yaw: seen in full only with region=head", "brow_in: seen in full only with region=face",
    )  # fmt: skip
    assert unshown(turned.chosen("region", "head", 1010, 1020)) == ()
    assert unshown(Tweak().held("yaw", 3).held("smile", 0.5)) == ()
    assert unshown(Tweak().chosen("look_at", "camera")) != ()


def test_a_region_and_a_look_are_carried_but_a_point_belongs_to_its_picture():
    source = Tweak().chosen("region", "head").chosen("look_at", "640,360", 1010, 1020)
    source = source.liking(LikeKey("ELISE:angry", (("jawOpen", 0.5),)))
    carried = carry(source, Tweak(), shift=10)
    assert carried.tweak == Tweak().chosen("region", "head").liking(source.likes[0])
    assert [name for name, _ in carried.left] == ["look_at"]
    spans = carry(Tweak().chosen("region", "head", 1010, 1020), Tweak(), shift=10, frames=SHOT)
    assert spans.tweak == Tweak().chosen("region", "head", 1020, 1030)
    assert carry(Tweak().chosen("region", "head", 1010, 1020), Tweak()).tweak.neutral
