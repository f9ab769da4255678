"""`dubsync cut` as a user runs it: a flat reel in, a list, markers and contact sheets out."""

import json
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.shot import Event
from dubsync.core.timeline.found_joins import FoundJoin
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.formats import FORMATS
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.timeline.flat_cut import flat_cut
from dubsync.editorial.turnover.media_linker import Linker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.write_cut import write_cut
from tests.media.cut_detection.made_reels import mixed, shot
from tests.media.written_plates import write_plate

RATE = Fraction(25)
HOUR = 90000


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """Three shots of 20 frames, the last two joined by a dissolve of 8; from 01:00:00:00."""
    shots = np.concatenate([shot(1, 20), mixed(shot(2, 20), shot(3, 20), 8)]).clip(0, 255)

    def picture(pixel, width, height, seed):
        grey = shots[seed % len(shots)].astype(np.uint8)
        rgb = cv2.resize(np.repeat(grey[..., None], 3, axis=2), (width, height))
        for bit in range(6):  # the frame's number in its bottom rows, a bit a step: Gray's code
            rgb[-8:, 20 * bit : 20 * bit + 20] = 140 if (seed ^ seed >> 1) >> bit & 1 else 110
        return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel)

    folder = tmp_path_factory.mktemp("flat")
    write_plate(
        folder / "R3.mov", "yuv420p", n_frames=len(shots), size=(160, 90), rate=RATE,
        timecode="01:00:00:00", picture=picture, codec="libx264",
    )  # fmt: skip
    return folder / "R3.mov"


def number_in(plate, frame):
    """The number that the picture of a frame shows."""
    with open_plate(plate) as reader:
        (picture,) = reader.frames(FrameRange(frame, frame + 1, RATE))
    rows = np.asarray(picture.planes[0][-6:-2], float)
    code = sum(1 << bit for bit in range(6) if rows[:, 20 * bit + 4 : 20 * bit + 16].mean() > 123)
    return next(n for n in range(64) if n ^ n >> 1 == code)


def cut(*arguments):
    return CliRunner().invoke(main, ["cut", *map(str, arguments)])


def test_a_flat_reel_becomes_a_list_with_contact_sheets(flat, tmp_path):
    ran = cut(flat, "-o", tmp_path / "r.edl")

    assert ran.exit_code == 0, ran.output
    assert "3 events; 1 cut, 1 dissolve" in ran.output and "--handles 0" in ran.output
    lines = (tmp_path / "r.edl").read_text().splitlines()
    assert any(" C        01:00:00:00 01:00:00:20 01:00:00:00 01:00:00:20" in one for one in lines)
    assert any(" D    008 01:00:01:07 " in one for one in lines)
    sheet = cv2.imread(str(tmp_path / "r_sheet_01.jpg"))
    assert sheet is not None and sheet.std() > 20


def test_every_event_shows_the_frames_that_the_reel_shows_there(flat, tmp_path):
    assert cut(flat, "-o", tmp_path / "r.edl", "--no-sheet").exit_code == 0

    plate = probe_plate(flat)
    linker = Linker([plate], tmp_path, [flat.parent])
    events = read_cut(tmp_path / "r.edl", rate=RATE).events
    shown = [linker.link(event).source for event in events]
    ends = [(number_in(plate, at.start), number_in(plate, at.stop - 1)) for at in shown]
    assert ends == [(0, 19), (20, 31), (32, 51)]  # an EDL's event begins with its dissolve


def test_json_tells_every_join(flat, tmp_path):
    ran = json.loads(cut(flat, "-o", tmp_path / "r.otio", "--no-sheet", "--json").stdout)

    assert ran["schema"] == "dubsync.cut/1" and ran["sheets"] == []
    assert [(j["kind"], j["start"], j["timecode"]) for j in ran["joins"]] == [
        ("cut", HOUR + 20, "01:00:00:20"), ("dissolve", HOUR + 32, "01:00:01:07"),
    ]  # fmt: skip
    assert ran["events"] == [[HOUR, HOUR + 20], [HOUR + 20, HOUR + 36], [HOUR + 36, HOUR + 52]]


def test_what_is_there_already_is_never_overwritten(flat, tmp_path):
    (tmp_path / "r.edl").write_text("by hand")

    ran = cut(flat, "-o", tmp_path / "r.edl")

    assert ran.exit_code == 1 and "exists already" in ran.output
    assert "no cut can be written as r.txt" in cut(flat, "-o", tmp_path / "r.txt").output
    assert (tmp_path / "r.edl").read_text() == "by hand"


@pytest.mark.parametrize("suffix", [each.suffixes[0] for each in FORMATS if each.write])
def test_a_list_of_any_format_finds_the_flat_file_as_the_plate_of_every_event(
    suffix, flat, tmp_path
):
    plate = probe_plate(flat)
    joins = (
        FoundJoin("cut", HOUR + 20, HOUR + 20), FoundJoin("dissolve", HOUR + 32, HOUR + 40),
        FoundJoin("cut", HOUR + 45, HOUR + 45, False, False, "perhaps a cut"),
    )  # fmt: skip
    path = tmp_path / f"r{suffix}"

    write_cut(flat_cut(plate, joins), path)

    events = read_cut(path, rate=RATE).events
    linker = Linker([plate], tmp_path, [flat.parent])
    assert len(events) == 3
    for event in events:
        assert isinstance(event, Event) and event.source is not None
        assert linker.link(event).plate == plate
        shown = linker.link(event).source
        start = HOUR + event.record.start - events[0].record.start
        assert shown == FrameRange(start, start + len(event.record), RATE)
    assert events[1].record.start - events[0].record.start == 20
