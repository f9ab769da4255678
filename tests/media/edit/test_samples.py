"""A master's samples reach a codec at full depth, with chroma filtered and not dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.edit.codec import edit_codec
from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.edit.chroma import resampled
from dubsync.media.edit.samples import conversion, edit_format

FORM = PictureFormat(32, 24, "yuv", 10, chroma=(1, 0), storage="yuv422p10le", primaries="1")


def noise(form: PictureFormat) -> Frame:
    rng = np.random.default_rng(5)
    kind = np.uint16 if form.bits > 8 else np.uint8
    planes = 4 if "a" in form.storage else 3
    made = [
        rng.integers(0, 1 << form.bits, form.plane_shape(n)).astype(kind) for n in range(planes)
    ]
    return Frame(0, tuple(made), form)


def made(form: PictureFormat, codec: str, frame: Frame):
    target = edit_format(form, edit_codec(codec))
    return target, conversion(form, target)(frame)


def test_samples_of_the_codecs_own_format_are_handed_on():
    frame = noise(FORM)
    target, planes = made(FORM, "prores422hq", frame)
    assert target == replace(FORM, full_range=False)
    assert all(a is b for a, b in zip(planes, frame.planes, strict=True))


def test_8_bits_become_10_by_a_shift_and_12_are_rounded():
    eight = replace(FORM, bits=8, storage="yuv422p")
    frame = noise(eight)
    _, planes = made(eight, "dnxhr_hqx", frame)
    assert all((a == b.astype(np.uint16) * 4).all()
               for a, b in zip(planes, frame.planes, strict=True))  # fmt: skip
    twelve = replace(FORM, bits=12, storage="yuv422p12le")
    frame = noise(twelve)
    _, planes = made(twelve, "dnxhr_hqx", frame)
    for plane, old in zip(planes, frame.planes, strict=True):
        assert (np.abs(plane.astype(float) - np.minimum(old / 4, 1023)) <= 0.5).all()


@pytest.mark.parametrize("source", [(0, 0), (1, 0), (1, 1), (2, 0)])
@pytest.mark.parametrize("target", [(0, 0), (1, 0), (1, 1)])
def test_a_slow_change_of_chroma_stays_where_it_is(source, target):
    def at(chroma):
        across, down = chroma
        x = np.arange(64 >> across) * (1 << across)  # sited on the left luma sample
        y = (np.arange(48 >> down) + 0.5) * (1 << down) - 0.5  # and between rows
        return (3 * x[None] + 5 * y[:, None]).astype(np.float32)

    found = resampled(at(source), source, target, (48 >> target[1], 64 >> target[0]))
    inside = np.s_[12:-12, 12:-12] if target == (0, 0) else np.s_[6:-6, 6:-6]
    assert found.shape == at(target).shape
    assert np.abs(found - at(target))[inside].max() < 1e-2


def test_fine_chroma_is_not_folded_into_coarse():
    fine = np.tile(np.float32([100, 900]), (24, 32))  # every second sample: no coarse pattern
    assert np.ptp(resampled(fine, (0, 0), (1, 0), (24, 32))[:, 4:-4]) < 1


def test_a_full_range_master_becomes_video_range():
    full = replace(FORM, full_range=True)
    planes = tuple(np.full(full.plane_shape(n), value, np.uint16)
                   for n, value in enumerate((1023, 512, 512)))  # fmt: skip
    target, found = made(full, "prores422hq", Frame(0, planes, full))
    assert not target.full_range
    assert [int(plane[0, 0]) for plane in found] == [940, 512, 512]


def test_rgb_white_and_grey_become_neutral_chroma():
    rgb = replace(FORM, model="rgb", matrix="rgb", chroma=(0, 0), full_range=True, bits=12,
                  storage="gbrp12le")  # fmt: skip
    planes = tuple(np.full((24, 32), 4095, np.uint16) for _ in range(3))
    target, found = made(rgb, "prores422hq", Frame(0, planes, rgb))
    assert (target.matrix, target.storage) == ("bt709", "yuv422p10le")
    assert [int(plane[0, 0]) for plane in found] == [940, 512, 512]
    wide = edit_format(replace(rgb, primaries="9"), edit_codec("prores4444"))
    assert (wide.matrix, wide.primaries) == ("bt2020", "9")


def test_transparency_is_kept_by_the_codecs_that_have_it():
    form = replace(FORM, chroma=(0, 0), storage="yuva444p10le")
    target, planes = made(form, "prores4444xq", noise(form))
    assert target.storage == "yuva444p10le" and (planes[3] == noise(form).planes[3]).all()
    assert len(made(form, "prores422hq", noise(form))[1]) == 3
