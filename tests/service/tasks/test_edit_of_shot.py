"""A shot's task makes its edit media, so that a delivery of many shots finds them made."""

import shutil
from pathlib import Path

import pytest

from dubsync.core.errors import DeliveryError
from dubsync.service.edit_media import make_edit
from dubsync.service.judge import Judging
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from dubsync.service.tasks.do_task import do_task
from dubsync.service.tasks.list_tasks import reel_tasks
from tests.service.reel_making import ENGINE

EDIT = "renders/{}/v001/edit/prores422hq_mov"


@pytest.fixture(scope="module")
def synced(heard_reel, tmp_path_factory):
    """The folder of the reel with both shots rendered, then edit media asked for."""
    home = shutil.copytree(heard_reel, tmp_path_factory.mktemp("synced") / "home")
    allow_engine(ENGINE)
    Project.open(home / "REEL").sync()
    toml = home / "REEL" / "dubsync.toml"
    toml.write_text(toml.read_text().replace("[delivery]\n", '[delivery]\nedit = "prores422hq"\n'))
    return home


@pytest.fixture
def rendered(synced, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(synced, tmp_path / "copy") / "REEL"


def shot_task(reel: Path, name: str):
    project = Project.open(reel)
    (task,) = (one for one in reel_tasks(project) if one.id == f"shot:{name}")
    return do_task(project, task)


def files(reel: Path, name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (reel / EDIT.format(name)).iterdir()}


def test_the_task_makes_the_files_that_the_delivery_would_and_the_delivery_none(
    rendered, tmp_path, monkeypatch
):
    other = shutil.copytree(rendered.parent, tmp_path / "other") / "REEL"
    Project.open(other).deliver(formats=("edl",))
    made = [shot_task(rendered, name) for name in "ab"]
    assert {(one.status, one.hint) for one in made} == {("unchanged", "")}
    for name in "ab":
        assert files(rendered, name) == files(other, name)

    monkeypatch.setattr(make_edit, "write_edit_media", None)  # none is made again
    Project.open(rendered).deliver(formats=("edl",))
    assert shot_task(rendered, "a").status == "unchanged"


def test_a_task_killed_while_it_made_them_makes_them_when_done_again(rendered):
    half = rendered / "renders/a/v001/edit/.making-prores422hq_mov-1-ab"
    half.mkdir(parents=True)
    (half / "a_v001.mov").write_bytes(b"half of it")
    assert "edit media" not in shot_task(rendered, "a").reason
    assert (rendered / EDIT.format("a")).is_dir()
    assert not half.exists()


def test_media_that_cannot_be_made_leave_the_render_and_are_told(rendered, monkeypatch):
    def full(*args, **more):
        raise DeliveryError("the disk is full", hint="delete something")

    monkeypatch.setattr(make_edit, "write_edit_media", full)
    result = shot_task(rendered, "a")
    assert (result.status, result.verdict != "", result.hint) == (
        "unchanged", True, "delete something",
    )  # fmt: skip
    assert "the disk is full; the delivery tries again" in result.reason


def test_none_are_made_of_a_shot_that_a_delivery_would_leave_as_the_plate(rendered):
    Judging(Project.open(rendered)).approve("a", by="Anna")
    assert not any("edit media" in shot_task(rendered, name).reason for name in "ab")
    assert (rendered / EDIT.format("a")).is_dir()
    assert not (rendered / EDIT.format("b")).exists()
