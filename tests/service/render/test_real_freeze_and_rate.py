"""A freeze with speech and a plate at another rate, on real footage, drawn by the real engine."""

from __future__ import annotations

import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.project import Project
from tests.service.reel_making import consent
from tests.small_reel import SAMPLE

CUT = """\
TITLE: FROZEN
FCM: NON-DROP FRAME

001  PAL      V     C        10:00:00:02 10:00:00:14 01:00:20:00 01:00:20:12
* FROM CLIP NAME: PAL.mov
002  FILM     V     C        11:00:00:06 11:00:00:07 01:00:20:12 01:00:20:22
M2   FILM           000.0                11:00:00:06
* FROM CLIP NAME: FILM.mov
"""
PROJECT = """\
[project]
name = "frozen"
language = "it-IT"
cut = "frozen.edl"
rate = "24000/1001"
media = ["plates"]
handles = 2

[characters.ELISE]
performer = "anchor"
dub = "ELISE_it.wav"

[shots.PAL]
plays = "real time"

[engine]
device = "cpu"
train_minutes = 0
"""


def retimed(source: Path, target: Path, rate: Fraction, hour: int, numbers: range) -> None:
    """Some frames of real footage as a movie of its own, at `rate` from HH:00:00:00."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        coded = given.streams.video[0]
        made = out.add_stream("libx264", rate=rate, options={"crf": "8", "preset": "veryfast"})
        made.width, made.height, made.pix_fmt = coded.width, coded.height, "yuv420p"
        made.metadata["timecode"] = f"{hour}:00:00:00"
        for n, frame in zip(range(numbers.stop), given.decode(video=0), strict=False):
            if n in numbers:
                plain = frame.reformat(format="yuv420p")
                plain.pts, plain.time_base = n - numbers.start, 1 / rate
                out.mux(made.encode(plain))
        out.mux(made.encode(None))


@pytest.fixture(scope="module")
def results(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("frozen")
    for name in ("plates", "consent"):
        (folder / name).mkdir()
    clip, plates = shared / "footage" / "newsman_512_71s.mp4", folder / "plates"
    retimed(clip, plates / "PAL.mov", Fraction(25), 10, range(20, 38))
    retimed(clip, plates / "FILM.mov", Fraction(24000, 1001), 11, range(40, 54))
    consent(folder / "consent" / "anchor.toml", "anchor", date.today(), "it-IT")
    shutil.copy(SAMPLE / "dub" / "ELISE_it.wav", folder)
    (folder / "frozen.edl").write_text(CUT)
    (folder / "dubsync.toml").write_text(PROJECT)
    found = {one.name: one for one in Project.open(folder).sync()}
    assert [(one.status, one.reason) for one in found.values()] == [("done", "")] * 2
    return found


def planes(path: str) -> list[np.ndarray]:
    with open_plate(probe_plate(Path(path))) as reader:
        return [np.asarray(f.planes[0], np.float32) for f in reader.frames(reader.plate.frames)]


def test_the_lips_of_a_frozen_face_move_and_nothing_else_does(results):
    made = results["FILM"].rendered
    seen, matte = np.stack(planes(made.picture)), np.stack(planes(made.matte))
    assert len(seen) == 10 + 2 * 2
    assert made.samples_changed_outside_matte == 0
    lips = matte.min(axis=0) > 200
    still = matte.max(axis=0) == matte.min()
    assert lips.sum() > 50
    assert seen[:, still].std(axis=0).max() == 0
    assert seen[:, lips].std(axis=0).mean() > 1


def test_a_plate_of_25_frames_a_second_keeps_them_in_a_cut_of_23_976(results):
    made = results["PAL"].rendered
    assert made.frames.rate == 25
    assert made.samples_changed_outside_matte == 0
    with open_plate(made.shot.plate) as reader:
        plate = [np.asarray(f.planes[0], np.float32) for f in reader.frames(made.frames)]
    seen, matte = planes(made.picture), planes(made.matte)
    assert len(seen) == len(plate) >= 11
    apart = [
        float(np.abs(a - b)[m > 200].mean()) for a, b, m in zip(seen, plate, matte, strict=True)
    ]
    assert np.median(apart) > 0.5  # another mouth
