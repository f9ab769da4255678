"""All that is known of one shot, gathered without measuring anything."""

from __future__ import annotations

import pytest

from dubsync.core.errors import DubsyncError
from dubsync.service.about_shot import about_shot, shot_qc
from dubsync.service.project import Project
from tests.small_reel import ELISE, MARC


@pytest.fixture(scope="module")
def project(rendered_reel):
    opened = Project.open(rendered_reel)
    opened.turnover()
    return opened


def test_a_rendered_shot_has_its_record_its_report_and_its_consents(project):
    about = about_shot(project, MARC)
    assert about.versions == ("v001",)
    assert about.next_version == "v002"
    assert about.record["shot"] == MARC
    assert about.qc.version == 1
    assert {finding.shot for finding in about.qc.findings} == {MARC}
    assert about.consents
    assert about.withheld == ("", "")


def test_the_face_that_is_drawn_has_the_trackers_confidence_in_every_frame(project):
    face = next(face for face in about_shot(project, ELISE).faces if face.character)
    assert face.character == "ELISE"
    assert len(face.confidence) == len(face.frames)


def test_a_shot_that_no_report_lists_is_not_measured(project):
    assert shot_qc(project.store, "SH999").version == 0


def test_an_unknown_shot_is_refused(project):
    with pytest.raises(DubsyncError):
        about_shot(project, "SH999")
