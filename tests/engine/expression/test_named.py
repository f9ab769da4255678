"""Expressions are found by name where the footage shows them, and nowhere else."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import NoFace
from dubsync.engine.expression.named import RULES, find_expressions
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES
from tests.engine.drive.drive_synthesis import face_track, talk

TRACK = face_track(talk(3, Fraction(25), seed=4), size=200)
START = TRACK.frames.start


def showing(frames, **scores):
    """The track, whose tracker scores these names in these frames and nothing else."""
    values = np.zeros_like(TRACK.blendshapes)
    for name, value in scores.items():
        values[frames, BLENDSHAPE_NAMES.index(name)] = value
    return replace(TRACK, blendshapes=values)


def names(track):
    return {one.name: one for one in find_expressions([track]) if not one.name.startswith("look")}


@pytest.mark.parametrize(
    ("name", "scores"),
    [("smile", {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7}),
     ("laugh", {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "jawOpen": 0.5}),
     ("angry", {"browDownLeft": 0.6, "browDownRight": 0.6, "mouthPressLeft": 0.3}),
     ("sad", {"browInnerUp": 0.5, "mouthFrownLeft": 0.3, "mouthFrownRight": 0.3}),
     ("surprised", {"browInnerUp": 0.7, "browOuterUpLeft": 0.6, "browOuterUpRight": 0.6}),
     ("wink left", {"eyeBlinkLeft": 0.8}),
     ("eyes shut", {"eyeBlinkLeft": 0.8, "eyeBlinkRight": 0.8}),
     ("mouth wide", {"jawOpen": 0.7})],
)  # fmt: skip
def test_an_expression_is_found_where_it_is_held(name, scores):
    found = names(showing(slice(40, 50), **scores))
    assert START + 40 <= found[name].frame < START + 50
    assert dict(found[name].scores)[next(iter(scores))] == pytest.approx(0.7, abs=0.25)


def test_a_face_that_shows_nothing_has_its_neutral_alone():
    assert set(names(showing(slice(0, 0)))) == {"neutral"}
    assert "neutral" in RULES


def test_a_flicker_of_one_frame_is_no_expression():
    found = names(showing(slice(40, 41), mouthSmileLeft=0.6, mouthSmileRight=0.6))
    assert "smile" not in found


def test_a_frame_that_was_asked_for_is_described():
    track = showing(slice(40, 50), mouthSmileLeft=0.7)
    (one,) = find_expressions([track], at=(0, START + 45))
    assert (one.name, one.frame) == ("", START + 45)
    assert dict(one.scores) == {"mouthSmileLeft": pytest.approx(0.7)}
    for frame in (START - 1, START + 100000):
        with pytest.raises(NoFace):
            find_expressions([track], at=(0, frame))
