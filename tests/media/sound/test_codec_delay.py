"""Compressed sound lies to the sample: without its encoder's delay, without its padding.

The encoders are libsndfile's and FFmpeg's; the truth is what was encoded.  `ffmpeg -i` agrees
(compared by hand with FFmpeg 9.0: 25 containers and codecs at five sample rates).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.sound.stem import probe_sound, read_sound
from tests.media.sound_synthesis import Track, lag, voice_like, write_tracks
from tests.media.written_plates import write_plate

RATES = (24000, 32000, 44100, 48000)
Encoder = Callable[[Path, np.ndarray, int], Path]


def _sndfile(suffix: str, form: str, kind: str) -> Encoder:
    def write(folder: Path, samples: np.ndarray, rate: int) -> Path:
        path = folder / f"s.{suffix}"
        soundfile.write(path, samples, rate, kind, format=form)
        return path

    return write


def _ffmpeg(suffix: str, codec: str, **options: str) -> Encoder:
    def write(folder: Path, samples: np.ndarray, rate: int) -> Path:
        return write_tracks(folder / f"f.{suffix}", [Track(samples)], rate=rate, codec=codec,
                            options=options)  # fmt: skip

    return write


def _with_cover(folder: Path, samples: np.ndarray, rate: int) -> Path:
    """An MP3 with a picture in it, as music programs write."""
    import av

    plain = _sndfile("mp3", "MP3", "MPEG_LAYER_III")(folder, samples, rate)
    path = folder / "cover.mp3"
    with av.open(str(plain)) as source, av.open(str(path), "w") as out:
        sound = out.add_stream_from_template(source.streams.audio[0])
        cover = out.add_stream("png", rate=1)
        cover.width = cover.height = 16
        cover.pix_fmt = "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        out.mux(cover.encode(frame))
        out.mux(cover.encode(None))
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = sound
                out.mux(packet)
    return path


#: name -> (encoder, rates it takes, whether it states where the sound ends)
CODECS: dict[str, tuple[Encoder, tuple[int, ...], bool]] = {
    "mp3 of LAME in libsndfile": (_sndfile("mp3", "MP3", "MPEG_LAYER_III"), RATES, True),
    "mp3 of LAME in FFmpeg": (_ffmpeg("mp3", "libmp3lame"), RATES, True),
    "mp3 with cover art": (_with_cover, (44100,), True),
    "aac in .m4a": (_ffmpeg("m4a", "aac"), RATES, True),
    "aac in .mov": (_ffmpeg("mov", "aac"), RATES, True),
    "aac in .mka": (_ffmpeg("mka", "aac"), RATES, False),
    "opus in .opus": (_ffmpeg("opus", "libopus"), (48000,), True),
    "opus of libsndfile": (_sndfile("opus", "OGG", "OPUS"), (24000, 48000), True),
    "opus in .mka": (_ffmpeg("mka", "libopus"), (48000,), True),
    "vorbis": (_sndfile("ogg", "OGG", "VORBIS"), RATES, True),
    "flac": (_sndfile("flac", "FLAC", "PCM_16"), RATES, True),
}
CASES = [(name, rate) for name, (_, rates, _) in CODECS.items() for rate in rates]


def _written(name: str, rate: int, folder: Path) -> tuple[Path, np.ndarray, bool]:
    encode, _, states_end = CODECS[name]
    samples = voice_like(2 * rate + 700, seed=rate)
    return encode(folder, samples, rate), samples[:, 0], states_end


@pytest.mark.parametrize(("name", "rate"), CASES)
def test_the_first_and_the_last_sample_are_those_that_were_encoded(
    name: str, rate: int, tmp_path: Path
) -> None:
    path, samples, states_end = _written(name, rate, tmp_path)
    sound = probe_sound(path)
    heard = read_sound(path, rate=rate).samples
    assert lag(heard, samples) == 0
    assert len(heard) == round(Fraction(sound.n_samples * rate, sound.sample_rate))
    spare = len(heard) - len(samples)
    assert spare == 0 if states_end else 0 <= spare < 2048


@pytest.mark.parametrize("name", ["mp3 of LAME in libsndfile", "aac in .m4a", "opus in .mka",
                                  "vorbis"])  # fmt: skip
def test_a_movie_written_with_it_has_it_to_the_sample(name: str, tmp_path: Path) -> None:
    path, samples, _ = _written(name, 48000, tmp_path)
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=75, rate=Fraction(25),
                        codec="libx264")  # fmt: skip
    write_movie_with_sound(plate.path, path, tmp_path / "out.mov")
    written = read_sound(tmp_path / "out.mov", rate=48000).samples
    assert lag(written, samples) == 0
    assert len(written) == 144000, "a shorter dub is followed by silence"
    assert np.allclose(written[: len(samples)], read_sound(path, rate=48000).samples, atol=1e-6)
    assert not written[len(samples) :].any()


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(
    case=st.sampled_from([c for c in CASES if "aac" not in c[0]]),  # its noise is made up anew
    first=st.fractions(0, 2, max_denominator=1000),
    seconds=st.fractions(Fraction(1, 50), 1, max_denominator=1000),
)
def test_a_passage_is_where_it_is_in_the_whole(
    case: tuple[str, int], first: Fraction, seconds: Fraction, tmp_path_factory
) -> None:
    name, rate = case
    path, _, _ = _written(name, rate, tmp_path_factory.mktemp("passage"))
    whole = read_sound(path, rate=rate).samples
    part = read_sound(path, first=first, seconds=seconds, rate=rate)
    begin = int(part.start * rate)
    there = whole[begin : begin + len(part.samples)]
    assert np.abs(part.samples[: len(there)] - there).max(initial=0) < 1e-3
    assert not part.samples[len(there) + 64 :].any()


@pytest.mark.parametrize(
    ("suffix", "codec", "stated"),
    [
        ("mp3", "libmp3lame", True), ("m4a", "aac", True), ("wav", "pcm_s16le", True),
        ("mka", "aac", True), ("aac", "aac", False), ("ac3", "ac3", False), ("mp2", "mp2", False),
    ],
)  # fmt: skip
def test_a_file_that_does_not_state_its_encoders_delay_is_known(
    suffix: str, codec: str, stated: bool, tmp_path: Path
) -> None:
    samples = voice_like(24000, seed=1)
    path = _ffmpeg(suffix, codec)(tmp_path, samples, 48000)
    assert probe_sound(path).states_delay == stated
    assert (lag(read_sound(path, rate=48000).samples, samples[:, 0]) == 0) == stated
