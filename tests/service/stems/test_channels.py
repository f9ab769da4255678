"""A dub is heard by its dialogue channel: by layout, by name, else where speech is."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.shot import Stem
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.tracks import SoundChoice
from dubsync.media.sound.stem import read_sound
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.channels import Measured, choose, loudest
from dubsync.service.stems.open_dub import open_dub, speech_warning
from dubsync.service.store.folder import Store
from dubsync.speech.speech_amount import SpeechAmount
from tests.media.sound_synthesis import Track, write_tracks

RATE = 48000
DUB = Path(__file__).parents[3] / "sample_projects" / "two_hander" / "dub" / "ELISE_it.wav"


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Three seconds of speech, (n,)."""
    samples = np.asarray(read_sound(DUB, rate=RATE).samples)
    power = np.convolve(samples[:: RATE // 10] ** 2, np.ones(30), "valid")
    begin = int(power.argmax()) * (RATE // 10)
    return samples[begin : begin + 3 * RATE]


@pytest.fixture(scope="module")
def music(voice: np.ndarray) -> np.ndarray:
    """Three notes and a beat, (n, 2), 11 dB below the speech, as in the case's make.sh."""
    at = np.arange(len(voice)) / RATE
    beat = np.exp(-6 * (at % 0.5))
    rng = np.random.default_rng(0)
    sides = [sum(np.sin(2 * np.pi * hz * at) for hz in (220, 277, top)) for top in (330, 440)]
    noise = 0.6 * rng.random((2, len(at))) * np.exp(-25 * (at % 0.5))
    both = np.stack(sides) * (0.4 + 0.6 * beat) + noise
    level = np.sqrt((voice**2).mean()) / np.sqrt((both**2).mean())
    return np.asarray(both.T * level * 10 ** (-11 / 20), np.float32)


class Heard:
    """Opens dubs in a project of its own, and analyses them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "project")

    def write(self, name: str, samples: np.ndarray, layout: str = "") -> Path:
        return write_tracks(self.folder / name, [Track(samples.astype(np.float32), layout)])

    def open(self, path: Path, language: str = "it-IT", **kinds) -> tuple[SoundChoice, str]:
        sound, warnings = open_dub(path, language, self.store, **kinds)
        return sound.heard, " | ".join(f"{w.about}: {w.message}" for w in warnings)

    def features(self, path: Path, heard: SoundChoice) -> AudioFeatures:
        sound, _ = open_dub(path, "it-IT", self.store, asked=heard)
        stem = Stem("E", "it-IT", str(path), RATE, sound.n_samples, 0, heard=heard)  # type: ignore[arg-type]
        return AudioAnalysisCache(self.store).stem_features(stem)


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path)


def _surround(voice: np.ndarray, music: np.ndarray, channels: int, at: int) -> np.ndarray:
    mix = np.stack([music[:, n % 2] for n in range(channels)], axis=1)
    mix[:, at] = voice
    return mix


def _agree(one: AudioFeatures, other: AudioFeatures) -> tuple[float, float]:
    """Share of readings with the same answer to "is this speech?", correlation of closures."""
    spoken = (one.speech > 0.5) == (other.speech > 0.5)
    closures = np.corrcoef(np.asarray(one.closure), np.asarray(other.closure))
    return float(spoken.mean()), float(closures[0, 1])


@pytest.mark.parametrize(
    ("layout", "channels", "at", "says"),
    [
        ("5.1", 6, 2, "heard on its centre channel"),
        ("7.1", 8, 2, "heard on its centre channel"),
        ("3.0", 3, 2, "heard on its centre channel"),
        ("7.1", 8, 5, "heard on channel 6, where its speech is; hardly any is on its centre"),
        ("", 8, 0, "heard on channel 1, where its speech is"),
        ("", 16, 10, "heard on channel 11, where its speech is"),
        ("quad", 4, 3, "heard on channel 4, where its speech is"),
    ],
)
def test_music_on_the_other_channels_changes_nothing(
    layout: str, channels: int, at: int, says: str, heard: Heard, voice, music
) -> None:
    path = heard.write("d.wav", _surround(voice, music, channels, at), layout)
    choice, said = heard.open(path)
    assert choice == SoundChoice(0, (at + 1,)) and f"d.wav: {says}" in said
    alone = heard.features(heard.write("alone.wav", voice[:, None]), SoundChoice())
    spoken, closures = _agree(heard.features(path, choice), alone)
    assert spoken > 0.95 and closures > 0.95


def test_stereo_in_opposite_phase_is_heard_by_one_channel(heard: Heard, voice) -> None:
    path = heard.write("anti.wav", np.stack([voice, -voice], axis=1))
    choice, said = heard.open(path)
    assert choice == SoundChoice(0, (1,))
    assert "anti.wav: its channels cancel each other out; heard on its left channel" in said
    alone = heard.features(heard.write("alone.wav", voice[:, None]), SoundChoice())
    assert min(_agree(heard.features(path, choice), alone)) > 0.95


def test_usual_stereo_is_averaged_and_nothing_is_said(heard: Heard, voice, music) -> None:
    rng = np.random.default_rng(1)
    room = 0.05 * voice.std() * rng.standard_normal((len(voice), 2))
    assert heard.open(heard.write("s.wav", voice[:, None] + room)) == (SoundChoice(), "")
    one_side = np.stack([voice, np.zeros_like(voice)], axis=1)
    assert heard.open(heard.write("left.wav", one_side)) == (SoundChoice(), "")


def test_a_stereo_file_with_music_on_one_side_is_heard_by_the_other(
    heard: Heard, voice, music
) -> None:
    choice, said = heard.open(heard.write("s.wav", np.stack([music[:, 0] * 8, voice], axis=1)))
    assert choice == SoundChoice(0, (2,))
    assert "s.wav: heard on its right channel: the other one covers its speech" in said


def _named_wav(path: Path, samples: np.ndarray, chunk: bytes, body: bytes) -> Path:
    """A poly WAV without a layout, with one metadata chunk."""
    data = (samples * 32767).astype("<i2").tobytes()
    channels = samples.shape[1]
    fmt = struct.pack("<HHIIHH", 1, channels, RATE, RATE * 2 * channels, 2 * channels, 16)
    body += b"\0" * (len(body) % 2)
    parts = [(chunk, body), (b"fmt ", fmt), (b"data", data)]
    chunks = b"".join(name + struct.pack("<I", len(part)) + part for name, part in parts)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)
    return path


def _ixml(names: list[str]) -> bytes:
    tracks = "".join(
        f"<TRACK><CHANNEL_INDEX>{n + 1}</CHANNEL_INDEX><INTERLEAVE_INDEX>{n + 1}"
        f"</INTERLEAVE_INDEX><NAME>{name}</NAME></TRACK>"
        for n, name in enumerate(names)
    )
    return f"<BWFXML><TRACK_LIST>{tracks}</TRACK_LIST></BWFXML>".encode()


@pytest.mark.parametrize("by", ["iXML", "bext"])
def test_the_recorders_names_choose_between_channels_of_speech(
    by: str, heard: Heard, voice, music
) -> None:
    other = np.roll(voice, RATE)
    samples = np.stack([other, music[:, 0], voice, other], axis=1) * 0.7
    names = ["Guide", "MX L", "DIA DE", "Boom"]
    description = "\r\n".join(f"sTRK{n + 1}={name}" for n, name in enumerate(names)).encode()
    body = _ixml(names) if by == "iXML" else description.ljust(602, b"\0")
    path = _named_wav(heard.folder / "p.wav", samples, by.ljust(4).encode(), body)
    assert heard.open(path) == (SoundChoice(0, (3,)), 'p.wav: heard on channel 3, "DIA DE"')


def test_the_track_in_the_language_of_the_dub_is_heard(heard: Heard, voice) -> None:
    tracks = [Track(voice[:, None], language="eng", default=True),
              Track(voice[::-1, None].copy(), language="ita", default=False)]  # fmt: skip
    path = write_tracks(heard.folder / "m.mkv", tracks)
    italian, said = heard.open(path)
    assert italian == SoundChoice(2)
    assert (
        "m.mkv: 2 sound tracks: 1 (eng), 2 (ita); track 2 (ita) is heard, by the language" in said
    )
    assert heard.open(path, "fr-FR")[0] == SoundChoice(1)
    assert heard.open(path, asked=SoundChoice(1)) == (SoundChoice(1), "")
    backwards = heard.features(path, italian)
    assert not np.allclose(backwards.speech, heard.features(path, SoundChoice(1)).speech)


def test_a_dub_that_may_be_late_by_its_encoders_delay_is_named(heard: Heard, voice) -> None:
    samples = [Track(voice[:RATE, None].astype(np.float32))]
    late = write_tracks(heard.folder / "d.aac", samples, codec="aac")
    assert "d.aac: does not state its encoder's delay" in heard.open(late)[1]
    stated = write_tracks(heard.folder / "d.m4a", samples, codec="aac")
    assert heard.open(stated)[1] == ""


def test_a_dub_without_speech_is_named(heard: Heard, voice, music) -> None:
    def warned(name: str, samples: np.ndarray) -> str:
        path = heard.write(name, samples)
        warning = speech_warning("sh", name, heard.features(path, SoundChoice()))
        return warning.message if warning else ""

    assert warned("silence.wav", np.zeros((RATE * 2, 1))) == "no speech is heard in silence.wav"
    assert warned("music.wav", music) == "no speech is heard in music.wav"
    rng = np.random.default_rng(0)
    at = np.arange(RATE * 6)
    hits = rng.standard_normal(len(at)) * np.exp(-(at % (RATE // 2)) / 1600)
    thumps = 3 * np.sin(2 * np.pi * 60 * at / RATE) * np.exp(-((at - 9000) % (RATE // 2)) / 3200)
    drums = (0.1 * (hits + thumps))[:, None]
    assert warned("drums.wav", drums) in (
        "hardly any speech is heard in drums.wav", "no speech is heard in drums.wav"
    )  # fmt: skip
    assert warned("voice.wav", voice[:, None]) == ""
    assert warned("word.wav", np.pad(voice[RATE : RATE * 3 // 2], (0, RATE))[:, None]) == ""


AMOUNTS = st.builds(SpeechAmount, st.floats(0, 30), st.floats(0.1, 1))


@given(
    amounts=st.lists(AMOUNTS, min_size=3, max_size=32),
    names=st.lists(st.sampled_from(["", "FL", "FC", "LFE", "Boom", "M&E C", "DX"]), max_size=32),
)
def test_what_is_chosen_has_speech_whatever_the_names(amounts, names) -> None:
    heard = choose(names, (), Measured(tuple(amounts)))
    front = [a for n, a in enumerate(amounts) if (*names, *[""] * 32)[n] != "LFE"]
    if any(amount.rank for amount in front):
        amounts = [a if a in front else SpeechAmount(0, 0.1) for a in amounts]
    most = max(amount.seconds for amount in amounts)
    if not any(amount.rank for amount in amounts):
        return
    (channel,) = heard.channels
    assert 1 <= channel <= len(amounts) and heard.why
    if amounts[channel - 1].seconds == 0:
        return  # hardly any speech but on the LFE
    best = max(amounts, key=lambda amount: amount.rank)
    assert amounts[channel - 1].seconds >= 0.25 * min(best.seconds, most)


@given(st.lists(st.floats(0, 1), min_size=10, max_size=300))
def test_the_loudest_passages_do_not_overlap(levels: list[float]) -> None:
    starts = sorted(loudest(np.array(levels)))
    assert len(starts) <= 3 and all(b - a >= 10 for a, b in zip(starts, starts[1:], strict=False))
    assert all(0 <= start <= len(levels) - 10 for start in starts)
