"""A field is seen as a whole picture: with the detail of the fields beside it, where that fits."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.picture import FieldName, Frame, PictureFormat, Region
from dubsync.media.pixels.deinterlace import deinterlaced
from dubsync.media.pixels.fields import field_of
from dubsync.media.pixels.square import squared

HIGH, WIDE = 128, 160
FORM = PictureFormat(WIDE, HIGH, "yuv", 8, chroma=(1, 1), fields="top")
_NOISE = np.random.default_rng(4).normal(size=(HIGH + 64, WIDE + 64)).astype(np.float32)
#: Detail down to about two lines, as of skin in focus.
SKIN = 128 + 70 * cv2.GaussianBlur(_NOISE, (0, 0), 1.0)
OTHER: dict[FieldName, FieldName] = {"top": "bottom", "bottom": "top"}


def shown(x: float, y: float, grain: int = 0, bits: int = 8) -> Frame:
    """The skin, moved by so many pixels; `grain`: the seed of its noise, 0 for none."""
    move = np.array([[1, 0, 32 + x], [0, 1, 32 + y]], np.float32)
    luma = cv2.warpAffine(SKIN, move, (WIDE, HIGH), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    if grain:
        luma = luma + np.random.default_rng(grain).normal(size=luma.shape)
    scale = ((1 << bits) - 1) / 255
    kind = np.uint8 if bits == 8 else np.uint16
    chroma = np.full((HIGH // 2, WIDE // 2), 128 * (1 << (bits - 8)), kind)
    planes = (np.clip(luma * scale, 0, 255 * scale).astype(kind), chroma, chroma)
    return Frame(0, planes, replace(FORM, bits=bits))


def error(made: Frame, truth: Frame, name: FieldName) -> float:
    """Root mean square of the lines between a field's own, inside the picture."""
    lines = slice(9 if name == "top" else 8, -8, 2)
    apart = made.planes[0][lines, 8:-8].astype(float) - truth.planes[0][lines, 8:-8]
    return float(np.sqrt(np.square(apart).mean()))


@pytest.mark.parametrize("name", ["top", "bottom"])
@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (0.6, 0.2), (3.3, -0.3), (-9.0, 0.1)])
@pytest.mark.parametrize("bits", [8, 10])
def test_detail_comes_from_the_fields_beside_as_the_picture_moves(
    name: FieldName, x: float, y: float, bits: int
) -> None:
    before, now, after = (shown(x * t, y * t, 3 + t, bits) for t in (-1, 0, 1))
    field = field_of(now, name, 7)
    made = deinterlaced(field, field_of(before, OTHER[name]), field_of(after, OTHER[name]))
    assert made.number == 7 and made.format == replace(now.format, fields="")
    first = 0 if name == "top" else 1
    assert np.array_equal(made.planes[0][first::2], field.planes[0])
    assert error(made, now, name) < 0.7 * error(squared(field), now, name)


def test_nothing_comes_from_another_picture() -> None:
    """A cut, or lips that move too fast: the lines are interpolated, and nothing combs."""
    now, away = shown(0, 0), shown(31, 17)
    field = field_of(now, "top")
    made = deinterlaced(field, field_of(away, "bottom"), field_of(away, "bottom"))
    assert error(made, now, "top") < 1.1 * error(squared(field), now, "top")
    half = deinterlaced(field, field_of(away, "bottom"), field_of(now, "bottom"))
    assert error(half, now, "top") < 0.7 * error(squared(field), now, "top")


def test_without_fields_beside_lines_are_interpolated() -> None:
    field = field_of(shown(0, 0), "bottom")
    made = deinterlaced(field, None, None)
    assert np.array_equal(made.planes[0], squared(field).planes[0])


def test_chroma_lies_where_it_does_in_frames() -> None:
    rows = np.broadcast_to(np.linspace(40, 220, HIGH // 2)[:, None], (HIGH // 2, WIDE // 2))
    now = shown(0, 0)
    frame = Frame(0, (now.planes[0], *(np.rint(rows).astype(np.uint8),) * 2), FORM)
    for name in ("top", "bottom"):
        made = deinterlaced(field_of(frame, name), field_of(frame, OTHER[name]), None)
        assert np.abs(made.planes[1][4:-4].astype(float) - frame.planes[1][4:-4]).max() <= 1


@settings(max_examples=25)
@given(
    st.sampled_from(["top", "bottom"]),
    st.integers(-40, WIDE), st.integers(-40, HIGH), st.integers(0, 120), st.integers(0, 120),
)  # fmt: skip
def test_a_part_alone_gets_the_detail_and_nothing_breaks_at_its_edge(
    name: FieldName, left: int, top: int, width: int, height: int
) -> None:
    before, now, after = (shown(2.3 * t, 0.2 * t, 3 + t) for t in (-1, 0, 1))
    field = field_of(now, name)
    beside = field_of(before, OTHER[name]), field_of(after, OTHER[name])
    part = Region(left, top, left + width, top + height)
    made = deinterlaced(field, *beside, part).planes[0].astype(int)
    plain = squared(field).planes[0].astype(int)
    inside = np.zeros((HIGH, WIDE), bool)
    inside[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = True
    assert np.array_equal(made[~inside], plain[~inside])
    first = 0 if name == "top" else 1
    assert np.array_equal(made[first::2], field.planes[0])
    full = deinterlaced(field, *beside).planes[0].astype(int)
    if inside.sum() > 2000:  # motion is found anew in the part, so not by the same bits
        truth = now.planes[0].astype(int)[inside]
        partly, wholly = (np.sqrt(np.square(x[inside] - truth).mean()) for x in (made, full))
        assert partly < 1.15 * wholly + 0.3
