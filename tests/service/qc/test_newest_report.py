"""The newest QC report can be shown again, also from a project that cannot be written."""

import pytest

from dubsync.core.errors import MissingMedia
from dubsync.service.project import Project
from dubsync.service.qc.newest_report import newest_report


@pytest.fixture
def checked(reel):
    project = Project.open(reel)
    project.sync()
    return project, project.check()


def test_the_newest_report_is_what_check_returned(checked):
    project, report = checked
    again = newest_report(project.store)
    assert (again.html, again.json) == (report.html, report.json)
    assert again.verdicts == report.verdicts
    assert again.counts == report.counts
    for was, now in zip(
        sorted(report.findings, key=str), sorted(again.findings, key=str), strict=True
    ):
        assert (was.shot, was.measure, was.verdict, was.limit, was.note) == (
            now.shot, now.measure, now.verdict, now.limit, now.note,
        )  # fmt: skip
        assert (was.message, was.remedy) == (now.message, now.remedy)


def test_only_the_named_shots_are_shown(checked):
    project, _ = checked
    report = newest_report(project.store).only(["a"])
    assert set(report.verdicts) == {"a"}
    assert {finding.shot for finding in report.findings} == {"a"}


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
