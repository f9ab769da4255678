"""Coverage and triage tell poses and expressions that tweaks ask and the footage does not hold."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.coverage import Coverage
from dubsync.core.learning.reach import Beyond
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.qc.coverage.beyond_footage import (
    ShotBeyond,
    beyond_footage,
    beyond_json,
    helpful_plates,
)
from dubsync.service.qc.coverage.drawn_map import coverage_text
from dubsync.service.qc.coverage.of_reel import coverage_json
from tests.service.faces.test_cast import SPAN, shot
from tests.service.qc.test_coverage import some

FAR = Beyond("yaw", 10, 28, 20, 14.2, "degrees", "no head is near it", "add a plate")
SMILE = Beyond("smile", 5, 5, 5, 0.0, "", "a general face's is used", "add a plate that shows it")
ASKED = ShotBeyond("SH1", "ELISE", FAR, 31.0)


def found(tweak):
    wanted = np.stack([np.arange(40.0), np.zeros(40)], axis=1)
    engine = SimpleNamespace(
        beyond=lambda *given: [FAR, SMILE],
        coverage=lambda actor, motions: Coverage(wanted[:1], wanted, np.zeros(40), 0.5),
    )
    motion = SimpleNamespace(frames=SPAN)
    part = SimpleNamespace(character="ELISE", actor=None, head=None, original=motion,
                           corrected=motion, tweak=tweak)  # fmt: skip
    return list(beyond_footage(shot("SH1", "ELISE"), [part], engine))


def test_a_shot_whose_tweak_goes_beyond_the_footage_is_told_with_frames_and_the_turn_asked():
    turned, smiling = found(Tweak().held("yaw", 20))
    assert turned.said == "yaw 14.2 degrees beyond the footage in 19 frames (10-28)"
    assert (turned.turn, turned.frames) == (20.0, 19)  # of the frame that is farthest beyond
    assert smiling.said == "smile not in the footage in 1 frame (5)"
    assert smiling.turn is None


def test_a_shot_without_a_tweak_asks_nothing():
    assert found(Tweak()) == []


def test_a_plate_that_shows_the_head_turned_so_would_help_unless_it_is_known():
    near, far = np.array([[28.0, 0], [36, 0], [60, 0]]), np.array([[2.0, 0]])
    shown = {"B.mov": [near], "C.mov": [far], "A.mov": [near]}
    assert helpful_plates(ASKED, shown, ["A.mov"]) == {"B.mov": 2}
    assert helpful_plates(replace(ASKED, turn=None), shown, []) == {}


def test_coverage_lists_them_in_text_and_for_programs():
    covered = replace(some(0), beyond=(ASKED,), turned=({"B.mov": 2},))
    text = coverage_text(covered)
    assert "poses or expressions go beyond it in 1 shot" in text
    assert "SH1: yaw 14.2 degrees beyond the footage in 19 frames (10-28): add a plate" in text
    assert "plate B.mov shows the head turned so in 2 frames" in text
    (row,) = coverage_json(covered)["beyond"]
    assert (row["shot"], row["control"], row["frames"]) == ("SH1", "yaw", 19)
    assert row["plates"] == {"B.mov": 2} and row["by"] == pytest.approx(14.2)
    assert "plates" not in beyond_json(ASKED)
    assert covered.lacks and not some(0).lacks
