"""An expression is asked for as people say it; one that is not there is refused."""

import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.learning.expressions import NamedExpression
from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.reel.heads.seen_expressions import with_expression
from dubsync.service.shape import expressions as module

SMILE = NamedExpression("smile", 0, 1010, 0.7, (("mouthSmileLeft", 0.6),))
ASIDE = NamedExpression("look left", 0, 1020, 0.6, (), (-0.6, 0.1))


@pytest.mark.parametrize(
    ("asked", "parts"),
    [("ELISE:angry", ("ELISE", "angry", None, None)),
     ("ELISE:smile=0.6@1012..1040", ("ELISE", "smile", "0.6", "1012..1040")),
     ("MARC_L002_t02:+12", ("MARC_L002_t02", "+12", None, None)),
     ("ELISE: look left = .5 @ L001", ("ELISE", "look left", ".5", "L001"))],
)  # fmt: skip
def test_what_is_asked_for_is_understood(asked, parts):
    assert module._LIKE.fullmatch(asked).groups() == parts


@pytest.mark.parametrize("asked", ["ELISE", ":angry", "ELISE:", "ELISE:angry=x"])
def test_anything_else_is_not(asked):
    assert module._LIKE.fullmatch(asked) is None


def test_an_expression_that_the_footage_lacks_is_refused_with_those_it_has():
    assert module._of_name([SMILE, ASIDE], "Look-Left", "ELISE") is ASIDE
    with pytest.raises(SettingsError) as refused:
        module._of_name([SMILE, ASIDE], "angry", "ELISE")
    assert "smile, look left" in refused.value.hint


def test_a_glance_turns_the_eyes_too():
    key = LikeKey("ELISE:look left", (), 0.5, 1012, 1020)
    tweak = with_expression(Tweak(), key, ASIDE)
    assert [span.value for span in tweak.curve("gaze_x").spans] == [-0.3]
    assert with_expression(Tweak(), key, SMILE).curves == ()
