"""What stands behind a moved head goes from the renderer into the record, and from it into QC."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.learning.background import FrameBackground
from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.render.behind_heads import BehindHeads, behind_of, reused_rows
from dubsync.service.render.frame_cache import EarlierRender, FrameReuse
from dubsync.service.render.record_form import FORMS

FILLED = FrameBackground(12, 200, 0.5, 0.125, 0.375, "doubtful", ("part is inpainted",))
NOTHING = FrameBackground(11, 0, 1.0, 0.0, 0.0, "clean")


def patch(behind):
    return Patch(Region(0, 0, 2, 2), np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.uint8),
                 behind)  # fmt: skip


def reuse(kept, new=(11, 12), fades=None):
    return FrameReuse(FrameRange(10, 14, Fraction(25)), kept, fades or {}, new)


def gathered():
    behind = BehindHeads()
    for one in (FILLED, None, NOTHING):
        behind("ANNA", patch(one), 0 if one is None else one.frame)
    behind("MARC", patch(None), 0)
    return behind.plain(reuse({}))


def test_the_record_tells_each_frame_of_a_moved_head():
    plain = gathered()
    assert list(plain) == ["ANNA"]
    assert [row["frame"] for row in plain["ANNA"]] == [11, 12]
    assert plain["ANNA"][1]["inpainted"] == 0.375
    assert FORMS["background"](plain)


@pytest.mark.parametrize("change", [{"inpainted": 2}, {"verdict": "fine"}, {"because": "x"}])
def test_a_record_with_other_values_there_is_damaged(change):
    plain = gathered()
    plain["ANNA"][1] |= change
    assert not FORMS["background"](plain)


def test_quality_control_reads_shares_of_frames_that_uncover_something():
    read = behind_of({"background": gathered()}, FrameRange(10, 14, Fraction(25)))["ANNA"]
    assert np.isnan(read.filled[[0, 1, 3]]).all()
    assert (read.filled[2], read.elsewhere[2]) == (37.5, 12.5)
    np.testing.assert_array_equal(read.made_up, [np.nan, 0, 75, np.nan])
    assert behind_of({}, FrameRange(10, 14, Fraction(25))) == {}


def test_frames_that_are_taken_over_keep_what_their_render_said_of_them():
    rows = [{"frame": n, "uncovered": n, "seen": 1.0, "elsewhere": 0.0, "inpainted": 0.0}
            for n in range(8, 14)]  # fmt: skip
    earlier = EarlierRender(Path("SH/v001"), {"background": {"ANNA": rows}}, None)
    kept = {10: earlier, 11: earlier, 13: earlier}
    partly = reuse(kept, new=(12,), fades={11: 0.5})  # 11 is drawn too
    behind = BehindHeads()
    for one in (NOTHING, FILLED):
        behind("ANNA", patch(one), one.frame)

    found = behind.plain(partly)["ANNA"]
    assert [(row["frame"], row["uncovered"]) for row in found] == [
        (10, 10), (11, 0), (12, 200), (13, 13),
    ]  # fmt: skip
    whole = reused_rows(reuse(dict.fromkeys(range(10, 14), earlier), new=()))
    assert [row["frame"] for row in whole["ANNA"]] == [10, 11, 12, 13]
