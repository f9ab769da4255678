"""The record tells in which frames teeth and tongue are the voice actor's."""

from types import SimpleNamespace

import numpy as np

from dubsync.core.face import Stretch
from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.service.render.lent_mouths import LentMouths
from dubsync.service.render.provenance import Redrawn, redrawn_from, redrawn_words
from dubsync.service.render.record_form import FORMS

HEAD = {"ANNA": Redrawn(("head",)), "MARC": Redrawn(("face",))}


def patch(take):
    return Patch(Region(0, 0, 2, 2), np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.uint8),
                 inside=take)  # fmt: skip


def gathered():
    lent = LentMouths()
    for frame, take in ((12, "t01"), (11, "t01"), (13, ""), (14, "t02")):
        lent("ANNA", patch(take), frame)
    return lent


def test_frames_of_one_take_are_told_together():
    told = gathered().within(HEAD)
    assert told["ANNA"].inside == (Stretch(11, 12, "t01"), Stretch(14, 14, "t02"))
    assert told["MARC"] == HEAD["MARC"]
    assert "teeth and tongue of the voice actor (t01) 11..12" in redrawn_words(told["ANNA"])


def test_frames_taken_over_from_an_earlier_render_keep_what_its_record_says():
    table = {"regions": ["head"], "head": "", "keys": 0, "told": [], "stills": 0,
             "inside": [{"first": 11, "last": 12, "source": "t01", "reason": ""}]}  # fmt: skip
    assert FORMS["redrawn"]({"ANNA": table})
    earlier = SimpleNamespace(record={"redrawn": {"ANNA": table}})
    lent = LentMouths()
    lent.taken_over(SimpleNamespace(kept={12: earlier, 13: earlier}))
    told = lent.within({"ANNA": redrawn_from(table)})
    assert told["ANNA"].inside == (Stretch(12, 12, "t01"),)
