"""The artist's controls: frames without a tweak stay bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.contact import CONTACTS
from dubsync.core.sound.phones import VISEMES
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.drive.contact_keys import contact_share
from dubsync.engine.drive.controls import (
    SHUT,
    VISEME_SHARES,
    apply_tweak,
    viseme_mouth,
    viseme_share,
)
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import CHANNELS, fit
from dubsync.engine.motion.motion_range import (
    JAW,
    MOST_SIGMAS,
    OPENING,
    WIDTH,
    motion_range_of,
    mouth_for_channels,
    sigmas,
)
from tests.core.test_tweak import tweaks
from tests.engine.drive.drive_synthesis import RATE, face_track, talk

SECONDS = 6
TRACK = face_track(talk(SECONDS, seed=3), spread=0.4 * talk(SECONDS, seed=5))
BASIS = learn_basis([TRACK])
ACTOR = motion_range_of(BASIS, [fit(TRACK, BASIS).mouth])
FRAMES = FrameRange(1000, 1000 + SECONDS * 25, RATE)
PROTRUSION = CHANNELS.index("protrusion")


def speech():
    """(T, M) a mouth that talks, with lips closed for two frames now and then, and a rest."""
    wanted = np.zeros((len(FRAMES), len(CHANNELS)))
    at = np.arange(len(FRAMES))
    wanted[:, OPENING] = 0.07 - 0.05 * np.cos(at / 2.3)
    for first in (30, 60, 90):
        wanted[first : first + 2, OPENING] = 0
    slack = np.full(len(CHANNELS), np.inf)
    slack[OPENING] = 1e-5
    mouth = mouth_for_channels(
        wanted, np.tile(ACTOR.usual, (len(at), 1)).astype(float), ACTOR, slack
    )
    mouth[120:] = 0
    return mouth


MOUTH = speech()
CLOSED = np.flatnonzero(ACTOR.channels(MOUTH)[:, OPENING] <= SHUT)


def channel(mouth, which):
    return ACTOR.channels(mouth)[:, which]


def made(tweak):
    return apply_tweak(MOUTH, tweak, FRAMES, ACTOR, 0.04)


@pytest.mark.parametrize(
    "tweak",
    [
        Tweak(),
        Tweak(ease=9),
        Tweak().spanned("jaw", 1010, 1030, 1.0).keyed("width", 1020, 1.0),
        Tweak().held("slip_ms", 80).held("head", 1),
    ],
    ids=["none", "ease", "spans of 1", "others"],
)
def test_a_tweak_without_mouth_controls_changes_no_bit(tweak):
    np.testing.assert_array_equal(made(tweak), MOUTH)


@settings(max_examples=25)
@given(
    st.sampled_from(["intensity", "jaw", "width", "protrusion", "smoothing"]),
    st.floats(0, 2),
    st.integers(1010, 1060),
    st.integers(0, 30),
)
def test_a_span_changes_nothing_beyond_its_slopes_and_opens_no_closed_lips(
    name, value, first, length
):
    mouth = made(Tweak(ease=4).spanned(name, first, first + length, value))
    numbers = np.arange(FRAMES.start, FRAMES.stop)
    beyond = (numbers < first - 4) | (numbers > first + length + 4)
    np.testing.assert_array_equal(mouth[beyond], MOUTH[beyond])
    assert (channel(mouth, OPENING)[CLOSED] <= SHUT + 1e-6).all()
    assert (channel(mouth, OPENING) >= -1e-3).all()


@pytest.mark.parametrize(
    ("name", "which"), [("jaw", JAW), ("width", WIDTH), ("protrusion", PROTRUSION)]
)
def test_a_gain_moves_its_own_channel_by_as_much(name, which):
    before = channel(MOUTH, which)
    free = np.setdiff1d(np.arange(10, 110), CLOSED)
    for gain in (0.6, 1.15):
        after = channel(made(Tweak().held(name, gain)), which)
        np.testing.assert_allclose(after[free], gain * before[free], atol=0.006)


def test_intensity_0_rests_and_half_moves_half_as_much():
    np.testing.assert_array_equal(made(Tweak().held("intensity", 0)), 0)
    np.testing.assert_allclose(made(Tweak().held("intensity", 0.5)), 0.5 * MOUTH, atol=1e-9)


def test_smoothing_evens_out_and_keeps_closures():
    smooth = made(Tweak().held("smoothing", 2))
    rough = lambda m: np.abs(np.diff(channel(m, OPENING)[67:85], 2)).mean()  # noqa: E731
    assert rough(smooth) < 0.7 * rough(MOUTH)
    assert (channel(smooth, OPENING)[CLOSED] <= SHUT + 1e-6).all()


def test_the_closure_control_opens_closures_proportionally_and_rest_stays_rest():
    shut = [30, 31, 60, 61, 90, 91]
    open_, half = (channel(made(Tweak().held("closure", k)), OPENING) for k in (0, 0.5))
    assert (open_[shut] > 0.015).all()
    np.testing.assert_allclose(half[shut], 0.5 * open_[shut], atol=0.003)
    np.testing.assert_array_equal(made(Tweak().held("closure", 0))[120:], 0)


def test_every_viseme_has_a_mouth_of_this_actor():
    assert set(VISEME_SHARES) == set(VISEMES) - {"rest"}
    opening = {v: channel(viseme_mouth(v, ACTOR)[None], OPENING)[0] for v in VISEMES}
    assert opening["closed"] == pytest.approx(0, abs=1e-3)
    assert opening["wide"] > opening["neutral"] > opening["lip teeth"] > opening["closed"]
    width = {v: channel(viseme_mouth(v, ACTOR)[None], WIDTH)[0] for v in VISEMES}
    assert width["spread close"] > width["neutral"] > width["round close"]
    assert not viseme_mouth("rest", ACTOR).any()


def test_a_viseme_key_is_shown_in_full_whatever_the_other_controls():
    tweak = Tweak(ease=3).held("intensity", 0.5).held("closure", 0).showing("m", 1045, 1046)
    mouth = made(tweak)
    np.testing.assert_allclose(mouth[45:47], np.tile(viseme_mouth("closed", ACTOR), (2, 1)))
    share = viseme_share(tweak, FRAMES)
    assert (share[45:47] == 1).all() and (share[:42] == 0).all() and (share[50:] == 0).all()


@settings(max_examples=25)
@given(tweaks())
def test_any_tweak_gives_a_mouth_within_the_actors_range(tweak):
    mouth = made(tweak)
    assert np.isfinite(mouth).all()
    assert (channel(mouth, OPENING) >= -1e-3).all()
    allowed = np.maximum(MOST_SIGMAS, sigmas(MOUTH, ACTOR).max())
    assert (sigmas(mouth, ACTOR) <= 1.3 * allowed).all()


def test_a_contact_changes_its_own_frames_alone_and_shows_what_it_names():
    at = 40 + int(np.argmax(channel(MOUTH, OPENING)[40:56]))

    def touched(kind):
        return made(Tweak().touching(kind, 1000 + at, 1000 + at))

    mouths = {kind: touched(kind) for kind in CONTACTS}
    for mouth in mouths.values():
        beyond = np.abs(np.arange(len(FRAMES)) - at) > 1
        np.testing.assert_array_equal(mouth[beyond], MOUTH[beyond])
    opening = {kind: channel(mouth, OPENING)[at] for kind, mouth in mouths.items()}
    before = channel(MOUTH, OPENING)[at]
    assert opening["closed lips"] == pytest.approx(0, abs=1e-3)
    assert opening["closed lips"] < opening["lip to teeth"] < before
    assert channel(mouths["rounded lips"], WIDTH)[at] < channel(MOUTH, WIDTH)[at]
    assert channel(mouths["teeth near"], JAW)[at] <= channel(MOUTH, JAW)[at] + 1e-6
    # The jaw hardly follows lips that close: the lower lip does the work.
    assert abs(channel(mouths["closed lips"], OPENING)[at - 1]) < channel(MOUTH, OPENING)[at - 1]


def test_a_contact_is_shown_where_the_plate_would_be_kept():
    share = contact_share(Tweak().touching("closed lips", 1040, 1041).contacts, FRAMES, ease=3)
    assert (share[40:42] == 1).all() and not share[44 + 1 + 1 :].any()
