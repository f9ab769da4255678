"""What stays out of sync is measured in ms, phrase by phrase."""

import numpy as np
import pytest

from dubsync.speech.audio_features import extract_features
from dubsync.speech.elastic.out_of_sync import PhraseSync, out_of_sync
from dubsync.speech.elastic.rhythm import phrases, rhythm_of
from tests.speech.speech_synthesis import silence, sound, words


def heard(*parts):
    return rhythm_of(extract_features(sound(*parts)))


def compared(line, guide, same=True):
    return out_of_sync(line, guide, phrases(line), same_words=same)


@pytest.mark.parametrize("late", [-0.08, -0.03, 0.05, 0.12])
def test_a_shift_is_measured_at_begin_and_end_and_in_the_sounds(late):
    said = words(2, 8)
    guide = heard(silence(1), said, silence(1.2))
    line = heard(silence(1 + late), said, silence(1.2 - late))
    (phrase,) = compared(line, guide).phrases
    for ms in (phrase.begin_ms, phrase.end_ms, phrase.sound_ms):
        assert ms == pytest.approx(1000 * late, abs=11)
    assert phrase.in_sync == (-0.04 < late < 0.06)


def test_limits_are_those_of_ebu_r37():
    assert PhraseSync(0, 1, (0, 1), -40.0, 60.0).in_sync
    assert not PhraseSync(0, 1, (0, 1), -41.0, 0.0).in_sync
    assert not PhraseSync(0, 1, (0, 1), 0.0, 61.0).in_sync
    assert not PhraseSync(0, 1, None).in_sync


def test_speech_over_the_guides_silence_is_said():
    one, other = words(2, 6), words(4, 6)
    guide = heard(silence(1), one, silence(1), np.zeros_like(other), silence(1))
    line = heard(silence(1), one, silence(1), other, silence(1))
    left = compared(line, guide, same=False)
    assert [phrase.guide is None for phrase in left.phrases] == [False, True]
    assert left.phrases[0].sound_ms is None
    assert left.over_pause > 0.5 and left.unspoken < 0.05
    back = compared(guide, line, same=False)
    assert len(back.alone) == 1 and back.unspoken > 0.5
