"""What a hand on a slider does to a Tweak: throughout, in a span, or as a key on the frame."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.controls import CONTROLS, MATTE, MIX
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.inspector.controls.change_at_frame import key_switched, mix_at, set_at, state_at
from dubsync.desk.inspector.controls.control_values import ROWS, form_of

FRAMES = FrameRange(1000, 1100, Fraction(24))
NAMES = ROWS


@st.composite
def changes(draw):
    form = form_of(draw(st.sampled_from([n for n in NAMES if n != "ease"])))
    return form.name, form.at_step(draw(st.integers(0, form.steps)))


def test_a_control_without_keys_is_set_throughout():
    changed = set_at(Tweak(), "jaw", 1010, 1.2, FRAMES)
    assert changed.tweak == Tweak().held("jaw", 1.2)
    assert changed.request == "jaw=1.2"


@given(change=changes(), frame=st.integers(1000, 1099), key=st.integers(1000, 1099))
def test_a_control_with_keys_gets_one_on_the_frame_and_shows_what_was_set(change, frame, key):
    name, value = change
    tweak = Tweak().keyed(name, key, CONTROLS[name].high)
    changed = set_at(tweak, name, frame, value, FRAMES).tweak
    assert frame in dict(changed.curve(name).keys)
    assert state_at(changed, name, frame, FRAMES).value == pytest.approx(value, abs=1e-6)


def test_in_a_span_the_span_takes_the_value():
    tweak = Tweak().spanned("jaw", 1010, 1020, 1.3)
    changed = set_at(tweak, "jaw", 1015, 1.5, FRAMES)
    assert changed.request == "jaw=1.5@1010..1020"
    assert state_at(changed.tweak, "jaw", 1012, FRAMES).value == 1.5


def test_where_a_span_fades_the_key_makes_up_for_it():
    tweak = Tweak().spanned("jaw", 1010, 1020, 1.3)
    changed = set_at(tweak, "jaw", 1008, 1.2, FRAMES).tweak
    assert state_at(changed, "jaw", 1008, FRAMES).value == pytest.approx(1.2)
    assert state_at(changed, "jaw", 1015, FRAMES).value == pytest.approx(1.3)


@given(change=changes(), frame=st.integers(1000, 1099))
def test_a_key_switched_on_and_off_leaves_what_was_seen(change, frame):
    name, value = change
    tweak = Tweak().held(name, value)
    keyed = key_switched(tweak, name, frame, FRAMES).tweak
    assert state_at(keyed, name, frame, FRAMES).keyed == "here"
    assert key_switched(keyed, name, frame, FRAMES).tweak == tweak


def test_a_mix_of_nothing_is_refused():
    with pytest.raises(SettingsError):
        mix_at(Tweak(), 1000, (0.0, 0.0, 0.0), FRAMES)


def test_a_mix_is_said_as_one_setting():
    assert (
        mix_at(Tweak(), 1000, (0.7, 0.3, 0.0), FRAMES).request
        == "mix=take:0.7,sound:0.3,original:0"
    )


# -- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_value_that_is_shown_is_read_back(name):
    form = form_of(name)
    for step in range(0, form.steps + 1, max(form.steps // 50, 1)):
        value = form.at_step(step)
        assert form.parse(form.text(value)) == pytest.approx(value)
        assert form.value_at(form.place(value)) == pytest.approx(value)


def test_every_control_has_a_row_or_a_share_of_the_mix():
    assert {*NAMES, *MIX, *MATTE} == {*CONTROLS, "ease"}  # the matte's are in the Face tab


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_can_be_written_in_the_history(name):
    assert form_of(name).text(CONTROLS[name].default)


@pytest.mark.parametrize("typed", ["3", "x", "", "nan", "-0.1"])
def test_a_number_out_of_range_is_refused_with_the_range(typed):
    with pytest.raises(SettingsError) as refused:
        form_of("jaw").parse(typed)
    assert "2" in refused.value.hint


def test_a_comma_a_unit_and_a_true_minus_are_understood():
    assert form_of("jaw").parse("1,25") == 1.25
    assert form_of("slip_ms").parse("\N{MINUS SIGN}20 ms") == -20
    assert form_of("smoothing").parse("3 f") == 3
