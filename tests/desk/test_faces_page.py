"""Who is who: the page shows what `dubsync faces` tells, and an answer is kept."""

from __future__ import annotations

from benchmarks.desk._window import open_window, wait_for
from dubsync.desk.shell.window import FACES
from dubsync.service.project import Project
from dubsync.service.seen_faces import seen_faces
from dubsync.service.settings import answers
from tests.small_reel import ELISE, MARC


def test_every_face_is_listed_with_a_picture_and_its_character(own_reel):
    found = seen_faces(Project.open(own_reel))
    assert {face.shot: face.character for face in found.faces} == {MARC: "MARC", ELISE: "ELISE"}
    assert all(face.likeness[face.character] >= max(face.likeness.values())
               for face in found.faces if face.character in face.likeness)  # fmt: skip
    assert not found.questions


def test_an_answer_on_the_page_is_kept_for_every_language(qtbot, own_reel):
    window = open_window(own_reel)
    qtbot.addWidget(window)
    window.show_page(FACES)
    page = window.faces_page
    wait_for(lambda: page.shown.faces, 180, "the faces")
    page._stand(MARC, 1, "")
    page.choices.choose("ELISE")
    page.take.click()
    wait_for(lambda: answers.face_points(window.session.project.file), 30, "the answer")
    window.close()
    assert set(answers.face_points(Project.open(own_reel).file)[MARC]) == {"ELISE"}
