"""The newest QC report can be shown again, also from a project that cannot be written."""

import shutil
from dataclasses import replace
from datetime import date

import pytest

from dubsync.core.errors import MissingMedia
from dubsync.service.project import Project
from dubsync.service.qc.newest_report import newest_report
from tests.service.reel_making import make_synced_reel


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A folder with the synced reel, checked."""
    folder = tmp_path_factory.mktemp("once")
    Project.open(make_synced_reel(folder, date.today())).check()
    return folder


@pytest.fixture
def checked(once, tmp_path, engine):
    """A copy of it, and its report."""
    project = Project.open(shutil.copytree(once, tmp_path / "copy") / "REEL")
    return project, newest_report(project.store)


def test_the_newest_report_is_what_check_returned(synced_reel):
    project = Project.open(synced_reel)
    report = project.check()
    again = newest_report(project.store)
    assert (again.html, again.json) == (report.html, report.json)
    assert again.verdicts == report.verdicts
    assert again.counts == report.counts
    for was, now in zip(
        sorted(report.findings, key=str), sorted(again.findings, key=str), strict=True
    ):
        assert replace(was, value=now.value) == now  # with what is wrong and what to do, in words


def test_only_the_named_shots_are_shown(checked):
    project, _ = checked
    report = newest_report(project.store, ["a"])
    assert set(report.verdicts) == {"a"}
    assert {finding.shot for finding in report.findings} == {"a"}


def test_a_shot_that_the_report_does_not_list_is_named(checked):
    project, _ = checked
    with pytest.raises(MissingMedia, match="does not list c") as refused:
        newest_report(project.store, ["a", "c"])
    assert "it lists: a, b" in refused.value.hint


def test_a_damaged_report_gives_way_to_the_one_before(checked):
    project, first = checked
    second = project.check()
    assert newest_report(project.store).json == second.json
    with open(second.json, "w") as file:
        file.write('{"schema": "dubsync.qc/1", "shots": 7}')
    assert newest_report(project.store).json == first.json


def test_a_project_that_was_never_checked_says_so(reel):
    with pytest.raises(MissingMedia, match="no QC report"):
        newest_report(Project.open(reel).store)
