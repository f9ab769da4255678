"""Pixel aspect and HDR10 static metadata are in every file that can hold them."""

from __future__ import annotations

import os
import zlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat, Region
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Plate
from dubsync.media.movie.matroska import RESERVED, add_video_facts
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.probe import probe_plate
from dubsync.media.write import ShotWriter, picture_losses
from tests.media.written_plates import patched, read_all, same_samples, write_plate

HDR10 = {"colorspace": 9, "color_primaries": 9, "color_trc": 16, "color_range": 1}
DISPLAY = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
LIGHT = "1000,400"


def written(
    folder: Path, plate: Plate, *, container: str = "mkv", picture: str = "lossless"
) -> ShotWriter:
    """The plate as a render, its own frames read from a file that states none of its facts."""
    delivery = DeliverySettings(container=container, picture=picture)  # type: ignore[arg-type]
    folder.mkdir()
    with ShotWriter(folder, "s", plate, plate.frames, delivery) as writer:
        for frame in read_all(Path(plate.path)):
            writer.add(patched(frame, Region(8, 8, 16, 16)))
    return writer


@pytest.mark.parametrize(
    "aspect", [Fraction(8, 9), Fraction(64, 45), Fraction(4, 3), Fraction(2), Fraction(101, 97)]
)
def test_pixel_aspect_is_kept_in_render_matte_layer_and_clip(
    aspect: Fraction, tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=6, size=(62, 48))
    sound = tmp_path / "dub.mkv"
    write_plate(sound, "gray", n_frames=2, sound=np.zeros(4800, np.int16))
    wide = replace(plate, format=replace(plate.format, pixel_aspect=aspect))
    for container in ("mkv", "mov"):
        for picture in ("lossless", "prores422hq"):
            made = written(
                tmp_path / f"{container}-{picture}", wide, container=container, picture=picture
            )
            clip = tmp_path / f"{picture}-{container}{made.picture.suffix}"
            write_movie_with_sound(str(made.picture), sound, clip)
            for path in (made.picture, made.matte, made.layer, clip):
                assert probe_plate(path).format.pixel_aspect == aspect, path
                with av.open(str(path)) as movie:  # stated by the stream, not only by its frames
                    assert movie.streams.video[0].sample_aspect_ratio == aspect
                    assert RESERVED not in movie.streams.video[0].metadata.values()


@settings(max_examples=10)
@given(
    aspect=st.fractions(Fraction(1, 3), Fraction(3), max_denominator=200),
    width=st.integers(16, 48),
    height=st.integers(16, 48),
)
def test_any_aspect_at_any_size_comes_back_from_matroska(
    tmp_path_factory: pytest.TempPathFactory, aspect: Fraction, width: int, height: int
) -> None:
    folder = tmp_path_factory.mktemp("aspect")
    plate = write_plate(folder / "p.mkv", "gray", n_frames=1, size=(width, height))
    wide = replace(plate, format=replace(plate.format, pixel_aspect=aspect))
    made = written(folder / "out", wide, container="mkv")
    assert probe_plate(made.picture).format.pixel_aspect == aspect
    assert _checksum_is_right(made.picture)


def _checksum_is_right(path: Path) -> bool:
    """Whether the checksum of the track list is that of its bytes: strict players look."""
    data = path.read_bytes()
    at = data.rindex(b"\x16\x54\xae\x6b") + 4  # the first is its entry in SeekHead
    size = 9 - data[at].bit_length()
    length = int.from_bytes(data[at : at + size]) & ((1 << (7 * size)) - 1)
    body = data[at + size : at + size + length]
    assert body[:2] == b"\xbf\x84"
    return zlib.crc32(body[6:]) == int.from_bytes(body[2:6], "little")


@pytest.mark.parametrize("display, light", [(DISPLAY, LIGHT), (DISPLAY, ""), ("", LIGHT)])
@pytest.mark.parametrize("container", ["mkv", "mov"])
@pytest.mark.parametrize("pixel", ["yuv420p10le", "yuv422p10le", "yuv444p12le"])
def test_hdr10_metadata_is_in_render_and_clip(
    pixel: str, container: str, display: str, light: str, tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", pixel, n_frames=2, tags=HDR10)
    assert (plate.format.mastering_display, plate.format.content_light) == ("", "")
    form = replace(plate.format, mastering_display=display, content_light=light)
    plate = replace(plate, format=form)
    made = written(tmp_path / "out", plate, container=container)
    clip = tmp_path / f"clip.{container}"
    write_movie_with_sound(str(made.picture), None, clip)
    for path in (made.picture, clip):
        assert probe_plate(path).format == plate.format
    assert same_samples(read_all(made.picture)[1], read_all(clip)[1])
    assert picture_losses(plate, DeliverySettings(container=container)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("delivery", [{"picture": "prores422hq"}, {"container": "mov"}])
def test_codecs_without_hdr10_messages_have_it_in_the_movie_and_every_layer_too(
    delivery: dict[str, str], tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p10le", n_frames=1, size=(63, 47), tags=HDR10)
    form = replace(plate.format, mastering_display=DISPLAY, content_light=LIGHT)
    plate = replace(plate, format=form)
    made = written(tmp_path / "out", plate, **delivery)
    for path in (made.picture, made.layer):
        there = probe_plate(path).format
        assert (there.mastering_display, there.content_light) == (DISPLAY, LIGHT)
        assert (there.primaries, there.transfer) == ("9", "16")
    matte = probe_plate(made.matte).format
    assert (matte.mastering_display, matte.transfer) == ("", "")


def test_linear_light_in_prores_is_said(tmp_path: Path) -> None:
    exr = PictureFormat(8, 8, "rgb", 16, floating=True)
    plate = replace(write_plate(tmp_path / "p.mkv", "gray", n_frames=1), format=exr)
    (lost,) = picture_losses(plate, DeliverySettings(picture="prores422hq"))
    assert "sRGB curve" in lost.message and "lossless" in lost.hint


def test_a_movie_of_another_program_is_not_patched(tmp_path: Path) -> None:
    path = tmp_path / "foreign.mkv"
    plate = write_plate(path, "gray", n_frames=1)
    before = path.read_bytes()
    with pytest.raises(MediaError, match="track list"):
        add_video_facts(path, plate.format)
    (tmp_path / "noise.mkv").write_bytes(os.urandom(512))
    with pytest.raises(MediaError, match="track list"):
        add_video_facts(tmp_path / "noise.mkv", plate.format)
    assert path.read_bytes() == before
