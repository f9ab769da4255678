"""The movie that plays anywhere: H.264 High, 8 bits, 4:2:0, AAC, and what differs is said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.errors import DeliveryError
from dubsync.media.movie.playable import write_playable
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from tests.media.written_plates import clicks, read_all, write_plate

SIZES = [((64, 48), ()), ((63, 48), ("column",)), ((63, 47), ("column", "row"))]


@pytest.mark.parametrize(("size", "lost"), SIZES)
@pytest.mark.parametrize(
    "pixel", ["yuv420p", "yuv422p10le", "yuv444p12le", "gray", "gbrp10le", "bgr0"]
)
def test_every_master_becomes_a_movie_that_plays(
    pixel: str, size: tuple[int, int], lost: tuple[str, ...], tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "m.mkv", pixel, n_frames=5, size=size)
    notes = write_playable(tmp_path / "m.mkv", tmp_path / "m.mp4")
    with av.open(str(tmp_path / "m.mp4")) as movie:
        context = movie.streams.video[0].codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.width, context.height) == (size[0] // 2 * 2, size[1] // 2 * 2)
    made = probe_plate(tmp_path / "m.mp4")
    assert (len(made.frames), made.frames.rate) == (5, plate.frames.rate)
    said = " ".join(notes)
    assert all(f"last {side}" in said for side in lost) and ("last" in said) == bool(lost)
    assert ("reduced to 8" in said) == (plate.format.bits > 8)


@pytest.mark.parametrize("pixel", ["yuv422p", "yuv422p10le", "bgr0"])
def test_the_colours_of_two_fields_are_not_mixed(pixel: str, tmp_path: Path) -> None:
    """One field is green, the other is skin: a player that shows fields shows each as it is."""

    def two_fields(pixel: str, width: int, height: int, n: int) -> av.VideoFrame:
        both = np.empty((height, width, 3), np.uint8)
        both[::2], both[1::2] = (40, 160, 60), (210, 150, 120)
        return av.VideoFrame.from_ndarray(both, format="rgb24").reformat(format=pixel)

    master = write_plate(tmp_path / "m.mkv", pixel, n_frames=2, size=(64, 48), rate=Fraction(25),
                         flagged="top", picture=two_fields)  # fmt: skip
    write_playable(tmp_path / "m.mkv", tmp_path / "m.mp4")
    with av.open(str(tmp_path / "m.mp4")) as movie:
        frame = next(movie.decode(video=0))
        assert frame.interlaced_frame and master.reading.flagged == "top"
        red = np.frombuffer(frame.planes[2], np.uint8).reshape(-1, frame.planes[2].line_size)
    fields = red[::2, 4:28].mean(), red[1::2, 4:28].mean()
    assert fields[1] - fields[0] > 35


@pytest.mark.parametrize("pixel", ["yuv420p", "yuv444p", "bgr0", "yuv422p10le"])
@pytest.mark.parametrize("tags", [{}, {"colorspace": 1, "color_primaries": 1, "color_trc": 1}])
def test_colours_are_the_masters(pixel: str, tags: dict[str, int], tmp_path: Path) -> None:
    """Half green, half skin: no shift of range or matrix, whatever the master states."""
    path = tmp_path / "m.mkv"
    colours = np.zeros((48, 64, 3), np.uint8)
    colours[:, :32], colours[:, 32:] = (40, 160, 60), (210, 150, 120)
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel
        for key, value in (tags if pixel != "bgr0" else {}).items():
            setattr(stream.codec_context, key, value)
        matrix = "ITU709" if tags and pixel != "bgr0" else "ITU601"
        for n in range(3):
            frame = av.VideoFrame.from_ndarray(colours, format="rgb24")
            frame = frame.reformat(format=pixel, dst_colorspace=matrix)
            frame.pts, frame.time_base = n, Fraction(1, 25)
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    from dubsync.media.stills.encode import rgb8

    write_playable(path, tmp_path / "m.mp4")
    for side in (slice(4, 28), slice(36, 60)):
        before, after = (rgb8(read_all(p)[1])[8:40, side].mean(axis=(0, 1))
                         for p in (path, tmp_path / "m.mp4"))  # fmt: skip
        assert np.abs(before - after).max() < 4, (before, after)


@pytest.mark.parametrize("channels", ["5.1", "7.1", "octagonal", "hexadecagonal"])
def test_many_channels_become_stereo_and_pixel_aspect_stays(channels: str, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "m.mov"), "w") as movie:
        stream = movie.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(64, 45)
        voice = movie.add_stream("pcm_s16le", rate=48000, layout=channels)
        for n in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 128, np.uint8), "yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
        many = len(av.AudioLayout(channels).channels)
        samples = np.full((1, 9600 * many), 8000, np.int16)
        sound = av.AudioFrame.from_ndarray(samples, "s16", channels)
        sound.sample_rate, sound.pts = 48000, 0
        movie.mux(voice.encode(sound))
        movie.mux(voice.encode(None))
    (note,) = write_playable(tmp_path / "m.mov", tmp_path / "m.mp4")
    assert note == f"{many} channels of sound mixed to stereo"
    assert probe_plate(tmp_path / "m.mp4").format.pixel_aspect == Fraction(64, 45)
    heard = read_sound(tmp_path / "m.mp4", rate=48000).samples
    assert np.abs(heard[2000:8000]).mean() > 0.1


def test_sound_stays_on_its_frame_and_nothing_is_overwritten(tmp_path: Path) -> None:
    rate = Fraction(25)
    plate = write_plate(tmp_path / "m.mov", "yuv420p", n_frames=50, rate=rate, codec="libx264",
                        sound=clicks(96000, [31 * 1920]))  # fmt: skip
    write_playable(Path(plate.path), tmp_path / "m.mp4")
    heard = read_sound(tmp_path / "m.mp4", rate=48000)
    assert abs(int(np.argmax(np.abs(heard.samples) > 0.2)) - 31 * 1920) < 48
    assert abs(len(heard.samples) - 96000) < 2100
    with pytest.raises(DeliveryError, match="exists"):
        write_playable(Path(plate.path), tmp_path / "m.mp4")


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_tone_mapped_and_said(transfer: int, tmp_path: Path) -> None:
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": transfer, "color_range": 1}
    with av.open(str(tmp_path / "m.mkv"), "w") as movie:
        stream = movie.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p10le"
        for key, value in tags.items():
            setattr(stream.codec_context, key, value)
        frame = av.VideoFrame(64, 48, "yuv420p10le")
        for n, plane in enumerate(frame.planes):
            grey = 512 if n else np.repeat(np.linspace(64, 940, plane.line_size // 2)[None],
                                           plane.height, axis=0)  # fmt: skip
            np.frombuffer(plane, "<u2").reshape(plane.height, -1)[:] = grey
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    notes = write_playable(tmp_path / "m.mkv", tmp_path / "m.mp4")
    assert any("HDR tone-mapped" in note for note in notes)
    made = probe_plate(tmp_path / "m.mp4").format
    assert (made.primaries, made.transfer, made.matrix) == ("1", "1", "bt709")
    ramp = read_all(tmp_path / "m.mp4")[0].planes[0].mean(axis=0)
    assert (np.diff(ramp) > -1.5).all() and ramp[0] < 20 and ramp[-1] > 225
    white = {16: 0.58, 18: 0.75}[transfer]  # the signal of reference white: BT.2408 table 1
    assert 185 < ramp[int(white * 64)] < 235
