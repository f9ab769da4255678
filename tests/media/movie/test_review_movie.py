"""A review movie has all pictures, with its sound in sync."""

from fractions import Fraction

import av
import numpy as np
import pytest

from dubsync.core.errors import DeliveryError, MediaError
from dubsync.core.sound.audio import Sound
from dubsync.media.movie.review import write_review_movie
from dubsync.media.sound.stem import read_sound

RATE = Fraction(24000, 1001)


def grays(n):
    return (np.full((61, 97, 3), 20 + 4 * k, np.uint8) for k in range(n))


def clicks(seconds, *at):
    samples = np.zeros(round(seconds * 48000), np.float32)
    for moment in at:
        samples[round(moment * 48000) :][:96] = 0.8
    return Sound(samples, 48000)


def test_every_picture_is_present_and_a_click_is_on_its_frame(tmp_path):
    out = tmp_path / "r.mp4"
    write_review_movie(out, grays(48), RATE, clicks(3.0, 0.5, 1.5))
    with av.open(str(out)) as movie:
        stream = movie.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (96, 60, RATE)
        frames = list(movie.decode(video=0))
        assert "synthetic" in movie.metadata["comment"]
    assert len(frames) == 48
    levels = [f.to_ndarray(format="rgb24").mean() for f in frames]
    np.testing.assert_allclose(levels, 20 + 4 * np.arange(48), atol=2.5)
    sound = np.abs(read_sound(out, rate=48000).samples)
    loud = np.flatnonzero(sound > 0.3) / 48000
    assert abs(loud[0] - 0.5) < 0.004
    assert abs(loud[loud > 1][0] - 1.5) < 0.004
    assert len(sound) / 48000 == pytest.approx(48 / float(RATE), abs=0.05)


def test_short_sound_is_padded_with_silence(tmp_path):
    write_review_movie(tmp_path / "r.mp4", grays(24), Fraction(24), clicks(0.2, 0.1))
    with av.open(str(tmp_path / "r.mp4")) as movie:
        assert movie.streams.video[0].frames == 24


def test_a_failed_movie_leaves_no_file(tmp_path):
    def breaking():
        yield from grays(3)
        raise MediaError("the plate ends here")

    with pytest.raises(MediaError, match="ends here"):
        write_review_movie(tmp_path / "r.mp4", breaking(), Fraction(24), clicks(1))
    with pytest.raises(MediaError, match="at least one frame"):
        write_review_movie(tmp_path / "r.mp4", iter(()), Fraction(24), clicks(1))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "r.mp4").write_text("mine")
    with pytest.raises(DeliveryError):
        write_review_movie(tmp_path / "r.mp4", grays(3), Fraction(24), clicks(1))
    assert (tmp_path / "r.mp4").read_text() == "mine"
