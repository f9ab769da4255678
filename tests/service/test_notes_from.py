"""Notes go out with a delivery, and come back answered."""

import json

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.note import Note
from dubsync.editorial.probe import probe_cut
from dubsync.service.judging.note_store import NoteStore
from dubsync.service.notes_from import notes_from
from dubsync.service.project import Project
from tests.service.test_delivery import EVERYTHING


@pytest.fixture
def noted(synced_reel):
    """The rendered reel, with a note on each of its two shots."""
    project = Project.open(synced_reel)
    store = NoteStore(project.file.folder, project.store.layout)
    a, b = project.turnover().shots
    store.add(Note("", "a", a.source.start + 5, "lips should close", "Anna"))
    store.add(Note("", "b", b.source.start + 30, "le « m »\nest ouvert " + "x" * 120, "Zoë", 1))
    return synced_reel


def store_of(reel):
    project = Project.open(reel)
    return NoteStore(project.file.folder, project.store.layout)


def test_every_delivered_cut_has_the_notes_as_markers(noted):
    made = Project.open(noted).deliver(formats=(*EVERYTHING, "notes"))
    rate = Project.open(noted).turnover().cut.rate
    for key in ("otio", "otio-flat", "edl", "fcpxml", "xml", "aaf", "notes", "notes-avid",
                "notes-resolve"):  # fmt: skip
        markers = probe_cut(noted / made.files[key], rate).markers
        names = sorted((m.name or m.comment)[:5] for m in markers)
        assert names == ["N0001", "N0002"], key
        assert sorted(m.record.text[0] for m in markers) == ["01:00:00:05", "01:00:03:06"], key
    assert made.losses == ()


def test_a_reel_without_notes_is_delivered_without_a_list(synced_reel):
    made = Project.open(synced_reel).deliver()
    assert set(made.files) == {"otio", "otio-flat", "edl", "edl-corrected"}


def test_a_delivered_cut_with_the_editor_s_answers_answers_the_notes(noted):
    made = Project.open(noted).deliver()
    assert "notes" in made.files
    edl = noted / made.files["edl"]
    back = noted.parent / "back.edl"
    lines = edl.read_text().splitlines()
    lines = [f"{line} Best possible: it is dark" if "N0002" in line and "LOC" in line else line
             for line in lines]  # fmt: skip
    lines.append("* LOC: 01:00:02:10 RED     chin is off")
    back.write_text("\n".join(lines) + "\n")
    said = CliRunner().invoke(main, ["notes-from", str(noted), str(back), "--json"])
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert told["schema"] == "dubsync.notes_from/1"
    assert [(n["name"], n["answer"], n["reply"]) for n in told["answered"]] == [
        ("N0002", "best possible", "it is dark")
    ]
    kept = store_of(noted).all()
    assert [n.name for n in kept] == ["N0001", "N0002", "N0003"]
    assert (kept[1].answer, kept[1].answered_by) == ("best possible", "editor")
    assert (kept[2].shot, kept[2].text, kept[2].author) == ("b", "chin is off", "editor")
    again = CliRunner().invoke(main, ["notes-from", str(noted), str(back)])
    assert again.output == "0 notes answered, 0 moved, 0 new notes.\n"
    assert len(store_of(noted).all()) == 3


def test_an_answer_given_here_meanwhile_is_kept_where_the_editor_only_moved_the_note(noted):
    made = Project.open(noted).deliver(formats=("edl",))
    text = (noted / made.files["edl"]).read_text().replace("LOC: 01:00:00:05", "LOC: 01:00:00:09")
    back = noted.parent / "back.edl"
    back.write_text(text)
    store_of(noted).answer("N0001", "fix", by="Ben")
    before = store_of(noted).one("N0001")
    read = notes_from(Project.open(noted), back)
    after = store_of(noted).one("N0001")
    assert (after.frame - before.frame, after.answer, after.answered_by) == (4, "fix", "Ben")
    assert [note.name for note in read.moved] == ["N0001"]


def test_an_old_file_does_not_bring_an_old_answer_back(noted):
    store_of(noted).answer("N0001", "fix", "in v3", by="Ben")
    made = Project.open(noted).deliver(formats=("fcpxml",))
    store_of(noted).answer("N0001", "best possible", by="Anna")
    read = notes_from(Project.open(noted), noted / made.files["fcpxml"])
    assert read.answered == () and "before its present answer" in read.unknown[0].why
    assert store_of(noted).one("N0001").answer == "best possible"


def test_a_file_without_markers_is_refused_with_a_hint(noted):
    said = CliRunner().invoke(main, ["notes-from", str(noted), str(noted.parent / "cut.edl")])
    assert said.exit_code == 1 and "has no markers" in said.output and "Try:" in said.output
