"""Where a stem lies by its own word, its pop or nobody's, and what of its clock is doubted."""

import struct
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.sound.stem import probe_sound
from dubsync.service.stems import audio_analysis
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.stem_start import stem_start
from dubsync.service.store.folder import Store

RATE = Fraction(24000, 1001)
RECORD = FrameRange(86400, 86400 + 24 * 300, RATE)  # five minutes, from 01:00:00:00
HOUR = Fraction(86400) / RATE
IXML = "<BWFXML><SPEED>{}</SPEED></BWFXML>"


def wav(path, *, seconds=1.0, rate=8000, reference=None, ixml="", samples=None):
    """A WAV, with bext and iXML where they are asked for."""
    if samples is None:
        samples = np.zeros(round(seconds * rate))
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, len(samples), "NONE", ""))
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    chunks = b""
    if reference is not None:
        body = bytes(338) + struct.pack("<II", reference & 0xFFFFFFFF, reference >> 32) + bytes(256)
        chunks += b"bext" + struct.pack("<I", len(body)) + body
    if ixml:
        body = ixml.encode() + b"\0" * (len(ixml.encode()) % 2)
        chunks += b"iXML" + struct.pack("<I", len(body)) + body
    data = path.read_bytes()
    head = data[:12] + chunks + data[12:]
    path.write_bytes(head[:4] + struct.pack("<I", len(head) - 8) + head[8:])
    return path


def laid(path, said="", record=RECORD):
    audio_analysis = AudioAnalysisCache(Store(path.parent))
    return stem_start(probe_sound(path), "ELISE", said, record, False, audio_analysis)


def messages(result):
    return " ".join(warning.message for warning in result.warnings)


def test_the_projects_word_comes_before_the_files(tmp_path):
    path = wav(tmp_path / "e.wav", reference=1)

    assert laid(path, "01:00:10:00").start == Fraction(86640) / RATE


def test_a_start_that_is_no_timecode_is_refused_by_name(tmp_path):
    with pytest.raises(SettingsError, match="ELISE's dub.*tomorrow"):
        laid(wav(tmp_path / "e.wav"), said="tomorrow")


def test_bext_lays_a_stem_wherever_it_stands_in_the_file(tmp_path):
    path = wav(tmp_path / "e.wav", reference=int(HOUR * 8000))
    after = tmp_path / "after.wav"
    chunk = struct.pack("<4sI", b"iXML", 4) + b"<a/>"
    after.write_bytes(path.read_bytes() + chunk)

    assert laid(path).start == laid(after).start == Fraction(int(HOUR * 8000), 8000)
    assert probe_sound(after).ixml == b"<a/>"


def test_ixml_lays_a_stem_that_has_no_bext(tmp_path):
    ixml = IXML.format(
        "<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>0</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
        "<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>28828800</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>"
        "<TIMESTAMP_SAMPLE_RATE>8000</TIMESTAMP_SAMPLE_RATE>"
    )

    assert laid(wav(tmp_path / "e.wav", ixml=ixml)).start == HOUR


def test_a_pop_lays_a_stem_without_timecode_and_says_so(tmp_path):
    at = np.arange(8000 * 20) / 8000
    burst = (at >= 6) & (at < 6 + 1 / 24)
    path = wav(tmp_path / "e.wav", samples=0.1 * np.sin(2 * np.pi * 1000 * at) * burst)

    result = laid(path)

    assert result.popped
    assert float(result.start + 6) == pytest.approx(float(HOUR - 48 / RATE), abs=0.003)
    assert "2-pop" in messages(result)


def test_pops_are_listened_for_once(tmp_path, monkeypatch):
    silent = wav(tmp_path / "silent.wav")
    at = np.arange(8000 * 9) / 8000
    burst = (at >= 6) & (at < 6 + 1 / 24)
    popped = wav(tmp_path / "e.wav", samples=0.1 * np.sin(2 * np.pi * 1000 * at) * burst)
    first = laid(popped), laid(silent)
    monkeypatch.setattr(audio_analysis, "head_pop", lambda path: pytest.fail(f"{path} read again"))

    assert (laid(popped), laid(silent)) == first
    assert first[0].popped and not first[1].popped


@pytest.mark.parametrize(("ratio", "said"), [(1, ""), (1 / 1.001, "0.1 % fast")])
def test_two_pops_measure_the_speed(tmp_path, ratio, said):
    length = float(len(RECORD) / RATE + 96 / RATE) * ratio
    at = np.arange(round(8000 * (length + 9))) / 8000
    burst = ((at >= 6) & (at < 6 + 1 / 24)) | ((at >= 6 + length) & (at < 6 + length + 1 / 24))
    path = wav(tmp_path / "e.wav", samples=0.1 * np.sin(2 * np.pi * 1000 * at) * burst)

    told = messages(laid(path))

    assert (said in told) if said else ("looks" not in told and "wants" not in told)


def test_nothing_known_is_laid_at_the_cut_and_warned_about(tmp_path):
    result = laid(wav(tmp_path / "e.wav"))

    assert result.start == HOUR
    assert "no timecode and no 2-pop" in messages(result)


@pytest.mark.parametrize(
    ("speed", "said"),
    [
        ("<TIMECODE_RATE>24/1</TIMECODE_RATE>", "0.1 % fast"),
        ("<TIMECODE_RATE>25/1</TIMECODE_RATE>", "4 % fast"),
        ("<TIMECODE_RATE>30000/1001</TIMECODE_RATE>", ""),
        ("<TIMECODE_RATE>24000/1001</TIMECODE_RATE>", ""),
        ("<MASTER_SPEED>24000/1001</MASTER_SPEED><CURRENT_SPEED>24/1</CURRENT_SPEED>", "pull-up"),
        ("<TIMECODE_RATE>0/0</TIMECODE_RATE>", "TIMECODE_RATE"),
        ("<TIMESTAMP_SAMPLE_RATE>48000</TIMESTAMP_SAMPLE_RATE>", "48000 Hz"),
    ],
)
def test_what_its_ixml_says_of_speed_is_named(tmp_path, speed, said):
    path = wav(tmp_path / "e.wav", reference=int(HOUR * 8000), ixml=IXML.format(speed))

    told = messages(laid(path))

    assert said in told if said else not told


def test_an_ixml_that_declares_entities_is_not_read_and_said(tmp_path):
    ixml = '<!DOCTYPE x [<!ENTITY a "b">]><BWFXML/>'

    assert "entities" in messages(laid(wav(tmp_path / "e.wav", ixml=ixml)))


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(1, ""), (1.001, "0.1 % slow"), (24 / 25, "4 % fast"), (1.02, "")],
)
def test_a_stem_as_long_as_the_cut_at_another_speed_is_warned_about(tmp_path, ratio, said):
    length = float(len(RECORD) / RATE) * ratio
    path = wav(tmp_path / "e.wav", seconds=length, reference=int(HOUR * 8000))

    told = messages(laid(path))

    assert said in told if said else "looks" not in told


def test_a_time_stamp_counted_at_24_is_told_from_one_at_23_976(tmp_path):
    assert "24 fps" in messages(laid(wav(tmp_path / "e.wav", reference=3600 * 8000)))


def test_a_day_is_wrapped_where_only_that_meets_the_cut(tmp_path):
    late = FrameRange(24 * 86400, 24 * 86400 + 240, Fraction(24))
    result = laid(wav(tmp_path / "e.wav", reference=8000), record=late)

    assert result.start == 86401
    assert "midnight" in messages(result)


def test_files_that_are_no_wav_have_no_chunks(tmp_path):
    from dubsync.media.sound.wav_chunks import wav_chunks

    for n, body in enumerate((b"", b"RIFF", b"RIFF\0\0\0\0WAVEbext\xff\xff\xff\x7f", bytes(64))):
        path = Path(tmp_path / f"{n}.wav")
        path.write_bytes(body)
        assert wav_chunks(path) == {}
