"""Scores become this actor's own movement where the footage shows it, and a general face's else."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import ModelError, SettingsError
from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.expression.drawn_moves import INNER_BROW, OUTER_BROW, drawn_moves
from dubsync.engine.expression.expressed import expressed, hand_share, not_shown
from dubsync.engine.expression.expression_model import ExpressionModel, learn_expression
from dubsync.engine.expression.scores import SCORES
from dubsync.engine.geometry.mesh import LEFT_CORNER, RIGHT_CORNER
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import fit
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES
from tests.engine.drive.drive_synthesis import face_track, talk

TRACK = face_track(talk(4, Fraction(25), seed=4), size=200)
BASIS = learn_basis([TRACK])
MOTION = fit(TRACK, BASIS)
FRAMES = MOTION.frames
GENERAL = learn_expression([], [], BASIS)
SILENT = np.zeros(len(FRAMES), np.float32)


def smiling(strength, way):
    """The track's motion, its mouth moved along `way` by a smile that the tracker scores."""
    scores = np.array(MOTION.blendshapes)
    for side in ("Left", "Right"):
        scores[:, BLENDSHAPE_NAMES.index(f"mouthSmile{side}")] = strength
    return replace(MOTION, mouth=MOTION.mouth + strength[:, None] * way, blendshapes=scores)


def added(tweak, model=GENERAL, speaking=SILENT, motion=MOTION):
    return expressed(tweak, FRAMES, motion.blendshapes, speaking, model)


def lift(mouth):
    """How far the corners of the mouth go up, model units."""
    moves = np.asarray(BASIS.mouth_moves, np.float64)[:, [RIGHT_CORNER, LEFT_CORNER], 1]
    return -(mouth @ moves).mean(axis=1)


def test_a_smile_is_this_actors_own_where_the_footage_shows_one():
    strength = 0.4 + 0.4 * np.sin(np.arange(len(FRAMES)) / 7)
    way = np.random.default_rng(1).normal(0, 1.0, BASIS.mouth_moves.shape[0])
    model = learn_expression([TRACK], [smiling(strength, way)], BASIS)

    at = added(Tweak().held("smile", 1.0), model).mouth[10]

    alike = at @ way / np.linalg.norm(at) / np.linalg.norm(way)
    assert alike > 0.9
    assert not_shown(Tweak().held("smile", 0.5), FRAMES, model) == ()
    np.testing.assert_allclose(added(Tweak().held("smile", 0.5), model).mouth[10], at / 2)


def test_what_the_footage_never_shows_is_a_general_faces_and_said_so():
    assert not_shown(Tweak().held("smile", 0.5), FRAMES, GENERAL) == ("smile",)
    assert lift(added(Tweak().held("smile", 1.0)).mouth)[0] > 0.02
    assert lift(added(Tweak().held("frown", 1.0)).mouth)[0] < -0.01
    assert (
        not_shown(Tweak().held("brow_in", -1).held("yaw", 3), FRAMES, GENERAL) == ("brow_in",)
    )  # fmt: skip


@pytest.mark.parametrize("name", ["brow_in", "brow_out", "smile", "frown", "cheeks", "lips"])
def test_a_control_at_zero_adds_nothing_and_more_adds_more(name):
    none = added(Tweak().held(name, 0.0))
    assert not none.mouth.any() and not none.upper.any() and not none.share.any()
    half, whole = (added(Tweak().held(name, value)) for value in (0.5, 1.0))
    for field in ("mouth", "upper"):
        np.testing.assert_allclose(getattr(half, field) * 2, getattr(whole, field), atol=1e-6)


def test_a_picked_expression_leaves_a_speaking_mouth_its_opening():
    key = LikeKey("EVE:laugh", (("jawOpen", 0.5), ("mouthSmileLeft", 0.4)))
    silent = added(Tweak().liking(key)).mouth[0]
    speaking = added(Tweak().liking(key), speaking=np.ones_like(SILENT)).mouth[0]
    smile = added(Tweak().liking(LikeKey("x", (("mouthSmileLeft", 0.4),)))).mouth[0]

    np.testing.assert_allclose(speaking, smile)
    assert np.abs(silent - smile).max() > 0.01


def test_a_picked_expression_of_another_tracker_is_refused():
    with pytest.raises(SettingsError, match="does not give"):
        added(Tweak().liking(LikeKey("EVE:laugh", (("tongueOut", 0.5),))))


def test_expression_at_zero_puts_brows_to_rest_and_at_one_changes_nothing():
    scores = np.array(MOTION.blendshapes)
    scores[:, BLENDSHAPE_NAMES.index("browInnerUp")] = 0.8
    raised = replace(MOTION, blendshapes=scores)
    down = added(Tweak().held("expression", 0.0), motion=raised).upper
    up = added(Tweak().held("brow_in", 1.0)).upper
    assert (down @ up[0] < 0).all()
    assert not added(Tweak().held("expression", 1.0), motion=raised).upper.any()


def test_where_a_control_acts_the_face_is_drawn_and_nowhere_else():
    tweak = Tweak(ease=3).spanned("yaw", FRAMES.start + 30, FRAMES.start + 40, 6.0)
    share = hand_share(tweak, FRAMES)
    assert (share[30:41] == 1).all() and not share[:27].any() and not share[44:].any()
    looking = Tweak(ease=3).chosen("look_at", "camera", FRAMES.start + 30, FRAMES.start + 40)
    assert (hand_share(looking, FRAMES)[30:41] == 1).all()
    assert not hand_share(Tweak().held("jaw", 1.4).held("soft_stop", 1), FRAMES).any()


def test_a_model_survives_its_arrays_and_a_damaged_one_is_refused():
    again = ExpressionModel.from_arrays(GENERAL.arrays())
    for name, array in GENERAL.arrays().items():
        np.testing.assert_array_equal(getattr(again, name), array)
    with pytest.raises(ModelError):
        ExpressionModel.from_arrays({**GENERAL.arrays(), "ahead": np.zeros(3)})


def test_every_drawn_move_is_of_a_score_and_small_enough_for_a_face():
    moves = drawn_moves(BASIS.rest, BASIS.share)
    assert set(moves) <= set(SCORES)
    for name, move in moves.items():
        assert 0.005 < np.abs(move).max() < 0.7, name


def test_a_shot_without_frames_of_a_face_still_has_a_model():
    nothing = TRACK.without(np.ones(len(FRAMES), bool))
    model = learn_expression([nothing], [MOTION], BASIS)
    np.testing.assert_array_equal(model.known, GENERAL.known)


@pytest.mark.parametrize(
    ("name", "value", "ends"),
    [("brow_in", 1.0, INNER_BROW), ("brow_in", -1.0, INNER_BROW), ("brow_out", 1.0, OUTER_BROW)],
)
def test_brows_move_clearly_even_in_a_face_whose_brows_never_did(name, value, ends):
    model = learn_expression([TRACK], [MOTION], BASIS)

    at = added(Tweak().held(name, value), model).upper[10]

    up = -(at @ np.asarray(BASIS.upper_moves, np.float64)[..., 1])[np.concatenate(ends)].mean()
    assert 0.025 < value * up < 0.12
