"""Curves of a shot: plate, sound, take and result, what drives them, and what is heard."""

import json

import numpy as np
import pytest

from dubsync.core.tweak.tweak import Tweak
from dubsync.service.preview.curves import shot_curves
from dubsync.service.preview.curves_json import curves_json, take_of
from dubsync.service.preview.packed import packed_curves, unpacked_curves
from tests.service.preview.painting_engine import SILENT


@pytest.fixture
def shown(looked_at):
    return looked_at


def test_where_the_plate_is_kept_the_result_is_the_plate_s_own_curve(shown):
    elise = shot_curves(shown, {"ELISE": Tweak().held("jaw", 1.5)}).characters["ELISE"]

    kept = elise.weight == 0
    assert kept.sum() == 2 * SILENT
    for each in elise.curves.values():
        np.testing.assert_array_equal(each["result"][kept], each["plate"][kept])
        assert {len(curve) for curve in each.values()} == {len(shown.frames)}


def test_the_shares_of_take_sound_and_plate_add_up_to_one(shown):
    elise = shot_curves(shown).characters["ELISE"]

    np.testing.assert_allclose(elise.shares.sum(axis=1), 1)
    np.testing.assert_array_equal(elise.shares[:, 2], 1 - elise.weight)
    assert [d.source for d in elise.drivers] == ["sound"]
    assert not elise.shares[:, 0].any()


def test_without_a_take_its_curve_is_empty(shown):
    assert np.isnan(shot_curves(shown).characters["ELISE"].curves["opening"]["take"]).all()


def test_the_levels_show_where_the_dub_is_loud(shown):
    made = shot_curves(shown)
    levels = made.characters["ELISE"].sound.levels
    each = made.sound.levels_per_frame

    assert len(levels) == each * len(shown.frames) and each * float(shown.frames.rate) >= 200
    shot = shown.shot
    seconds = [float(shot.record_seconds(f)) for f in range(shown.frames.start, shown.frames.stop)]
    begin = float(shot.record.start / shot.record.rate)
    loud = np.abs(levels).max(axis=1).reshape(-1, each).max(axis=1) > 0.01
    spoken = [begin + 0.45 < s < begin + 1.1 for s in seconds]
    silent = [s < begin + 0.3 or s > begin + 1.3 for s in seconds]
    assert loud[spoken].all() and not loud[silent].any()
    assert made.sound.original is None  # the plate is silent


def test_json_has_every_frame_and_null_for_gaps(shown):
    body = json.loads(json.dumps(curves_json(shot_curves(shown)), allow_nan=False))

    elise = body["characters"]["ELISE"]
    assert body["frames"] == {
        "first": shown.frames.start, "last": shown.frames.stop - 1, "rate": "24",
    }  # fmt: skip
    assert elise["opening"]["take"] == [None] * len(shown.frames)
    assert len(elise["opening"]["result"]) == len(shown.frames)
    assert len(body["characters"]["ELISE"]["levels"]) == len(shown.frames) * 9
    assert "levels" not in curves_json(shot_curves(shown), sound=False)["characters"]["ELISE"]


def test_curves_come_through_the_other_process_as_they_were(shown):
    made = shot_curves(shown)
    body, data = packed_curves(made)
    back = unpacked_curves(json.loads(json.dumps(body)), memoryview(data))

    assert (back.shot, back.frames) == (made.shot, made.frames)
    mine, theirs = made.characters["ELISE"], back.characters["ELISE"]
    assert (mine.drivers, mine.contacts) == (theirs.drivers, theirs.contacts)
    assert (mine.sound.words, mine.sound.phones) == (theirs.sound.words, theirs.sound.phones)
    for measure, each in mine.curves.items():
        for source, curve in each.items():
            np.testing.assert_allclose(theirs.curves[measure][source], curve, rtol=1e-6)
    np.testing.assert_array_equal(theirs.sound.levels, mine.sound.levels)


def test_the_take_of_a_word_is_what_drives_most_of_it(shown):
    drivers = shot_curves(shown).characters["ELISE"].drivers

    assert take_of(drivers, drivers[0].first, drivers[0].last) == "sound"
    assert take_of(drivers, 0, 1) == ""
