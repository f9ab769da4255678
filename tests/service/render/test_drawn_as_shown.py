"""A freeze and a reverse with speech: drawn for each record frame, handed back at normal speed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.timeline.as_shown import AsShown
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.new_project import Dubs, new_project
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from tests.media.reading_synthesis import number_of, write_numbered
from tests.service import drawn_engine
from tests.service.reel_making import ENGINE, consent, stem
from tests.small_reel import ELISE, SAMPLE

RATE = Fraction(25)
HOUR = 90000
#: Event -> record frames after the hour, and the plate's frame that each of them shows.
SHOWN = {
    "freeze": (range(0, 30), [20] * 30),
    "reverse": (range(30, 70), list(range(50, 10, -1))),
    "plain": (range(70, 100), list(range(10, 40))),
}
CUT = """TITLE: R1
FCM: NON-DROP FRAME

001  AX       V     C        01:00:00:20 01:00:00:21 01:00:00:00 01:00:01:05
M2   AX             000.0                01:00:00:20
* FROM CLIP NAME: freeze.mov
002  AX       V     C        01:00:02:00 01:00:03:15 01:00:01:05 01:00:02:20
M2   AX            -025.0                01:00:02:00
* FROM CLIP NAME: reverse.mov
003  AX       V     C        01:00:00:10 01:00:01:15 01:00:02:20 01:00:04:00
* FROM CLIP NAME: plain.mov
"""
FORMATS = ("otio", "edl", "fcpxml", "xml", "aaf", "mlt", "kdenlive", "pull", "csv", "ale")


def numbered_reel(
    folder: Path,
    cut: str,
    plates: dict[str, tuple[Fraction, int]],
    times: dict[str, list[int]] | None = None,
) -> Path:
    """A project of plates whose pictures show their own number, with a voice throughout.

    plates  name -> frames per second, number of frames
    times   name -> the time of each of its frames, in frames, where they are not even
    """
    (folder / "plates").mkdir(parents=True)
    for name, (rate, n) in plates.items():
        options = {"preset": "ultrafast", "g": "12", "bf": "0"}
        write_numbered(
            folder / "plates" / f"{name}.mov", "libx264", n=n, rate=rate, options=options,
            metadata={"timecode": "01:00:00:00"}, pts=(times or {}).get(name),
        )  # fmt: skip
    stem(folder / "e.wav", 0.1, 3.9)
    (folder / "cut.edl").write_text(cut)
    record = consent(folder / "elise-m.toml", "elise-m", date.today())
    new_project(
        folder / "REEL", cut=folder / "cut.edl", media=[folder / "plates"],
        dubs=[Dubs("fr-FR", {"ELISE": folder / "e.wav"})], performers={"ELISE": "elise-m"},
        consent=[record], rate=RATE,
    )  # fmt: skip
    allow_engine(ENGINE)
    toml = folder / "REEL" / "dubsync.toml"
    text = toml.read_text().replace("[engine]\n", f'[engine]\nengine = "{ENGINE}"\n')
    toml.write_text(text.replace("handles = 8", "handles = 4"))
    return folder / "REEL"


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    drawn_engine.ASKED.clear()
    reel = numbered_reel(tmp_path_factory.mktemp("shown"), CUT, dict.fromkeys(SHOWN, (RATE, 60)))
    project = Project.open(reel)
    results = {result.name: result for result in project.sync()}
    assert [r.status for r in results.values()] == ["done"] * 3, [
        (r.name, r.reason) for r in results.values()
    ]
    return project, results


def pictures(path: str) -> list[int]:
    with open_plate(probe_plate(Path(path))) as reader:
        return [number_of(frame) for frame in reader.frames(reader.plate.frames)]


@pytest.mark.parametrize("name", ["freeze", "reverse"])
def test_a_render_has_the_picture_of_each_record_frame_and_of_handles(synced, name):
    _, results = synced
    made = results[name].rendered
    record, shown = SHOWN[name]
    assert made.frames.start == HOUR + record.start - 4
    assert made.frames.stop == HOUR + record.stop + 4
    seen = pictures(made.picture)
    assert seen[4:-4] == shown
    step = shown[1] - shown[0]
    assert seen[:4] == [shown[0] - n * step for n in (4, 3, 2, 1)]
    assert seen[-4:] == [shown[-1] + n * step for n in (1, 2, 3, 4)]
    assert made.samples_changed_outside_matte == 0


def test_every_format_plays_the_renders_at_normal_speed_and_reads_back(synced):
    project, _ = synced
    made = project.deliver(formats=FORMATS)
    lists = ("pull-edl", "pull-ale", "pull-csv", "csv", "ale")
    timelines = {key: path for key, path in made.files.items() if key not in lists}
    assert probe_cut(Path(timelines.pop("otio"))).events[0].speed == 0  # a master reads as the cut
    assert len(timelines) == 8
    for key, path in timelines.items():
        again = probe_cut(Path(path), RATE)
        for name in ("freeze", "reverse"):
            record = SHOWN[name][0]
            runs = [run for run in resolve(again)
                    if HOUR + record.start <= run.record.start < HOUR + record.stop]  # fmt: skip
            assert [len(run.record) for run in runs] == [len(record)], key
            (shown,) = runs[0].shown
            assert shown.map.steady == 1, key
            counted = shown.map.at(Fraction(runs[0].record.start))
            assert counted == HOUR + record.start, key


def test_the_pull_list_names_the_frames_of_the_plates_files(synced):
    project, _ = synced
    made = project.deliver(formats=("pull",))
    rows = Path(made.files["pull-csv"]).read_text()
    assert "01:00:00:20" in rows and "00:59:59:21" not in rows


def test_real_footage_backwards_is_each_frame_of_the_file_bit_for_bit():
    """A camera's own group of pictures: what a reverse shows is what the file holds, in turn."""
    plate = probe_plate(SAMPLE / "plates" / f"{ELISE}.mov")
    file, rate = plate.frames, plate.frames.rate
    numbers = (*range(file.start + 20, file.start + 3, -1), *[file.start + 3] * 6)
    record = FrameRange(90000, 90000 + len(numbers), Fraction(25))
    shown = AsShown(file, FrameRange(file.start + 3, file.start + 21, rate), numbers)
    with open_plate(plate) as reader:
        held = {frame.number: frame for frame in reader.read(sorted(set(numbers)))}
    with open_plate(replace(plate, frames=record, shown=shown)) as reader:
        seen = list(reader.frames(record))
        assert [frame.number for frame in seen] == list(range(record.start, record.stop))
        for frame, number in zip(seen, numbers, strict=True):
            for ours, theirs in zip(frame.planes, held[number].planes, strict=True):
                assert np.array_equal(ours, theirs)
