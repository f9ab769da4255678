"""A copied sound file keeps its format and its clock, and every sample that is not written."""

import struct
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.media.sound.pcm_copy import pcm_copy
from dubsync.media.sound.stem import probe_sound, read_sound
from tests.media.sound_synthesis import Track, write_tracks

RATE = 48000


def tone(seconds=1.0, channels=1):
    at = np.arange(int(seconds * RATE)) / RATE
    one = 0.3 * np.sin(2 * np.pi * 220 * at)
    return np.stack([one * (1 - 0.2 * n) for n in range(channels)], axis=1).astype(np.float32)


def wave(path, codec, channels=1):
    return write_tracks(path, [Track(tone(channels=channels))], codec=codec)


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_what_is_read_and_written_back_is_the_same_to_the_bit(tmp_path, codec, channels):
    source = wave(tmp_path / "stem.wav", codec, channels)
    copy = pcm_copy(source, tmp_path / "copy.wav", Fraction(0))
    assert (copy.channels, copy.sample_rate, copy.n_samples) == (channels, RATE, RATE)
    copy.write(100, copy.read(100, 4000))
    assert copy.path.read_bytes() == source.read_bytes()


def test_only_the_samples_written_change(tmp_path):
    source = wave(tmp_path / "stem.wav", "pcm_s24le", 2)
    copy = pcm_copy(source, tmp_path / "copy.wav", Fraction(0))
    copy.write(1000, np.zeros((500, 2)))
    old, new = source.read_bytes(), copy.path.read_bytes()
    first, last = copy.data_at + 1000 * 6, copy.data_at + 1500 * 6
    assert len(old) == len(new)
    assert new[:first] == old[:first] and new[last:] == old[last:]
    assert set(new[first:last]) == {0}


def test_beyond_the_file_there_is_silence_and_nothing_can_be_written(tmp_path):
    copy = pcm_copy(wave(tmp_path / "a.wav", "pcm_s16le"), tmp_path / "b.wav", Fraction(0))
    around = copy.read(-10, RATE + 20)
    assert around.shape == (RATE + 20, 1)
    assert not around[:10].any() and not around[-10:].any()
    assert not copy.read(-50, 20).any() and not copy.read(RATE + 5, 20).any()
    with pytest.raises(MediaError):
        copy.write(RATE - 1, np.zeros((2, 1)))


def test_samples_beyond_full_scale_are_refused_not_clipped(tmp_path):
    copy = pcm_copy(wave(tmp_path / "a.wav", "pcm_s16le"), tmp_path / "b.wav", Fraction(0))
    with pytest.raises(MediaError, match="full scale"):
        copy.write(0, np.full((1, 1), 1.2))


@pytest.mark.parametrize(("name", "codec"), [("a.flac", "flac"), ("a.aiff", "pcm_s24be")])
def test_another_file_becomes_a_broadcast_wave_with_its_start(tmp_path, name, codec):
    source = wave(tmp_path / name, codec)
    copy = pcm_copy(source, tmp_path / "copy.wav", Fraction(36036, 10))
    sound = probe_sound(copy.path)
    assert sound.time_reference == 172972800
    assert (sound.n_samples, copy.bits) == (RATE, 24)
    apart = read_sound(copy.path, rate=RATE).samples - read_sound(source, rate=RATE).samples
    assert np.abs(apart).max() < 1e-4


def test_chunks_before_and_after_the_samples_are_kept(tmp_path):
    source = wave(tmp_path / "a.wav", "pcm_s16le")
    extra = b"iXML" + struct.pack("<I", 12) + b"<BWFXML/>   "
    source.write_bytes(source.read_bytes() + extra)
    copy = pcm_copy(source, tmp_path / "b.wav", Fraction(0))
    copy.write(0, np.zeros((RATE, 1)))
    assert copy.path.read_bytes().endswith(extra)
