"""The keys for the next and the last key stop wherever a hand asked something."""

from types import SimpleNamespace

from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.viewer.viewer_keys import tweak_frames


def test_both_ends_of_a_region_a_look_and_an_expression_are_stops():
    tweak = Tweak().chosen("region", "head", 10, 40).chosen("look_at", "camera", 15, 30)
    tweak = tweak.liking(LikeKey("ELISE:smile", (), 1.0, 20, 25))
    tweak = tweak.liking(LikeKey("ELISE:pout", ()))
    session = SimpleNamespace(
        character="ELISE", edits=SimpleNamespace(tweak=lambda character: tweak)
    )
    assert tweak_frames(session) == [10, 15, 20, 25, 30, 40]
