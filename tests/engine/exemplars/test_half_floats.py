"""Exemplars are rounded to float16 and read back exactly as NumPy does it."""

import numpy as np

from dubsync.engine.exemplars.half_floats import to_half, to_single


def test_every_float16_is_read_as_numpy_reads_it():
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    halves = halves[~np.isnan(halves)]

    assert np.array_equal(to_single(halves).view(np.uint32), halves.astype(np.float32).view("u4"))


def test_any_float_is_rounded_to_float16_as_numpy_rounds_it():
    rng = np.random.default_rng(5)
    values = rng.integers(0, 1 << 32, 300_000, np.uint64).astype(np.uint32).view(np.float32)
    known = np.sort(rng.random(10_000).astype(np.float16)).astype(np.float32)
    values = np.concatenate([values[~np.isnan(values)], (known[1:] + known[:-1]) / 2])

    with np.errstate(over="ignore"):
        assert np.array_equal(to_half(values).view(np.uint16), values.astype(np.float16).view("u2"))


def test_a_picture_that_may_not_be_written_is_read_too():
    halves = np.ones((3, 4), np.float16)
    halves.flags.writeable = False

    assert np.array_equal(to_single(halves), np.ones((3, 4), np.float32))
