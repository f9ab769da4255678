"""Several takes of one line: the best for each word, sound where none is good, smooth cross-
fades.
"""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.sound.cut_points import cut_points
from dubsync.core.steps import TakeCue
from dubsync.core.tweak.take_comp import BY_HAND
from dubsync.core.tweak.take_lane import FAULTS, HIDDEN
from dubsync.engine.drive.comping import FADE_FRAMES, SOUND, Hand, comp
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, fit, mouth_shape
from dubsync.engine.motion.motion_range import motion_range_of
from dubsync.engine.sound.drive import drive_audio
from tests.engine.drive.drive_synthesis import against, face_track, quiet, spoken_between, talk

SECONDS = 8
ACTOR = face_track(0.8 * talk(12, seed=11), wide=1.1, sway=0.15)
BASIS = learn_basis([ACTOR])
RANGE = motion_range_of(BASIS, [fit(ACTOR, BASIS).mouth])
AT = np.arange(SECONDS * 25) / 25
#: Three words with pauses of a third of a second between them.
DUB = spoken_between(SECONDS, (0.5, 2.5), (2.83, 5.0), (5.33, 7.5))
AUDIO = against(DUB, face_track(np.zeros(SECONDS * 25)))
SOUND_MOUTH = np.asarray(drive_audio(AUDIO, None, BASIS), np.float64)


def take(seed=31, name="T1", lost=(), alike=None, turned=(), jaw=None):
    """A take of the whole dub; `lost` and `turned`: spans in seconds."""
    track = face_track(talk(SECONDS, seed=seed) if jaw is None else jaw, size=260, seed=seed)
    confidence, points = np.ones(len(AT)), np.array(track.landmarks)
    for begin, end in lost:
        confidence[(begin <= AT) & (end > AT)] = 0
    for begin, end in turned:
        here = (begin <= AT) & (end > AT)
        away = to_matrices(np.array([[0, np.radians(75), 0]]))[0]
        middle = points[here].mean(axis=1, keepdims=True)
        points[here] = (points[here] - middle) @ away.T + middle
    track = replace(track, confidence=confidence, landmarks=points)
    return TakeCue(track, AT, (0.0, float(AT[-1])), name, alike)


def made(*cues):
    return comp(SOUND_MOUTH, AUDIO, cues, BASIS, RANGE)


def inside(begin, end):
    return (begin <= AT) & (end > AT)


def test_one_good_take_drives_every_word():
    result = made(take())

    assert (result.owner == 0).all()
    assert set(result.why) == {""}


def test_each_word_comes_from_the_take_that_shows_it():
    result = made(take(31, "T1", lost=[(2.6, 5.1)]), take(47, "T2", lost=[(0.3, 2.4)]))

    assert (result.owner[inside(0.6, 2.3)] == 0).all()
    assert (result.owner[inside(3.0, 4.8)] == 1).all()
    assert (result.driven[inside(0.6, 7.4)] > 0.99).all()
    assert result.why[75] == f"T1: {FAULTS[0]}"


def test_a_take_is_not_switched_for_an_equally_good_one():
    result = made(take(31, "T1"), take(47, "T2"))

    assert len(set(result.owner.tolist())) == 1


def test_takes_cross_fade_between_words():
    one, other = take(31, "T1", lost=[(5.25, 8)]), take(47, "T2", lost=[(0, 5.0)])
    result = made(one, other)
    alone = [made(replace(c, name=c.name)).mouth for c in (one, other)]

    change = np.abs(np.diff(result.mouth, axis=0)).max(axis=1)
    usual = max(np.abs(np.diff(m, axis=0)).max() for m in alone)
    assert change[inside(4.6, 5.9)[1:]].max() <= usual
    assert {0, 1} <= set(result.owner.tolist())


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ({"lost": [(2.7, 5.1)]}, FAULTS[0]),
        ({"turned": [(2.7, 5.1)]}, FAULTS[1]),
        ({"alike": np.where(inside(2.7, 5.1), 0.05, 0.9).astype(np.float32)}, FAULTS[4]),
    ],
)
def test_a_word_with_a_weak_take_is_driven_by_sound_with_a_reason(weak, why):
    result = made(take(**weak))

    word = inside(3.0, 4.8)
    assert (result.owner[word] == SOUND).all()
    np.testing.assert_array_equal(result.mouth[word], SOUND_MOUTH[word])
    assert result.why[np.flatnonzero(word)[10]] == f"T1: {why}"
    assert (result.owner[inside(0.6, 2.2)] == 0).all()
    assert (result.owner[inside(5.6, 7.2)] == 0).all()


def test_a_mouth_that_is_hidden_while_the_dub_speaks_is_not_used():
    result = made(take(jaw=np.where(inside(2.6, 5.2), 0.0, talk(SECONDS, seed=31))))

    assert (result.owner[inside(3.25, 4.6)] == SOUND).all()
    assert result.why[90] == f"T1: {HIDDEN}"


def test_a_short_tracking_gap_does_not_switch_the_take():
    result = made(take(lost=[(3.6, 3.68)]))

    assert (result.owner[inside(0.6, 7.4)] == 0).all()
    assert (result.driven[inside(0.6, 7.4)] == 1).all()


def test_shares_never_exceed_one_and_end_with_the_span():
    cue = replace(take(), span=(3.0, 6.0))
    result = made(cue, replace(take(47, "T2"), span=(5.0, 7.0)))

    assert result.driven.min() >= 0 and result.driven.max() <= 1 + 1e-9
    assert (result.driven[(AT < 3.0) | (AT > 7.0)] == 0).all()
    assert np.abs(np.diff(result.driven)).max() < 0.6


def test_lips_closed_by_the_words_own_take_stay_closed_in_a_cross_fade():
    shut = talk(SECONDS, seed=31)
    shut[inside(5.0, 5.3)] = 0
    one, other = take(31, "T1", lost=[(5.5, 8)], jaw=shut), take(47, "T2", lost=[(0, 4.9)])
    result = made(one, other)

    opening = channels(BASIS.rest + mouth_shape(result.mouth.astype(np.float32), BASIS)).opening
    theirs = result.owner == 0
    assert opening[theirs & inside(5.05, 5.25)].max() < 0.006
    assert opening.min() > -0.004


def test_without_takes_the_sound_driven_mouth_is_unchanged():
    result = made()

    np.testing.assert_array_equal(result.mouth, SOUND_MOUTH)
    assert (result.owner == SOUND).all()


def test_words_begin_and_end_in_pauses():
    result = cut_points(DUB)

    for begin, end in ((2.5, 2.83), (5.0, 5.33)):
        assert ((result > begin - 0.05) & (result < end + 0.05)).any()
    assert (np.diff(result) > 0.1).all()
    assert len(cut_points(quiet(3))) == 0


def test_long_pauses_are_segments_of_their_own():
    result = cut_points(spoken_between(6, (1, 2), (4, 5)))

    assert ((result > 2) & (result < 2.3)).any() and ((result > 3.7) & (result < 4)).any()
    assert FADE_FRAMES < 0.3 * 25


def by_hand(source, begin, end):
    return Hand(inside(begin, end), source)


def with_hands(cues, *hands):
    return comp(SOUND_MOUTH, AUDIO, cues, BASIS, RANGE, hands)


def test_a_take_set_by_hand_says_its_word_and_no_other_word_changes():
    one, two = take(), take(seed=32, name="T2", alike=np.full(len(AT), 0.6, np.float32))
    automatic, result = made(one, two), with_hands((one, two), by_hand("T2", 2.83, 5.0))
    word, away = inside(2.83, 5.0), ~inside(2.83 - 0.2, 5.0 + 0.2)

    assert (automatic.owner == 0).all()
    assert (result.owner[word] == 1).all() and (result.owner[~word] == 0).all()
    assert set(np.array(result.why)[word]) == {BY_HAND}
    assert np.array_equal(result.mouth[away], automatic.mouth[away])


def test_sources_set_by_hand_cross_fade_as_the_others_do():
    result = with_hands((take(),), by_hand("sound", 2.83, 5.0))
    assert (result.owner[inside(2.83, 5.0)] == SOUND).all()
    assert np.abs(np.diff(result.driven)).max() < 0.5
    assert result.driven[inside(3.2, 4.6)].max() == 0 and result.driven[inside(5.6, 7.0)].min() == 1


def test_a_take_refused_for_its_likeness_alone_is_used_when_a_person_sets_it():
    unlike = take(alike=np.where(inside(2.7, 5.1), 0.05, 0.9).astype(np.float32))
    assert (made(unlike).owner[inside(3.2, 4.6)] == SOUND).all()
    result = with_hands((unlike,), by_hand("T1", 2.83, 5.0))
    assert (result.owner[inside(2.83, 5.0)] == 0).all()


@pytest.mark.parametrize(
    ("wrong", "fault"), [({"lost": [(2.7, 5.1)]}, 0), ({"turned": [(2.7, 5.1)]}, 1)]
)
def test_a_take_without_a_usable_face_is_refused_with_the_reason_even_by_hand(wrong, fault):
    result = with_hands((take(**wrong), take(name="T2")), by_hand("T1", 2.83, 5.0))
    assert (result.owner[inside(2.83, 5.0)] == 1).all()  # the automatic choice stays
    assert result.why[95] == f"T1 {BY_HAND}: {FAULTS[fault]}"


def test_what_every_take_offers_is_told_even_where_none_can_be_used():
    lost = take(lost=[(0.0, 8.0)])
    result = with_hands((lost,), by_hand("T1", 2.83, 5.0))
    assert [lane.name for lane in result.lanes] == ["T1"]
    assert result.lanes[0].fit(inside(2.83, 5.0)) == (0.0, FAULTS[0])
    assert result.why[95] == f"T1 {BY_HAND}: {FAULTS[0]}"
