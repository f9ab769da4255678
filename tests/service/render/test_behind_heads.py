"""What stands behind a moved head goes from the renderer into the record, and from it into QC."""

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.learning.background import FrameBackground
from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.render.behind_heads import BehindHeads, behind_of
from dubsync.service.render.record_form import FORMS

FILLED = FrameBackground(12, 200, 0.5, 0.125, 0.375, "doubtful", ("part is inpainted",))
NOTHING = FrameBackground(11, 0, 1.0, 0.0, 0.0, "clean")


def patch(behind):
    return Patch(Region(0, 0, 2, 2), np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.uint8),
                 behind)  # fmt: skip


def gathered():
    behind = BehindHeads()
    for one in (FILLED, None, NOTHING):
        behind("ANNA", patch(one))
    behind("MARC", patch(None))
    return behind.plain()


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
    assert behind_of({}, FrameRange(10, 14, Fraction(25))) == {}
