"""Diarization with pyannote.audio's pipeline and the weights in the package."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.voices.mixing import RATE, mix, with_noise
from dubsync.core.errors import MediaError, ModelError
from dubsync.core.sound.audio import Sound
from dubsync.core.sound.voices import alone
from dubsync.media.sound.stem import read_sound
from dubsync.speech import voices
from dubsync.speech.torchaudio_shim import pyannote_audio
from dubsync.speech.voices import voiceprint, who_speaks

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "two_hander"


@pytest.fixture(scope="module")
def people():
    return {
        who: np.array(read_sound(SAMPLE / "dub" / f"{who}_it.wav", rate=RATE).samples)
        for who in ("ELISE", "MARC")
    }


@pytest.fixture(scope="module")
def mixture(people):
    return mix(people, seconds=24, seed=3, overlap=0.3)


@pytest.fixture(scope="module")
def turns(mixture):
    return who_speaks(Sound(mixture.samples, RATE, 100))


def active(turns, speaker, seconds, step=0.01):
    """(N,) whether `speaker` is heard, every hundredth of a second."""
    at = np.arange(0, seconds, step)
    result = np.zeros(len(at), bool)
    for turn in turns:
        if turn.speaker == speaker:
            result |= (at >= turn.start) & (at < turn.stop)
    return result


def test_two_voices_are_separated_with_under_15_percent_error(mixture, turns):
    assert {turn.speaker for turn in turns} == {"Speaker 1", "Speaker 2"}
    seconds = len(mixture.samples) / RATE
    first = mixture.truth[0].speaker
    second = next(t.speaker for t in mixture.truth if t.speaker != first)
    wrong = total = 0.0
    for name, speaker in (("Speaker 1", first), ("Speaker 2", second)):
        truth = active(mixture.truth, speaker, seconds)
        result = active([t for t in turns if t.speaker == name], name, 100 + seconds)[-len(truth) :]
        wrong += np.count_nonzero(truth != result)
        total += np.count_nonzero(truth)
    assert wrong / total < 0.15


def test_turns_are_in_order_on_the_sounds_own_clock(mixture, turns):
    assert list(turns) == sorted(turns, key=lambda turn: (turn.start, turn.stop))
    assert turns[0].start >= 100
    assert turns[-1].stop <= 100 + len(mixture.samples) / RATE
    assert turns[0].speaker == "Speaker 1"


def test_overlapping_voices_are_both_detected(mixture, turns):
    def at_once(all_turns, clock):
        grid = np.arange(0, len(mixture.samples) / RATE, 0.01) + clock
        count = sum(((grid >= t.start) & (grid < t.stop)).astype(int) for t in all_turns)
        return count > 1

    truth, result = at_once(mixture.truth, 0), at_once(turns, 100)
    assert truth.any()
    assert np.count_nonzero(truth & result) > 0.5 * np.count_nonzero(truth)


def test_a_voiceprint_matches_its_own_voice(people, mixture, turns):
    sound = Sound(mixture.samples, RATE, 100)
    prints = [voiceprint(sound, alone(turns, f"Speaker {n}")) for n in (1, 2)]
    first = mixture.truth[0].speaker
    other = next(who for who in people if who != first)
    known = [voiceprint(Sound(people[who], RATE)) for who in (first, other)]
    likeness = np.array(prints) @ np.array(known).T
    assert likeness[0, 0] > 0.6 and likeness[1, 1] > 0.6
    assert likeness[0, 1] < 0.4 and likeness[1, 0] < 0.4


def test_progress_is_reported(people):
    seen = []
    who_speaks(Sound(people["MARC"][: 12 * RATE], RATE), name="m.wav", progress=seen.append)
    assert [*dict.fromkeys(s.name for s in seen)] == [
        "detect speech",
        "compare voices",
        "refine turns",
    ]
    assert {step.shot for step in seen} == {"m.wav"}
    assert seen[-1].done == seen[-1].total


def test_silence_has_no_turns_and_no_voiceprint():
    quiet = Sound(np.zeros(6 * RATE, np.float32), RATE)
    assert who_speaks(quiet) == ()
    assert not np.any(voiceprint(quiet, []))


def test_steady_noise_has_no_turns():
    hiss = np.random.default_rng(1).normal(size=12 * RATE).astype(np.float32) * 0.05
    assert who_speaks(Sound(hiss, RATE)) == ()


def test_a_sound_without_samples_is_refused():
    with pytest.raises(MediaError, match="no samples"):
        who_speaks(Sound(np.zeros(0, np.float32), RATE))


def test_altered_weights_are_refused(tmp_path, monkeypatch):
    whole = bytearray((voices.WEIGHTS / "voiceprint.safetensors").read_bytes())
    whole[-1] ^= 1
    (tmp_path / "voiceprint.safetensors").write_bytes(whole)
    monkeypatch.setattr(voices, "WEIGHTS", tmp_path)
    with pytest.raises(ModelError, match="altered"):
        voices._fill(None, "voiceprint.safetensors")


def test_a_pipeline_that_cannot_be_loaded_has_a_remedy(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    quiet = Sound(np.zeros(RATE, np.float32), RATE)
    with pytest.raises(ModelError, match="cannot be loaded") as refused:
        who_speaks(quiet, diarization="nobody/no-such-pipeline")
    assert "hf auth login" in refused.value.hint
    assert '"shipped"' in refused.value.hint


def test_noise_20_db_below_changes_little(mixture, turns):
    noise = np.random.default_rng(2).normal(size=5 * RATE).astype(np.float32)
    noisy = with_noise(mixture, noise, 20)
    result = who_speaks(Sound(noisy.samples, RATE, 100))
    assert {turn.speaker for turn in result} == {"Speaker 1", "Speaker 2"}
    spoken = sum(turn.seconds for turn in turns)
    assert sum(turn.seconds for turn in result) == pytest.approx(spoken, rel=0.15)


def test_importing_voices_loads_neither_pyannote_nor_torch():
    code = (
        "import sys, json; import dubsync.speech.voices, dubsync.service.voices.mixed_stem; "
        "print(json.dumps([n for n in ('torch', 'pyannote.audio', 'torchaudio') "
        "if n in sys.modules]))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(printed.stdout) == []


def test_telemetry_is_off():
    pyannote_audio()
    metrics = importlib.import_module("pyannote.audio.telemetry.metrics")
    assert not metrics.is_metrics_enabled()


def test_a_real_conversation_is_diarized(shared):
    sound = read_sound(shared / "speech" / "en_two_speakers_30s.wav", rate=RATE)
    result = who_speaks(sound)
    assert {turn.speaker for turn in result} == {"Speaker 1", "Speaker 2"}
    # Reference turns published with pyannote.audio: long turns, one voice in each.
    for start, stop in ((11.1, 14.2), (15.0, 17.8), (18.8, 21.3), (22.0, 27.7)):
        inside = [t for t in result if t.start < stop and t.stop > start]
        shares = {
            t.speaker: sum(
                min(u.stop, stop) - max(u.start, start) for u in inside if u.speaker == t.speaker
            )
            for t in inside
        }
        assert max(shares.values()) > 0.9 * (stop - start)
        assert sum(shares.values()) - max(shares.values()) < 0.3
