"""Live pictures in a movie of even rate."""

from fractions import Fraction

import av
import numpy as np
import pytest

from dubsync.core.errors import DeliveryError
from dubsync.media.live.movie_sink import open_movie
from tests.media.written_plates import write_plate

MARK = "synthetic: driven live"


def grey(value):
    return np.full((48, 64, 3), value, np.uint8)


def levels(path):
    with av.open(str(path)) as movie:
        sound = len(movie.streams.audio)
        found = [round(float(f.to_ndarray(format="gray").mean())) for f in movie.decode(video=0)]
        return found, sound, {k.lower(): v for k, v in movie.metadata.items()}["comment"]


def test_where_no_picture_came_the_last_one_is_repeated_and_the_drivers_sound_stays(tmp_path):
    sound = np.zeros(48000, np.int16)
    plate = write_plate(tmp_path / "driver.mov", "yuv420p", codec="libx264", n_frames=12,
                        rate=Fraction(25), sound=sound)  # fmt: skip
    out = tmp_path / "out.mov"
    with open_movie(out, tmp_path / plate.name, Fraction(30), MARK) as sink:
        for number, value in ((2, 50), (3, 100), (7, 200), (11, 20)):
            sink.put(number, grey(value))
        assert not out.exists()
    found, tracks, comment = levels(out)
    assert tracks == 1 and comment == MARK
    changes = [n for n in range(1, 12) if abs(found[n] - found[n - 1]) > 20]
    assert len(found) == 12 and changes == [3, 7, 11]


def test_a_camera_has_no_end_of_its_own(tmp_path):
    out = tmp_path / "out.mkv"
    with open_movie(out, None, Fraction(30), MARK) as sink:
        sink.put(0, grey(80))
        sink.put(4, grey(90))
    assert len(levels(out)[0]) == 5
    assert sink.repeated == 3


def test_nothing_is_left_where_no_picture_came_or_the_run_was_stopped(tmp_path):
    with (
        pytest.raises(DeliveryError, match="no picture came"),
        open_movie(tmp_path / "a.mov", None, Fraction(30), MARK),
    ):
        pass
    with (
        pytest.raises(ZeroDivisionError),
        open_movie(tmp_path / "b.mov", None, Fraction(30), MARK) as sink,
    ):
        sink.put(0, grey(80))
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_a_movie_is_never_written_over_another_nor_under_a_strange_suffix(tmp_path):
    (tmp_path / "a.mov").write_bytes(b"mine")
    for name, words in (("a.mov", "exists"), ("a.avi", "cannot be written as .avi")):
        with (
            pytest.raises(DeliveryError, match=words),
            open_movie(tmp_path / name, None, Fraction(30), MARK),
        ):
            pass
    assert (tmp_path / "a.mov").read_bytes() == b"mine"
