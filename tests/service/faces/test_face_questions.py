"""Questions about faces: asked in every verb, shown in a picture, answered by a number."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import EngineError, SettingsError
from dubsync.core.progress import silent
from dubsync.service.faces.kept_questions import questions_file
from dubsync.service.project import Project
from dubsync.service.reel.footage import SeenIn, require_one_face
from tests.service import drawn_engine
from tests.service.faces.test_cast import face, shot
from tests.service.reel_making import add_language


@pytest.fixture
def two_faces(reel, monkeypatch):
    """The reel of ELISE (shot a) and MARC (shot b), but two faces in a, and neither known."""
    one = drawn_engine.track

    def track(frames, span, *, shot, progress):
        (first,) = one(frames, span, shot=shot, progress=progress)
        if not shot.startswith("a"):
            return (first,)
        second = replace(
            first, face=2, landmarks=first.landmarks + (12, 0, 0), appearance=np.eye(4)[2]
        )
        return first, second

    monkeypatch.setattr(drawn_engine, "track", track)
    return reel


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_question_is_in_turnover_with_a_picture_and_its_answer_ends_it(two_faces):
    looked = run("turnover", two_faces, "--look")
    question = "! a: which of 2 faces is ELISE?"
    option = "--face a:ELISE=1 or --face a:ELISE=2; the faces are numbered in REEL/faces.png"

    assert looked.exit_code == 0
    assert question in looked.output and option in looked.output
    assert "nobody: face 1 at" in looked.output and "MARC: face 1 at" in looked.output
    assert question in run("turnover", two_faces).output, (
        "kept for a turnover that analyses nothing"
    )
    picture = cv2.imread(str(two_faces / "faces.png"))
    assert picture is not None and picture.std() > 5
    wide = np.flatnonzero(picture.max(axis=(0, 2)) > 60)
    assert wide[-1] > 0.9 * picture.shape[1] or picture.shape[0] > 700, "the frame fills the sheet"

    answered = run("turnover", two_faces, "--face", "a:ELISE=2", "--look", "--json")

    (first, _) = json.loads(answered.stdout)["shots"]
    assert first["look"]["faces"] == {"ELISE": [2]} and first["look"]["questions"] == []
    assert not (two_faces / "faces.png").exists()
    x, y, frame = Project.open(two_faces).reel.pointed["a"]["ELISE"][0]
    (person,) = [p for p in first["look"]["people"] if p["number"] == 2]
    assert (round(x), round(y), frame) == (person["x"], person["y"], person["frame"])


def test_a_language_without_a_question_leaves_that_of_another_one(two_faces):
    add_language(two_faces, "de-DE", MARC=(2.4, 3.2))
    question = "! a: which of 2 faces is ELISE?"
    assert run("turnover", two_faces, "--look").output.count(question) == 1

    kept = run("turnover", two_faces).output
    assert question in kept and "numbered in REEL/faces_fr-FR.png" in kept
    assert [path.name for path in two_faces.glob("faces*.png")] == ["faces_fr-FR.png"]

    project = Project.open(two_faces)
    (elise,) = [p for p in project.consents() if p.performer == "elise-m"]
    project.withdraw(elise)
    assert not list(two_faces.glob("faces*.png"))


def test_sync_blocks_the_shot_with_the_question_and_renders_the_others(two_faces):
    results = {result.name: result for result in Project.open(two_faces).sync()}

    assert results["a"].status == "blocked" and "--face a:ELISE=1" in results["a"].hint
    assert results["b"].status == "done"
    assert not [asked for asked in drawn_engine.ASKED if asked[:2] == ("learn", "ELISE")]


def test_a_number_that_no_face_has_is_refused_with_how_many_there_are(two_faces):
    with pytest.raises(SettingsError, match="a has no face 3; it shows 2 faces"):
        Project.open(two_faces).point("a", "ELISE", [(3.0,)], silent)


def test_damaged_or_outdated_questions_are_not_shown(two_faces):
    reel = Project.open(two_faces).reel
    reel.look(silent)
    assert reel.questions()["a"]
    assert replace(reel, pointed={"a": {"ELISE": [(30.0, 30.0)]}}).questions() == {}
    for damaged in ('{"asked_of": 1}', "[" * 100_000, "[7]", "{"):
        questions_file(reel.store).write_text(damaged)
        assert reel.questions() == {}


def test_no_actor_is_learnt_from_the_faces_of_two_people():
    seen = [SeenIn(shot(n, "ELISE"), (face(1, "ELISE"),)) for n in "AB"]
    require_one_face("ELISE", seen)

    with pytest.raises(EngineError, match="ELISE in A and C are not one person's") as refused:
        require_one_face("ELISE", [*seen, SeenIn(shot("C", "ELISE"), (face(1, "PASSER"),))])
    assert "--face C:ELISE=N" in refused.value.hint


def test_withdrawal_deletes_face_tracks_and_the_picture_of_faces(two_faces):
    project = Project.open(two_faces)
    project.reel.look(silent)
    assert list((two_faces / ".dubsync/tracks").iterdir()) and (two_faces / "faces.png").exists()
    (elise,) = [p for p in project.consents() if p.performer == "elise-m"]

    project.withdraw(elise)

    assert not (two_faces / ".dubsync/tracks").exists()
    assert not (two_faces / "faces.png").exists()


def test_face_answers_are_read_from_the_command_line():
    from dubsync.cli.face_option import FaceAnswer, parse_face

    assert parse_face("SH:KATIE=2") == FaceAnswer("SH", "KATIE", (2.0,))
    assert parse_face("KATIE=10,20") == FaceAnswer("", "KATIE", (10.0, 20.0))
    assert parse_face("SH:10,20@86412") == FaceAnswer("SH", "", (10.0, 20.0, 86412.0))
    assert parse_face("3") == FaceAnswer("", "", (3.0,))
