"""A measure beyond its limit fails and names its worst frames; one not measured has a reason."""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.settings import QCSettings
from dubsync.qc.contacts.findings import contact_findings
from dubsync.qc.edge_steps import ARCS
from dubsync.qc.findings import FindingsBuilder
from dubsync.qc.head.beyond_face import BeyondFace
from dubsync.qc.head.findings import (
    background_finding,
    blink_finding,
    edge_findings,
    gaze_finding,
    head_finding,
    identity_finding,
)
from dubsync.qc.head.head_and_eyes import Blinks
from dubsync.qc.image_measures import FaceSeries, FrameMeasures
from dubsync.qc.like_mouths import LikeMouths
from dubsync.qc.measures import MEASURES, worded
from dubsync.qc.sync import Offset, nearer_plate

BUILDER = FindingsBuilder("SC01_010", "ELISE", 1000, QCSettings())


def series(t: int = 40, **changes: np.ndarray) -> FaceSeries:
    plain = FaceSeries(np.full(t, 0.004), np.full(t, 0.004), np.zeros((t, 3, ARCS)))
    return replace(plain, **changes)


def alike(t: int = 40, **changes: np.ndarray) -> LikeMouths:
    """A render as sharp, as well placed and as like as the plate's own mouths."""
    plain = LikeMouths(
        np.ones(t), np.ones(t), np.zeros(t), np.zeros(t), np.full(t, 0.95), np.full(t, 0.97),
        np.full(t, 7),
    )  # fmt: skip
    return replace(plain, **changes)


def like(**changes: np.ndarray) -> dict[str, object]:
    return {f.measure: f for f in BUILDER.like(alike(**changes))}


MOVES = 0.1 * np.sin(np.arange(40))
STILL = np.zeros(40)


@pytest.mark.parametrize(
    ("ms", "verdict"),
    [(0.0, "pass"), (59.0, "pass"), (-59.0, "pass"), (61.0, "fail"), (-90, "fail")],
)
def test_an_offset_is_compared_with_the_limit_of_the_settings(ms, verdict):
    assert BUILDER.offset(Offset(ms, 0.6, 0.3))[0].verdict == verdict


def test_an_offset_that_can_be_chance_is_not_measured():
    offset, correlation = BUILDER.offset(Offset(150.0, 0.2, 0.5))

    assert (offset.verdict, correlation.verdict) == ("not measured", "not measured")
    assert "chance also reaches" in offset.note and correlation.note
    assert "150" not in offset.note


def test_an_offset_that_the_render_contradicts_is_not_measured():
    in_time = Offset(0.0, 0.92, 0.25)

    assert BUILDER.offset(Offset(229.0, 0.5, 0.3), followed=in_time)[0].verdict == "not measured"
    assert BUILDER.offset(Offset(229.0, 0.5, 0.3))[0].verdict == "fail"  # a take may be late
    late = Offset(200.0, 0.92, 0.25)
    assert BUILDER.offset(Offset(229.0, 0.5, 0.3), followed=late)[0].verdict == "fail"


def test_the_slip_of_the_artist_is_no_error():
    assert BUILDER.offset(Offset(100.0, 0.6, 0.3), intended_ms=80)[0].verdict == "pass"


def test_offset_without_speech_is_not_measured_and_says_why():
    result, _ = BUILDER.offset(Offset(None, None, note="only 0.4 s of speech"))

    assert (result.verdict, result.value) == ("not measured", None)
    assert "0.4 s" in result.note


@pytest.mark.parametrize(
    ("name", "field"), [("mouth sharpness", "lips"), ("skin sharpness", "skin")]
)
def test_a_soft_mouth_fails_and_names_the_softest_frames(name, field):
    soft = np.full(40, 0.4)
    soft[20:24] = 0.1
    sharpness = like(**{field: soft})[name]

    assert sharpness.verdict == "fail" and sharpness.value == pytest.approx(0.4)
    assert sharpness.frames == (1020, 1023)
    assert "0.40 times the fine detail" in sharpness.message and sharpness.remedy


@pytest.mark.parametrize(
    ("times", "verdict"),
    [(0.4, "fail"), (0.6, "review"), (0.8, "pass"), (1.5, "pass"), (2.0, "review"), (4.0, "fail")],
)
def test_a_mouth_is_neither_softer_nor_much_sharper_than_the_plates(times, verdict):
    assert like(lips=np.full(40, times))["mouth sharpness"].verdict == verdict


def test_a_mouth_without_like_frames_in_the_plate_is_not_measured_and_says_so():
    nothing = np.full(40, np.nan)
    result = like(lips=nothing, down=nothing, picture=nothing, like=np.zeros(40, int))

    for name in ("mouth sharpness", "mouth likeness"):
        assert result[name].verdict == "not measured"
        assert "0 of 40 can be compared" in result[name].message
    assert result["skin sharpness"].verdict == "pass"


@pytest.mark.parametrize(
    ("across", "down", "verdict"),
    [(0.01, 0.01, "pass"), (0.035, 0, "fail"), (0, -0.035, "fail"), (0.02, 0.02, "pass")],
)
def test_lips_beside_their_place_fail(across, down, verdict):
    result = like(across=np.full(40, across), down=np.full(40, down))["mouth position"]

    assert result.verdict == verdict
    assert result.value == pytest.approx(100 * max(abs(across), abs(down)))


@pytest.mark.parametrize(("spread", "verdict"), [(0.002, "fail"), (0.03, "review")])
def test_lips_just_past_their_limit_fail_only_if_that_is_measured_surely(spread, verdict):
    beside = spread * np.tile([-1, 1, 0.5, -0.5], 10)
    result = like(across=0.033 + beside)["mouth position"]

    assert result.verdict == verdict
    assert like(across=0.037 + beside)["mouth position"].verdict == "fail"  # plainly past it
    assert ("measured to within" in result.note) == (verdict == "review")


def test_a_mouth_unlike_the_plates_fails_by_how_alike_the_plates_own_are():
    other = np.full(40, 0.8)

    assert like(picture=other)["mouth likeness"].verdict == "fail"
    assert like(picture=other, natural=np.full(40, 0.9))["mouth likeness"].verdict == "pass"


def test_flicker_past_its_limit_fails():
    flicker, seam = BUILDER.picture(series(flicker_render=np.full(40, 0.008)), STILL, STILL)

    assert (flicker.verdict, seam.verdict) == ("fail", "pass")
    assert flicker.value == pytest.approx(2)
    assert "2.00 times as much as in the plate" in flicker.message


def test_a_mouth_that_moves_more_than_a_still_plates_is_no_flicker():
    busy = np.where(np.arange(40) < 28, 0.02, 0.004)
    busy[0] = np.nan  # the first frame has no neighbour before it
    quick = 0.05 * (-1.0) ** np.arange(40)
    moves = np.where(np.arange(40) < 27, quick, 0)

    flicker = BUILDER.picture(series(flicker_render=busy), STILL, moves)[0]
    assert flicker.verdict == "pass" and flicker.value == pytest.approx(1)
    assert BUILDER.picture(series(flicker_render=busy), STILL, quick)[0].verdict == "not measured"
    assert BUILDER.picture(series(flicker_render=busy), quick, moves)[0].verdict == "fail"


def stepped(value: float, channel: int, frames: slice = slice(None)) -> np.ndarray:
    steps = np.zeros((40, 3, ARCS))
    steps[frames, channel] = value
    return steps


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_lasting_step_of_brightness_or_colour_is_a_seam(channel):
    seam = BUILDER.picture(series(steps=stepped(0.02, channel)), STILL, STILL)[1]

    assert (seam.verdict, seam.value) == ("fail", pytest.approx(2))


def test_a_step_that_comes_and_goes_is_no_seam_unless_it_stays_for_a_while():
    moving = np.random.default_rng(1).normal(0, 0.02, (40, 3, ARCS))
    assert BUILDER.picture(series(steps=moving), STILL, STILL)[1].verdict == "pass"

    part = BUILDER.picture(series(steps=stepped(0.05, 0, slice(10, 24))), STILL, STILL)[1]
    assert part.verdict == "review" and part.frames[0] >= 1010 and part.frames[1] <= 1023


def test_pictures_without_a_mouth_in_the_matte_are_not_measured():
    nothing = np.full(40, np.nan)
    none = FaceSeries(nothing, nothing, np.full((40, 3, ARCS), np.nan))
    unseen = alike(lips=nothing, skin=nothing, across=nothing, down=nothing, picture=nothing,
                   natural=nothing, like=np.zeros(40, int))  # fmt: skip
    result = (*BUILDER.picture(none, STILL, STILL), *BUILDER.like(unseen))

    assert {f.verdict for f in result} == {"not measured"}
    assert all(f.note for f in result)


def measures_of(stray: int, changed: list[int]) -> FrameMeasures:
    measures = FrameMeasures()
    measures.frames, measures.stray_pixels, measures.changed_frames = 40, stray, changed
    measures.stray_frames = changed[:1] if stray else []
    return measures


def test_one_pixel_changed_outside_the_matte_fails():
    assert BUILDER.untouched(measures_of(1, [1003]), [], 0, True)[0].verdict == "fail"
    assert BUILDER.untouched(measures_of(0, []), [], 1, True)[0].verdict == "fail"
    assert BUILDER.untouched(measures_of(0, []), [], 0, True)[0].verdict == "pass"


def test_a_lossy_delivery_needs_review_and_does_not_fail():
    outside, kept = BUILDER.untouched(measures_of(500, [1000]), [1000], 500, False)

    assert (outside.verdict, kept.verdict) == ("review", "review")
    assert "lossy" in outside.note


def test_changed_frame_of_weight_zero_fails():
    kept = BUILDER.untouched(measures_of(0, [1005, 1006]), [1000, 1006], 0, True)[1]

    assert (kept.verdict, kept.value, kept.frames) == ("fail", 1.0, (1006, 1006))


@pytest.mark.parametrize(("ms", "verdict"), [(10.0, "pass"), (-50.0, "review"), (130.0, "fail")])
def test_render_lag_beyond_a_frame_needs_review_and_beyond_the_limit_fails(ms, verdict):
    assert BUILDER.follow(Offset(ms, 0.9, 0.25), 41.7, MOVES, MOVES)[1].verdict == verdict


def test_a_lag_is_not_read_from_curves_that_are_unlike():
    likeness, lag, _ = BUILDER.follow(Offset(-185.0, 0.25, 0.25), 40.0, MOVES, MOVES)

    assert (likeness.verdict, lag.verdict) == ("fail", "not measured")
    assert lag.value is None


def test_a_mouth_that_the_dub_hardly_moves_is_not_measured():
    still = np.full(40, 0.01)
    for finding in BUILDER.follow(Offset(229.0, 0.3, 0.25), 40.0, still, MOVES):
        assert finding.verdict == "not measured" and "too little to follow" in finding.note


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "pass"), (0.5, "review"), (0.1, "fail")])
def test_a_mouth_that_moves_too_little_fails(share, verdict):
    movement = BUILDER.follow(Offset(0.0, 0.9, 0.25), 40.0, MOVES, share * MOVES)[2]

    assert movement.verdict == verdict and movement.value == pytest.approx(100 * share)


@pytest.mark.parametrize(
    ("drawn", "verdict"), [(MOVES, "fail"), (-MOVES, "pass"), (np.full(40, np.nan), "not measured")]
)
def test_the_plates_mouth_under_the_dub_fails_wherever_the_two_differ(drawn, verdict):
    result = BUILDER.of_plate(nearer_plate(MOVES, -MOVES, drawn))

    assert result.verdict == verdict


def test_a_dub_that_moves_as_the_plate_does_cannot_tell_whose_mouth_it_is():
    assert BUILDER.of_plate(nearer_plate(MOVES, MOVES + 0.01, MOVES)).verdict == "not measured"


def test_lost_faces_are_counted_where_the_plate_has_a_face():
    plate = np.ones(40, bool)
    plate[:5] = False
    render = plate.copy()
    render[[7, 8, 9]] = False

    result = BUILDER.faces(plate, render)

    assert (result.value, result.verdict, result.frames) == (3.0, "fail", (1007, 1009))
    assert BUILDER.faces(plate, plate).verdict == "pass"
    assert BUILDER.faces(~plate & plate, plate).verdict == "not measured"


def test_lips_that_part_in_silence_need_review():
    apart = np.full(40, np.nan)
    apart[:20] = 0.01
    assert BUILDER.silence(apart).verdict == "pass"
    apart[5:12] = 0.15
    result = BUILDER.silence(apart)
    assert result.verdict == "fail" and result.frames == (1005, 1011)
    assert BUILDER.silence(np.minimum(apart, 0.1)).verdict == "review"


def test_every_measure_has_a_sentence_a_meaning_and_a_remedy():
    made = [
        *BUILDER.offset(Offset(0.0, 0.9)),
        *BUILDER.follow(Offset(0.0, 0.9), 40.0, MOVES, MOVES), *contact_findings(BUILDER, ()),
        BUILDER.of_plate(nearer_plate(MOVES, -MOVES, MOVES * 0)),
        BUILDER.silence(np.zeros(20)), *BUILDER.picture(series(), STILL, STILL),
        *BUILDER.like(alike()),
        *BUILDER.untouched(measures_of(0, []), [], 0, True),
        BUILDER.faces(np.ones(3, bool), np.ones(3, bool)),
        head_finding(BUILDER, STILL), gaze_finding(BUILDER, STILL),
        blink_finding(BUILDER, Blinks((), (), ())), identity_finding(BUILDER, 0.1, None),
        *edge_findings(BUILDER, BeyondFace(STILL, STILL, STILL + 1), STILL == 0),
        background_finding(BUILDER, None, STILL + 1),
    ]  # fmt: skip
    assert {f.measure for f in made} == set(MEASURES)
    assert all(m.means and m.remedy and m.head and "{value}" in m.says for m in MEASURES.values())
    assert all(f.message for f in made)
    assert not any(f.remedy for f in made)  # all pass, or are not measured


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (21800.0, "pixels", "21,800 pixels"),
        (1.0, "frames", "1 frame"),
        (-119.6, "ms", "120 ms early"),
        (0.2, "ms", "in time"),
        (0.48, "times the plate's", "0.48 times"),
        (2.12, "%", "2.1 %"),
        (0.3, "", "0.30"),
    ],
)
def test_a_number_is_said_with_its_unit_in_words(value, unit, text):
    assert worded(value, unit) == text
