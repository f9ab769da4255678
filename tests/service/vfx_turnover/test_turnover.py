"""`dubsync deliver --as vfx`: a folder for each corrected shot, whole or not at all."""

import csv
import errno
import json
from datetime import date
from unittest.mock import Mock

import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.digest import file_digest
from dubsync.core.errors import DeliveryError
from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.core.vfx.layers import count_differing
from dubsync.engine.compositing.composite import composite
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.project import Project
from dubsync.service.render.provenance import rendered_from, whole_record
from dubsync.service.vfx_turnover import face_files, shot_layers, turnover
from tests.service import drawn_engine
from tests.service.reel_making import make_reel
from tests.service.vfx_turnover.nuke_double import Script
from tests.service.vfx_turnover.shots_made import render_planes

#: How bright the engine draws: another value is another picture.
DRAWN = {"bright": 0.5}


def prepare(actor, seen, original, corrected, weight, *, renderer="warp"):
    def draw(frame):
        region = Region(16, 16, 80, 56)
        noise = np.random.default_rng(frame.number).random((40, 64, 3), np.float32)
        matte = np.tile(np.minimum(np.arange(64) * 9, 255).astype(np.uint8), (40, 1))
        return Patch(region, np.float32(DRAWN["bright"]) * noise, matte)

    return lambda frames: [draw(frame) if frame.number % 2 else None for frame in frames]


@pytest.fixture(scope="module")
def drawing():
    """An engine double that draws noise in every other frame."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn_engine, "prepare", prepare)
        patch.setattr(drawn_engine, "composite", composite)
        yield


@pytest.fixture(scope="module")
def synced(tmp_path_factory, drawing):
    reel = make_reel(tmp_path_factory.mktemp("reel"), date.today())
    done = CliRunner().invoke(main, ["tweak", str(reel), "a", "--set", "jaw=1.25"])
    assert done.exit_code == 0, done.output
    assert {one.status for one in Project.open(reel).sync()} == {"done"}
    return reel


@pytest.fixture(scope="module")
def turned(synced):
    done = CliRunner().invoke(main, ["deliver", str(synced), "--as", "vfx", "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def folder_of(turned, synced, shot):
    return (synced / turned["files"][f"vfx-{shot}"]).parent


def test_every_corrected_shot_has_a_folder_whose_script_gives_its_render(synced, turned):
    assert turned["corrected"] == ["a", "b"]
    project = Project.open(synced)
    for shot in ("a", "b"):
        script = Script(synced / turned["files"][f"vfx-{shot}"])
        version = project.store.latest("renders", shot)
        render = rendered_from(version, project.reel.shot(shot), whole_record(version))
        first = int(script.nodes["Root"][1]["first_frame"])
        for n, frame in enumerate(render_planes(render)):
            if n in (0, 1, 30):
                comp = script.pixels("Comp", first + n)
                rgb = np.stack([comp[c] for c in "RGB"], axis=-1)
                assert count_differing(rgb, frame) == 0


def test_the_record_names_consent_and_every_file(synced, turned):
    folder = folder_of(turned, synced, "a")
    record = json.loads(next(folder.glob("*.vfx.json")).read_text())
    assert record["consent"][0]["id"] == "elise-m-001"
    assert record["comp"]["differing"] == 0
    assert record["premultiplied"] is True
    named = {folder / name: sha for name, sha in record["sha256"].items()}
    there = {path for path in folder.rglob("*") if path.is_file()} - set(folder.glob("*.vfx.json"))
    assert set(named) == there
    assert all(file_digest(path) == sha for path, sha in named.items())


def test_parameters_have_a_row_a_frame(synced, turned):
    folder = folder_of(turned, synced, "a")
    with open(next(folder.glob("faces/*_ELISE.csv")), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    plain = json.loads(next(folder.glob("faces/*_ELISE.json")).read_text())
    layers = sorted(path.name for path in (folder / "layers").iterdir())
    assert len(rows) == len(plain["frames"]) == len(layers)
    assert layers[0].split(".")[1] == f"{int(rows[0]['frame']):07d}"
    assert {row["jaw"] for row in rows} == {"1.25"}
    assert {"weight", "viseme", "timecode", "render_rx", "plate_x"} <= set(rows[0])
    chan = next(folder.glob("faces/*_ELISE_head_plate.chan")).read_text()
    assert [line.split("\t")[0] for line in chan.splitlines()] == [row["frame"] for row in rows]


def test_faces_go_out_as_usd(synced, turned):
    usd = pytest.importorskip("pxr.Usd", reason="usd-core is not installed: the extra vfx")
    stage = usd.Stage.Open(str(next(folder_of(turned, synced, "a").glob("faces/*.usdc"))))
    points = stage.GetPrimAtPath("/faces/ELISE_plate/landmarks").GetAttribute("points")
    assert points.GetNumTimeSamples() == stage.GetEndTimeCode() - stage.GetStartTimeCode() + 1
    assert len(points.Get(stage.GetStartTimeCode())) == 478


def test_what_cannot_be_turned_over_truly_is_refused_and_nothing_appears(synced, monkeypatch):
    before = sorted((synced / "delivery").iterdir())
    monkeypatch.setitem(DRAWN, "bright", 0.75)
    done = CliRunner().invoke(main, ["deliver", str(synced), "--as", "vfx"])
    assert done.exit_code != 0
    assert "drawn again, is not the picture" in done.output
    assert "[vfx] redraw = false" in done.output
    assert sorted((synced / "delivery").iterdir()) == before
    toml = synced / "dubsync.toml"
    kept = toml.read_text()
    toml.write_text(kept + '\n[vfx]\nredraw = false\nframes = "1001"\n')
    monkeypatch.setattr(turnover, "usd_installed", lambda: False)
    monkeypatch.setattr(face_files, "usd_installed", lambda: False)
    made = Project.open(synced).deliver(formats=("vfx",))
    assert "usd-core is not installed; pip install 'dubsync[vfx]'" in made.losses[0]
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(shot_layers, "write_layers", Mock(side_effect=full))
    there = sorted((synced / "delivery").iterdir())
    with pytest.raises(DeliveryError, match="the disk is full"):
        Project.open(synced).deliver(formats=("vfx",))
    assert sorted((synced / "delivery").iterdir()) == there
    toml.write_text(kept)
    script = Script(synced / made.files["vfx-a"])
    assert set(script.pixels("Layers", 1002)) == {"R", "G", "B", "A", "matte.A"}
    assert not script.of("STMap")


def test_without_consent_no_shot_is_turned_over(synced):
    record = next((synced / "consent").glob("elise-m*"))
    kept = record.read_text()
    record.write_text(kept.replace(f'"{LIP_REENACT}", ', ""))
    done = CliRunner().invoke(main, ["deliver", str(synced), "--as", "vfx", "--allow-missing"])
    record.write_text(kept)
    assert "vfx-b" in done.output
    assert "vfx-a" not in done.output
