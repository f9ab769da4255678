"""Triage ranks shots by how badly the plate contradicts the dub, without rendering."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.service.project import Project


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_every_dubbed_face_is_ranked_without_a_render(reel, engine):
    done = dubsync("triage", reel, "--json")

    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["schema"] == "dubsync.triage/1"
    assert sorted(row["shot"] for row in said["shots"]) == ["a", "b"]
    scores = [row["score"] for row in said["shots"]]
    assert scores == sorted(scores, reverse=True)
    assert all(row["advice"] and isinstance(row["reasons"], list) for row in said["shots"])
    assert not [asked for asked in engine.ASKED if asked[0] == "prepare"]
    assert not (reel / "renders").exists()
    assert (reel / "reports/triage/v001/triage.png").is_file()


def test_a_shot_that_may_not_be_worked_on_is_skipped_with_the_reason(reel):
    (reel / "consent" / "marc-d.toml").unlink()

    text = dubsync("triage", reel).output

    assert "b: skipped: " in text and "marc-d" in text
    assert [face.shot for face in Project.open(reel).triage().faces] == ["a"]
