"""A reel is delivered in every format, atomically, and every loss is reported."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import DeliveryError, DubsyncError, SettingsError
from dubsync.editorial.probe import probe_cut
from dubsync.service import delivery
from dubsync.service.project import Project

EVERYTHING = ("otio", "edl", "fcpxml", "xml", "aaf", "mlt", "kdenlive", "ale", "csv", "pull")


@pytest.fixture
def synced(synced_reel):
    return synced_reel


def test_every_format_is_written_and_names_the_renders(synced):
    made = Project.open(synced).deliver(formats=EVERYTHING)
    keys = {
        "otio", "otio-flat", "edl", "edl-corrected", "fcpxml", "xml", "aaf", "mlt", "kdenlive",
        "ale", "csv", "pull-edl", "pull-ale", "pull-csv",
    }  # fmt: skip
    assert set(made.files) == keys
    for key in ("fcpxml", "xml", "aaf", "mlt", "kdenlive", "ale", "otio-flat"):
        listed = {e.name for e in probe_cut(synced / made.files[key]).events}
        assert {"a_fr-FR_v001", "b_fr-FR_v001"} <= {name.removesuffix(".mkv") for name in listed}


def test_a_delivery_is_atomic(synced, monkeypatch):
    monkeypatch.setattr(delivery, "differences", lambda *args, **more: ("frame 3 is another's",))
    with pytest.raises(DeliveryError, match="frame 3 is another's"):
        Project.open(synced).deliver(formats=("edl",))
    assert not list((synced / "delivery").glob("v*"))


def test_an_unknown_format_is_named(synced):
    with pytest.raises(SettingsError, match="'avid'"):
        Project.open(synced).deliver(formats=("avid",))


def test_strict_writes_nothing_if_anything_is_lost(synced, monkeypatch):
    kept = CliRunner().invoke(main, ["deliver", str(synced), "--as", "edl,aaf,csv", "--strict"])
    assert kept.exit_code == 0, kept.output
    cut = synced.parent / "cut.edl"
    cut.write_text(cut.read_text() + "* LOC: no timecode at all\n")
    said = CliRunner().invoke(main, ["deliver", str(synced), "--as", "ale,pull", "--strict"])
    assert said.exit_code == 0, said.output
    lossy = dict(delivery._MAKERS)
    lossy["ale"] = lambda job: [
        delivery._Made("ale", ".ale", delivery.Written(b"x", delivery.LossReport.of(
            [delivery.Loss("A1", "sound is not held")])))
    ]  # fmt: skip
    monkeypatch.setattr(delivery, "_MAKERS", lossy)
    before = sorted((synced / "delivery").glob("v*"))
    refused = CliRunner().invoke(
        main, ["deliver", str(synced), "--as", "ale", "--strict", "--json"]
    )
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["losses"] == ["ale: A1: sound is not held"]
    assert sorted((synced / "delivery").glob("v*")) == before


def test_a_pull_list_can_be_written_before_anything_is_rendered(reel):
    made = Project.open(reel).deliver(formats=("pull",))
    assert set(made.files) == {"pull-edl", "pull-ale", "pull-csv"}
    with pytest.raises(DeliveryError, match="no shot is rendered"):
        Project.open(reel).deliver()


def test_a_cut_that_changed_after_its_turnover_is_not_delivered(synced):
    project = Project.open(synced)
    cut = project.turnover().cut.path
    with open(cut, "a", encoding="ascii") as file:
        file.write("* AN EDITOR'S NOTE\n")
    with pytest.raises(DeliveryError, match="cut.edl has changed since its turnover"):
        project.deliver(formats=("fcpxml",))
    assert not list((synced / "delivery").glob("v*"))


def test_a_cut_that_is_gone_at_delivery_is_named(synced):
    project = Project.open(synced)
    Path(project.turnover().cut.path).unlink()
    with pytest.raises(DubsyncError, match="cut.edl"):
        project.deliver(formats=("fcpxml",))


def test_a_project_of_mlt_is_moved_with_its_media(synced):
    """Its paths are relative, and its frames count from the plates' first."""
    made = Project.open(synced).deliver(formats=("mlt", "kdenlive"))
    for path in made.files.values():
        events = [e for e in probe_cut(Path(path)).events if e.kind == "cut"]
        assert events and all(not e.media.startswith("/") for e in events)
        assert all((Path(path).parent / e.media).is_file() for e in events)
        assert {e.source.start >= e.available.start for e in events} == {True}
