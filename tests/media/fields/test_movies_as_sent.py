"""Movies as phones and broadcasters send them: read as they are; where one cannot be, a command.

Case 07 and part 5 of case 12 of ../shared/cases/picture-and-sound.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError, MediaError
from dubsync.core.reading.moments import by_moment
from dubsync.core.reading.true_times import made_at
from dubsync.media.movie.refused import variable_rate
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate

NTSC, FILM = Fraction(30000, 1001), Fraction(24000, 1001)
RATES = [FILM, Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), Fraction(60000, 1001),
         Fraction(60)]  # fmt: skip


def footage(shared: Path, n_frames: int) -> list[np.ndarray]:
    """Luma of consecutive frames of a talking woman, (256, 256) uint8."""
    return _footage(shared)[:n_frames]


@cache
def _footage(shared: Path) -> list[np.ndarray]:
    with av.open(str(shared / "footage" / "katiehill_512_8s.mp4")) as movie:
        frames = islice(movie.decode(video=0), 40, 40 + 75)
        return [frame.to_ndarray(format="gray")[::2, ::2] for frame in frames]


def write(
    path: Path,
    pictures: Iterable[np.ndarray],
    rate: Fraction,
    *,
    at: Iterable[int] | None = None,
    interlaced: bool = False,
) -> Path:
    """A movie of the pictures; `at`: their places, in frames of `rate`."""
    options = {"crf": "12", "preset": "ultrafast", "bf": "0"}
    if interlaced:
        options["x264-params"] = "interlaced=1"
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=rate, options=options)
        for n, (place, picture) in enumerate(
            zip(at, pictures, strict=True) if at is not None else enumerate(pictures)
        ):
            if not n:
                stream.height, stream.width = picture.shape
                stream.pix_fmt, stream.codec_context.time_base = "yuv420p", 1 / rate
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = place, 1 / rate
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    return path


def refusal(path: Path) -> DubsyncError:
    with pytest.raises(MediaError) as refused:
        probe_plate(path)
    return refused.value


def made_by(hint: str, path: Path) -> list[Fraction]:
    """Times in seconds of the frames that the hint's first ffmpeg command writes."""
    filters = re.search(rf"ffmpeg -i {re.escape(path.name)} -vf (\S+) ", hint)
    assert filters, hint
    with av.open(str(path)) as movie:
        stream = movie.streams.video[0]
        graph = av.filter.Graph()
        size = f"{stream.width}x{stream.height}:pix_fmt={stream.pix_fmt}"
        times = f"time_base={stream.time_base}:frame_rate={stream.average_rate}"
        last = graph.add("buffer", f"video_size={size}:{times}")
        for text in filters[1].split(","):
            name, _, arguments = text.partition("=")
            step = graph.add(name, arguments or None)
            last.link_to(step)
            last = step
        sink = graph.add("buffersink")
        last.link_to(sink)
        graph.configure()
        return [frame.pts * frame.time_base for frame in _through(graph, movie.decode(stream))]


def _through(graph: av.filter.Graph, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    for frame in (*frames, None):
        graph.push(frame)
        while True:
            try:
                yield graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break


def spacing(times: list[Fraction]) -> set[float]:
    return {round(float(b - a), 3) for a, b in zip(times, times[1:], strict=False)}


def test_interlaced_footage_is_read_in_fields(shared: Path, tmp_path: Path) -> None:
    fields = footage(shared, 24)
    woven = [_mixed(a, b) for a, b in zip(fields[::2], fields[1::2], strict=True)]
    plate = probe_plate(write(tmp_path / "i25.mp4", woven, Fraction(25), interlaced=True))
    assert plate.format.fields == "top" and not plate.reading.film
    assert (len(plate.frames), plate.frames.rate) == (12, 25)


def test_telecined_footage_is_told_from_interlaced_camera_pictures(
    shared: Path, tmp_path: Path
) -> None:
    film = footage(shared, 40)
    pulled = []
    for n in range(0, 40, 4):  # 2:3 pulldown: A A, B B, B C, C D, D D
        a, b, c, d = film[n : n + 4]
        pulled += [a, b, _mixed(b, c), _mixed(c, d), d]
    plate = probe_plate(write(tmp_path / "tele.mp4", pulled[2:], NTSC, interlaced=True))
    assert plate.format.fields == "top"
    assert plate.reading.film == ((0, 6),)  # a group begins three frames later
    moments = by_moment(plate)
    assert moments.frames.rate == FILM
    with open_square(moments) as reader:
        seen = [
            frame.planes[0]
            for frame in reader.read(range(moments.frames.start + 3, moments.frames.start + 12))
        ]
    for number, picture in enumerate(seen, 4):  # whole again, each once, in order
        apart = [float(np.abs(picture.astype(int) - one).mean()) for one in film]
        assert int(np.argmin(apart)) == number and min(apart) < 0.8 * sorted(apart)[1]


def test_an_interlaced_camera_picture_at_29_97_is_not_called_film(
    shared: Path, tmp_path: Path
) -> None:
    fields = footage(shared, 60)
    woven = [_mixed(a, b) for a, b in zip(fields[::2], fields[1::2], strict=True)]
    plate = probe_plate(write(tmp_path / "i60.mp4", woven, NTSC, interlaced=True))
    assert plate.format.fields == "top" and plate.reading.film == ()


def _mixed(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    return np.where(np.arange(len(upper))[:, None] % 2, lower, upper)


def test_the_recipe_for_a_variable_rate_names_the_rate_frames_are_spaced_by(
    shared: Path, tmp_path: Path
) -> None:
    pictures = [picture[::2, ::2] for picture in footage(shared, 75)]
    kept = [n for n in range(75) if n % 7 != 3]
    path = write(tmp_path / "vfr.mp4", [pictures[n] for n in kept], Fraction(25), at=kept)
    plate = probe_plate(path)  # it needs none: it is read at its frames' true times
    stamps = [round(at * 1000) for at in plate.reading.times]
    remedy = variable_rate(path, stamps, Fraction(1, 1000))
    assert "-vf fps=25 " in remedy.hint
    times = made_by(remedy.hint, path)
    assert len(times) == len(plate.frames) == 75 and spacing(times) == {0.04}


def test_fields_at_a_variable_rate_are_drawn_whole_and_told(shared: Path, tmp_path: Path) -> None:
    pictures = [picture[::2, ::2] for picture in footage(shared, 12)]
    kept = [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 15]
    path = write(tmp_path / "v.mp4", pictures, Fraction(25), at=kept, interlaced=True)
    plate = probe_plate(path)
    assert plate.reading.times and plate.format.fields == ""
    assert "fields cannot be told" in plate.reading.told[-1] and plate.reading.flagged == "top"


def test_frames_that_come_too_soon_to_be_shown_are_counted(tmp_path: Path) -> None:
    grey = [np.full((48, 64), 90, np.uint8)] * 12
    at = [0, 2, 4, 6, 8, 9, 10, 11, 12, 14, 16, 18]  # of 50 fps: a burst among frames at 25
    plate = probe_plate(write(tmp_path / "v.mp4", grey, Fraction(50), at=at))
    assert (len(plate.frames), plate.frames.rate) == (10, 25)
    assert "2 of its frames are never shown" in plate.reading.told[1]


@given(
    rate=st.sampled_from(RATES),
    tick=st.sampled_from([Fraction(1, 90000), Fraction(1, 1000), Fraction(1, 15360)]),
    dropped=st.sets(st.integers(1, 299), max_size=120),
)
def test_the_rate_that_frames_are_made_at_survives_dropped_frames(
    rate: Fraction, tick: Fraction, dropped: set[int]
) -> None:
    pts = [round(n / rate / tick) for n in range(300) if n not in dropped]
    found = made_at(pts, tick)
    # In whole milliseconds 300 frames do not tell 29.97 from 30.
    assert found == rate or (tick == Fraction(1, 1000) and abs(found / rate - 1) < 0.002)


MATRICES = {
    "as stored": (1, 0, 0, 1),
    "turned by 90 degrees clockwise": (0, 1, -1, 0),
    "turned by 180 degrees": (-1, 0, 0, -1),
    "turned by 90 degrees anticlockwise": (0, -1, 1, 0),
    "mirrored left to right": (-1, 0, 0, 1),
    "flipped upside down": (1, 0, 0, -1),
    "mirrored and turned by 90 degrees clockwise": (0, -1, -1, 0),
    "mirrored and turned by 90 degrees anticlockwise": (0, 1, 1, 0),
}


def with_matrix(path: Path, a: float, b: float, c: float, d: float) -> Path:
    """The movie with the display matrix a, b, c, d."""
    write(path, [np.full((48, 64), 90, np.uint8)] * 3, Fraction(25))
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40  # version 0: ISO/IEC 14496-12, 8.3.2
    a, b, c, d = (round(value * (1 << 16)) for value in (a, b, c, d))
    assert struct.unpack_from(">9i", data, matrix)[8] == 1 << 30
    struct.pack_into(">5i", data, matrix, a, b, 0, c, d)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.mov", "a.mp4"])
@pytest.mark.parametrize("way", MATRICES)
def test_every_display_matrix_is_told_apart(way: str, name: str, tmp_path: Path) -> None:
    plate = probe_plate(with_matrix(tmp_path / name, *MATRICES[way]))
    assert str(plate.format.turned) == way and len(plate.frames) == 3
    assert (plate.format.width, plate.format.height) == (64, 48)  # the file's own
    sideways = "90 degrees" in way
    assert plate.format.shown_size == ((48, 64) if sideways else (64, 48))


def test_a_slanted_display_matrix_is_refused(tmp_path: Path) -> None:
    error = refusal(with_matrix(tmp_path / "a.mov", 0.9, 0.7, -0.7, 0.9))
    assert "turned or slanted" in str(error)
    assert "ffmpeg -i a.mov -c:v ffv1 -c:a copy a_upright.mkv" in error.hint


def test_a_display_matrix_that_only_scales_is_no_turn(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mov", [np.full((48, 64), 90, np.uint8)] * 3, Fraction(25))
    data = bytearray(path.read_bytes())
    struct.pack_into(">5i", data, data.index(b"tkhd") + 44, 3 << 15, 0, 0, 0, 3 << 15)
    path.write_bytes(data)
    assert len(probe_plate(path).frames) == 3
