"""States of a sound: on its own clock, the same wherever the windows lie, at any level."""

from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import ModelError
from dubsync.media.sound.stem import read_sound
from dubsync.speech import sound_states as network
from dubsync.speech.audio_features import analysed_samples, extract_features
from dubsync.speech.sound_states import sound_states
from tests.speech.speech_synthesis import silence, sound, words

ROOT = Path(__file__).parents[2]


def spoken(seconds, seed=2):
    voice = np.concatenate([words(seed + n) for n in range(seconds)])
    return voice[: seconds * 16000].astype(np.float32)


def differs(one, other):
    """Root of the mean square of the difference; the states' own is 1."""
    return float(np.sqrt(np.mean((one - other) ** 2)))


def test_there_is_a_state_for_every_reading_of_the_features():
    for samples in (1, 159, 160, 161, 4_801, 16_000 * 13 + 7):
        features = extract_features(sound(spoken(14)[:samples]))

        assert len(features.states) == len(features.speech) == -(-samples // 160)


def test_windows_cover_a_long_sound_once_without_gaps(monkeypatch):
    for samples in (1, 320, 16_000 * 12, 16_000 * 611 + 5):
        windows = list(network._windows(samples))

        assert windows[0].first == 0
        assert all(b.first == a.stop for a, b in zip(windows, windows[1:], strict=False))
        assert windows[-1].stop == -(-samples // 320) + 1
        assert all(window.begin <= window.first < window.stop <= window.end for window in windows)


def test_windows_agree_with_one_pass_over_the_whole(shared):
    samples = analysed_samples(read_sound(shared / "footage" / "andrew_a_25s.mov"))
    apart = sound_states(samples)

    with pytest.MonkeyPatch.context() as whole:
        whole.setattr(network, "_windows", lambda n: [network.Window(0, 1352, 0, -(-n // 320) + 1)])
        together = sound_states(samples)

    first = slice(0, 1000)  # in the first window both see the same places
    assert differs(apart[first], together[first]) < 0.15
    assert np.median([np.corrcoef(a, b)[0, 1] for a, b in zip(apart, together, strict=True)]) > 0.95


def test_a_sound_that_comes_later_has_the_same_states_later(shared):
    samples = analysed_samples(read_sound(shared / "footage" / "andrew_a_25s.mov"))
    late = np.concatenate([silence(4).astype(np.float32), samples])

    moved = sound_states(late)[400 : 400 + len(samples) // 160]

    usual = sound_states(samples)[: len(moved)]
    assert differs(moved, usual) < 0.3
    assert differs(moved[2:], usual[:-2]) > 2 * differs(moved, usual)


def test_a_quiet_copy_has_nearly_the_same_states():
    voice = spoken(6)

    assert differs(sound_states(voice * np.float32(0.1)), sound_states(voice)) < 0.3


def test_silence_between_lines_is_computed_once_and_is_the_same_bits(monkeypatch):
    samples = np.zeros(60 * 16_000, np.float32)
    samples[31 * 16_000 : 33 * 16_000] = spoken(2)
    real, encoded = network.encode, []
    monkeypatch.setattr(
        network, "encode", lambda mel, it: (encoded.append(len(mel)), real(mel, it))[1]
    )
    made = sound_states(samples)
    monkeypatch.setattr(network, "_is_heard", lambda samples, first, last: True)

    assert sum(encoded) < len(list(network._windows(len(samples))))
    np.testing.assert_array_equal(made, sound_states(samples))


def test_odd_readings_lie_between_their_neighbours():
    states = sound_states(spoken(2))

    np.testing.assert_allclose(states[1:-1:2], (states[:-2:2] + states[2::2]) / 2, atol=1e-5)


def test_silence_and_noise_have_finite_states():
    noise = np.random.default_rng(0).normal(size=16000).astype(np.float32)

    for samples in (np.zeros(16000, np.float32), noise, np.clip(100 * noise, -1, 1)):
        assert np.isfinite(sound_states(samples)).all()


def test_another_file_than_ours_is_refused(tmp_path, monkeypatch):
    (tmp_path / "states.safetensors").write_bytes(b"no encoder")
    monkeypatch.setattr(network, "WEIGHTS", tmp_path / "states.safetensors")

    with pytest.raises(ModelError):
        network.shipped_encoder.__wrapped__("cpu")


def test_the_card_and_the_licence_are_of_the_file_that_ships():
    card = (ROOT / "docs" / "reference" / "sound_states.md").read_text()
    notice = network.WEIGHTS.with_name("LICENSE.sound_states").read_text()

    assert network.WEIGHTS_SHA256 in card
    assert f"{network.WEIGHTS.stat().st_size:,} bytes" in card
    assert "Copyright (c) 2022 OpenAI" in notice
