"""Known warps of real speech are found again, in several languages."""

import librosa
import numpy as np
import pytest
import soundfile

from dubsync.core.sound.audio import READING_RATE, Sound
from dubsync.speech.audio_features import extract_features
from dubsync.speech.elastic.fit import Phrase, fit
from dubsync.speech.elastic.rhythm import phrases, rhythm_of
from dubsync.speech.elastic.stretch import render

RATE = 16000


def heard(samples):
    return rhythm_of(extract_features(Sound(samples.astype(np.float32), RATE)))


def bent(said):
    """The speech with each phrase later by another time, faster and then slower; and its map."""
    made = []
    for n, (start, stop) in enumerate(phrases(heard(said))):
        source = np.arange(start, stop + 1) / READING_RATE
        turn = 1 + 0.08 * np.sin(np.linspace(0, 2 * np.pi, len(source) - 1))
        lasts = np.concatenate([[0], np.cumsum(1 / READING_RATE / turn)])
        made.append(Phrase(source, source[0] + 0.15 - 0.04 * n + lasts))
    return render(said[:, None], RATE, made, 0.0)[:, 0], made


@pytest.mark.parametrize("name", ["de_1", "fr_1", "it_1", "ja_1", "zh_1"])
@pytest.mark.parametrize(("same", "near_ms"), [(True, 6), (False, 20)])
def test_a_known_warp_of_real_speech_is_found_again(shared, name, same, near_ms):
    said, rate = soundfile.read(shared / "speech" / f"{name}.wav")
    said = librosa.resample(said, orig_sr=rate, target_sr=RATE)[: 6 * RATE]
    guide = np.pad(said, (RATE, RATE))
    line, made = bent(guide)
    mine, theirs = heard(line), heard(guide)
    room = (0.0, len(guide) / RATE)
    fitted = fit(mine, theirs, phrases(mine), room, same_words=same)
    source, out = (
        np.concatenate([getattr(phrase, end) for phrase in fitted]) for end in ("source", "out")
    )
    truth = np.interp(
        source,
        np.concatenate([phrase.out for phrase in made]),
        np.concatenate([phrase.source for phrase in made]),
    )
    assert 1000 * np.median(abs(source - truth)) > 60
    assert 1000 * np.median(abs(out - truth)) < near_ms
