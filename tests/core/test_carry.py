"""A tweak carried to another shot: what holds throughout copies, frames only when asked."""

from fractions import Fraction

import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.carry import carry, moved
from dubsync.core.tweak.take_comp import CompKey
from dubsync.core.tweak.tweak import Tweak

SOURCE = (
    Tweak(comp=(CompKey(1010, 1019, "t02", "la"),))
    .held("jaw", 0.8).held("ease", 6).keyed("width", 1010, 1.3).keyed("width", 1020, 0.9)
    .held("closure", 0.9).spanned("closure", 1030, 1040, 0.4)
    .showing("m", 1020, 1022).touching("lip to teeth", 1050, 1050)
)  # fmt: skip


def test_without_being_asked_only_values_that_hold_throughout_are_carried_and_the_rest_is_named():
    result = carry(SOURCE, Tweak().held("intensity", 1.1))
    assert result.tweak == (
        Tweak().held("intensity", 1.1).held("jaw", 0.8).held("closure", 0.9).held("ease", 6)
    )
    assert result.names == ("jaw", "closure", "ease")
    assert [name for name, _ in result.left] == [
        "takes by hand", "width", "closure", "viseme", "contact",
    ]  # fmt: skip


def test_keys_and_spans_move_with_the_shots_first_frame_when_asked():
    result = carry(SOURCE, Tweak(), shift=500)
    assert result.tweak == moved(SOURCE, 500).cleared("comp")
    assert result.tweak.curve("width").keys == ((1510, 1.3), (1520, 0.9))
    assert [name for name, _ in result.left] == ["takes by hand"]


def test_spans_that_would_fall_outside_the_other_shot_are_left_and_named():
    short = FrameRange(1500, 1525, Fraction(24))
    result = carry(SOURCE, Tweak(), shift=500, frames=short)
    assert result.tweak.curve("closure").spans == () and result.tweak.contacts == ()
    assert result.tweak.visemes and result.tweak.curve("closure").value == 0.9
    assert [name for name, _ in result.left] == ["takes by hand", "closure", "contact"]


def test_a_control_that_is_named_becomes_as_in_the_source_even_where_it_is_not_set_there():
    onto = Tweak().held("smoothing", 2).held("protrusion", 1.4)
    result = carry(SOURCE, onto, only=["jaw", "smoothing"])
    assert result.tweak == Tweak().held("jaw", 0.8).held("protrusion", 1.4)
    assert result.left == ()


def test_mix_stands_for_its_three_shares():
    source = Tweak().held("take", 0.0).held("sound", 1.0).held("jaw", 0.8)
    assert carry(source, Tweak(), only=["mix"]).tweak == Tweak().held("take", 0).held("sound", 1)


def test_an_unknown_control_is_refused_with_those_there_are():
    with pytest.raises(SettingsError, match="ears: no such control") as raised:
        carry(SOURCE, Tweak(), only=["jaw", "ears"])
    assert "protrusion" in raised.value.hint
