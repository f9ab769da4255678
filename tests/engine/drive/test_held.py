"""How far the footage shows each control go: of an actor, and of a plate whose head is turned."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.engine.drive import held as module
from dubsync.engine.drive.held import find_held
from dubsync.engine.expression.control_scores import ROWS
from dubsync.engine.expression.expression_model import learn_expression
from dubsync.engine.expression.scores import SCORES
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import fit
from tests.engine.drive.drive_synthesis import face_track, talk

TRACK = face_track(talk(2, seed=1), sway=0.05)
BASIS = learn_basis([TRACK])
ORIGINAL = fit(TRACK, BASIS)
PLAIN = learn_expression([TRACK], [ORIGINAL], BASIS)
WIDE = np.radians([[-6, -20, -4], [10, 12, 3.0]]).astype(np.float32)


@pytest.fixture(autouse=True)
def accept_any_actor(monkeypatch):
    monkeypatch.setattr(module, "ours", lambda actor: actor)


def found(model=None, head=None, original=None, regions=()):
    actor = SimpleNamespace(expression=model or replace(PLAIN, turn=WIDE), model=BASIS)
    return {one.name: one for one in find_held(actor, head, original, regions)}


def ends(one, t=0):
    return round(float(one.low[t]), 1), round(float(one.high[t]), 1), float(one.room[t])


def test_an_actor_can_turn_as_far_as_the_footage_shows_and_some_degrees_farther():
    held = found()
    assert ends(held["yaw"]) == (-12.0, 20.0, 9.0)  # a turn to the picture's left is positive y
    assert ends(held["pitch"]) == (-10.0, 6.0, 12.0)
    assert ends(held["nod"]) == (-6.0, 10.0, 12.0)


def test_in_a_plate_it_counts_from_where_the_head_is():
    turned = replace(ORIGINAL, head=np.array(ORIGINAL.head))
    head = np.array(turned.head)
    head[:, :3] = np.radians([2.0, -5.0, 0.0])
    held = found(original=replace(ORIGINAL, head=head))
    assert len(held["yaw"].low) == len(ORIGINAL.frames)
    assert ends(held["yaw"], 7)[:2] == (-17.0, 15.0)
    assert ends(held["nod"], 7)[:2] == (-8.0, 8.0)


def test_a_plate_that_is_bent_turns_by_four_degrees_and_no_farther():
    regions = ["face"] * (len(ORIGINAL.frames) - 1) + ["head"]
    held = found(original=ORIGINAL, regions=regions)
    assert ends(held["yaw"], 0) == (-4.0, 4.0, 0.0)
    assert ends(held["yaw"], -1)[2] == 9.0


def test_an_expression_that_the_footage_never_shows_is_held_to_nothing():
    held = found()
    assert ends(held["frown"])[1] == 0.0
    peak, known = np.array(PLAIN.peak), np.array(PLAIN.known)
    for side in ("Left", "Right"):
        peak[SCORES.index(f"mouthSmile{side}")] = 0.7
        peak[SCORES.index(f"eyeBlink{side}")] = 0.8
    known[ROWS.index("smile")] = 0.9
    held = found(replace(PLAIN, peak=peak, known=known))
    assert ends(held["smile"])[1] == 1.0
    assert ends(held["blink_left"])[:2] == (0.0, 1.0)


def test_a_learnt_head_says_it_better_than_the_tracks():
    turn = np.array([[-1, -2, -3], [4, 5, 6.0]])
    head = SimpleNamespace(range=SimpleNamespace(turn=turn))
    assert ends(found(head=head)["yaw"]) == (-5.0, 2.0, 9.0)
