"""The readings of a long sound stay on disk: any part of them is that of the whole."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from dubsync.core.sound.audio import READING_RATE, STATES, AudioFeatures
from dubsync.core.sound.long_rows import BESIDE, HELD, LongRows, replaced
from dubsync.core.sound.phones import PHONES
from dubsync.service.store.folder import Store
from dubsync.service.store.kept_readings import LONG, write_readings

COUNT = 3 * BESIDE + 17


def heard(count=COUNT, seed=0):
    rng = np.random.default_rng(seed)
    curves = [rng.uniform(size=count) for _ in range(3)]
    phones = rng.dirichlet(np.ones(len(PHONES)), count)
    return AudioFeatures(
        Fraction(18018, 5), rng.normal(size=(count, 40)), *curves, phones,
        rng.normal(size=(count, STATES)),
    )  # fmt: skip


def never():
    raise AssertionError("heard a second time")


WHOLE = heard()
EDGES = st.integers(-2 * COUNT, 2 * COUNT) | st.none()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("kept"))
    store.long_hearing("k", lambda: WHOLE)
    return store.long_hearing("k", never)


@given(EDGES, EDGES)
def test_any_part_of_the_kept_readings_is_that_part_of_the_whole(kept, first, stop):
    assert kept.start == WHOLE.start
    for name in LONG:
        part = getattr(kept, name)[first:stop]
        np.testing.assert_array_equal(part, getattr(WHOLE, name)[first:stop])
        assert part.dtype == np.float32


@given(st.lists(st.integers(-COUNT, COUNT - 1)))
def test_any_rows_of_the_kept_readings_are_those_of_the_whole(kept, rows):
    at = np.array(rows, np.intp)
    np.testing.assert_array_equal(kept.states[at], WHOLE.states[at])


@given(st.integers(0, COUNT), st.integers(0, COUNT), EDGES, EDGES)
def test_readings_changed_in_one_place_are_as_kept_elsewhere(kept, a, b, first, stop):
    part = np.full((max(b - a, 0), STATES), 7, np.float32)
    changed = replaced(kept.states, a, part)
    np.testing.assert_array_equal(changed[first:stop], replaced(WHOLE.states, a, part)[first:stop])
    np.testing.assert_array_equal(np.asarray(kept.states), WHOLE.states)


def test_a_kept_reading_is_the_file_that_safetensors_would_write(tmp_path):
    """So projects of before are read as they are, and those before read ours."""
    write_readings(tmp_path / "k.safetensors", WHOLE)
    arrays = {n: getattr(WHOLE, n) for n in ("mel", "loudness", "speech", "closure", *LONG[1:])}
    theirs = save(arrays, metadata={"facts": '"18018/5"'})
    assert (tmp_path / "k.safetensors").read_bytes() == theirs
    np.testing.assert_array_equal(load_file(tmp_path / "k.safetensors")["mel"], WHOLE.mel)
    store = Store(tmp_path / "older")
    store.hearing("k", lambda: WHOLE)
    np.testing.assert_array_equal(np.asarray(store.long_hearing("k", never).mel), WHOLE.mel)


@pytest.mark.parametrize("minutes", [1, 20, 100])
def test_what_a_shot_holds_of_a_dub_does_not_grow_with_it(minutes):
    read = []

    def rows(first, stop):
        read.append(stop - first)
        return np.zeros((stop - first, STATES), np.float32)

    states = LongRows((minutes * 60 * READING_RATE, STATES), rows)
    for at in range(1000, 1200, 7):
        assert len(states[at : at + 300]) == 300
    assert sum(read) <= 2 * (500 + 2 * BESIDE)
    assert len(states._held[1]) <= 500 + 2 * BESIDE


def test_what_is_read_of_a_whole_dub_is_not_held():
    states = LongRows((2 * HELD, 2), lambda first, stop: np.zeros((stop - first, 2), np.float32))
    assert len(np.asarray(states)) == 2 * HELD
    assert len(states._held[1]) == 0


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xff" * 100])
def test_damaged_readings_are_heard_again(tmp_path, damage, caplog):
    store = Store(tmp_path)
    store.long_hearing("k", lambda: WHOLE)
    (tmp_path / ".dubsync/hearings/k.safetensors").write_bytes(damage)
    np.testing.assert_array_equal(store.long_hearing("k", lambda: WHOLE).states[5:9],
                                  WHOLE.states[5:9])  # fmt: skip
    assert "made again" in caplog.text


@pytest.mark.parametrize("fault", ["gone", "cut short", "not finite", "no probabilities"])
def test_readings_that_spoil_while_they_are_used_are_heard_again(tmp_path, fault, caplog):
    store, path = Store(tmp_path), tmp_path / ".dubsync/hearings/k.safetensors"
    found = store.long_hearing("k", lambda: WHOLE)
    if fault == "gone":  # by `dubsync clean`
        path.unlink()
    elif fault == "cut short":
        path.write_bytes(path.read_bytes()[:-1000])
    else:
        data, value = bytearray(path.read_bytes()), b"\xff" * 4 if fault == "not finite" else b"\0"
        at = data.index(np.asarray(WHOLE.phones)[20].tobytes())
        data[at : at + 40] = (value * 40)[:40]
        path.write_bytes(data)
    np.testing.assert_array_equal(found.phones[10:40], WHOLE.phones[10:40])
    assert "made again" in caplog.text


def test_readings_that_the_disk_refuses_are_held_as_they_were_made(tmp_path):
    (tmp_path / ".dubsync").write_text("no folder")
    assert Store(tmp_path).long_hearing("k", lambda: WHOLE) is WHOLE


def test_long_rows_are_not_read_in_ways_that_hold_all_of_them(kept):
    for key in (slice(0, 9, 2), np.zeros(COUNT, bool), np.array([COUNT])):
        with pytest.raises((TypeError, IndexError)):
            kept.mel[key]
