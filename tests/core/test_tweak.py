"""A Tweak takes effect where the artist set it, and nowhere else."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.contact import CONTACTS
from dubsync.core.errors import SettingsError
from dubsync.core.sound.phones import PHONES, VISEMES
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import REGIONS
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.curve import EASE, Curve, Span, slope
from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.tweak import Tweak, viseme_of
from dubsync.core.tweak.tweak_json import from_plain, plain

SHOT = FrameRange(1000, 1060, Fraction(24))
frame = st.integers(980, 1080)
names = st.sampled_from(tuple(CONTROLS))
LOOKS = ("off", "camera", "640,360", "-3.5,2")


@st.composite
def tweaks(draw):
    """Any valid tweak."""
    tweak = Tweak(ease=draw(st.integers(0, 12)))
    for _ in range(draw(st.integers(0, 6))):
        name = draw(names)
        value = draw(st.floats(CONTROLS[name].low, CONTROLS[name].high))
        a, b = sorted((draw(frame), draw(frame)))
        kind = draw(st.sampled_from(["held", "key", "span", "viseme", "choice", "like", "clear"]))
        if kind == "held":
            tweak = tweak.held(name, value)
        elif kind == "key":
            tweak = tweak.keyed(name, a, value)
        elif kind == "span":
            tweak = tweak.spanned(name, a, b, value)
        elif kind == "choice":
            choice = draw(st.sampled_from(["region", "look_at"]))
            text = draw(st.sampled_from(REGIONS if choice == "region" else LOOKS))
            tweak = tweak.chosen(choice, text, *draw(st.sampled_from([(), (a, b)])))
        elif kind == "like":
            span = draw(st.sampled_from([(None, None), (a, b)]))
            tweak = tweak.liking(LikeKey("ELISE:angry", (("browDownLeft", 0.4),), 0.7, *span))
        elif kind == "viseme":
            tweak = tweak.showing(draw(st.sampled_from(PHONES)), a, b)
            tweak = tweak.touching(draw(st.sampled_from(CONTACTS)), a, b)
        else:
            tweak = tweak.cleared(name)
    return tweak


@given(tweaks())
def test_a_tweak_survives_plain_and_from_plain(tweak):
    assert from_plain(plain(tweak)) == tweak


@given(tweaks(), names)
def test_a_control_never_leaves_its_range(tweak, name):
    values = tweak.at(name, SHOT)
    assert values.shape == (60,)
    assert (values >= CONTROLS[name].low - 1e-9).all()
    assert (values <= CONTROLS[name].high + 1e-9).all()


@given(tweaks(), names)
def test_a_cleared_control_is_back_at_its_default(tweak, name):
    cleared = tweak.cleared(name)
    assert not cleared.overrides(name, SHOT)
    for other in (n for n in CONTROLS if n != name):
        np.testing.assert_array_equal(cleared.at(other, SHOT), tweak.at(other, SHOT))


@given(frame, st.integers(0, 30), st.integers(0, 10))
def test_a_span_is_full_inside_and_zero_beyond_its_fades(first, length, ease):
    share = slope(first, first + length, SHOT, ease)
    numbers = np.arange(SHOT.start, SHOT.stop)
    inside = (numbers >= first) & (numbers <= first + length)
    beyond = (numbers < first - ease) | (numbers > first + length + ease)
    assert (share[inside] == 1).all()
    assert (share[beyond] == 0).all()
    assert (share[~inside & ~beyond] < 1).all()
    assert np.abs(np.diff(share)).max() <= 1.6 / (ease + 1)


def test_a_later_span_overrides_an_earlier_one_and_replaces_the_same_frames():
    tweak = Tweak(ease=0).spanned("jaw", 1010, 1030, 1.5).spanned("jaw", 1020, 1040, 0.5)
    values = tweak.at("jaw", SHOT)
    assert (values[10], values[25], values[39], values[41]) == (1.5, 0.5, 0.5, 1)
    again = tweak.spanned("jaw", 1010, 1030, 1.2)
    assert [s.value for s in again.curve("jaw").spans] == [0.5, 1.2]


def test_keyframes_are_eased_between_and_held_outside():
    tweak = Tweak().keyed("width", 1040, 2.0).keyed("width", 1020, 1.0)
    values = tweak.at("width", SHOT)
    assert (values[:21] == 1).all() and (values[40:] == 2).all()
    assert values[30] == pytest.approx(1.5)
    assert (np.diff(values) >= 0).all()
    assert (Tweak().keyed("width", 1020, 1.3).at("width", SHOT) == 1.3).all()


def test_a_constant_value_replaces_keyframes_and_spans():
    tweak = Tweak().keyed("jaw", 1010, 1.2).spanned("jaw", 1012, 1014, 0.5).held("jaw", 1.1)
    assert tweak.curve("jaw") == Curve(1.1)
    assert Tweak().held("jaw", 1.2).held("jaw", 1.0).neutral


def test_shares_sum_to_one_and_default_to_the_take():
    np.testing.assert_array_equal(Tweak().shares(SHOT), np.tile([1, 0, 0], (60, 1)))
    mixed = Tweak().held("sound", 1).spanned("original", 1020, 1030, 1.0).shares(SHOT)
    np.testing.assert_allclose(mixed.sum(axis=1), 1)
    np.testing.assert_allclose(mixed[25], 1 / 3)
    with pytest.raises(SettingsError, match="all 0 at frame 1020"):
        Tweak(ease=0).spanned("take", 1020, 1022, 0.0).shares(SHOT)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Tweak().held("jow", 1), "unknown control 'jow'"),
        (lambda: Tweak().held("jaw", 2.5), "jaw=2.5 is out of range"),
        (lambda: Tweak().held("jaw", float("nan")), "out of range"),
        (lambda: Tweak().spanned("jaw", 1020, 1010, 1.2), "run backwards"),
        (lambda: Tweak().showing("qq", 1, 1), "unknown viseme 'qq'"),
        (lambda: Tweak().held("ease", 2.5), "not a whole number"),
        (lambda: Tweak().held("ease", 99), "ease=99 is out of range"),
        (lambda: Curve(1, ((5, 1.0), (5, 2.0))), "not in rising order"),
        (lambda: Tweak((("width", Curve(1.5)), ("jaw", Curve(1.5)))), "out of order"),
        (lambda: from_plain([1]), "table of controls"),
        (lambda: from_plain({"jaw": {"spans": [[1, 2]]}}), "not a tweak"),
        (lambda: from_plain({"jaw": "wide"}), "not a tweak"),
        (lambda: from_plain({"jow": 1.0}), "unknown control"),
    ],
)
def test_an_invalid_tweak_is_refused(make, message):
    with pytest.raises(SettingsError, match=message):
        make()


def test_a_viseme_is_named_by_its_name_or_by_a_phone_as_typed():
    assert {viseme_of(name.replace(" ", "-")) for name in VISEMES} == set(VISEMES)
    assert [viseme_of(p) for p in ("m", "f", "th", "sh", "u")] == [
        "closed", "lip teeth", "tongue teeth", "hush", "round close",
    ]  # fmt: skip


@given(tweaks())
def test_a_mouth_shut_in_pauses_stays_shut_unless_the_artist_parts_it(tweak):
    shut = tweak.shut_in_pauses().at("pauses", SHOT)

    said = tweak.at("pauses", SHOT)
    if min(tweak.curve("pauses").values()) >= 0:
        np.testing.assert_allclose(shut, said - 1, atol=1e-9)
    # Below 0 the artist's own value is shut already: it stays so, and fades from where it is.
    assert (shut >= np.maximum(said - 1, -1) - 1e-9).all() and (shut <= said + 1e-9).all()
    assert (Tweak().shut_in_pauses().at("pauses", SHOT) == -1).all()
    assert Tweak().held("pauses", 1).shut_in_pauses().neutral
    for other in (n for n in CONTROLS if n != "pauses"):
        np.testing.assert_array_equal(tweak.shut_in_pauses().at(other, SHOT), tweak.at(other, SHOT))


def test_plain_holds_only_what_was_changed():
    tweak = Tweak().spanned("jaw", 1012, 1040, 1.2).held("slip_ms", 40).showing("m", 1020, 1020)
    assert plain(tweak) == {
        "jaw": {"value": 1.0, "keys": [], "spans": [[1012, 1040, 1.2]]},
        "slip_ms": 40.0,
        "visemes": [[1020, 1020, "closed"]],
    }
    assert plain(Tweak()) == {}
    assert Tweak().ease == EASE
    assert Span(3, 3, 1.0).last == 3
