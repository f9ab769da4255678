"""The cases of ../shared/cases that are about sound: the dub that is heard, and what is written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.shot import Plate, Stem
from dubsync.core.sound.audio import AudioFeatures
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_channels, read_sound
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.open_dub import open_dub, speech_warning
from dubsync.service.store.folder import Store
from tests.media.written_plates import write_plate

Case = Callable[[str], Path]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("project"))


def _heard(store: Store, path: Path, language: str = "de-DE") -> tuple[AudioFeatures, Stem, str]:
    sound, warnings = open_dub(path, language, store)
    stem = Stem("S", language, str(path), sound.sample_rate, sound.n_samples, Fraction(0),
                heard=sound.heard)  # fmt: skip
    said = " | ".join(f"{w.about}: {w.message}" for w in warnings)
    return AudioAnalysisCache(store).stem_features(stem), stem, said


def _same_mouth(one: AudioFeatures, other: AudioFeatures) -> bool:
    """Whether speech and closures agree by more than .95."""
    n = min(len(one.speech), len(other.speech))
    speech = np.mean((one.speech[:n] > 0.5) == (other.speech[:n] > 0.5))
    closures = np.corrcoef(np.asarray(one.closure[:n]), np.asarray(other.closure[:n]))[0, 1]
    return bool(speech > 0.95 and closures > 0.95)


@pytest.mark.parametrize(
    ("case", "name", "says"),
    [
        ("01-eight-channels", "d71.wav", "d71.wav: heard on its centre channel"),
        ("01-eight-channels", "poly8.wav", "poly8.wav: heard on channel 1, where its speech is"),
        ("01-eight-channels", "poly16.wav", "poly16.wav: heard on channel 1, where its speech is"),
        ("06-dialogue-on-the-centre", "dub51.wav", "dub51.wav: heard on its centre channel"),
        ("06-dialogue-on-the-centre", "antiphase.wav", "cancel each other out; heard on its left"),
        ("09-several-sound-tracks", "multi.mov", "2 sound tracks: 1 (eng), 2; track 2 is heard"),
        ("12-small-things", "de.mp3", ""),
    ],
)
def test_a_dub_moves_the_mouth_as_its_mono_does_and_is_written_whole(
    case: str, name: str, says: str, made_case: Case, store: Store, tmp_path: Path
) -> None:
    folder = made_case(case)
    features, stem, said = _heard(store, folder / name)
    mono, _, _ = _heard(store, folder / "de.wav")
    assert says in said and bool(says) == bool(said)
    assert _same_mouth(features, mono)
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=75, rate=Fraction(25),
                        codec="libx264")  # fmt: skip
    write_movie_with_sound(plate.path, folder / name, tmp_path / "out.mov", track=stem.heard.track)
    own = read_channels(folder / name, rate=stem.sample_rate, track=stem.heard.track)
    written = read_channels(tmp_path / "out.mov", rate=stem.sample_rate)
    assert len(written) == len(own)
    for one, other in zip(written, own, strict=True):
        n = len(other.samples)
        assert np.allclose(one.samples[:n], other.samples, atol=1e-6)
        assert len(one.samples) == 3 * stem.sample_rate and not one.samples[n:].any()


def test_mp3_is_where_ffmpeg_decodes_it(made_case: Case, ffmpeg: str, tmp_path: Path) -> None:
    path = made_case("12-small-things") / "de.mp3"
    raw = tmp_path / "de.f32"
    subprocess.run([ffmpeg, "-v", "error", "-i", path, "-f", "f32le", raw], check=True)
    expected = np.fromfile(raw, "<f4")
    heard = np.asarray(read_sound(path, rate=44100).samples)
    assert len(heard) == len(expected) and np.abs(heard - expected).max() < 1e-4


def test_a_plate_of_eight_channels_is_read(made_case: Case, store: Store) -> None:
    plate: Plate = probe_plate(made_case("01-eight-channels") / "plate8.mov")
    audio = AudioAnalysisCache(store).plate_audio(plate, plate.frames)
    assert audio is not None and audio.features.speech.max() > 0.9


@pytest.mark.parametrize(
    ("name", "says"), [("silence.wav", "no speech is heard in silence.wav"), ("late.wav", "")]
)
def test_a_silent_dub_is_named_and_a_late_one_is_not(
    name: str, says: str, made_case: Case, store: Store
) -> None:
    features, _, _ = _heard(store, made_case("11-closed-mouth-judged-blurred") / name)
    warning = speech_warning("kh", name, features)
    assert (warning.message if warning else "") == says
