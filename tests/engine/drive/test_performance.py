"""Takes in their spans, sound elsewhere, rest during the original's words, the plate elsewhere."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.steps import AlignedAudio, TakeCue
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.drive import performance as driving
from dubsync.engine.drive.performance import drive
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, fit, mouth_shape
from dubsync.engine.motion.retarget import retarget
from tests.engine.drive.drive_synthesis import against, face_track, quiet, spoken_between, talk

SECONDS = 8
TALKING = face_track(talk(SECONDS, seed=1), sway=0.1)
STILL = face_track(np.zeros(SECONDS * 25), seed=4)
BASIS = learn_basis([TALKING])
AT = np.arange(SECONDS * 25) / 25


@pytest.fixture(autouse=True)
def accept_any_actor(monkeypatch):
    monkeypatch.setattr(driving, "ours", lambda actor: actor)


ACTOR = SimpleNamespace(
    character="EVE", model=BASIS, sound={}, basis=BASIS.digest, digest="d", expression=None
)


def driven(track, dub, plate_audio=None, takes=(), tweak=None):
    aligned = None if plate_audio is None else against(plate_audio, track)
    return drive(
        fit(track, BASIS), ACTOR, against(dub, track), plate_audio=aligned, takes=takes,
        tweak=tweak or Tweak(),
    )  # fmt: skip


def opening(performance):
    return channels(BASIS.rest + mouth_shape(performance.mouth, BASIS)).opening


def test_where_neither_speaks_the_weight_is_exactly_zero():
    performance = driven(TALKING, spoken_between(SECONDS, (2, 4)), quiet(SECONDS))

    weight = performance.weight
    assert (weight[(AT < 1.7) | (AT > 4.4)] == 0).all()
    assert (weight[(AT >= 1.9) & (AT < 4.0)] == 1).all()
    assert performance.source == "audio"


def test_the_weight_opens_before_the_first_word_and_rises_without_a_jump():
    weight = driven(
        TALKING, spoken_between(SECONDS, (2, 4)), quiet(SECONDS), tweak=Tweak(ease=3)
    ).weight

    opens, full = AT[np.flatnonzero(weight)[0]], AT[np.flatnonzero(weight == 1)[0]]
    assert 1.7 <= opens < full <= 1.94
    assert np.abs(np.diff(weight)).max() < 0.5


def test_the_mouth_rests_where_the_original_talks_and_the_dub_is_silent():
    performance = driven(TALKING, quiet(SECONDS), spoken_between(SECONDS, (1, 7)))

    inside = (AT > 1.3) & (AT < 6.7)
    assert (performance.weight[inside] == 1).all()
    np.testing.assert_array_equal(performance.mouth[inside], 0)


def test_another_speaker_over_a_still_mouth_changes_nothing():
    performance = driven(STILL, quiet(SECONDS), spoken_between(SECONDS, (1, 7)))

    assert (performance.weight == 0).all()


def test_on_a_silent_plate_a_mouth_that_clearly_talks_is_put_to_rest():
    assert (driven(TALKING, quiet(SECONDS)).weight > 0).mean() > 0.8
    assert (driven(STILL, quiet(SECONDS)).weight == 0).all()


def test_short_pauses_keep_their_weight():
    dub = spoken_between(SECONDS, (2, 3), (3.4, 4.4), (6, 7))
    weight = driven(STILL, dub, quiet(SECONDS)).weight

    assert (weight[(AT > 2) & (AT < 4.4)] == 1).all()
    assert (weight[(AT > 4.9) & (AT < 5.7)] == 0).all()


def a_take(span=(3.0, 6.0), confidence=None):
    track = face_track(talk(SECONDS, seed=31), size=260, wide=0.95, seed=6)
    if confidence is not None:
        track = replace(track, confidence=confidence)
    return TakeCue(track, AT, span)


def test_takes_drive_their_span_and_sound_the_rest():
    dub = spoken_between(SECONDS, (0, 8))
    by_sound = driven(TALKING, dub, quiet(SECONDS))
    by_take = driven(TALKING, dub, quiet(SECONDS), [a_take()])

    assert by_take.source == "take"
    outside = (AT < 2.95) | (AT > 6.05)
    np.testing.assert_allclose(by_take.mouth[outside], by_sound.mouth[outside], atol=1e-6)
    inside = (AT > 3.3) & (AT < 5.7)
    assert np.corrcoef(opening(by_take)[inside], talk(SECONDS, seed=31)[inside])[0, 1] > 0.9


def test_take_and_sound_cross_fade_over_frames():
    dub = spoken_between(SECONDS, (0, 8))
    mouth = driven(TALKING, dub, quiet(SECONDS), [a_take()]).mouth
    sound = driven(TALKING, dub, quiet(SECONDS)).mouth

    change = np.linalg.norm(mouth - sound, axis=1)
    first = int(np.flatnonzero(change > 1e-6)[0])
    settled = np.median(change[first + 5 : first + 30])
    assert change[first] < 0.35 * settled


def test_a_take_that_shows_no_face_falls_back_to_sound():
    dub = spoken_between(SECONDS, (0, 8))
    unseen = a_take(confidence=np.zeros(len(AT)))

    performance = driven(TALKING, dub, quiet(SECONDS), [unseen])

    assert performance.source == "audio"
    np.testing.assert_array_equal(performance.mouth, driven(TALKING, dub, quiet(SECONDS)).mouth)


def test_slip_moves_mouth_and_weight_later():
    dub = spoken_between(SECONDS, (2, 4))
    usual, late = (
        driven(STILL, dub, quiet(SECONDS), tweak=Tweak().held("slip_ms", ms)) for ms in (0, 200)
    )

    np.testing.assert_allclose(late.mouth[5:], usual.mouth[:-5], atol=1e-5)
    np.testing.assert_array_equal(late.weight[5:], usual.weight[:-5])


def test_the_mix_chooses_between_take_and_sound():
    dub = spoken_between(SECONDS, (0, 8))
    by_sound = driven(TALKING, dub, quiet(SECONDS))
    by_take = driven(TALKING, dub, quiet(SECONDS), [a_take()])
    only_sound = Tweak().held("take", 0).held("sound", 1)

    tweaked = driven(TALKING, dub, quiet(SECONDS), [a_take()], only_sound)
    half = driven(TALKING, dub, quiet(SECONDS), [a_take()], Tweak().held("sound", 1))

    assert tweaked.source == "audio"
    np.testing.assert_allclose(tweaked.mouth, by_sound.mouth, atol=1e-6)
    np.testing.assert_allclose(half.mouth, (by_sound.mouth + by_take.mouth) / 2, atol=1e-5)


def test_the_original_share_lowers_the_weight():
    dub = spoken_between(SECONDS, (0, 8))
    usual = driven(TALKING, dub, quiet(SECONDS))
    tweak = Tweak(ease=4).spanned("original", 80, 100, 1.0).spanned("take", 80, 100, 0.0)

    tweaked = driven(TALKING, dub, quiet(SECONDS), tweak=tweak)

    assert (tweaked.weight[80:101] == 0).all()
    np.testing.assert_array_equal(tweaked.weight[:75], usual.weight[:75])
    np.testing.assert_array_equal(tweaked.mouth, usual.mouth)
    corrected = retarget(fit(TALKING, BASIS), tweaked, tweak)
    np.testing.assert_array_equal(corrected.mouth[80:101], fit(TALKING, BASIS).mouth[80:101])


def test_a_viseme_shows_even_where_nobody_speaks():
    tweak = Tweak().showing("wide", 150, 152)

    tweaked = driven(TALKING, spoken_between(SECONDS, (1, 2)), quiet(SECONDS), tweak=tweak)

    assert (tweaked.weight[150:153] == 1).all()
    assert (tweaked.weight[160:] == 0).all()
    assert opening(tweaked)[151] > 0.05


def test_a_tweak_of_usual_values_changes_no_bit():
    dub = spoken_between(SECONDS, (1, 7))
    usual = driven(TALKING, dub, quiet(SECONDS), [a_take()])
    tweak = Tweak()
    for name, known in CONTROLS.items():
        tweak = tweak.spanned(name, 20, 90, known.default).keyed(name, 120, known.default)

    tweaked = driven(TALKING, dub, quiet(SECONDS), [a_take()], tweak)

    np.testing.assert_array_equal(tweaked.mouth, usual.mouth)
    np.testing.assert_array_equal(tweaked.weight, usual.weight)
    original = fit(TALKING, BASIS)
    np.testing.assert_array_equal(
        retarget(original, tweaked, tweak).mouth, retarget(original, usual, Tweak()).mouth
    )


def test_motion_and_sound_that_do_not_match_are_refused():
    dub = spoken_between(SECONDS, (2, 4))
    motion = fit(TALKING, BASIS)
    with pytest.raises(ModelError, match="basis"):
        drive(replace(motion, basis="x"), ACTOR, against(dub, TALKING), plate_audio=None, takes=(),
              tweak=Tweak())  # fmt: skip
    short = face_track(np.zeros(10))
    with pytest.raises(ShapeError, match="10 frames"):
        drive(motion, ACTOR, against(dub, short), plate_audio=None, takes=(), tweak=Tweak())


@pytest.mark.parametrize("times", ["frozen", "reversed", "one frame"])
def test_retimed_plates_are_driven_by_when_each_frame_is_shown(times):
    dub = spoken_between(SECONDS, (1, 7))
    usual = driven(TALKING, dub, quiet(SECONDS))
    if times == "one frame":
        track, at = face_track(np.array([0.5])), np.array([2.0])
        again = drive(
            fit(track, BASIS),
            ACTOR,
            AlignedAudio(dub, at),
            plate_audio=None,
            takes=(),
            tweak=Tweak(),
        )
        assert again.weight.tolist() == [1.0]
        np.testing.assert_allclose(again.mouth[0], usual.mouth[50], atol=0.05)
        return
    at = AT[::-1] if times == "reversed" else np.full(len(AT), 2.0)
    again = drive(
        fit(TALKING, BASIS), ACTOR, AlignedAudio(dub, at), plate_audio=None, takes=(), tweak=Tweak()
    )  # fmt: skip
    wanted = usual.mouth[::-1] if times == "reversed" else np.repeat(usual.mouth[50:51], len(AT), 0)
    np.testing.assert_allclose(again.mouth, wanted, atol=1e-4)
