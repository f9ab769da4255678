"""Any two versions of a shot can be compared: what they were made from, and where they differ."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import ConsentMissing, DeliveryError, SettingsError
from dubsync.core.steps import Composite
from dubsync.service.judge import Judging
from dubsync.service.project import Project
from tests.service import drawn_engine
from tests.service.reel_making import make_synced_reel
from tests.service.render_faults import one_byte_altered


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The reel with two versions of shot a, whose tweaks differ."""
    folder = tmp_path_factory.mktemp("once")
    made = make_synced_reel(folder, date.today())
    Project.open(made).tweak("a", ["jaw=1.2"])
    Project.open(made).sync(["a"])
    return folder


@pytest.fixture
def judging(once, tmp_path, engine):
    shutil.copytree(once, tmp_path / "copy")
    return Judging(Project.open(tmp_path / "copy/REEL"))


def test_every_version_says_what_it_was_made_with(judging):
    newest, first = judging.versions("a")
    assert [newest.version, first.version] == ["v002", "v001"]
    assert (newest.tweak, newest.request, first.tweak) == (1, ("jaw=1.2",), 0)
    assert all(Path(path).is_file() for path in newest.files.values())
    assert newest.files.keys() >= {"picture", "matte", "record"}
    assert newest.fault == first.fault == ""


def test_a_version_says_what_was_said_of_it_and_whether_it_is_delivered(judging):
    judging.reject("a", "v002", by="Ben", why="wide")
    judging.approve("a", "v001", by="Anna")
    newest, first = judging.versions("a")
    assert (newest.judgement.judged, newest.approved) == ("rejected", False)
    assert (first.judgement.by, first.approved) == ("Anna", True)


def test_altered_and_damaged_versions_are_listed_with_their_fault(judging):
    folder = judging.project.file.folder / "renders/a"
    one_byte_altered(folder / "v001")
    next(folder.glob("v002/*.record.json")).write_text("{")
    newest, first = judging.versions("a")
    assert "altered" in first.fault and "record" in newest.fault


def test_a_comparison_names_the_inputs_and_the_frames_that_differ(judging, tmp_path):
    found = judging.compare("a", "v001", "v002", out=tmp_path / "out")
    assert found.inputs == ("the tweak of ELISE: jaw",)
    again = judging.compare("a", "v001", "v001", out=tmp_path / "out")
    assert (again.inputs, again.differing, again.runs, again.picture) == ((), 0, (), "")
    assert found.compared == again.compared > 0


def test_a_version_compared_with_another_has_the_mirrored_difference(judging):
    there, back = judging.compare("a", "v001", "v002"), judging.compare("a", "v002", "v001")
    assert (there.differing, [r.peak for r in there.runs]) == (
        back.differing, [r.peak for r in back.runs],
    )  # fmt: skip


def test_what_cannot_be_shown_is_not_compared(judging):
    with pytest.raises(SettingsError, match="no version v009"):
        judging.compare("a", "v001", "v009")
    folder = judging.project.file.folder
    one_byte_altered(folder / "renders/a/v001")
    with pytest.raises(DeliveryError, match="v001"):
        judging.compare("a", "v001", "v002")
    (folder / "consent/elise-m.toml").unlink()
    with pytest.raises(ConsentMissing):
        judging.compare("a", "v002", "v002")


def test_the_verb_lists_and_compares(judging, tmp_path):
    reel = str(judging.project.file.folder)
    listed = CliRunner().invoke(main, ["versions", reel, "a", "--json"])
    body = json.loads(listed.stdout)
    assert (body["schema"], body["compared"]) == ("dubsync.versions/1", None)
    assert [one["version"] for one in body["versions"]] == ["v002", "v001"]
    told = CliRunner().invoke(main, ["versions", reel, "a", "--compare", "v001", "v002"])
    assert told.exit_code == 0 and "input: the tweak of ELISE: jaw" in told.stdout
    assert CliRunner().invoke(main, ["versions", reel, "a", "-o", str(tmp_path)]).exit_code == 2


@pytest.fixture
def drawn_apart(reel, monkeypatch):
    """Shot a twice; in each fourth frame of the second, eight samples in a row are 12 brighter."""
    Project.open(reel).sync(["a"])

    def brighter(frame, patches):
        luma, matte = frame.planes[0].copy(), np.zeros(frame.planes[0].shape, np.uint8)
        if frame.number % 4 == 0:
            luma[40, 60:68] += 12
            matte[40, 60:68] = 255
        drawn = replace(frame, planes=(luma, *frame.planes[1:]))
        return Composite(drawn, matte, patches if frame.number % 4 == 0 else ())

    monkeypatch.setattr(drawn_engine, "composite", brighter)
    Project.open(reel).tweak("a", ["jaw=1.2"])
    Project.open(reel).sync(["a"])
    return Judging(Project.open(reel))


def test_the_frames_that_differ_are_named_with_how_much_and_pictured(drawn_apart, tmp_path):
    found = drawn_apart.compare("a", "v001", "v002", out=tmp_path / "out")
    shot = drawn_apart.project.reel.shot("a")
    numbers = [n for n in range(shot.render.start, shot.render.stop) if n % 4 == 0]
    assert found.differing == len(numbers)
    assert [run.first for run in found.runs] == [run.last for run in found.runs] == numbers
    assert all(10 <= run.mean <= run.peak <= 16 for run in found.runs)
    picture = cv2.imread(found.picture)
    assert Path(found.picture).name == "a_v001_v002.png" and picture.shape[1] > 1200
