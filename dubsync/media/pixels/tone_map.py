"""HDR pictures as SDR: for movies that are to be played anywhere, not for masters.

PQ (SMPTE ST 2084) and HLG (ITU-R BT.2100-2) become light in units of HDR reference white
(203 cd/m2, ITU-R BT.2408), highlights are rolled off, and BT.2020 becomes BT.709 (BT.2087).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import PictureFormat
from dubsync.media.pixels.hdr import LUMINANCE, content_light, mastering_display

#: ITU-T H.273 code points of the transfer functions.
PQ, HLG = "16", "18"
_WHITE = 203.0  #: cd/m2
_BRIGHTEST = 1000.0  #: cd/m2, where the file states none, and of a nominal HLG display
_KNEE = 0.75  #: light above this share of white is rolled off
_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)
_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)
_STEPS = 4096


def is_hdr(form: PictureFormat) -> bool:
    """Whether pictures of `form` are PQ or HLG."""
    return form.transfer in (PQ, HLG)


def tone_mapped(rgb: Array, form: PictureFormat) -> Array:
    """R'G'B' (H, W, 3) of an HDR `form` as BT.709 R'G'B' for a display of BT.1886, 0..1."""
    at = np.clip(np.rint(rgb * (_STEPS - 1)), 0, _STEPS - 1).astype(np.intp)
    light = _table(form.transfer)[at]
    if form.transfer == HLG:  # BT.2100-2 table 5: system gamma 1.2 on the scene's luminance
        light = light * np.maximum(light @ _LUMA, 1e-6)[..., None] ** 0.2 * (_BRIGHTEST / _WHITE)
    most = light.max(axis=-1, keepdims=True)
    light = light * (_rolled_off(most, _peak(form)) / np.maximum(most, 1e-6))
    if form.matrix == "bt2020" or form.primaries == "9":
        light = light @ _TO_BT709.T
    return np.asarray(np.clip(light, 0, 1) ** (1 / 2.4), np.float32)


def _peak(form: PictureFormat) -> float:
    """The brightest light to show, in units of white."""
    light, display = content_light(form.content_light), mastering_display(form.mastering_display)
    nits = _BRIGHTEST
    if light is not None and light[0]:
        nits = light[0]
    elif display is not None and display.brightest:
        nits = display.brightest / LUMINANCE
    return max(nits / _WHITE, 1.0)


def _rolled_off(light: Array, peak: float) -> Array:
    """The same up to the knee; above it Reinhard's curve, which reaches 1 at `peak`.

    Source: Reinhard et al. 2002, "Photographic Tone Reproduction for Digital Images", equation 4.
    """
    over = np.maximum(light - _KNEE, 0) / (1 - _KNEE)
    most = max((peak - _KNEE) / (1 - _KNEE), 1e-6)
    rolled = _KNEE + (1 - _KNEE) * over * (1 + over / most**2) / (1 + over)
    return np.asarray(np.where(light > _KNEE, rolled, light), np.float32)


@cache
def _table(transfer: str) -> Array:
    """(4096,) light of each signal value: units of white (PQ), or scene light 0..1 (HLG)."""
    signal = np.linspace(0, 1, _STEPS)
    if transfer == PQ:
        power = signal ** (1 / (2523 / 32))
        ratio = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
        return np.asarray(10000 / _WHITE * ratio ** (16384 / 2610), np.float32)
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    upper = (np.exp((signal - c) / a) + b) / 12
    return np.asarray(np.where(signal <= 0.5, signal**2 / 3, upper), np.float32)
