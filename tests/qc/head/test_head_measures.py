"""Heads and eyes against what was wanted: what is spoilt is found, what is right passes."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from dubsync.core.settings import QCSettings
from dubsync.qc.findings import FindingsBuilder
from dubsync.qc.head.beyond_face import OVAL, BeyondFaceMeasures
from dubsync.qc.head.findings import (
    BehindHead,
    background_finding,
    blink_finding,
    edge_findings,
    gaze_finding,
    head_finding,
    identity_finding,
    still_frames,
)
from dubsync.qc.head.head_and_eyes import (
    compare_blinks,
    face_area,
    gaze_apart,
    movement,
    turned_apart,
)

BUILDER = FindingsBuilder("SC01_010", "ELISE", 1000, QCSettings())
T = 40
STILL = np.ones(T, bool)


def heads(degrees: float, axis: int = 1) -> np.ndarray:
    turned = np.zeros((T, 7))
    turned[:, axis] = np.radians(degrees)
    turned[:, 6] = 60
    return turned


@given(st.floats(0, 80), st.integers(0, 2))
def test_a_turn_is_measured_in_degrees_about_any_axis(degrees, axis):
    assert turned_apart(heads(0, axis), heads(degrees, axis)) == pytest.approx(degrees, abs=1e-6)


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_the_angle_does_not_depend_on_where_both_heads_look(parts):
    one, both = (Rotation.from_rotvec(v) for v in (parts[:3], parts[3:]))
    wanted, drawn = heads(0), heads(0)
    wanted[:, :3], drawn[:, :3] = both.as_rotvec(), (both * one).as_rotvec()
    expected = np.degrees(one.magnitude())
    assert turned_apart(wanted, drawn) == pytest.approx(expected, abs=1e-4)


def test_a_head_in_its_place_passes_and_one_turned_away_fails():
    right = head_finding(BUILDER, turned_apart(heads(6), heads(5.5)))
    wrong = head_finding(BUILDER, turned_apart(heads(12), heads(0)))
    assert (right.verdict, wrong.verdict) == ("pass", "fail")
    assert "12.0 degrees" in wrong.message and wrong.remedy


def test_a_head_that_slips_in_one_frame_of_six_needs_review():
    drawn = heads(0)
    drawn[10:17, 1] = np.radians(9)
    found = head_finding(BUILDER, turned_apart(heads(0), drawn))
    assert found.verdict == "review"
    assert found.frames is not None and 1010 <= found.frames[0] <= 1016


def test_eyes_that_look_past_their_target_fail():
    wanted = np.tile([0.2, 0.0, 0.2, 0.0], (T, 1))
    assert gaze_finding(BUILDER, gaze_apart(wanted, wanted + 0.01)).verdict == "pass"
    assert gaze_finding(BUILDER, gaze_apart(wanted, wanted * 0)).verdict == "fail"


def test_frames_in_which_the_head_turns_fast_are_not_still_and_a_slow_plate_sets_the_measure():
    plate = heads(0)
    plate[:, 1] = np.radians(0.05 * np.arange(T))
    wanted = plate.copy()
    wanted[10:14, 1] += np.radians([2, 4, 6, 8])
    wanted[14:, 1] += np.radians(8)
    still = still_frames(wanted, plate)
    assert not still[9:14].any() and still[:9].all() and still[14:].all()
    assert movement(heads(3)).max() == 0


def test_a_head_that_is_seen_in_few_frames_is_not_judged():
    apart = np.full(T, np.nan)
    apart[:5] = 1
    assert head_finding(BUILDER, apart).verdict == "not measured"


def lids(*blinks: int) -> np.ndarray:
    opening = np.full(T, 0.3)
    for at in blinks:
        opening[at : at + 3] = [0.12, 0.05, 0.12]
    return opening


def test_a_missed_blink_and_one_that_nobody_asked_for_are_named_with_their_frames():
    found = compare_blinks(lids(8, 20), lids(8, 30), 0.3)
    assert found.missed == ((21, 21),) and found.unwanted == ((31, 31),)
    finding = blink_finding(BUILDER, found)
    assert finding.verdict == "fail" and "eyes stay open at 1021" in finding.note


@given(st.lists(st.integers(1, 12), max_size=3, unique=True), st.floats(0.8, 1.2))
def test_blinks_drawn_as_wanted_pass_whatever_the_size_of_the_eyes(places, size):
    opening = size * lids(*(3 * place for place in places))
    finding = blink_finding(BUILDER, compare_blinks(opening, opening, 0.3 * size))
    assert finding.verdict == ("pass" if places else "not measured")


def test_unknown_frames_claim_no_missed_blink():
    drawn = lids(8)
    drawn[18:26] = np.nan
    assert not compare_blinks(lids(8, 20), drawn, 0.3).missed


def test_a_stranger_in_the_render_fails_and_the_same_person_passes():
    assert identity_finding(BUILDER, 0.2, 0.18).verdict == "pass"
    assert identity_finding(BUILDER, 0.42, None).verdict == "review"
    assert identity_finding(BUILDER, 0.7, None).verdict == "fail"
    assert identity_finding(BUILDER, None, None).verdict == "not measured"


def background(samples, face=20_000.0, share=100.0):
    """The finding of a turn in which `samples` are made up in ten frames."""
    made = np.zeros(T)
    made[20:30] = samples
    filled = np.where(made > 0, share, np.nan)
    return background_finding(BUILDER, BehindHead(0 * filled, filled, made), np.full(T, face))


def test_background_that_was_made_up_is_said_with_its_size():
    found = background(2000)
    assert found.verdict == "review" and found.frames is not None and found.frames[0] >= 1020
    assert found.value == pytest.approx(10)
    assert "2000 samples" in found.note and "100 % of what the head uncovers" in found.note


def test_a_sliver_beside_a_still_actor_asks_for_no_eyes_though_no_frame_shows_it():
    assert background(300).verdict == "pass"
    assert background(300, face=2_000.0).verdict == "review"  # of a smaller head it is wide


def test_a_head_that_uncovers_nothing_passes_and_only_a_silent_record_is_not_measured():
    assert background(0).verdict == "pass" and background(0).value == 0
    nothing = np.full(T, np.nan)
    silent = BehindHead(nothing, nothing, nothing)
    for behind in (None, silent):
        found = background_finding(BUILDER, behind, np.full(T, 20_000.0))
        assert found.verdict == "not measured" and found.note


def test_the_area_of_a_face_is_that_of_its_oval():
    circle = np.zeros((2, 478, 3))
    turn = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    circle[:, list(OVAL), :2] = 50 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    area = face_area(circle, np.array([True, False]))
    assert area[0] == pytest.approx(np.pi * 50**2, rel=0.02) and np.isnan(area[1])


# -- hair, neck and edge -----------------------------------------------------------------------

SIZE = 160


def points() -> np.ndarray:
    """A round face, 40 px between the eyes."""
    made = np.zeros((478, 3), np.float32)
    angle = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    made[list(OVAL), 0] = 80 + 30 * np.sin(angle)
    made[list(OVAL), 1] = 80 - 38 * np.cos(angle)
    for n, x in ((33, 55), (133, 65), (362, 95), (263, 105)):
        made[n, :2] = x, 72
    return made


def head_shot(spoil=lambda picture, n: picture):
    """Plate and render of a head with hair that moves evenly, the render spoilt."""
    rng = np.random.default_rng(3)
    hair = np.asarray(0.4 + 0.08 * rng.normal(size=(SIZE, SIZE + T)), np.float32)
    matte = np.zeros((SIZE, SIZE), np.uint8)
    matte[10:150, 20:140] = 255
    measures = BeyondFaceMeasures()
    for n in range(T):
        grain = 0.01 * rng.normal(size=(2, SIZE, SIZE))
        plate = np.asarray(hair[:, n // 4 : n // 4 + SIZE] + grain[0], np.float32)
        render = spoil(np.asarray(plate + grain[1], np.float32), n)
        measures.add(plate, np.asarray(render, np.float32), matte, points())
    return measures.series


def test_hair_as_the_plates_passes():
    jump, sharp = edge_findings(BUILDER, head_shot(), STILL)
    assert (jump.verdict, sharp.verdict) == ("pass", "pass")


def test_hair_that_flickers_is_found():
    jump, _ = edge_findings(BUILDER, head_shot(lambda picture, n: picture + 0.1 * (n % 2)), STILL)
    assert jump.verdict in ("review", "fail")


def test_hair_that_was_blurred_is_found():
    _, sharp = edge_findings(BUILDER, head_shot(lambda x, n: cv2.GaussianBlur(x, (0, 0), 2)), STILL)
    assert sharp.verdict == "fail"


def test_a_head_out_of_sight_is_not_measured():
    measures = BeyondFaceMeasures()
    empty = np.zeros((SIZE, SIZE), np.float32)
    for _ in range(T):
        measures.add(empty, empty, np.zeros((SIZE, SIZE), np.uint8), None)
    assert {f.verdict for f in edge_findings(BUILDER, measures.series, STILL)} == {"not measured"}
