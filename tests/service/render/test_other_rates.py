"""Plates of 24 and 50 frames a second, and of a phone, in a cut of 25: played as they were."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from dubsync.service.project import Project
from dubsync.service.stems.shot_clock import ShotClock
from tests.service.render.test_drawn_as_shown import FORMATS, HOUR, RATE, numbered_reel, pictures

#: In real time: 48 frames of film in two seconds of the cut, and 80 of 50 fps in 40 frames.
CUT = """TITLE: R1
FCM: NON-DROP FRAME

001  AX       V     C        01:00:00:10 01:00:02:10 01:00:00:00 01:00:02:00
* FROM CLIP NAME: film.mov
002  AX       V     C        01:00:00:05 01:00:01:20 01:00:02:00 01:00:03:15
* FROM CLIP NAME: high.mov
003  AX       V     C        01:00:00:00 01:00:00:20 01:00:03:15 01:00:04:10
* FROM CLIP NAME: phone.mov
"""
#: The phone drops every fifth frame: 64 fill the time of 80 at 30 a second.
DROPPED = [n for n in range(80) if n % 5 != 3]
PLATES = {"film": (Fraction(24), 72), "high": (Fraction(50), 120), "phone": (Fraction(30), 64)}
#: Shot -> its record frames after the hour, plate frames per record frame, first plate frame.
SHOWN = {"film": (range(0, 50), Fraction(24, 25), 10), "high": (range(50, 90), Fraction(2), 10),
         "phone": (range(90, 110), Fraction(6, 5), 0)}  # fmt: skip


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    reel = numbered_reel(tmp_path_factory.mktemp("rates"), CUT, PLATES, {"phone": DROPPED})
    toml = reel / "dubsync.toml"  # in 20 frames nothing tells how the phone's 30 fps play
    toml.write_text(toml.read_text() + '\n[shots.phone]\nplays = "real time"\n')
    project = Project.open(reel)
    results = {result.name: result for result in project.sync()}
    assert [(one.status, one.reason) for one in results.values()] == [("done", "")] * 3
    return project, results


@pytest.mark.parametrize("name", list(SHOWN))
def test_a_render_has_the_plate_s_own_frames_rate_and_timecode(synced, name):
    _, results = synced
    made, (rate, _) = results[name].rendered, PLATES[name]
    assert made.frames.rate == rate and made.shot.pace == 1
    first = made.frames.start - 3600 * rate
    numbers = range(int(first), int(first) + len(made.frames))
    shown = list(numbers) if name != "phone" else [bisect_right(DROPPED, n) - 1 for n in numbers]
    assert pictures(made.picture) == shown
    assert made.samples_changed_outside_matte == 0


@pytest.mark.parametrize("name", list(SHOWN))
def test_lips_follow_true_record_times(synced, name):
    _, results = synced
    shot, (record, speed, first) = results[name].rendered.shot, SHOWN[name]
    rate = PLATES[name][0]
    for n in (0, 7, len(record) - 1):
        plate = shot.plate_frame(HOUR + record.start + n) - 3600 * rate
        assert plate == first + int(n * speed)
    clock = ShotClock(shot)
    begin = float(Fraction(HOUR + record.start) / RATE)
    assert clock.seconds([float(3600 * rate + first)]) == [pytest.approx(begin)]
    assert clock.seconds([float(3600 * rate + first + rate)]) == [pytest.approx(begin + 1)]


def test_every_format_plays_the_renders_as_the_plates_and_reads_back(synced):
    project, _ = synced
    made = project.deliver(formats=FORMATS)
    for key in ("otio-flat", "fcpxml", "xml", "aaf", "mlt", "kdenlive"):
        again = probe_cut(Path(made.files[key]), RATE)
        runs = resolve(again)
        for name, (record, speed, first) in SHOWN.items():
            (run,) = [run for run in runs if run.record.start == HOUR + record.start]
            (shown,) = run.shown
            assert f"{name}_fr-FR_v001" in again.events[shown.event].name, key
            start = shown.map.at(Fraction(run.record.start)) / shown.rate
            assert abs(start - 3600 - Fraction(first) / PLATES[name][0]) < Fraction(1, 100), key
            assert shown.map.steady / shown.rate == speed / PLATES[name][0], key
