"""ShotWriter preserves every sample, frame number, tag and sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.core.picture import Region
from dubsync.core.settings import DeliverySettings
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import probe_sound, read_sound
from dubsync.media.write import picture_losses
from tests.media.written_plates import (
    FILM,
    NTSC,
    clicks,
    read_all,
    same_samples,
    write_plate,
    write_shot,
)

FORMATS = [
    "yuv420p", "yuv411p", "yuv440p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p12le",
    "yuva444p10le", "yuva420p", "gbrp10le", "gbrap16le", "gray", "gray16le", "bgr0", "bgra",
]  # fmt: skip
SAMPLINGS = [
    "yuv420p", "yuv422p", "yuv440p", "yuv444p", "yuv411p", "yuv420p10le", "yuv422p10le",
    "yuv444p10le", "yuv420p12le", "yuv422p12le", "yuv444p12le", "yuv422p16le", "yuva420p",
    "yuva444p10le", "gray", "gray10le", "gray16le", "bgr0", "gbrp10le", "gbrp12le", "gbrp16le",
    "gbrap16le",
]  # fmt: skip
MOUTH = Region(16, 16, 40, 32)


@pytest.mark.parametrize("pixel", FORMATS)
def test_every_sample_survives_mkv(pixel: str, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", pixel, n_frames=4)
    writer, given = write_shot(tmp_path, plate, None, MOUTH)
    made = read_all(writer.picture)
    assert len(made) == 4
    for composite, frame in zip(given, made, strict=True):
        assert same_samples(composite.frame, frame)
    for composite, frame in zip(given, read_all(writer.matte), strict=True):
        assert np.array_equal(frame.planes[0], composite.matte)


@pytest.mark.parametrize("pixel", ["yuv420p", "yuv422p10le", "yuv444p12le"])
def test_odd_sizes_survive(pixel: str, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", pixel, n_frames=2, size=(853, 479))
    region = Region(400, 200, 853, 479)
    writer, given = write_shot(tmp_path, plate, None, region)
    for composite, frame in zip(given, read_all(writer.picture), strict=True):
        assert same_samples(composite.frame, frame)


@pytest.mark.parametrize("width", [37, 38, 39, 41, 361, 362, 363])
@pytest.mark.parametrize("pixel", ["yuv411p", "yuv410p", "yuv420p"])
def test_no_chroma_is_lost_at_the_edges(pixel: str, width: int, tmp_path: Path) -> None:
    plate = write_plate(
        tmp_path / ("p.mkv" if pixel == "yuv420p" else "p.avi"),
        pixel,
        n_frames=1,
        size=(width, 299),
        codec="ffv1" if pixel == "yuv420p" else "ffvhuff",
    )
    try:
        writer, given = write_shot(tmp_path, plate)
    except MediaError as refused:  # FFmpeg's FFV1 knows no way: then it is said
        assert pixel == "yuv410p" and "without loss" in str(refused)
        return
    assert same_samples(given[0].frame, read_all(writer.picture)[0])


@pytest.mark.parametrize("pixel", ["yuv420p", "yuv422p10le", "yuv420p10le", "gray", "bgr0"])
def test_every_sample_survives_mov(pixel: str, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", pixel, n_frames=30)
    writer, given = write_shot(tmp_path, plate, None, MOUTH, container="mov")
    assert writer.picture.suffix == writer.matte.suffix == ".mov"
    for composite, frame in zip(given, read_all(writer.picture), strict=True):
        assert same_samples(composite.frame, frame)
    for composite, frame in zip(given, read_all(writer.matte), strict=True):
        assert np.array_equal(frame.planes[0], composite.matte)


@pytest.mark.parametrize("pixel", ["gbrap16le", "bgra"])
def test_mov_refuses_unsupported_formats_and_leaves_no_file(pixel: str, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", pixel, n_frames=2)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(MediaError) as refused:
        write_shot(folder, plate, container="mov")
    assert "mkv" in refused.value.hint
    assert not list(folder.iterdir())
    with pytest.raises(MediaError):  # and before any work
        picture_losses(plate, DeliverySettings(container="mov"))


@pytest.mark.parametrize("size", [(64, 48), (63, 48), (64, 47), (63, 47)])
@pytest.mark.parametrize("container", ["mkv", "mov"])
def test_every_container_takes_every_size_or_says_so_before_any_work(
    container: str, size: tuple[int, int], tmp_path: Path
) -> None:
    """What FFV1 takes: every sampling, 8 to 16 bits, with and without alpha."""
    for n, pixel in enumerate(SAMPLINGS):
        plate = write_plate(tmp_path / f"p{n}.mkv", pixel, n_frames=1, size=size)
        folder = tmp_path / f"out{n}"
        folder.mkdir()
        if container == "mov" and pixel.startswith(("gbrap", "gbrp16")):
            with pytest.raises(MediaError, match="cannot hold"):
                picture_losses(plate, DeliverySettings(container="mov"))
            continue
        picture_losses(plate, DeliverySettings(container=container))  # type: ignore[arg-type]
        writer, given = write_shot(folder, plate, None, None, container=container)
        assert same_samples(given[0].frame, read_all(writer.picture)[0]), (pixel, size)
        assert np.array_equal(read_all(writer.matte)[0].planes[0], given[0].matte)


@pytest.mark.parametrize("size", [(63, 48), (64, 47), (63, 47)])
def test_prores_takes_odd_sizes(size: tuple[int, int], tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=2, size=size)
    writer, _ = write_shot(tmp_path, plate, picture="prores422hq")
    made = probe_plate(writer.picture)
    assert (made.format.width, made.format.height) == size and len(made.frames) == 2


@pytest.mark.parametrize("container", ["mkv", "mov"])
@pytest.mark.parametrize("rate", [Fraction(24), FILM, Fraction(25), NTSC, Fraction(60000, 1001)])
def test_rate_count_and_source_timecode_are_the_plates(
    container: str, rate: Fraction, tmp_path: Path
) -> None:
    plate = write_plate(
        tmp_path / "p.mov", "yuv422p", codec="mpeg2video", rate=rate, n_frames=40,
        timecode="10:00:00:00", reel="A001C003",
    )  # fmt: skip
    assert plate.has_timecode and plate.frames.rate == rate
    span = FrameRange(plate.frames.start + 5, plate.frames.start + 38, rate)
    writer, _ = write_shot(tmp_path, plate, span, container=container)
    for path in (writer.picture, writer.matte, writer.layer):
        made = probe_plate(path)
        assert (made.frames, made.has_timecode) == (span, True), path.name
        assert made.reel == "A001C003"


def test_drop_frame_timecode_stays_drop(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", rate=NTSC, timecode="00:59:59;25",
                        n_frames=12)  # fmt: skip
    span = FrameRange(plate.frames.start + 3, plate.frames.start + 9, NTSC)
    for container in ("mkv", "mov"):
        folder = tmp_path / container
        folder.mkdir()
        writer, _ = write_shot(folder, plate, span, container=container)
        made = probe_plate(writer.picture)
        assert made.drop and made.frames == span


@pytest.mark.parametrize("n_frames", [1, 2])
def test_the_shortest_shots_are_complete(n_frames: int, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=6, rate=Fraction(24))
    span = FrameRange(2, 2 + n_frames, plate.frames.rate)
    writer, given = write_shot(tmp_path, plate, span, MOUTH)
    made = read_all(writer.picture)
    assert [same_samples(c.frame, f) for c, f in zip(given, made, strict=True)] == [True] * n_frames


@pytest.mark.parametrize("container", ["mkv", "mov"])
@pytest.mark.parametrize(
    "tags",
    [
        {"colorspace": 1, "color_primaries": 1, "color_trc": 1, "color_range": 1},
        {"colorspace": 9, "color_primaries": 9, "color_trc": 16, "color_range": 1},
        {"colorspace": 6, "color_primaries": 6, "color_trc": 6, "color_range": 2},
        {},
    ],
)
def test_colour_tags_are_in_stream_and_frames(
    container: str, tags: dict[str, int], tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", tags=tags)
    writer, _ = write_shot(tmp_path, plate, container=container)
    made = probe_plate(writer.picture).format
    assert made == plate.format
    with av.open(str(writer.picture)) as movie:
        stream = movie.streams.video[0]
        frame = next(movie.decode(stream))
        for key in ("colorspace", "color_primaries", "color_trc"):
            assert int(getattr(frame, key)) in (tags.get(key, 2), 0) or key == "colorspace"
        if tags:
            assert int(frame.colorspace) == tags["colorspace"]
            assert int(frame.color_range) == tags["color_range"]


@pytest.mark.parametrize("container", ["mkv", "mov"])
@pytest.mark.parametrize("sound_rate", [48000, 44100])
def test_a_click_stays_on_its_frame(container: str, sound_rate: int, tmp_path: Path) -> None:
    n_frames, frame, first = 60, 31, 7
    at = FrameRange(frame, frame + 1, NTSC).samples(sound_rate).start
    whole = FrameRange(0, n_frames, NTSC).samples(sound_rate)
    plate = write_plate(
        tmp_path / "p.mkv", "yuv420p", rate=NTSC, n_frames=n_frames,
        sound=clicks(len(whole), [at]), sound_rate=sound_rate,
    )  # fmt: skip
    span = FrameRange(first, 50, NTSC)
    writer, _ = write_shot(tmp_path, plate, span, container=container, sound=Path(plate.path))
    heard = read_sound(writer.picture, rate=sound_rate)
    place = int(np.argmax(heard.samples > 0.4))
    assert place == at - span.samples(sound_rate).start
    assert probe_sound(writer.picture).n_samples == len(span.samples(sound_rate))
    assert probe_plate(writer.picture).frames == FrameRange(0, len(span), NTSC)


def test_sound_that_ends_early_is_padded_with_silence(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", rate=Fraction(25), n_frames=50,
                        sound=clicks(48000, [100]))  # fmt: skip
    writer, _ = write_shot(tmp_path, plate, sound=Path(plate.path))
    assert probe_sound(writer.picture).n_samples == 96000
    assert not read_sound(writer.picture, first=Fraction(1)).samples.any()


@pytest.mark.parametrize("container", ["mkv", "mov"])
def test_the_dub_starts_with_the_picture_and_no_frame_changes(
    container: str, tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", rate=FILM, n_frames=48,
                        timecode="01:00:00:00")  # fmt: skip
    writer, given = write_shot(tmp_path, plate, None, MOUTH, container=container)
    dub = tmp_path / "dub.wav"
    at = FrameRange(20, 21, FILM).samples(48000).start
    with av.open(str(dub), "w") as wav:
        stream = wav.add_stream("pcm_s16le", rate=48000, layout="mono")
        piece = av.AudioFrame.from_ndarray(clicks(200000, [at])[None], "s16", "mono")
        piece.sample_rate = 48000
        wav.mux(stream.encode(piece))
        wav.mux(stream.encode(None))
    out = tmp_path / f"out.{container}"
    write_movie_with_sound(str(writer.picture), dub, out)
    for composite, frame in zip(given, read_all(out), strict=True):
        assert same_samples(composite.frame, frame)
    heard = read_sound(out, rate=48000)
    assert int(np.argmax(heard.samples > 0.4)) == at
    assert abs(len(heard.samples) - 48 / FILM * 48000) <= 48  # cut with the picture
    assert probe_plate(out).frames == plate.frames


def test_the_layer_has_only_generated_pixels(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=3)
    writer, given = write_shot(tmp_path, plate, None, MOUTH)
    with av.open(str(writer.layer)) as movie:
        assert movie.streams.video[0].codec_context.name == "prores"
        frames = [f.to_ndarray(format="rgba64le") for f in movie.decode(video=0)]
    assert not frames[0][..., 3].any()
    for frame, composite in zip(frames[1:], given[1:], strict=True):
        alpha = frame[..., 3]
        assert not alpha[composite.matte == 0].any()
        assert (alpha[composite.matte == 255] >= 65472).all()
        inside = frame[MOUTH.rows, MOUTH.columns, :3].astype(float) / 65535
        assert abs(inside - 0.5).max() < 0.02
        assert frame[:8, :8, :3].max() < 0.01 * 65535


def test_prores_is_ten_bit_and_close(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "gray", n_frames=3)
    writer, _ = write_shot(tmp_path, plate, picture="prores422hq")
    made = probe_plate(writer.picture)
    assert writer.picture.suffix == ".mov" and made.format.storage == "yuv422p10le"
    assert len(made.frames) == 3
