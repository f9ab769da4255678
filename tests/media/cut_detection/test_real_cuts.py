"""The hard cuts of a real recording with several cameras are found on their frames."""

from dubsync.media.cut_detection.find_joins import find_joins
from dubsync.media.cut_detection.small_pictures import SmallPictures
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate


def test_the_cuts_of_a_stage_recording_are_found(shared):
    """Cuts at 20 and 82, found by looking at it."""
    plate = probe_plate(shared / "footage" / "whitehouse_stage_cuts_10s.mp4")
    pictures = SmallPictures()
    with open_plate(plate) as reader:
        for frame in reader.read(range(100)):
            pictures.add(frame)
    found = find_joins(pictures)
    assert [join.start for join in found if join.kind == "cut" and join.sure] == [20, 82]
