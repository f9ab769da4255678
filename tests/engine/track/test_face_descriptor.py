"""The face descriptor: dlib's numbers, alignment in the plate, and how long runs are thinned."""

import numpy as np
import pytest

from dubsync.core.errors import ShapeError
from dubsync.engine.geometry.mesh import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.track.face_descriptor import (
    ALIGNED_BY,
    DESCRIBED,
    IN_CHIP,
    KEPT,
    Chips,
    face_chip,
    facing,
)
from dubsync.engine.track.face_network import describe_chips

#: Every 16th number of the descriptor of `drawn_chip`, by dlib 20.0.1 from its own file.
DLIB = (-0.0653, -0.1402, -0.1226, 0.0438, 0.1996, -0.1189, -0.0714, 0.2508)


def drawn_chip():
    down, across = np.mgrid[:150, :150]
    colours = (across * 255 // 149, down * 255 // 149, (across * 7 + down * 13) % 256)
    return np.stack(colours, axis=-1).astype(np.uint8)


def points_at(scale=1.0, shift=(0.0, 0.0), angle=0.0):
    """Landmarks whose aligning points lie as in the chip, then turned, scaled and shifted."""
    points = np.zeros((478, 3), np.float32)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points[list(ALIGNED_BY), :2] = IN_CHIP @ turn.T * scale + shift
    return points


def test_the_descriptor_is_that_of_dlib():
    described = describe_chips(drawn_chip()[None] / np.float32(255))

    assert described.shape == (1, 128)
    np.testing.assert_allclose(described[0, ::16], DLIB, atol=0.001)


def test_a_chip_of_another_shape_is_refused():
    with pytest.raises(ShapeError):
        describe_chips(np.zeros((1, 96, 96, 3), np.float32))


def test_a_chip_is_cut_upright_from_a_turned_and_larger_face():
    chip = drawn_chip()
    plate = np.kron(np.rot90(chip, -1), np.ones((2, 2, 1), np.uint8))  # clockwise, twice as large
    turned = points_at(scale=2.0, shift=(300.0, 0.0), angle=np.pi / 2)

    again = face_chip(rgb_frame(np.ascontiguousarray(plate)), turned)

    inner = (slice(8, -8), slice(8, -8), slice(0, 2))  # the third channel is finer than a pixel
    assert np.abs(again[inner] * 255 - chip[inner]).max() < 4


def test_a_face_turned_away_faces_less():
    straight, away = points_at(), points_at()
    away[2, 0] = away[LEFT_EYE_OUTER, 0]

    assert facing(straight) > 0.95 and facing(away) < 0.05
    assert straight[RIGHT_EYE_OUTER, 0] < straight[LEFT_EYE_OUTER, 0]


def test_a_long_run_keeps_few_chips_from_all_of_it():
    chips, frame = Chips(), rgb_frame(drawn_chip())
    for number in range(1200):
        chips.add(number, frame, points_at(), 1.0)

    assert DESCRIBED <= len(chips._kept) <= KEPT and chips.every * KEPT >= 1200 / 2
    assert chips.describe().shape == (128,)
