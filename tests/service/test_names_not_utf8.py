"""A folder whose name is not UTF-8, as old servers have them, holds a reel like any other."""

import os
import sys
from datetime import date
from pathlib import Path

import pytest

from dubsync.cli.fault import report_fault
from dubsync.editorial.formats import DELIVERED
from dubsync.editorial.timeline.media_paths import local_path, media_url
from dubsync.service.project import Project
from tests.service.reel_making import fresh_reel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")


@pytest.fixture
def folder(tmp_path):
    place = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    place.mkdir()
    return place


def test_every_verb_works_and_every_format_is_written(folder, engine):
    project = Project.open(fresh_reel(folder, date.today()))
    assert [shot.status for shot in project.sync()] == ["done", "done"]
    assert project.check().html
    assert {shot.state for shot in project.status().shots} == {"pending review"}
    assert project.review("a").movie
    delivery = project.deliver(formats=DELIVERED)
    assert all(Path(path).exists() for path in delivery.files.values())  # VFX: a folder


def test_a_url_leads_back_to_the_same_bytes(folder):
    path = folder / "a 1.mov"
    url = media_url(str(path))
    assert url.endswith("/caf%E9/a%201.mov")
    assert local_path(url, Path("/")) == path


def test_a_fault_there_is_said_and_kept_in_a_file(capsys):
    report_fault(ValueError, ValueError(os.fsdecode(b"caf\xe9.mov")), None)
    lines = capsys.readouterr().err.splitlines()
    assert "fault" in lines[0]
    kept = Path(lines[-1].rpartition("Details: ")[2])
    assert "caf" in kept.read_text()
    kept.unlink()
