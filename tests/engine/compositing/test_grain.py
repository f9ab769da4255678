"""What is drawn gets the grain that it lacks: as strong, as fine and as coloured as the plate's."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.learning.grain import BANDS
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.compositing.composite import composite
from dubsync.engine.compositing.grain import grained
from dubsync.engine.compositing.grain_measure import LUMA, measure_grain

SIDE, FRAMES = 256, FrameRange(100, 108, Fraction(24))
FORM = PictureFormat(SIDE, SIDE, "rgb", 10, matrix="rgb", full_range=True)


def level(x):
    """The strength of the synthetic grain at a luma."""
    return 0.012 + 0.02 * x * (1 - x)


def scene(n=0):
    """A soft picture from dark to light, with a few shapes that stand still."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    luma = 0.15 + 0.7 * x + 0.05 * np.sin(6 * y)
    return np.repeat(luma[..., None], 3, axis=2).astype(np.float32)


def film(clean, seed, radius=0.6, shared=0.7):
    """`clean` with film grain: softer than a pixel, alike in the three channels."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal((*clean.shape[:2], 4)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), radius)
    noise /= noise.std(axis=(0, 1))
    grain = np.sqrt(shared) * noise[..., 3:] + np.sqrt(1 - shared) * noise[..., :3]
    return clean + level(clean) * grain


def frame(rgb, number):
    kind = np.zeros(1, np.uint16)
    return Frame(number, tuple(stored(v, kind, FORM) for v in plane_values(rgb, FORM)), FORM)


def plates(make):
    return [frame(make(n), n) for n in range(FRAMES.start, FRAMES.stop)]


@pytest.fixture(scope="module")
def filmed():
    """Frames with grain, and the grain measured on them."""
    frames = plates(lambda n: film(scene(), n))
    return frames, measure_grain(zip(frames, frames[1:], strict=False), FRAMES)


def bands(noise):
    """The power of a noise in each of the four bands."""
    power = np.abs(np.fft.fft2(noise)) ** 2
    at = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, noise.shape), indexing="ij"))
    which = np.digitize(at, BANDS[1:-1]).ravel()
    power.ravel()[0] = 0
    return np.bincount(which, power.ravel())


def drawn(plate, rgb, matte=None):
    matte = np.full((SIDE, SIDE), 255, np.uint8) if matte is None else matte
    return plate, Patch(Region(0, 0, SIDE, SIDE), rgb.astype(np.float32), matte)


def test_the_measured_strength_is_that_of_each_level(filmed):
    _, grain = filmed
    for at in (0.25, 0.5, 0.75):
        measured = np.sqrt((grain.at(np.array(at), 103) ** 2 * (grain.axes @ LUMA) ** 2).sum())
        luma = np.sqrt(0.7 + 0.3 * (LUMA**2).sum())
        assert measured == pytest.approx(level(at) * luma, rel=0.06)
    assert np.abs(grain.axes[0]) == pytest.approx(np.full(3, 3**-0.5), abs=0.06)


def test_a_plate_that_stands_still_moves_or_repeats_its_frames_has_none():
    still = plates(lambda n: scene())
    repeated = plates(lambda n: film(scene(), 1))
    texture = cv2.GaussianBlur(np.random.default_rng(3).random((SIDE, 2 * SIDE)), (0, 0), 2)
    texture = (texture - 0.5) * 2 + 0.5
    moving = plates(
        lambda n: np.repeat(texture[:, n - 100 : n - 100 + SIDE, None], 3, 2).astype(np.float32)
    )
    for frames in (still, repeated, moving):
        assert measure_grain(zip(frames, frames[1:], strict=False), FRAMES) is None


def test_smooth_pixels_get_grain_of_the_plate_s_level_and_spectrum(filmed):
    frames, grain = filmed
    made = grained(*drawn(frames[3], scene()), grain, 5)
    ours = ((made.rgb - scene()) / level(scene())) @ LUMA
    theirs = ((working_rgb(frames[3]) - scene()) / level(scene())) @ LUMA
    inner = np.s_[24:-24, 24:-24]
    assert ours[inner].std() == pytest.approx(theirs[inner].std(), rel=0.05)
    apart = 10 * np.log10(bands(ours[inner]) / bands(theirs[inner]))
    assert np.abs(apart).max() < 1.2  # the two are single frames: about .5 dB of it is chance


def test_the_plate_s_own_pixels_stay_as_they_are(filmed):
    frames, grain = filmed
    plate, patch = drawn(frames[2], working_rgb(frames[2]))
    np.testing.assert_allclose(grained(plate, patch, grain, 5).rgb, patch.rgb, atol=1e-6)


def test_grain_is_the_same_at_each_render_and_new_in_each_frame(filmed):
    frames, grain = filmed
    first, again = (grained(*drawn(frames[2], scene()), grain, 5).rgb for _ in range(2))
    np.testing.assert_array_equal(first, again)
    others = [grained(*drawn(frames[3], scene()), grain, 5).rgb,
              grained(*drawn(frames[2], scene()), grain, 6).rgb]  # fmt: skip
    for other in others:
        alike = np.corrcoef((first - scene()).ravel(), (other - scene()).ravel())[0, 1]
        assert abs(alike) < 0.03


def test_a_soft_edge_shows_neither_less_grain_nor_more(filmed):
    frames, grain = filmed
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    soft = np.clip((100 - np.hypot(x, y)) / 60, 0, 1)
    matte = np.rint(255 * soft).astype(np.uint8)
    plate, patch = drawn(frames[4], scene(), matte)
    made = composite(plate, [grained(plate, patch, grain, 5)]).frame
    noise = ((working_rgb(made) - scene()) / level(scene())) @ LUMA
    luma = np.sqrt(0.7 + 0.3 * (LUMA**2).sum())
    for low, high in ((0.15, 0.4), (0.4, 0.7), (0.7, 0.95)):
        ring = (soft > low) & (soft < high)
        assert noise[ring].std() == pytest.approx(luma, rel=0.1)
    for ours, theirs in zip(made.planes, plate.planes, strict=True):
        np.testing.assert_array_equal(ours[matte == 0], theirs[matte == 0])
