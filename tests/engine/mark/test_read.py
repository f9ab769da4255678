"""What a reader finds in copies of a marked face, and what it does not claim."""

import cv2
import numpy as np
import pytest

from dubsync.engine.mark.decide import MOST_FALSE
from dubsync.engine.mark.flat_face import flat_faces
from dubsync.engine.mark.informed import read_informed
from dubsync.engine.mark.pool import pooled
from dubsync.engine.mark.reader import read_mark, read_marks
from dubsync.engine.mark.reading import Reading
from tests.engine.mark import synthetic as made

COUNT = 16


@pytest.fixture(scope="module")
def points():
    return made.landmarks(COUNT)


@pytest.fixture(scope="module")
def clean(points):
    return made.pictures(points)


@pytest.fixture(scope="module")
def copy(clean, points):
    return made.marked(clean, points)


@pytest.fixture(scope="module")
def reading(copy, points):
    return read_mark(made.frames(copy, 0), [made.track(points, 0)], made.SECRET)


def test_the_payload_is_read_without_plate_matte_or_time(reading):
    assert reading.payload == made.PAYLOAD
    assert reading.false_alarm <= MOST_FALSE
    assert abs(reading.offset - made.FIRST % 256) <= 1


def test_a_copy_of_half_the_size_is_read(copy, points):
    half = np.stack(
        [cv2.resize(one, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for one in copy]
    )
    found = read_mark(made.frames(half), [made.track(points / 2)], made.SECRET)
    assert found.payload == made.PAYLOAD


def test_nothing_is_found_under_another_secret(copy, points):
    found = read_mark(made.frames(copy), [made.track(points)], made.OTHER)
    assert found.payload is None
    assert found.false_alarm > MOST_FALSE
    assert read_marks(iter(()), [], made.OTHER) == ()


def test_a_second_mark_leaves_the_first_readable(copy, points):
    twice = made.marked(copy, points, payload=0x0BADCAFE)
    found = read_marks(made.frames(twice), [made.track(points)], made.SECRET)
    assert {reading.payload for reading in found} == {made.PAYLOAD, 0x0BADCAFE}


def test_the_clean_render_at_hand_makes_the_mark_surer(points):
    lively = np.concatenate(
        [made.pictures(points[n : n + 2], texture=5, seed=n) for n in range(0, COUNT, 2)]
    )
    track, copy = made.track(points), made.marked(lively, points)
    kept = flat_faces(made.frames(lively), track)
    blind = read_mark(made.frames(copy), [track], made.SECRET)
    found = read_informed(made.frames(copy), [track], made.SECRET, kept)
    assert found.payload == made.PAYLOAD
    assert found.score > blind.score


def test_a_payload_that_is_expected_is_surer_than_one_that_is_not(copy, points):
    grain = np.random.default_rng(2).normal(0, 6, copy[:8].shape)
    few = np.clip(copy[:8] + grain, 0, 255).astype(np.uint8)
    track = [made.track(points[:8])]
    blind = read_mark(made.frames(few), track, made.SECRET)
    known = read_mark(made.frames(few), track, made.SECRET, expected=[7, made.PAYLOAD])
    assert known.payload == made.PAYLOAD
    assert known.false_alarm < blind.false_alarm


def _read(false):
    return Reading(None, 0.0, false, (), None)


def test_weak_shots_add_up_and_shots_without_a_mark_do_not():
    assert pooled([_read(1e-4)] * 3) < 1e-8
    assert pooled([_read(1.0)] * 50) == 1.0
    assert pooled([]) == 1.0
