"""Pictures for a viewer: as many as fit, the ones wanted most first, and no thread left."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.media.probe import probe_plate
from dubsync.service.proxies.for_the_eye import difference, exposed, outline
from dubsync.service.proxies.held_pictures import HeldPictures
from dubsync.service.proxies.loader import PictureLoader, Wanted
from dubsync.service.proxies.sources import PictureSource
from tests.media.reading_synthesis import write_numbered

SOURCE = ("Plate", "/a.mov", 0)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([8, 16])), max_size=60))
def test_pictures_never_take_more_room_than_they_are_given(asked):
    held = HeldPictures(3 * 16 * 16 * 3)
    for frame, width in asked:
        held.put(SOURCE, frame, width, np.zeros((width, width, 3), np.uint8))
        assert held.bytes <= held.most_bytes
        assert held.get(SOURCE, frame, width) is not None
        nearest = held.nearest(SOURCE, frame, width)
        assert nearest is not None and nearest.shape[1] == width
    held.forget(SOURCE)
    assert held.bytes == 0


def test_the_picture_at_another_width_serves_until_the_right_one_is_there():
    held = HeldPictures()
    held.put(SOURCE, 1, 32, np.zeros((8, 32, 3), np.uint8))
    assert held.get(SOURCE, 1, 64) is None
    assert held.nearest(SOURCE, 1, 64).shape[1] == 32
    assert held.nearest(SOURCE, 2, 64) is None


@pytest.fixture
def movie(tmp_path):
    path = tmp_path / "a.mkv"
    write_numbered(path, "ffv1", n=24)
    return PictureSource("Plate", probe_plate(path))


@pytest.fixture
def loader():
    """A loader with what it told."""
    ready, failed = [], []
    made = PictureLoader(HeldPictures(), ready.append, failed.append)
    made.ready, made.failed = ready, failed
    yield made
    made.close()
    assert not any(thread.name.startswith("pictures") for thread in threading.enumerate())


def wait_for(true):
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < 10
        time.sleep(0.005)


def test_the_first_wanted_comes_first_and_each_once(loader, movie):
    loader.want([Wanted(movie, frame, 128) for frame in (9, 3, 4, 5, 3)])
    wait_for(lambda: len(loader.ready) == 4)
    assert [one.frame for one in loader.ready] == [9, 3, 4, 5]
    assert loader.held.get(movie.key, 3, 128).shape == (72, 128, 3)


def test_what_is_no_longer_wanted_is_not_read(loader, movie):
    loader.want([Wanted(movie, frame, 128) for frame in range(24)])
    loader.want([Wanted(movie, 20, 128)])
    wait_for(lambda: any(one.frame == 20 for one in loader.ready))
    time.sleep(0.05)
    assert len(loader.ready) <= 3


def test_a_missing_file_is_said_once_with_where_it_was_and_read_when_it_is_back(loader, movie):
    path = Path(movie.file.path)
    aside = path.rename(path.with_suffix(".aside"))
    loader.want([Wanted(movie, 2, 128)])
    wait_for(lambda: loader.failed)
    assert loader.failed[0].path == str(path) and path.name in loader.failed[0].message
    time.sleep(0.1)
    assert len(loader.failed) == 1
    aside.rename(path)
    loader.look_again()
    wait_for(lambda: loader.ready)
    assert loader.ready[0].frame == 2


def test_what_became_of_one_file_is_told_in_the_order_in_which_it_was_read(movie):
    told = []

    def slowly(_wanted):
        time.sleep(0.2)
        told.append("ready")

    loader = PictureLoader(HeldPictures(), slowly, lambda _: told.append("failed"))
    loader.want([Wanted(movie, 2, 128), Wanted(movie, 99, 128)])  # the second is not in the file
    wait_for(lambda: len(told) == 2)
    loader.close()
    assert told == ["ready", "failed"]


def test_equal_pictures_differ_by_nothing_at_any_gain():
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    assert difference(picture, picture, 64).max() == 0
    brighter = np.clip(picture.astype(int) + 1, 0, 255).astype(np.uint8)
    assert set(np.unique(difference(picture, brighter, 64))) <= {0, 64}


@given(st.floats(-6, 6), st.floats(0.2, 4))
def test_exposure_and_gamma_keep_black_and_the_order_of_tones(stops, gamma):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2)
    shown = exposed(ramp, stops, gamma)[0, :, 0].astype(int)
    assert shown[0] == 0 and (np.diff(shown) >= 0).all()
    assert (exposed(ramp, 0.0, 1.0) == ramp).all()


def test_the_outline_of_a_matte_lies_on_its_edge():
    matte = np.zeros((40, 60), np.uint8)
    matte[10:30, 20:50] = 255
    (line,) = outline(matte)
    assert np.allclose(line.min(0), ((20.5) / 60, 10.5 / 40))
    assert np.allclose(line.max(0), ((49.5) / 60, 29.5 / 40))
    assert outline(np.zeros((40, 60, 3), np.uint8)) == ()
