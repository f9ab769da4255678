"""Pictures made for playing are those of `working_rgb`."""

from __future__ import annotations

import numpy as np
import pytest

from dubsync.core.colour import working_rgb
from dubsync.media.pixels.display import display_rgb
from dubsync.media.pixels.scale import scaled
from tests.media.written_plates import read_all, write_plate


@pytest.mark.parametrize(
    "pixel", ["yuv420p", "yuv422p10le", "yuv444p", "gbrp10le", "gbrp12le", "gray", "yuv420p10le"]
)
def test_display_rgb_is_working_rgb_to_two_levels(tmp_path, pixel):
    path = tmp_path / "a.mkv"
    write_plate(path, pixel, n_frames=1, size=(96, 64))
    for frame in (read_all(path)[0], scaled(read_all(path)[0], 50)):
        wanted = np.rint(np.clip(working_rgb(frame), 0, 1) * 255)
        shown = display_rgb(frame).astype(float)
        assert shown.shape == wanted.shape
        assert np.abs(shown - wanted).max() <= 2
