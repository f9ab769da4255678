"""A repair closes the lips that the check found open, in a new version that can be taken back."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.contact import ContactKey
from dubsync.core.errors import MissingMedia
from dubsync.core.progress import silent
from dubsync.service.project import Project
from dubsync.service.repair import repair_reel
from dubsync.service.tweaks.tweak_store import TweakStore
from tests.service.reel_making import make_synced_reel


def contact(frame: int, met: bool | None, kind: str = "closed lips") -> dict[str, object]:
    return {"kind": kind, "character": "ELISE", "line": "ELISE_L001", "frame": frame, "met": met,
            "ms": None, "why": "" if met is not None else "the face is turned away"}  # fmt: skip


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The reel, rendered and checked; the report found shot a's lips open in one frame of three."""
    folder = tmp_path_factory.mktemp("once")
    report = Path(Project.open(make_synced_reel(folder, date.today())).check().json)
    document = json.loads(report.read_text())
    shot = next(shot for shot in document["shots"] if shot["name"] == "a")
    first = shot["frames"]["first"]
    shot["contacts"] = [contact(first + 8, False), contact(first + 12, True),
                        contact(first + 16, None),
                        contact(first + 20, False, "teeth near")]  # fmt: skip
    report.write_text(json.dumps(document))
    return folder, first


@pytest.fixture
def checked(once, tmp_path, engine):
    """A copy of it, and the shot's first frame."""
    folder, first = once
    return Project.open(shutil.copytree(folder, tmp_path / "copy") / "REEL"), first


def renders(project):
    return {shot: len(project.store.versions("renders", shot)) for shot in ("a", "b")}


def tweaks(project):
    return TweakStore(project.file.folder, project.store.layout).latest("a").tweaks


def test_only_what_the_check_found_open_is_rendered_again_as_a_new_version(checked):
    project, first = checked
    made = repair_reel(project, progress=silent)
    assert renders(project) == {"a": 2, "b": 1}
    assert tweaks(project)["ELISE"].contacts == (ContactKey(first + 8, first + 8, "closed lips"),)
    (shot,) = made.repaired
    assert (shot.shot, shot.version, shot.before) == ("a", 2, (1, 3))
    assert made.report is not None and set(made.report.verdicts) == {"a"}
    # The drawn engine draws nothing, so its lips stay open; the repair says so and how to undo it.
    assert not shot.met and shot.still_open[0].frame == first + 8
    assert "nothing is better" in shot.sentence and "--undo" in shot.sentence


def test_a_repair_can_be_taken_back(checked):
    project, _ = checked
    repair_reel(project, progress=silent)
    project.tweak("a", change="undo")
    assert not tweaks(project)


def test_a_render_that_was_not_checked_or_is_stale_is_left(checked):
    project, _ = checked
    project.tweak("a", ["jaw=1.1"])
    made = repair_reel(project, progress=silent)
    assert not made.shots and "inputs have changed" in made.left[0][1]
    project.sync(["a"])
    made = repair_reel(project, progress=silent)
    assert renders(project)["a"] == 2 and "is newer than v001" in made.left[0][1]


def test_a_second_repair_needs_a_check_and_then_finds_nothing(checked):
    project, _ = checked
    repair_reel(project, progress=silent)
    assert repair_reel(project, progress=silent).shots == ()


def test_a_report_of_before_contacts_were_judged_is_no_sign_that_nothing_is_open(checked):
    project, _ = checked
    (report,) = (path for path in project.store.versions("reports")[0].glob("*.json"))
    document = json.loads(report.read_text())
    for shot in document["shots"]:
        del shot["contacts"]
    report.write_text(json.dumps(document))
    made = repair_reel(project, ["a"], progress=silent)
    assert not made.shots and "check it again" in dict(made.left)["a"]


def test_the_verb_says_before_and_after_and_refuses_other_work(checked):
    project, _ = checked
    folder = str(project.file.folder)
    both = CliRunner().invoke(main, ["sync", folder, "--repair", "--renderer", "warp"])
    assert both.exit_code == 2 and "--repair cannot be combined" in both.output
    text = CliRunner().invoke(main, ["sync", folder, "--repair"])
    assert "a v002: " in text.output and "before 1 of 3" in text.output
    again = CliRunner().invoke(main, ["sync", folder, "--repair", "--json"])
    assert json.loads(again.stdout)["repaired"] == []


def test_a_reel_that_was_never_checked_says_so(reel):
    with pytest.raises(MissingMedia, match="no QC report"):
        repair_reel(Project.open(reel), progress=silent)
