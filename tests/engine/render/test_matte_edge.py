"""The matte grown and feathered: by as much as asked, and never beyond what is drawn."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.picture import Region
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.matte_edit import MOST_GROWTH, MatteShape
from dubsync.engine import actor as actors
from dubsync.engine.compositing.composite import composite
from dubsync.engine.compositing.matte import borders, eye_distance_px, grown, matte_of
from dubsync.engine.geometry.mesh import LEFT_EYE, RIGHT_EYE
from dubsync.engine.motion.fit import fit
from dubsync.engine.render.renderer import prepare
from tests.engine.exemplars.drawn_footage import HEIGHT, WIDTH, DrawnPlate, drawn_track

CPU = torch.device("cpu")
WHOLE = Region(0, 0, WIDTH, HEIGHT)


def disc(radius: float, size: int = 160) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size / 2 + 0.5
    return (np.hypot(x, y) < radius).astype(np.uint8)


@settings(max_examples=25)
@given(st.floats(20, 40), st.floats(0.5, 15))
def test_grown_and_then_back_it_is_the_same_shape_within_a_pixel(radius, by):
    shape = disc(radius)
    back = grown(grown(shape, by), -by)
    edge = cv2.dilate(shape, np.ones((3, 3))) - cv2.erode(shape, np.ones((3, 3)))
    assert not (back != shape)[edge == 0].any()


@settings(max_examples=25)
@given(st.floats(20, 40), st.floats(-15, 15))
def test_a_shape_grows_by_as_many_pixels_as_asked(radius, by):
    area = grown(disc(radius), by).sum()
    assert np.sqrt(area / np.pi) == pytest.approx(radius + by, abs=0.8)


def test_nothing_asked_is_the_very_matte():
    points = drawn_track([0.5]).landmarks
    usual = matte_of([borders(points)[0]], points[0], WHOLE, 44.0, 1.0)
    assert (matte_of([borders(points)[0]], points[0], WHOLE, 44.0, 1.0, (0.0, 0.0)) == usual).all()


def test_a_grown_matte_still_keeps_clear_of_the_eyes():
    points = drawn_track([0.5]).landmarks
    matte = matte_of([borders(points)[0]], points[0], WHOLE, 44.0, 1.0, (8.0, 0.0))
    for x, y in points[0][[*LEFT_EYE, *RIGHT_EYE], :2].astype(int):
        assert matte[y, x] == 0


def test_a_wider_feather_keeps_the_outline_and_softens_inwards():
    points = drawn_track([0.5]).landmarks
    usual, soft = (matte_of([borders(points)[0]], points[0], WHOLE, 44.0, 1.0, (0.0, feather))
                   for feather in (0.0, 6.0))  # fmt: skip
    assert not soft[usual == 0].any()
    assert (soft <= usual).all() and soft.sum() < 0.95 * usual.sum()


@pytest.fixture(scope="module")
def ada():
    plate = DrawnPlate(drawn_track(np.abs(np.sin(np.arange(40) / 4)), sway=0.04))
    return actors.learn("Ada", [plate.footage()], most=25, widest_px=1024, progress=silent)


def drawn(ada, grow):
    """The composite of one frame, and the plate's frame."""
    plate = DrawnPlate(drawn_track(np.full(4, 0.05), seed=1))
    wanted = drawn_track(np.full(4, 0.8), seed=1)
    original = fit(plate.track, ada.model)
    corrected = replace(original, mouth=fit(wanted, ada.model).mouth)
    frames = plate.track.frames
    shape = MatteShape(frames, np.full(4, grow), np.zeros(4)) if grow else None
    renderer = prepare(ada, plate.track, original, corrected, np.ones(4, np.float32), device=CPU,
                       **({"matte": shape} if shape else {}))  # fmt: skip
    (frame,) = plate.read([frames.start + 1])
    return composite(frame, [patch for patch in renderer([frame]) if patch]), frame


def test_the_picture_of_a_grown_matte_is_drawn_as_far_as_it_grows(ada):
    plate = drawn_track(np.full(4, 0.05), seed=1)
    most = MOST_GROWTH * eye_distance_px(plate.landmarks[1])
    usual, frame = drawn(ada, 0)
    wide, _ = drawn(ada, most * 0.98)
    assert (wide.matte >= usual.matte).all() and (wide.matte > 0).sum() > (usual.matte > 0).sum()
    changed = np.any([a != b for a, b in zip(wide.frame.planes, frame.planes, strict=True)], axis=0)
    assert not changed[wide.matte == 0].any()
    # What is drawn out there is the skin beside it: nothing empty, nothing black.
    ring = (wide.matte > 0) & (usual.matte == 0)
    new, old = (np.asarray(f.planes[0], float)[ring] for f in (wide.frame, frame))
    assert np.abs(new - old).mean() < 0.1 * np.ptp(np.asarray(frame.planes[0], float))


def test_growing_beyond_what_is_drawn_is_refused_with_the_limit(ada):
    plate = drawn_track(np.full(4, 0.05), seed=1)
    most = MOST_GROWTH * eye_distance_px(plate.landmarks[0])
    with pytest.raises(SettingsError, match=f"beyond {most:.0f} px"):
        drawn(ada, most + 3)


def test_a_shape_of_other_frames_is_as_usual():
    shape = MatteShape(FrameRange(10, 12, Fraction(24)), np.ones(2), np.ones(2))
    from dubsync.engine.render.matte_edge import edge_at

    assert edge_at(shape, 9) == (0, 0) == edge_at(None, 10)
    assert edge_at(shape, 11) == (1, 1)
