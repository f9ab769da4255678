"""A reel at a glance: each row says what the project knows, and nothing is analysed for it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from datetime import date

import pytest

from dubsync.core.face import Stretch
from dubsync.core.result import Finding
from dubsync.service.judge import Judging
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.overview import Overviews, overview, rows_json
from dubsync.service.project import Project
from dubsync.service.qc.kept_triage import NAME, kept
from dubsync.service.render.drawn_by import driver_of
from dubsync.service.render.provenance import write_record
from dubsync.service.render.record_form import SCHEMA
from tests.service.reel_making import make_reel


def keep_render(project, shot, *, source="sound", renderer="warp", version=1):
    """A version of a shot's render with a record and no pictures."""
    folder = project.store.home("renders", shot.name) / f"v{version:03d}"
    folder.mkdir(parents=True)
    who = shot.characters[0]
    span = {"first": shot.render.start, "stop": shot.render.stop, "rate": "24", "timecode": ""}
    write_record(folder / "x.record.json", {
        "schema": SCHEMA, "shot": shot.name, "version": version, "key": "", "seconds": 6.0,
        "characters": [who], "frames": span, "outputs": {},
        "renderers": {who: {"renderer": renderer, "reason": "asked for"}},
        "mouths": {who: [{"first": shot.source.start, "last": shot.source.stop - 1,
                          "source": source, "reason": ""}]},
    })  # fmt: skip


def keep_triage(project, scores, version=1):
    folder = project.store.home("reports", "triage") / f"v{version:03d}"
    folder.mkdir(parents=True)
    shots = [{"shot": shot, "character": "ELISE", "score": score} for shot, score in scores]
    (folder / NAME).write_bytes(kept({"shots": shots}))


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A folder with a project of two shots, whose stems were heard once."""
    folder = tmp_path_factory.mktemp("made") / "whole"
    folder.mkdir()
    Project.open(make_reel(folder, date.today())).turnover()
    return folder


@pytest.fixture
def reel(heard, tmp_path):
    return shutil.copytree(heard, tmp_path / "whole") / "REEL"


@pytest.fixture
def project(reel):
    return Project.open(reel)


def rows(project):
    return {row.name: row for row in overview(project).rows}


def test_before_anything_is_rendered_each_shot_is_to_do_and_the_sound_drives_it(project):
    found = rows(project)
    assert {row.state for row in found.values()} == {"todo"}
    assert {row.driver for row in found.values()} == {"sound"}
    assert all(row.plate is not None and row.standing for row in found.values())
    assert all(row.triage is None and not row.findings for row in found.values())


def test_driver_and_renderer_are_those_of_the_newest_record(project):
    shot = project.turnover().shots[0]
    keep_render(project, shot)
    keep_render(project, shot, source="M_L001_t02.mov", renderer="actor", version=2)
    row = rows(project)[shot.name]
    assert (row.driver, row.renderer, row.version) == ("take t02", "actor", "v002")


def test_several_takes_are_named_in_order():
    stretches = [[Stretch(1, 5, "A_t03.mov"), Stretch(6, 9, "sound"), Stretch(10, 12, "A_t01.mov")]]
    assert driver_of(stretches) == "take t01, t03"


def test_the_score_is_that_of_the_worst_face_in_the_newest_triage_that_scored_the_shot(project):
    first, second = (shot.name for shot in project.turnover().shots)
    keep_triage(project, [(first, 20.0), (first, 55.0), (second, 30.0)])
    keep_triage(project, [(first, 40.0)], version=2)
    found = rows(project)
    assert (found[first].triage, found[second].triage) == (40.0, 30.0)


def test_a_damaged_triage_is_left_out(project):
    keep_triage(project, [(project.turnover().shots[0].name, 20.0)])
    (project.store.latest("reports", "triage") / NAME).write_text("{")
    assert all(row.triage is None for row in rows(project).values())


def test_findings_come_worst_first_from_the_newest_report_that_lists_the_shot(project):
    first, second = (shot.name for shot in project.turnover().shots)
    for version, names in ((1, (first, second)), (2, (second,))):
        folder = project.store.home("reports") / f"v{version:03d}"
        folder.mkdir(parents=True)
        shots = []
        for name in names:
            findings = [
                asdict(Finding(name, "X", "seam", version, "", "at most 1", verdict))
                for verdict in ("pass", "review", "fail")
            ]
            for finding in findings:
                del finding["shot"]
            shots.append({"name": name, "verdict": "fail", "version": 1, "findings": findings})
        (folder / "qc.json").write_text(json.dumps({"schema": "dubsync.qc/1", "shots": shots}))
    found = rows(project)
    assert [one.verdict for one in found[first].findings] == ["fail", "review", "pass"]
    assert (found[first].fails, found[first].looks) == (1, 1)
    assert found[second].findings[0].value == 2


def test_open_notes_are_counted_and_answered_ones_are_not(project):
    name = project.turnover().shots[0].name
    judging = Judging(project)
    one = judging.note(name, "+3", "lips late", by="Anna")
    judging.note(name, "+5", "eyes", by="Anna")
    judging.answer(one.name, "fix", by="Ben")
    assert rows(project)[name].notes == 1


def test_a_judgement_shows_at_once_before_the_states_are_worked_out_again(project):
    shot = project.turnover().shots[0]
    keep_render(project, shot)
    seen = Overviews(project)
    assert {row.name: row.state for row in seen.now().rows}[shot.name] == "rendered"
    store = JudgementStore(project.file.folder, project.store.layout)
    store.judge(shot.name, "v001", "rejected", by="Anna", reason="lips")
    row = {row.name: row for row in seen.now().rows}[shot.name]
    assert (row.state, row.reasons) == ("rejected", ("rejected by Anna: lips",))
    assert shot.name in seen.now().unsure


def test_a_missing_plate_is_offline_with_where_it_was_looked_for(reel):
    (reel.parent / "plates" / "a.mov").unlink()
    found = overview(Project.open(reel))
    row = next(row for row in found.rows if row.state == "offline")
    assert "missing plate" in row.reasons[0]
    assert row.hint
    assert row.plate is None


def test_a_render_pace_is_seconds_a_frame(project):
    shot = project.turnover().shots[0]
    assert overview(project).pace is None
    keep_render(project, shot)
    assert overview(project).pace == pytest.approx(6.0 / len(shot.render))


def test_rows_as_json_say_what_the_table_says(project):
    keep_triage(project, [(project.turnover().shots[0].name, 12.0)])
    first = rows_json(overview(project))[0]
    assert (first["state"], first["triage"], first["driver"]) == ("todo", 12.0, "sound")


def test_no_engine_is_loaded_for_an_overview(project, engine):
    overview(project)
    assert not engine.ASKED
    assert "dubsync.engine" not in sys.modules or not engine.DRIVEN
