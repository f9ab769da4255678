"""A check within a run says what a check alone would say later, and reads no file a second time."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import EngineError
from dubsync.core.progress import silent
from dubsync.service.project import Project
from dubsync.service.qc.read_shot import ReadShot
from dubsync.service.render.provenance import whole_record


def said(report) -> dict:
    """A report without its date and version."""
    text = Path(report.json).read_text()
    return {name: value for name, value in json.loads(text).items() if name != "date"}


@pytest.fixture(scope="module")
def run(heard_reel, tmp_path_factory):
    """A reel of two shots, synced and checked in one go, and what the check said."""
    reel = shutil.copytree(heard_reel, tmp_path_factory.mktemp("run") / "home") / "REEL"
    project = Project.open(reel)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadShot, "read", unread)
        assert {one.status for one in project.sync(checked=True)} == {"done"}
        return reel, said(project.check())


def unread(*_):
    raise AssertionError("the files are read a second time")


def pages(reel):
    return sorted((reel / ".dubsync/pages").rglob("*.json"))


def test_in_a_run_the_check_measures_what_the_proof_reads(run):
    _, report = run
    assert [shot["name"] for shot in report["shots"]] == ["a", "b"]
    assert all(shot["findings"] for shot in report["shots"])


@given(lost=st.sets(st.sampled_from([0, 1]), min_size=1))
@settings(max_examples=2, deadline=None)
def test_a_check_alone_later_says_the_same_as_the_one_within_the_run(run, lost):
    """So does one after a run that was killed before the pages of some shots stood."""
    reel, report = run
    kept = pages(reel)
    assert len(kept) == 2
    texts = [page.read_bytes() for page in kept]
    for n in lost:
        kept[n].unlink()

    assert said(Project.open(reel).check()) == report
    assert [page.read_bytes() for page in pages(reel)] == texts


def test_a_check_that_fails_within_a_run_costs_no_render_and_is_made_again(run, tmp_path):
    reel = copied(run[0], tmp_path)
    project = Project.open(reel)
    whole = project.reel.engine

    def torn(frames, span, **more):
        next(frames)
        raise EngineError("the tracker gave up")

    project.reel.look(silent)
    project.reel.__dict__["engine"] = replace(whole, track=torn)
    results = project.sync(checked=True)
    project.reel.__dict__["engine"] = whole

    assert {one.status for one in results} == {"done"} and not pages(reel)
    proof = whole_record(reel / "renders/a/v001")["proof"]
    assert (proof["frames"], proof["changed_outside"]) == (len(results[0].rendered.frames), 0)
    again = said(project.check())["shots"]
    assert [shot["findings"] for shot in again] == [shot["findings"] for shot in run[1]["shots"]]


def copied(reel: Path, folder: Path) -> Path:
    """The reel of a run, as it was before anything was rendered."""
    whole = shutil.copytree(reel.parent, folder / "copy") / reel.name
    for made in ("renders", "reports", ".dubsync/pages", ".dubsync/proofs"):
        shutil.rmtree(whole / made)
    return whole


def test_of_real_faces_too_a_check_alone_says_what_the_run_said(own_reel):
    (before,) = (own_reel / "reports").rglob("*.json")
    shot = pages(own_reel)[0]
    text = shot.read_bytes()
    shot.unlink()

    report = Project.open(own_reel).check()

    assert shot.read_bytes() == text
    assert said(report)["shots"] == json.loads(before.read_text())["shots"]
