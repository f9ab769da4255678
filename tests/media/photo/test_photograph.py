"""A photograph is read upright and in its right colours, or refused with a sentence that helps."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dubsync.core.errors import MediaError, MissingMedia
from dubsync.media.photo.photograph import read_photograph
from dubsync.media.photo.srgb import deep_to_srgb

IN_FOLDER = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def quadrants(width: int = 40, height: int = 24) -> np.ndarray:
    """A picture whose corners differ: red, green / blue, white."""
    result = np.zeros((height, width, 3), np.uint8)
    result[: height // 2, : width // 2, 0] = 200
    result[: height // 2, width // 2 :, 1] = 200
    result[height // 2 :, : width // 2, 2] = 200
    result[height // 2 :, width // 2 :] = 200
    return result


def corners(rgb: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(np.rint(rgb[y, x] * 255).astype(int)) for y in (2, -3) for x in (2, -3)]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".jpg", ".avif", ".bmp", ".gif"])
def test_every_kind_is_read_whatever_it_is_called(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    extra = {"lossless": True} if suffix == ".webp" else {}
    Image.fromarray(quadrants()).save(path, **extra)
    path = path.rename(tmp_path / "portrait.dat")
    photo = read_photograph(path)
    assert photo.rgb.shape == (24, 40, 3) and photo.alpha is None and not photo.notes
    wanted = np.array([(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 200)])
    # Chroma of JPEG and AVIF is coded at half the size, far from the quadrants' edges.
    assert np.abs(np.array(corners(photo.rgb)) - wanted).max() <= 6


@pytest.mark.parametrize("tag", range(1, 9))
def test_a_photograph_stands_upright_however_the_camera_was_held(tmp_path: Path, tag: int) -> None:
    back = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270}[tag]  # fmt: skip
    image = Image.fromarray(quadrants())
    stored = image if back is None else image.transpose(back)
    exif = Image.Exif()
    exif[0x0112] = tag
    stored.save(tmp_path / "a.png", exif=exif)
    photo = read_photograph(tmp_path / "a.png")
    assert np.array_equal(np.rint(photo.rgb * 255).astype(np.uint8), quadrants())
    assert photo.stored == (40, 24)


@IN_FOLDER
@given(st.integers(0, 65535))
def test_sixteen_bits_keep_their_steps(tmp_path: Path, value: int) -> None:
    samples = np.full((6, 8, 3), value, np.uint16)
    samples[:, :, 0] = min(value + 1, 65535)
    cv2.imwrite(str(tmp_path / "a.png"), samples[..., ::-1])
    photo = read_photograph(tmp_path / "a.png")
    assert np.array_equal(np.rint(photo.rgb * 65535).astype(int), samples)


def test_sixteen_bit_tiff_and_grey_are_read(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 48).astype(np.uint16).reshape(6, 8)
    for name, samples in (("g.png", ramp), ("c.tif", np.repeat(ramp[..., None], 3, 2))):
        cv2.imwrite(str(tmp_path / name), samples)
        photo = read_photograph(tmp_path / name)
        assert np.abs(photo.rgb * 65535 - ramp[..., None]).max() < 0.01


def test_grey_and_palette_pictures_get_three_colours(tmp_path: Path) -> None:
    image = Image.fromarray(quadrants())
    image.convert("L").save(tmp_path / "g.png")
    grey = read_photograph(tmp_path / "g.png").rgb
    assert np.ptp(grey, axis=2).max() == 0 and grey.max() > 0.7
    image.quantize(16).save(tmp_path / "p.png")
    assert corners(read_photograph(tmp_path / "p.png").rgb)[0] == (200, 0, 0)


def test_cmyk_without_a_profile_is_read_and_said_to_be_only_about_right(tmp_path: Path) -> None:
    Image.fromarray(quadrants()).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    photo = read_photograph(tmp_path / "a.jpg")
    red = corners(photo.rgb)[0]
    assert red[0] > 150 > 90 > red[1] and "CMYK" in photo.notes[0]


def swapped() -> bytes:
    """A profile in which red is green and green is red."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"_XYZ").replace(b"gXYZ", b"rXYZ").replace(b"_XYZ", b"gXYZ")


def test_a_profile_counts_with_eight_bits_and_with_sixteen(tmp_path: Path) -> None:
    Image.fromarray(quadrants()).save(tmp_path / "a.png", icc_profile=swapped())
    photo = read_photograph(tmp_path / "a.png")
    wanted = np.array([(0, 200, 0), (200, 0, 0), (0, 0, 200), (200, 200, 200)])
    assert np.abs(np.array(corners(photo.rgb)) - wanted).max() <= 2 and not photo.notes
    deep, _ = deep_to_srgb(quadrants().astype(np.uint16) * 257, swapped())
    assert np.abs(np.array(corners(deep)) - wanted).max() <= 2


def test_a_damaged_profile_is_said_and_left_out(tmp_path: Path) -> None:
    image = Image.fromarray(quadrants())
    image.save(tmp_path / "a.png", icc_profile=b"not a profile" * 20)
    photo = read_photograph(tmp_path / "a.png")
    assert corners(photo.rgb)[0] == (200, 0, 0) and "damaged" in photo.notes[0]
    grey = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image.save(tmp_path / "b.png", icc_profile=grey)
    assert "not of its RGB samples" in read_photograph(tmp_path / "b.png").notes[0]


def test_sixteen_bits_go_through_the_same_profile_as_eight() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rng = np.random.default_rng(4)
    samples = rng.integers(0, 65536, (9, 11, 3)).astype(np.uint16)
    shown, said = deep_to_srgb(samples, srgb)
    assert said == "" and np.abs(shown * 255 - samples / 257).max() < 1.0


def test_transparency_is_kept_beside_the_colours(tmp_path: Path) -> None:
    rgba = np.dstack([quadrants(), np.full((24, 40), 255, np.uint8)])
    Image.fromarray(rgba).save(tmp_path / "whole.png")
    assert read_photograph(tmp_path / "whole.png").alpha is None
    rgba[:, :20, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "cut.png")
    photo = read_photograph(tmp_path / "cut.png")
    assert photo.alpha is not None and photo.alpha[2, 2] == 0 and photo.alpha[2, -3] == 1
    assert np.allclose(photo.over(0.5)[2, 2], 0.5) and corners(photo.over(0.5))[1] == (0, 200, 0)


def test_a_large_photograph_is_made_smaller_and_that_is_said(tmp_path: Path) -> None:
    Image.fromarray(np.full((3000, 6000, 3), 90, np.uint8)).save(tmp_path / "a.jpg")
    photo = read_photograph(tmp_path / "a.jpg", longest=600)
    assert photo.rgb.shape == (300, 600, 3) and photo.stored == (6000, 3000) and photo.reduced
    assert "6000 x 3000 is made smaller" in photo.notes[0]


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_an_animation_is_refused_because_nobody_knows_which_picture_is_meant(
    tmp_path: Path, suffix: str
) -> None:
    pages = [Image.fromarray(np.roll(quadrants(), n, 1)) for n in (0, 9)]
    pages[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=pages[1:])
    with pytest.raises(MediaError, match="holds 2 pictures") as refused:
        read_photograph(tmp_path / f"a{suffix}")
    assert "the one picture that is meant" in refused.value.hint


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that states a size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))  # fmt: skip


@pytest.mark.parametrize("size", [(60000, 60000), (14000, 12500), (2**31 - 1, 2**31 - 1)])
def test_a_file_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    (tmp_path / "a.png").write_bytes(bomb(*size))
    with pytest.raises(MediaError, match="too large|damaged|no photograph"):
        read_photograph(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        (b"\0\0\0\x18ftypheic", "HEIC, which is not read"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"hello, this is text", "no photograph"),
        (b"", "is empty"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, begin: bytes, said: str) -> None:
    (tmp_path / "a.jpg").write_bytes(begin + bytes(40 if begin else 0))
    with pytest.raises(MediaError, match=said) as refused:
        read_photograph(tmp_path / "a.jpg")
    assert refused.value.hint


def test_no_file_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.jpg", tmp_path):
        with pytest.raises(MissingMedia):
            read_photograph(path)


def saved(kind: str) -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(quadrants()).save(file, kind, exif=exif, icc_profile=icc)
    return file.getvalue()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["JPEG", "PNG", "TIFF", "WEBP", "AVIF"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    st.floats(0.02, 1),
)
def test_a_damaged_file_gives_a_picture_or_a_sentence(
    tmp_path: Path, kind: str, changes: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(saved(kind))
    for at, value in changes:
        data[min(int(at * len(data)), len(data) - 1)] = value
    (tmp_path / "a").write_bytes(data[: max(1, int(kept * len(data)))])
    try:
        photo = read_photograph(tmp_path / "a")
    except MediaError as refused:
        assert str(tmp_path / "a") in str(refused)
    else:
        assert np.isfinite(photo.rgb).all()
        assert photo.rgb.min() >= 0 and photo.rgb.max() <= 1
