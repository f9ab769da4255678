"""A full run of the sample reel: from cut, dub and takes to shots, cut, EDL and report."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pycmx
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from tests.small_reel import ELISE, MARC

#: The run is a minute of work; a machine that others keep busy gives it an hour.
pytestmark = pytest.mark.timeout(3600)

RATE = Fraction(24000, 1001)
DRAWN = 7  #: shots of eight; one has no speech


def test_every_shot_that_is_to_speak_is_done_and_the_silent_one_skipped(ran):
    assert ran.code in (0, 3), ran.messages
    assert ran.answer["schema"] == "dubsync.run/1"
    states = [shot["status"] for shot in ran.answer["shots"]]
    assert states.count("done") == DRAWN
    assert states.count("skipped") == 8 - DRAWN


def test_no_measure_fails_on_the_sample(ran):
    assert ran.answer["report"]["failed"] == []
    assert ran.code == 0


def test_not_one_sample_changed_outside_the_matte(ran):
    done = [shot for shot in ran.answer["shots"] if shot["status"] == "done"]
    assert all(shot["samples_changed_outside_matte"] == 0 for shot in done)
    for shot in done:
        plate = next((ran.folder / "plates").glob(f"{shot['name'][:8]}*"))
        assert_untouched(plate, shot)


def assert_untouched(plate_path, shot):
    """Our own comparison, not the product's: luma where the matte is 0, frame by frame."""
    picture, matte = probe_plate(Path(shot["picture"])), probe_plate(Path(shot["matte"]))
    plate = probe_plate(plate_path)
    span = FrameRange(picture.frames.start, picture.frames.stop, picture.frames.rate)
    assert plate.frames.holds(span)
    assert picture.format.storage == plate.format.storage
    touched = 0
    with open_plate(plate) as a, open_plate(picture) as b, open_plate(matte) as m:
        for old, new, cover in zip(
            a.frames(span), b.frames(picture.frames), m.frames(matte.frames), strict=True
        ):
            differs = old.planes[0] != new.planes[0]
            assert not (differs & (cover.planes[0] == 0)).any()
            touched += bool(differs.any())
    assert touched == shot["frames_changed"]
    assert touched > 0


def test_both_faces_of_the_two_shot_are_synced(ran):
    (two,) = [shot for name, shot in ran.shots.items() if "TWO" in name]
    assert sorted(two["characters"]) == ["ELISE", "MARC"]


def test_renders_keep_the_plates_timecode_rate_and_reel(ran):
    shot = ran.shots["A002C004_251114_MARC_BCU"]
    made = probe_plate(Path(shot["picture"]))
    plate = probe_plate(next((ran.folder / "plates").glob("A002C004*")))
    assert made.frames.rate == RATE
    assert made.reel == plate.reel
    assert plate.frames.holds(made.frames)
    assert len(made.frames) == shot["frames"] == 64 + 16  # 80 record frames at 80 %, and handles


def test_the_corrected_otio_keeps_the_plate_and_adds_the_dub(ran):
    path = Path(ran.answer["delivery"]["files"]["otio"])
    corrected = otio.adapters.read_from_file(str(path))
    original = otio.adapters.read_from_file(str(ran.folder / "two_hander.otio"))
    rendered = 0
    for new, old in zip(corrected.find_clips(), original.find_clips(), strict=True):
        references = new.media_references()
        assert references["DEFAULT_MEDIA"].is_equivalent_to(old.media_reference)
        assert new.source_range == old.source_range
        for key, value in old.metadata.items():
            assert str(new.metadata[key]) == str(value)  # AnyDictionary compares by identity
        if "dubbed-it-IT" in references:
            dubbed = references["dubbed-it-IT"]
            assert (path.parent / dubbed.target_url).is_file()
            available, used = dubbed.available_range, new.source_range
            assert available.start_time <= used.start_time
            rendered += 1
    assert rendered == DRAWN


def test_the_corrected_edl_reads_back_with_the_same_record_times(ran):
    path = Path(ran.answer["delivery"]["files"]["edl"])
    text = path.read_text(encoding="ascii")
    assert "FCM: NON-DROP FRAME" in text
    assert "M2   A002C004" in text and "019.2" in text
    with path.open() as file:
        new = [e for event in pycmx.parse_cmx3600(file).events for e in event.edits]
    with (ran.folder / "two_hander.edl").open() as file:
        old = [e for event in pycmx.parse_cmx3600(file).events for e in event.edits]
    for field in ("record_in", "record_out", "source_in", "source_out"):
        assert [getattr(e, field) for e in new] == [getattr(e, field) for e in old]


def test_each_render_has_a_record_of_its_inputs(ran):
    shot = ran.shots["A002C001_251114_MARC_CU"]
    record = json.loads(Path(shot["record"]).read_text())
    assert record["schema"] == "dubsync.record/3"
    plate = next((ran.folder / "plates").glob("A002C001*"))
    digests = {entry["role"]: entry["sha256"] for entry in record["inputs"]}
    assert digests["plate"] == hashlib.sha256(plate.read_bytes()).hexdigest()
    assert any(role.startswith("take") for role in digests)
    assert [c["id"] for c in record["consent"]] == ["SYNTHETIC-562", "SYNTHETIC-434"]
    picture = Path(shot["picture"])
    assert (
        record["outputs"]["picture"]["sha256"] == hashlib.sha256(picture.read_bytes()).hexdigest()
    )
    assert record["proof"]["plate_outside_sha256"] == record["proof"]["picture_outside_sha256"]
    assert str(ran.folder) not in Path(shot["record"]).read_text()


def test_the_layer_holds_only_the_generated_pixels(ran):
    shot = ran.shots[ELISE]
    layer, matte = probe_plate(Path(shot["layer"])), probe_plate(Path(shot["matte"]))
    assert len(layer.frames) == shot["frames"]
    with open_plate(layer) as a, open_plate(matte) as m:
        for drawn, cover in zip(a.frames(layer.frames), m.frames(matte.frames), strict=True):
            alpha = drawn.planes[3].astype(float) / ((1 << drawn.format.bits) - 1) * 255
            assert np.abs(alpha - cover.planes[0]).max() <= 2.0


def test_the_report_is_one_file_with_pictures(ran):
    html = Path(ran.answer["report"]["html"]).read_text(encoding="utf-8")
    assert html.count("data:image/jpeg;base64,") >= DRAWN
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "A002C002_251114_MARC_CU" in html  # the one skipped is listed


def synced(folder, *names):
    """Exit code and shots, by name, of `dubsync sync FOLDER NAMES --json`."""
    said = CliRunner().invoke(main, ["sync", str(folder), *names, "--json"])
    return said.exit_code, {shot["name"]: shot for shot in json.loads(said.stdout)["shots"]}


def test_running_again_renders_nothing(ran):
    code, shots = synced(ran.folder)
    assert [s["status"] for s in shots.values()].count("unchanged") == DRAWN
    assert code == 0


def test_one_changed_line_makes_only_its_own_shots_stale(ran):
    stem = ran.folder / "dub" / "ELISE_it.wav"
    kept = stem.read_bytes()
    changed = bytearray(kept)
    changed[-4800:-2400] = bytes(n % 3 for n in range(2400))  # a murmur at the end of the cut
    stem.write_bytes(changed)
    try:
        _, shots = synced(ran.folder)
    finally:
        stem.write_bytes(kept)
    again = {name: s["version"] for name, s in shots.items() if s["status"] == "done"}
    assert again == {"A001C006_251114_ELISE_CU": 2}
    assert (ran.folder / "renders/A001C006_251114_ELISE_CU/v001").is_dir()


def test_without_consent_only_that_performers_shots_are_blocked(own_reel):
    (own_reel / "consent/synthetic-562.toml").unlink()
    code, shots = synced(own_reel)
    assert code == 1
    assert shots[MARC]["status"] == "blocked"
    assert "synthetic-562" in shots[MARC]["reason"]
    assert shots[ELISE]["status"] in ("done", "unchanged")


def test_a_stopped_run_leaves_no_half_shot_and_can_go_on(own_reel):
    shutil.rmtree(own_reel / "renders" / ELISE)
    sync = [sys.executable, "-m", "dubsync", "sync", str(own_reel), ELISE]
    for how, code in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        with subprocess.Popen(sync, stderr=subprocess.PIPE, text=True) as process:
            next(line for line in process.stderr if line.startswith("render"))
            process.send_signal(how)
            process.stderr.read()
            assert process.wait(60) == code
        assert not list((own_reel / "renders" / ELISE).glob("v*"))
    _, shots = synced(own_reel, ELISE)
    assert shots[ELISE]["status"] == "done"
    assert [p.name for p in (own_reel / "renders" / ELISE).iterdir() if p.is_dir()] == ["v001"]
