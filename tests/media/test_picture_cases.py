"""Cases 03, 04, 07 and 10 of ../shared/cases/picture-and-sound, at the media's level."""

from __future__ import annotations

import re
import shlex
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.plate import open_plate, open_square
from dubsync.media.probe import probe_plate
from dubsync.media.write import ShotWriter, picture_losses
from tests.media.written_plates import patched, read_all, same_samples

Case = Callable[[str], Path]


def rendered(folder: Path, plate: Plate, container: str) -> ShotWriter:
    """Three frames of the plate as a render with a changed square."""
    folder.mkdir()
    span = FrameRange(plate.frames.start, plate.frames.start + 3, plate.frames.rate)
    delivery = DeliverySettings(container=container)  # type: ignore[arg-type]
    assert picture_losses(plate, delivery) == ()
    with ShotWriter(folder, "s", plate, span, delivery) as writer, open_plate(plate) as reader:
        given = [patched(frame, Region(96, 96, 160, 160)) for frame in reader.frames(span)]
        for composite in given:
            writer.add(composite)
    for composite, frame in zip(given, read_all(writer.picture), strict=True):
        assert same_samples(composite.frame, frame)
    return writer


@pytest.mark.parametrize("container", ["mov", "mkv"])
def test_case_03_an_odd_size_goes_to_every_container(
    made_case: Case, container: str, tmp_path: Path
) -> None:
    plate = probe_plate(made_case("03-odd-size-mov") / "odd.webm")
    assert (plate.format.width, plate.format.height) == (405, 509)
    writer = rendered(tmp_path / "out", plate, container)
    assert read_all(writer.matte)[0].planes[0].shape == (509, 405)


def test_case_04_the_pixel_aspect_is_in_render_matte_and_clip(
    made_case: Case, tmp_path: Path
) -> None:
    folder = made_case("04-sar-lost-in-mkv")
    plate = probe_plate(folder / "ntsc.mp4")
    for container in ("mkv", "mov"):
        writer = rendered(tmp_path / container, plate, container)
        clip = tmp_path / f"out.{container}"
        write_movie_with_sound(str(writer.picture), folder / "de.wav", clip)
        for path in (writer.picture, writer.matte, writer.layer, clip):
            with av.open(str(path)) as movie:
                assert movie.streams.video[0].sample_aspect_ratio == Fraction(8, 9), path


def made_by(hint: str, folder: Path, ffmpeg: str) -> Plate:
    """The plate that the hint's first ffmpeg command makes."""
    command = re.search(r"ffmpeg -i [^;(]*\.mkv", hint)
    assert command, hint
    words = shlex.split(command[0])
    made = folder / words[-1]
    made.unlink(missing_ok=True)
    subprocess.run([ffmpeg, "-v", "error", *words[1:]], cwd=folder, check=True)
    return probe_plate(made)


@pytest.mark.parametrize("name", ["i25.mp4", "vfr.mp4"])
def test_case_07_what_needed_a_command_is_a_plate_at_25_fps(made_case: Case, name: str) -> None:
    plate = probe_plate(made_case("07-hints-that-mislead") / name)
    assert plate.frames.rate == 25 and abs(len(plate.frames) - 75) <= 1


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((1, 0, 0, -1), lambda p: p[::-1]),
        ((-1, 0, 0, 1), lambda p: p[:, ::-1]),
        ((-1, 0, 0, -1), lambda p: p[::-1, ::-1]),
        ((0, 1, -1, 0), lambda p: np.rot90(p, -1)),
    ],
)  # fmt: skip
def test_a_turned_picture_is_seen_as_players_show_it(
    matrix: tuple[int, ...], shown: Callable[[np.ndarray], np.ndarray], ffmpeg: str, tmp_path: Path
) -> None:
    picture = np.add.outer(np.arange(0, 96, 2), np.arange(64)).astype(np.uint8) + 40
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=25, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(3):
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    before = read_all(path)[0].planes[0]
    data = bytearray(path.read_bytes())
    a, b, c, d = (value << 16 for value in matrix)
    struct.pack_into(">5i", data, data.index(b"tkhd") + 44, a, b, 0, c, d)
    path.write_bytes(data)
    plate = probe_plate(path)
    with open_square(plate) as reader:
        seen = next(reader.frames(plate.frames)).planes[0]
    assert np.array_equal(seen, shown(before))
    upright = made_by("ffmpeg -i phone.mp4 -c:v ffv1 upright.mkv", tmp_path, ffmpeg)
    assert np.array_equal(read_all(Path(upright.path))[0].planes[0], seen)


@pytest.mark.parametrize("container", ["mov", "mkv"])
def test_case_10_hdr10_metadata_is_in_render_and_clip(
    made_case: Case, container: str, tmp_path: Path
) -> None:
    folder = made_case("10-hdr10-static-metadata")
    plate = probe_plate(folder / "pq.mp4")
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    form = plate.format
    assert (form.mastering_display, form.content_light) == (display, "1000,400")
    assert (form.bits, form.primaries, form.transfer, form.matrix) == (10, "9", "16", "bt2020")
    writer = rendered(tmp_path / "out", plate, container)
    clip = tmp_path / f"out.{container}"
    write_movie_with_sound(str(writer.picture), folder / "de.wav", clip)
    for path in (writer.picture, clip):
        assert replace(probe_plate(path).format, full_range=form.full_range) == form
