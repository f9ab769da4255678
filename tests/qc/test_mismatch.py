"""A plate whose mouth clearly disagrees with the dub scores higher than one that nearly fits."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from dubsync.core.sound.audio import AudioFeatures
from dubsync.qc.mismatch import mismatch, visibility
from dubsync.qc.mouth import MouthCurves
from dubsync.qc.pictures.triage_strip import TriageRow, triage_strip

SECONDS, RATE = 6, 25
AT = np.arange(SECONDS * RATE) / RATE
TALKS = np.clip(0.08 + 0.08 * np.sin(2 * np.pi * 3.1 * AT), 0, None)
OTHER = np.clip(0.08 + 0.08 * np.sin(2 * np.pi * 2.3 * AT + 1.7), 0, None)
OURS = np.ones(len(AT), bool)
SEEN = np.ones(len(AT))


def features_of(speech=True, closures=()):
    at = np.arange(SECONDS * 100) / 100
    spoken = np.full(len(at), float(speech))
    shut = sum((np.exp(-(((at - c) / 0.02) ** 2)) for c in closures), np.zeros(len(at)))
    return AudioFeatures.of_level(
        Fraction(0), np.zeros((len(at), 40)), 0.6 * spoken, spoken, np.clip(shut, 0, 1)
    )


def curves(opening):
    return MouthCurves(opening, np.full(len(AT), 0.8), np.full(len(AT), 1.5))


def mismatch_of(plate, wanted, dub=None, visible=SEEN, owned=OURS):
    width = np.full(len(AT), 0.8)
    return mismatch(curves(plate), wanted, width, owned, visible, dub or features_of(), AT)


def test_a_plate_that_already_fits_scores_zero():
    result = mismatch_of(TALKS, TALKS)

    assert result.score < 1
    assert result.reasons == ()


def test_another_mouth_scores_with_the_error_of_its_opening():
    result = mismatch_of(TALKS, OTHER)

    assert result.score > 20
    assert any("lip opening off by" in reason for reason in result.reasons)


def test_open_lips_on_m_b_and_p_raise_the_score():
    without = mismatch_of(TALKS, OTHER)
    result = mismatch_of(np.maximum(TALKS, 0.06), OTHER, features_of(closures=(1.0, 2.5, 4.2)))

    assert (result.open_closures, result.closures) == (3, 3)
    assert result.score > without.score
    assert result.reasons[0].startswith("3 of 3")


def test_a_mouth_that_speaks_while_the_dub_is_silent_is_reported():
    result = mismatch_of(TALKS, np.zeros(len(AT)), features_of(speech=False))

    assert result.silent_s > 4
    assert any("silent" in reason for reason in result.reasons)


def test_a_mouth_at_rest_while_the_dub_speaks_comes_first_among_reasons():
    result = mismatch_of(np.full(len(AT), 0.01), OTHER)

    assert result.reasons[0] == "the mouth is still while the dub speaks"


def test_a_hardly_visible_mouth_scores_low():
    assert (
        mismatch_of(TALKS, OTHER, visible=0.1 * SEEN).score < 0.2 * mismatch_of(TALKS, OTHER).score
    )
    assert "hardly visible" in mismatch_of(TALKS, OTHER, visible=0.1 * SEEN).reasons


def test_frames_without_dub_score_zero():
    assert mismatch_of(TALKS, OTHER, owned=~OURS).score == 0


def test_small_and_turned_faces_are_hardly_visible():
    points = np.zeros((1, 478, 3))
    points[0, [33, 133, 362, 263], 0] = -45, -15, 15, 45
    seen = np.ones(1, bool)

    large, far = visibility(points, seen, 1000), visibility(points, seen, 6000)
    side = points.copy()
    side[..., 0], side[..., 2] = points[..., 0] * np.cos(1.3), points[..., 0] * np.sin(1.3)

    assert large[0] == 1 and far[0] < 0.1
    assert visibility(side, seen, 1000)[0] == 0
    assert visibility(points, ~seen, 1000)[0] == 0


def test_the_picture_has_a_row_per_face_and_red_where_it_mismatches():
    bad = TriageRow("SH010", "ELISE", 71.0, np.ones(50), ("3 of 3 m, b, p with open lips",))
    calm = replace(bad, name="SH020", score=2.0, course=np.zeros(50), reasons=())

    drawn = triage_strip([bad, calm], "Plates against the dub")

    red = (drawn[..., 0].astype(int) - drawn[..., 2] > 120).any(axis=1)
    assert red.any() and not red[-40:].any()
    assert triage_strip([], "nothing").shape[0] > 40
