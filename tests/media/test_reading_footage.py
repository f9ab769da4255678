"""Real footage: as many frames as its source says, and the same ones in any order."""

import re

import numpy as np
import pytest

from dubsync.core.errors import VariableRate
from dubsync.media.plate import open_plate
from dubsync.media.probe import find_plates, probe_plate

#: Unevenly spaced in fact: alternating frame lengths; two frames left out.
VARIABLE = {"man_suit_700_6s.mp4", "syncnet_example_shift5.avi", "syncnet_example_shift12.avi"}
SOME = ["footage/woman_bluewall_700_7s.mp4", "footage/whitehouse_stage_cuts_10s.mp4",
        "footage/debate_two_faces_001.avi", "footage/grid_bbaf2n.mpg",
        "takes/woman_lipsync_15s.mp4"]  # fmt: skip


def stated_frames(shared):
    rows = re.findall(r"^\| (\S+\.(?:mp4|mov|avi|mpg)) \|.*?\| ~?(\d+) \| (?=[\w ]+ ?\d*)",
                      (shared / "SOURCES.md").read_text(), re.MULTILINE)  # fmt: skip
    return {name: int(count) for name, count in rows}


def test_every_clip_holds_the_frames_its_source_says(shared):
    plates, warnings = find_plates([shared / "footage", shared / "takes"])
    assert {d.about for d in warnings} == VARIABLE
    stated = stated_frames(shared)
    assert len(plates) > 25
    assert {p.name: len(p.frames) for p in plates} == {p.name: stated[p.name] for p in plates}


@pytest.mark.parametrize("name", sorted(VARIABLE))
def test_footage_of_variable_rate_is_refused_with_the_remedy(name, shared):
    with pytest.raises(VariableRate) as refused:
        probe_plate(shared / "footage" / name)
    assert f"ffmpeg -i {name}" in refused.value.hint


@pytest.mark.parametrize("name", SOME)
def test_every_frame_decodes_and_a_sought_one_is_the_same(name, shared):
    plate = probe_plate(shared / name)
    with open_plate(plate) as reader:
        sums = [int(np.vdot(f.planes[0], f.planes[0][::-1].astype(np.uint32)))
                for f in reader.frames(plate.frames)]  # fmt: skip
        assert len(sums) == len(plate.frames)
        for number in (len(sums) - 1, 0, len(sums) // 2, len(sums) // 3):
            (frame,) = reader.read([number])
            again = int(np.vdot(frame.planes[0], frame.planes[0][::-1].astype(np.uint32)))
            assert again == sums[number]
