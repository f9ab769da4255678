"""One line in its stem: the channels and voices that are not the line's stay as they were."""

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.core.shot import Line, Stem
from dubsync.core.sound.tracks import SoundChoice
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.sound.pcm_copy import pcm_copy
from dubsync.service.align.one_line import StemInWork, align_one
from dubsync.speech.audio_features import extract_features
from dubsync.speech.elastic.fit import Phrase
from dubsync.speech.elastic.rhythm import rhythm_of
from tests.media.sound_synthesis import Track, write_tracks
from tests.speech.speech_synthesis import RATE, silence, sound, words

START = 3600
FREE = (float("-inf"), float("inf"))
SAID = words(4, 8)
LASTS = len(SAID) / RATE


class Given:
    """A guide made of some sound from START on."""

    called, notes = "the guide", ()

    def __init__(self, *parts):
        self._rhythm = rhythm_of(extract_features(sound(*parts, start=START)))

    def rhythm(self, line, times, begin):
        return self._rhythm.at(times, float(times[0]))


def in_work(folder, channels, heard=(), turns=None):
    path = write_tracks(folder / "stem.wav", [Track(channels)], rate=RATE)
    stem = Stem("ANNA", "de-DE", str(path), RATE, len(channels), Fraction(START), turns,
                SoundChoice(0, heard))  # fmt: skip
    return StemInWork(pcm_copy(path, folder / "copy.wav", stem.start), stem)


def line(begin, end):
    rate = Fraction(25)
    frames = FrameRange(int((START + begin) * 25), int((START + end) * 25) + 1, rate)
    return Line("ANNA_L001", "ANNA", "de-DE", "stem.wav", frames)


def stereo(one, other):
    return np.stack([one, other], axis=1).astype(np.float32)


def test_a_late_line_is_brought_to_its_guide_in_the_channel_heard_alone(tmp_path):
    late = np.concatenate([silence(3.15), SAID, silence(3)])
    music = 0.05 * np.sin(np.arange(len(late)) / 9)
    work = in_work(tmp_path, stereo(music, late), heard=(2,))
    before = work.copy.read(0, len(late))
    fitted = align_one(work, line(3.1, 3.2 + LASTS), FREE, Given(silence(3), SAID, silence(3)))
    after = work.copy.read(0, len(late))
    assert fitted.same_words
    assert fitted.before.phrases[0].begin_ms == pytest.approx(150, abs=15)
    assert all(abs(p.begin_ms) <= 15 and abs(p.end_ms) <= 15 for p in fitted.after.phrases)
    assert (after[:, 0] == before[:, 0]).all()
    assert (after[:, 1] != before[:, 1]).any()


def test_other_voices_of_a_mixed_stem_are_not_changed(tmp_path):
    other = words(9, 5, 180.0)
    mix = np.concatenate([silence(1.5), other, silence(0.5), SAID, silence(3)])
    begin = 2.0 + len(other) / RATE
    turns = ((begin - 0.05, begin + LASTS + 0.05),)
    work = in_work(tmp_path, mix[:, None].astype(np.float32), turns=turns)
    before = work.copy.read(0, len(mix))
    guide = Given(silence(begin - 0.12), SAID, silence(3.12))
    align_one(work, line(begin, begin + LASTS), FREE, guide)
    after = work.copy.read(0, len(mix))
    kept = int((1.5 + len(other) / RATE) * RATE)
    assert (after[:kept] == before[:kept]).all()
    assert (after[kept:] != before[kept:]).any()


def test_a_line_does_not_run_into_the_next(tmp_path):
    following = words(9, 5, 180.0)
    stem = np.concatenate([silence(3), SAID, silence(0.4), following, silence(3)])
    work = in_work(tmp_path, stem[:, None].astype(np.float32))
    before = work.copy.read(0, len(stem))
    guide = Given(silence(3.5), SAID, silence(0.4), following, silence(2.5))
    fitted = align_one(work, line(3, 3 + LASTS), FREE, guide)
    after = work.copy.read(0, len(stem))
    begins = 3.4 + LASTS
    assert fitted.phrases[-1].out[-1] < START + begins
    assert (after[int((begins + 0.02) * RATE) :] == before[int((begins + 0.02) * RATE) :]).all()


def test_a_change_that_would_leave_more_out_of_sync_is_taken_back(tmp_path, monkeypatch):
    stem = np.concatenate([silence(3), SAID, silence(3)])
    work = in_work(tmp_path, stem[:, None].astype(np.float32))
    before = work.copy.path.read_bytes()

    def far_off(line, guide, spans, room, *, same_words):
        times = [line.start + np.arange(a, b + 1) / 100 for a, b in spans]
        return tuple(Phrase(source, source + 0.3) for source in times)

    monkeypatch.setattr("dubsync.service.align.one_line.fit", far_off)
    fitted = align_one(work, line(3, 3 + LASTS), FREE, Given(silence(3), SAID, silence(3)))
    assert all((phrase.offset == 0).all() for phrase in fitted.phrases)
    assert work.copy.path.read_bytes() == before


@pytest.mark.parametrize("late", [-0.2, 0.1])
def test_a_stem_that_is_cut_off_in_a_word_keeps_its_length(tmp_path, late):
    stem = np.concatenate([silence(0.02), SAID])
    work = in_work(tmp_path, stem[:, None].astype(np.float32))
    guide = Given(silence(0.02), SAID[: int((LASTS + late) * RATE)], silence(2))
    fitted = align_one(work, line(0, LASTS), FREE, guide)
    assert work.copy.read(0, len(stem) + 9)[len(stem) :].any() == 0
    assert fitted.phrases[-1].out[-1] <= START + 0.02 + LASTS + 1e-6
    assert fitted.phrases[0].out[0] >= START - 1e-6


def test_a_line_or_a_guide_without_speech_is_refused(tmp_path):
    quiet = np.concatenate([silence(3), SAID, silence(3)])
    work = in_work(tmp_path, quiet[:, None].astype(np.float32))
    with pytest.raises(MediaError, match="no speech is heard in the line"):
        align_one(work, line(0.2, 1.0), FREE, Given(silence(3), SAID, silence(3)))
    with pytest.raises(MediaError, match="nobody speaks in the guide"):
        align_one(work, line(3, 3 + LASTS), FREE, Given(silence(12)))
    with pytest.raises(MediaError, match="no sound over most"):
        align_one(work, line(3, 3 + LASTS), FREE, Given(silence(2)))
