"""An expression is asked for as people say it; one that is not there is refused."""

from types import SimpleNamespace

import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.learning.expressions import NamedExpression
from dubsync.core.progress import silent
from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.reel.heads.seen_expressions import with_expression
from dubsync.service.shape import expressions as module
from tests.service.faces.test_cast import shot

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


def nothing_read():
    """A project whose plates cannot be read: what is wrong with the request is told before."""
    shots = {name: shot(name, "ELISE") for name in ("A", "B")}
    return SimpleNamespace(
        turnover=lambda: SimpleNamespace(cut=SimpleNamespace(drop=False)),
        reel=SimpleNamespace(shot=shots.__getitem__),
    )


@pytest.mark.parametrize(
    ("shots", "asked", "options", "said"),
    [(["A"], "ELISE:smile=3", {}, "strength 3 of ELISE:smile is out of range"),
     (["A"], "ELISE:smile=1.2.3", {}, "strength '1.2.3' is not a number"),
     (["A"], "ELISE:smile@90..95", {}, "frame 90 (90..95) is not in A"),
     (["A"], "ELISE smile", {}, "is not WHO:EXPRESSION"),
     (["A", "B"], "ELISE:smile@5..9", {}, "stands on one shot's frames, and 2 shots are named"),
     (["A"], "ELISE:smile", {"character": "MARC"}, "'MARC' is not dubbed in A")],
)  # fmt: skip
def test_a_wrong_request_is_told_before_any_plate_is_read(shots, asked, options, said):
    with pytest.raises(SettingsError) as refused:
        module.like(nothing_read(), shots, [asked], progress=silent, **options)
    assert said in str(refused.value)
    assert refused.value.hint
