"""How far a shot's controls go is told with every change, and comes whole to the window."""

from types import SimpleNamespace

import numpy as np

from dubsync.core.errors import ConsentMissing
from dubsync.core.learning.expressions import NamedExpression
from dubsync.core.learning.reach import Beyond, Held
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.preview.reach import packed_reach, shot_reach, unpacked_reach
from dubsync.service.preview.shown_expressions import (
    ShotExpressions,
    ShownExpression,
    packed_expressions,
    unpacked_expressions,
)
from tests.service.faces.test_cast import SPAN, face

FAR = Beyond("yaw", 10, 20, 15, 5.0, "degrees", "no head is near it", "turn less")


def asked(tweak, refuse=None):
    """The reach of a shot of ELISE with an engine that knows how far its actor goes."""

    def held(actor, head, original, regions):
        low = -np.arange(len(SPAN), dtype=np.float32)
        return [Held("yaw", low, np.ones_like(low), np.zeros_like(low))]

    def beyond(actor, head, original, corrected, tweak):
        return [] if tweak.neutral else [FAR]

    def consent(tweaks=None):
        if refuse is not None and tweaks is not None:
            raise refuse

    track = face(1, "ELISE")
    motion = SimpleNamespace(track=track, original=None, corrected=None)
    seen = SimpleNamespace(
        character="ELISE", track=track, known_head=lambda: None, blocks=(SPAN,),
        to_drive=SimpleNamespace(actor=None), motion=lambda tweak, block: motion,
    )  # fmt: skip
    shown = SimpleNamespace(
        reel=SimpleNamespace(engine=SimpleNamespace(held=held, beyond=beyond)), frames=SPAN,
        shot=SimpleNamespace(name="a"), characters=("ELISE",), faces=(seen,),
        require_consent=consent, meant=lambda tweaks: tweaks,
    )  # fmt: skip
    body, data = packed_reach(shot_reach(shown, {"ELISE": tweak}))
    return unpacked_reach(body, memoryview(data))


def test_the_footages_range_is_told_for_every_frame_of_the_shot():
    reach = asked(Tweak())
    (yaw,) = reach.characters["ELISE"].held
    assert len(yaw.low) == len(SPAN) == len(reach.frames)
    assert yaw.low[np.isfinite(yaw.low)].tolist() == (-np.arange(len(reach.frames))).tolist()
    assert (reach.characters["ELISE"].beyond, reach.refused) == ((), "")


def test_what_a_tweak_asks_beyond_it_is_told_with_frames():
    (one,) = asked(Tweak().held("yaw", 9)).characters["ELISE"].beyond
    assert (one.what, one.by, one.helps) == ("yaw", 5.0, "turn less")


def test_a_consent_that_the_tweak_lacks_is_told_and_no_error():
    missing = ConsentMissing("no record covers head_reenact", hint="dubsync consent")
    reach = asked(Tweak().chosen("region", "head"), missing)
    assert (reach.refused, reach.hint) == ("no record covers head_reenact", "dubsync consent")
    assert reach.characters["ELISE"].held


def test_expressions_come_whole_to_the_window():
    one = NamedExpression("look left", 1, 90, 0.6, (("browDownLeft", 0.2),), (-0.5, 0.1))
    picture = np.random.default_rng(0).integers(0, 255, (6, 6, 3)).astype(np.uint8)
    sent = ShotExpressions("a", {"ELISE": (ShownExpression(one, "A.mov frame 90", picture),)})
    body, data = packed_expressions(sent)
    (came,) = unpacked_expressions(body, memoryview(data)).characters["ELISE"]
    assert (came.one, came.where) == (one, "A.mov frame 90")
    np.testing.assert_array_equal(came.picture, picture)
