"""Thumbnails are decoded once and kept; a missing plate says so."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from dubsync.core.errors import MissingMedia
from dubsync.media.probe import probe_plate
from dubsync.service.thumbnails import HEIGHT, WIDTH, thumbnail, trim
from tests.service.test_bad_input import movie


@pytest.fixture
def plate(tmp_path):
    movie(tmp_path / "a.mov", size=(320, 180))
    return probe_plate(tmp_path / "a.mov")


def picture(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def test_a_thumbnail_fits_its_size_and_is_the_frame_that_was_asked_for(tmp_path, plate):
    first = picture(thumbnail(tmp_path, plate, plate.frames.start))
    later = picture(thumbnail(tmp_path, plate, plate.frames.start + 50))
    assert first.shape[1] <= WIDTH and first.shape[0] <= HEIGHT
    assert first.shape[1] / first.shape[0] == pytest.approx(16 / 9, abs=0.05)
    assert later.mean() > first.mean() + 20


def test_it_is_decoded_once_and_again_when_the_plate_changes(tmp_path, plate):
    thumbnail(tmp_path, plate, plate.frames.start)
    kept = list((tmp_path / ".dubsync" / "thumbnails").iterdir())
    thumbnail(tmp_path, plate, plate.frames.start)
    assert list((tmp_path / ".dubsync" / "thumbnails").iterdir()) == kept
    movie(tmp_path / "a.mov", size=(320, 180), rate=Fraction(24), frames=70)
    thumbnail(tmp_path, probe_plate(tmp_path / "a.mov"), plate.frames.start)
    assert len(list((tmp_path / ".dubsync" / "thumbnails").iterdir())) == 2


def test_a_missing_plate_is_said_with_a_remedy(tmp_path, plate):
    (tmp_path / "a.mov").unlink()
    with pytest.raises(MissingMedia) as refused:
        thumbnail(tmp_path, plate, plate.frames.start)
    assert refused.value.hint


def test_the_oldest_go_when_there_are_too_many(tmp_path, plate):
    for n in range(4):
        thumbnail(tmp_path, plate, plate.frames.start + n)
    assert trim(tmp_path, most=3) == 1
    assert len(list((tmp_path / ".dubsync" / "thumbnails").iterdir())) == 3
