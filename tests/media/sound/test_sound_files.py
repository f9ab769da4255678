"""Sound files are read to the sample from any time on; hostile files are refused."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError, MediaError
from dubsync.media.sound.stem import probe_sound, read_sound
from tests.media.written_plates import add_sound, clicks, write_plate

REACH = 64  #: samples that a resampling filter reaches to either side, at most


def _voice(n: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Noise under a slow envelope, (n, channels), full scale 1."""
    rng = np.random.default_rng(seed)
    envelope = 0.5 + 0.4 * np.sin(np.arange(n) / 3000)[:, None]
    return (rng.standard_normal((n, channels)) * envelope * 0.2).clip(-0.9, 0.9).astype(np.float32)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same five seconds as several files."""
    folder = tmp_path_factory.mktemp("sound")
    made = {}
    for rate in (16000, 44100, 48000):
        made[f"{rate}.wav"] = folder / f"{rate}.wav"
        soundfile.write(made[f"{rate}.wav"], _voice(rate * 5, 2), rate, "PCM_24")
    made["44100.flac"] = folder / "a.flac"
    soundfile.write(made["44100.flac"], _voice(44100 * 5, 1), 44100)
    for suffix, codec in (("m4a", "aac"), ("mkv", "pcm_s16le")):
        made[suffix] = folder / f"a.{suffix}"
        with av.open(str(made[suffix]), "w") as out:
            options = {"aac_pns": "0"} if codec == "aac" else {}  # its noise is made up
            stream = out.add_stream(codec, rate=44100, layout="mono", options=options)
            add_sound(out, stream, (_voice(44100 * 5)[:, 0] * 32767).astype(np.int16), 44100)
    return made


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(["16000.wav", "44100.wav", "48000.wav", "44100.flac", "m4a", "mkv"]),
    first=st.fractions(0, 6, max_denominator=48000),
    seconds=st.fractions(Fraction(1, 100), 2, max_denominator=1000),
    rate=st.sampled_from([8000, 16000, 22050, 48000]),
)
def test_a_passage_equals_the_same_slice_of_the_whole_file(
    files: dict[str, Path], name: str, first: Fraction, seconds: Fraction, rate: int
) -> None:
    whole = read_sound(files[name], rate=rate).samples
    part = read_sound(files[name], first=first, seconds=seconds, rate=rate)
    begin = int(part.start * rate)
    assert part.start >= first and part.start - first < Fraction(1, rate)
    expected = np.zeros(len(part.samples), np.float32)
    there = whole[begin : begin + len(expected)]
    expected[: len(there)] = there
    assert len(part.samples) == int(-((first + seconds) * rate // -1)) - begin
    # At the sound's own end a filter rings on into the silence asked for; the whole has none.
    end = len(whole) - begin
    rings = (np.arange(len(expected)) > end - REACH) & (np.arange(len(expected)) < end + REACH)
    if end >= len(expected):
        rings[:] = False
    wrong = np.abs(part.samples - expected)[~rings]
    assert np.all(wrong < (3e-6 if name != "m4a" else 2e-3))


def test_a_passage_before_the_sound_begins_is_silence(files: dict[str, Path]) -> None:
    early = read_sound(files["48000.wav"], first=Fraction(-1, 2), seconds=Fraction(1), rate=48000)
    whole = read_sound(files["48000.wav"], rate=48000).samples
    assert not early.samples[:24000].any()
    assert np.allclose(early.samples[24000:], whole[:24000], atol=1e-6)


@pytest.mark.parametrize("name", ["16000.wav", "44100.wav", "48000.wav", "44100.flac", "mkv"])
def test_the_length_is_exact_to_the_sample(files: dict[str, Path], name: str) -> None:
    result = probe_sound(files[name])
    assert result.n_samples == 5 * result.sample_rate
    assert result.time_reference is None
    assert len(read_sound(files[name], rate=result.sample_rate).samples) == result.n_samples


def test_channels_are_averaged(tmp_path: Path) -> None:
    both = _voice(8000, 2)
    soundfile.write(tmp_path / "a.wav", both, 16000, "FLOAT")
    heard = read_sound(tmp_path / "a.wav", rate=16000)
    assert np.allclose(heard.samples, both.mean(axis=1), atol=1e-6)


def test_a_resampled_tone_keeps_its_time_and_pitch(tmp_path: Path) -> None:
    time = np.arange(44100) / 44100
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 440 * time), 44100, "PCM_24")
    heard = read_sound(tmp_path / "a.wav", rate=16000).samples[1000:-1000]
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)[1000:-1000]
    assert len(heard) == len(wanted)
    assert abs(heard - wanted).max() < 2e-3


def test_silence_is_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(48000), 48000)
    assert not read_sound(tmp_path / "a.wav").samples.any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_samples_are_refused(bad: float, tmp_path: Path) -> None:
    samples = _voice(16000)[:, 0]
    samples[9000] = bad
    soundfile.write(tmp_path / "a.wav", samples, 16000, "FLOAT")
    with pytest.raises(MediaError, match=r"a\.wav holds NaN or infinite"):
        read_sound(tmp_path / "a.wav")


def test_a_movies_sound_is_counted_from_its_first_picture(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=50, rate=Fraction(25),
                        sound=clicks(96000, [48000]))  # fmt: skip
    heard = read_sound(Path(plate.path), rate=48000)
    assert int(np.argmax(heard.samples > 0.4)) == 48000


def test_a_gap_in_the_time_stamps_is_silence(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "gap.mkv"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=48000, layout="mono")
        for at in (0, 4800, 48000):
            frame = av.AudioFrame.from_ndarray(np.full((1, 4800), 9000, np.int16), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 48000, at, Fraction(1, 48000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    heard = read_sound(tmp_path / "gap.mkv", rate=48000).samples
    assert len(heard) == 52800
    assert not heard[9700:47900].any() and heard[48100:52700].all()


def _chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body


FMT = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16))
DATA = np.arange(2000, dtype="<i2").tobytes()


def _wav(*chunks: bytes, head: bytes = b"RIFF", size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return head + struct.pack("<I", len(body) if size is None else size) + body


def _bext(reference: int, length: int = 602) -> bytes:
    body = bytearray(602)
    body[338:346] = struct.pack("<Q", reference)
    return bytes(body[:length])


@pytest.mark.parametrize("reference", [0, 1, 48000 * 36000, (1 << 33) + 5])
@pytest.mark.parametrize("first", [True, False])
def test_time_reference_of_broadcast_wav(reference: int, first: bool, tmp_path: Path) -> None:
    bext, data = _chunk(b"bext", _bext(reference)), _chunk(b"data", DATA)
    chunks = (bext, FMT, data) if first else (FMT, data, bext)
    (tmp_path / "a.wav").write_bytes(_wav(*chunks))
    result = probe_sound(tmp_path / "a.wav")
    assert (result.time_reference, result.n_samples) == (reference, 2000)


def test_time_reference_of_rf64(tmp_path: Path) -> None:
    ds64 = _chunk(b"ds64", struct.pack("<QQQI", 5000, len(DATA), 2000, 0))
    (tmp_path / "a.wav").write_bytes(
        _wav(ds64, _chunk(b"bext", _bext(7)), FMT, _chunk(b"data", DATA, 0xFFFFFFFF),
             head=b"RF64", size=0xFFFFFFFF)
    )  # fmt: skip
    result = probe_sound(tmp_path / "a.wav")
    assert (result.time_reference, result.n_samples) == (7, 2000)


HOSTILE = {
    "huge data": _wav(FMT, _chunk(b"data", DATA, 0xFFFFFFF0)),
    "negative data": _wav(FMT, _chunk(b"data", DATA, 0x80000000)),
    "huge chunk before": _wav(_chunk(b"junk", b"1234", 0xFFFFFFFE), FMT, _chunk(b"data", DATA)),
    "truncated bext": _wav(FMT, _chunk(b"data", DATA), _chunk(b"bext", _bext(5, 340))),
    "bext of a lying size": _wav(_chunk(b"bext", _bext(5, 40), 602), FMT, _chunk(b"data", DATA)),
    "no data": _wav(FMT),
    "empty data": _wav(FMT, _chunk(b"data", b"")),
    "no format": _wav(_chunk(b"data", DATA)),
    "no channels": _wav(_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 0, 48000, 0, 0, 16)),
                        _chunk(b"data", DATA)),
    "no rate": _wav(_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 0, 0, 2, 16)),
                    _chunk(b"data", DATA)),
    "huge rate": _wav(_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 0xFFFFFFFF, 1, 2, 16)),
                      _chunk(b"data", DATA)),
    "many channels": _wav(_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 65535, 48000, 1, 2, 16)),
                          _chunk(b"data", DATA)),
    "unknown coding": _wav(_chunk(b"fmt ", struct.pack("<HHIIHH", 0x9999, 1, 48000, 1, 2, 16)),
                           _chunk(b"data", DATA)),
    "header only": b"RIFF",
    "zeros": bytes(4000),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_wavs_are_read_or_refused_by_name(what: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.wav"
    path.write_bytes(HOSTILE[what])
    for act in (lambda: probe_sound(path).n_samples, lambda: len(read_sound(path).samples)):
        try:
            assert act() <= 48000
        except DubsyncError as error:
            assert "hostile.wav" in str(error)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=8),
    length=st.integers(1, 1200),
)
def test_damaged_wavs_never_crash(
    changes: list[tuple[int, int]], length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytearray(_wav(_chunk(b"bext", _bext(9)), FMT, _chunk(b"data", DATA)))
    for at, value in changes:
        data[at] = value
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    path.write_bytes(data[:length])
    try:
        assert probe_sound(path).n_samples >= 0
        read_sound(path, seconds=Fraction(1))
    except DubsyncError:
        pass


@pytest.mark.parametrize("content", [b"", b"not sound at all" * 50])
def test_files_without_sound_are_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "stem.wav"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"stem\.wav"):
        probe_sound(path)
    with pytest.raises(MediaError, match=r"absent\.wav"):
        read_sound(tmp_path / "absent.wav")


def test_a_movie_without_sound_is_refused(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=2)
    with pytest.raises(MediaError, match="holds no sound"):
        probe_sound(Path(plate.path))
