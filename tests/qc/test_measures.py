"""A measure beyond its limit fails and names its worst frames; one not measured has a reason."""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.settings import QCSettings
from dubsync.qc.image_measures import FaceSeries, FrameMeasures
from dubsync.qc.measures import MEASURES, FindingsBuilder
from dubsync.qc.sync import Closures, Offset

BUILDER = FindingsBuilder("SC01_010", "ELISE", 1000, QCSettings())


def series(t: int = 40, **changes: np.ndarray) -> FaceSeries:
    plain = FaceSeries(
        np.full(t, 0.01), np.full(t, 0.01), np.full(t, 0.004), np.full(t, 0.004),
        np.ones(t), np.full(t, 0.1),
    )  # fmt: skip
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("ms", "verdict"),
    [(0.0, "pass"), (59.0, "pass"), (-59.0, "pass"), (61.0, "fail"), (-90, "fail")],
)
def test_an_offset_is_compared_with_the_limit_of_the_settings(ms, verdict):
    assert BUILDER.offset(Offset(ms, 0.6, 0.3)).verdict == verdict


def test_an_offset_that_can_be_chance_is_not_measured():
    result = BUILDER.offset(Offset(150.0, 0.2, 0.3))

    assert result.verdict == "not measured" and "+150 ms" in result.note


def test_the_slip_of_the_artist_is_no_error():
    assert BUILDER.offset(Offset(100.0, 0.6, 0.3), intended_ms=80).verdict == "pass"


def test_offset_without_speech_is_not_measured_and_says_why():
    result = BUILDER.offset(Offset(None, None, note="only 0.4 s of speech"))

    assert (result.verdict, result.value) == ("not measured", None)
    assert "0.4 s" in result.note


def test_a_soft_mouth_fails_and_names_the_softest_frames():
    soft = np.full(40, 0.005)
    soft[20:24] = 0.001
    sharpness = BUILDER.picture(series(sharpness_render=soft))[0]

    assert sharpness.verdict == "fail" and sharpness.value == pytest.approx(0.5)
    assert sharpness.frames == (1020, 1023)


def test_an_etched_mouth_needs_review():
    assert BUILDER.picture(series(sharpness_render=np.full(40, 0.02)))[0].verdict == "review"


def test_flicker_and_seam_fail_past_their_limits_only():
    _, flicker, seam = BUILDER.picture(
        series(flicker_render=np.full(40, 0.008), seam=np.full(40, 1.4))
    )

    assert (flicker.verdict, seam.verdict) == ("fail", "pass")
    assert flicker.value == pytest.approx(2)


def test_a_few_bad_frames_in_a_good_shot_need_review():
    bad = np.ones(40)
    bad[10:14] = 5
    seam = BUILDER.picture(series(seam=bad))[2]

    assert seam.verdict == "review" and seam.frames == (1010, 1013)
    assert "within the limit, but one frame in 20 is past 3" in seam.note


def test_pictures_without_a_mouth_in_the_matte_are_not_measured():
    nothing = np.full(40, np.nan)
    result = BUILDER.picture(FaceSeries(*[nothing] * 6))

    assert {f.verdict for f in result} == {"not measured"}
    assert all(f.note for f in result)


def measures_of(stray: int, changed: list[int]) -> FrameMeasures:
    measures = FrameMeasures()
    measures.frames, measures.stray_samples, measures.changed_frames = 40, stray, changed
    measures.stray_frames = changed[:1] if stray else []
    return measures


def test_one_sample_changed_outside_the_matte_fails():
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
    assert BUILDER.follow(Offset(ms, 0.9, 0.25), 41.7)[1].verdict == verdict


def test_missed_closures_are_named():
    result = BUILDER.closures(Closures((1004, 1010, 1020), (True, False, False)))

    assert result.verdict == "review" and result.value == pytest.approx(100 / 3)
    assert "1010, 1020" in result.note


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
    assert result.verdict == "review" and result.frames == (1005, 1011)


def test_every_measure_has_a_meaning_and_a_remedy():
    made = [
        BUILDER.offset(Offset(0.0, 0.5)), BUILDER.correlation(Offset(0.0, 0.5)),
        *BUILDER.follow(Offset(0.0, 0.9), 40.0), BUILDER.closures(Closures((), ())),
        BUILDER.silence(np.zeros(20)), *BUILDER.picture(series()),
        *BUILDER.untouched(measures_of(0, []), [], 0, True),
        BUILDER.faces(np.ones(3, bool), np.ones(3, bool)),
    ]  # fmt: skip
    assert {f.measure for f in made} == set(MEASURES)
    assert all(m.means and m.remedy and m.head for m in MEASURES.values())
