"""Where a stem starts (time stamp, 2-pop or the cut), and warnings about its clock and speed."""

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
    """A WAV file, with bext and iXML on request."""
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


def placed(path, stated="", record=RECORD):
    audio = AudioAnalysisCache(Store(path.parent))
    return stem_start(probe_sound(path), "ELISE", stated, record, False, audio)


def messages(result):
    return " ".join(warning.message for warning in result.warnings)


def test_start_in_dubsync_toml_overrides_the_files_time_stamp(tmp_path):
    path = wav(tmp_path / "e.wav", reference=1)

    assert placed(path, "01:00:10:00").start == Fraction(86640) / RATE


def test_a_start_that_is_no_timecode_is_refused_by_name(tmp_path):
    with pytest.raises(SettingsError, match="ELISE's dub.*tomorrow"):
        placed(wav(tmp_path / "e.wav"), stated="tomorrow")


def test_a_bext_chunk_anywhere_in_the_file_places_the_stem(tmp_path):
    path = wav(tmp_path / "e.wav", reference=int(HOUR * 8000))
    after = tmp_path / "after.wav"
    chunk = struct.pack("<4sI", b"iXML", 4) + b"<a/>"
    after.write_bytes(path.read_bytes() + chunk)

    assert placed(path).start == placed(after).start == Fraction(int(HOUR * 8000), 8000)
    assert probe_sound(after).ixml == b"<a/>"


def test_ixml_places_a_stem_without_bext(tmp_path):
    ixml = IXML.format(
        "<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>0</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
        "<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>28828800</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>"
        "<TIMESTAMP_SAMPLE_RATE>8000</TIMESTAMP_SAMPLE_RATE>"
    )

    assert placed(wav(tmp_path / "e.wav", ixml=ixml)).start == HOUR


def test_a_two_pop_places_a_stem_without_timecode_with_a_warning(tmp_path):
    at = np.arange(8000 * 20) / 8000
    burst = (at >= 6) & (at < 6 + 1 / 24)
    path = wav(tmp_path / "e.wav", samples=0.1 * np.sin(2 * np.pi * 1000 * at) * burst)

    result = placed(path)

    assert result.by_pop
    assert float(result.start + 6) == pytest.approx(float(HOUR - 48 / RATE), abs=0.003)
    assert "2-pop" in messages(result)


def test_two_pops_are_detected_once(tmp_path, monkeypatch):
    silent = wav(tmp_path / "silent.wav")
    at = np.arange(8000 * 9) / 8000
    burst = (at >= 6) & (at < 6 + 1 / 24)
    popped = wav(tmp_path / "e.wav", samples=0.1 * np.sin(2 * np.pi * 1000 * at) * burst)
    first = placed(popped), placed(silent)
    monkeypatch.setattr(audio_analysis, "head_pop", lambda path: pytest.fail(f"{path} read again"))

    assert (placed(popped), placed(silent)) == first
    assert first[0].by_pop and not first[1].by_pop


@pytest.mark.parametrize(("ratio", "said"), [(1, ""), (1 / 1.001, "0.1 % fast")])
def test_two_pops_measure_the_speed(tmp_path, ratio, said):
    length = float(len(RECORD) / RATE + 96 / RATE) * ratio
    at = np.arange(round(8000 * (length + 9))) / 8000
    burst = ((at >= 6) & (at < 6 + 1 / 24)) | ((at >= 6 + length) & (at < 6 + length + 1 / 24))
    path = wav(tmp_path / "e.wav", samples=0.1 * np.sin(2 * np.pi * 1000 * at) * burst)

    text = messages(placed(path))

    assert (said in text) if said else ("looks" not in text and "needs" not in text)


def test_a_stem_without_any_start_is_placed_at_the_cut_with_a_warning(tmp_path):
    result = placed(wav(tmp_path / "e.wav"))

    assert result.start == HOUR
    assert "no timecode and no 2-pop" in messages(result)


@pytest.mark.parametrize(
    ("speed", "message"),
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
def test_another_speed_in_its_ixml_is_a_warning(tmp_path, speed, message):
    path = wav(tmp_path / "e.wav", reference=int(HOUR * 8000), ixml=IXML.format(speed))

    text = messages(placed(path))

    assert message in text if message else not text


def test_an_ixml_that_declares_entities_is_not_read_with_a_warning(tmp_path):
    ixml = '<!DOCTYPE x [<!ENTITY a "b">]><BWFXML/>'

    assert "entities" in messages(placed(wav(tmp_path / "e.wav", ixml=ixml)))


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(1, ""), (1.001, "0.1 % slow"), (24 / 25, "4 % fast"), (1.02, "")],
)
def test_a_stem_as_long_as_the_cut_at_another_speed_is_warned_about(tmp_path, ratio, said):
    length = float(len(RECORD) / RATE) * ratio
    path = wav(tmp_path / "e.wav", seconds=length, reference=int(HOUR * 8000))

    text = messages(placed(path))

    assert said in text if said else "looks" not in text


def test_a_time_stamp_counted_at_24_is_distinguished_from_one_at_23_976(tmp_path):
    assert "24 fps" in messages(placed(wav(tmp_path / "e.wav", reference=3600 * 8000)))


def test_a_start_is_moved_by_a_day_where_only_that_overlaps_the_cut(tmp_path):
    late = FrameRange(24 * 86400, 24 * 86400 + 240, Fraction(24))
    result = placed(wav(tmp_path / "e.wav", reference=8000), record=late)

    assert result.start == 86401
    assert "midnight" in messages(result)


def test_files_that_are_not_wav_have_no_chunks(tmp_path):
    from dubsync.media.sound.wav_chunks import wav_chunks

    for n, body in enumerate((b"", b"RIFF", b"RIFF\0\0\0\0WAVEbext\xff\xff\xff\x7f", bytes(64))):
        path = Path(tmp_path / f"{n}.wav")
        path.write_bytes(body)
        assert wav_chunks(path) == {}
