"""Real footage: as many frames as its source says, and the same ones in any order."""

import re

import numpy as np
import pytest

from dubsync.media.find_plates import find_plates
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

#: Unevenly spaced in fact: alternating frame lengths; two frames left out.
VARIABLE = {"man_suit_700_6s.mp4", "syncnet_example_shift5.avi", "syncnet_example_shift12.avi"}
SOME = ["footage/woman_bluewall_700_7s.mp4", "footage/whitehouse_stage_cuts_10s.mp4",
        "footage/debate_two_faces_001.avi", "footage/grid_bbaf2n.mpg",
        "takes/woman_lipsync_15s.mp4"]  # fmt: skip


#: What SOURCES.md says of a clip that find_plates rightly refuses.
ODD = re.compile("variable|interlac|1080i|rotat|cut short|truncated|damaged", re.IGNORECASE)
#: Clips of which SOURCES.md counts other frames than those a player shows.
SHOWN = {
    "obama_rosegarden_cctv_720p.mp4": 55,  # of the 158 in the file its edit list shows 2.2 s
    "nasa_jwst_multistream.mp4": 325,  # the first of two pictures, at 25 fps; 390 are the second's
}


def stated_rows(shared):
    """Clip name -> (frames, the whole row) of every table of SOURCES.md that counts frames."""
    rows = re.finditer(r"^\| (\S+\.(?:mp4|mov|avi|mpg)) \|.*?\| ~?(\d+) \| (?=[\w ]+ ?\d*).*$",
                       (shared / "SOURCES.md").read_text(), re.MULTILINE)  # fmt: skip
    return {row[1]: (int(row[2]), row[0]) for row in rows}


def test_every_clip_holds_the_frames_its_source_says(shared):
    """The folder grows: a clip that SOURCES.md does not list yet is not judged."""
    plates, warnings = find_plates([shared / "footage", shared / "takes"])
    stated = stated_rows(shared)
    listed = [plate for plate in plates if plate.name in stated]
    assert len(listed) > 25
    for plate in listed:  # of a variable rate, the frames of its file or those that fill its time
        counts = {len(plate.frames), len(plate.reading.times or plate.frames)}
        assert SHOWN.get(plate.name, stated[plate.name][0]) in counts, plate.name
    refused = {warning.about for warning in warnings}
    assert {plate.name for plate in plates if plate.reading.times} >= VARIABLE
    odd = {name for name, (_, row) in stated.items() if ODD.search(row)}
    assert not (refused & set(stated)) - odd
    assert all(warning.hint for warning in warnings)


@pytest.mark.parametrize("name", sorted(VARIABLE))
def test_footage_of_variable_rate_is_read_at_its_true_times(name, shared):
    plate = probe_plate(shared / "footage" / name)
    times, rate = plate.reading.times, plate.frames.rate
    assert times and abs(len(plate.frames) / rate - times[-1] - 1 / rate) <= 1 / rate
    with open_plate(plate) as reader:
        assert sum(1 for _ in reader.read(range(0, min(40, len(plate.frames))))) > 0


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
