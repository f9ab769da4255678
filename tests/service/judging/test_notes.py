"""Notes are kept one by one, whoever writes them at once, and answered without losing a word."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.note import ANSWERS, Note
from dubsync.service.judging.judgement_store import (
    JudgementStore,
    last_on,
    standing_approval,
)
from dubsync.service.judging.note_store import NoteStore
from dubsync.service.store.folder import Layout

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda text: text.strip()
)
NOTES = st.builds(
    Note, name=st.just(""), shot=st.sampled_from(["a", "b"]), frame=st.integers(0, 10**7),
    text=WORDS, author=st.just("Anna"), severity=st.sampled_from([1, 2, 3]),
    version=st.sampled_from(["", "v001", "v012"]),
)  # fmt: skip


def note(text="late", shot="a", frame=90, author="Anna"):
    return Note("", shot, frame, text, author)


@settings(max_examples=25)
@given(notes=st.lists(NOTES, max_size=6))
def test_every_note_is_read_back_as_it_was_said(tmp_path_factory, notes):
    folder = tmp_path_factory.mktemp("notes")
    said = [NoteStore(folder).add(one) for one in notes]
    assert NoteStore(folder).all() == tuple(said)
    assert [one.name for one in said] == [f"N{n:04d}" for n in range(1, len(notes) + 1)]
    for given_, kept in zip(notes, said, strict=True):
        assert kept == replace(
            given_, name=kept.name, made=kept.made, text=given_.text.strip()
        )  # fmt: skip


@settings(max_examples=25)
@given(answers=st.lists(st.tuples(st.sampled_from(ANSWERS), WORDS), min_size=1, max_size=5))
def test_the_last_answer_stands_and_the_earlier_ones_stay(tmp_path_factory, answers):
    store = NoteStore(tmp_path_factory.mktemp("notes"))
    name = store.add(note()).name
    for answer, reply in answers:
        store.answer(name, answer, reply, "Ben")
    last = store.one(name)
    assert (last.answer, last.reply) == (answers[-1][0], answers[-1][1].strip())
    assert (last.author, last.answered_by, last.text) == ("Anna", "Ben", "late")
    said = [(n.answer, n.reply) for n, _, _ in store.history(name)]
    different = [
        (a, r.strip())
        for n, (a, r) in enumerate(answers)
        if n == 0 or (a, r.strip()) != (answers[n - 1][0], answers[n - 1][1].strip())
    ]
    assert said == [("open", ""), *different]


WRITER = """
import sys
from pathlib import Path
from dubsync.core.note import Note
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.judging.note_store import NoteStore
notes, judgements = NoteStore(Path(sys.argv[1])), JudgementStore(Path(sys.argv[1]))
first = notes.all()[0].name
for n in range(12):
    notes.add(Note("", "a", n, f"{sys.argv[2]} {n}", sys.argv[2]))
    notes.amend(first, lambda note: type(note)(
        note.name, note.shot, note.frame, note.text + sys.argv[2][0], note.author))
    judgements.judge("a", f"v{n + 1:03d}", "approved", by=sys.argv[2])
"""


def test_two_processes_that_note_and_judge_at_once_lose_nothing(tmp_path):
    NoteStore(tmp_path).add(note("begin"))
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), who])
        for who in ("Anna", "Ben")
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    first, *rest = NoteStore(tmp_path).all()
    assert sorted(n.text for n in rest) == sorted(f"{w} {n}" for w in ("Anna", "Ben")
                                                  for n in range(12))  # fmt: skip
    assert sorted(first.text.removeprefix("begin")) == ["A"] * 12 + ["B"] * 12
    assert len({n.name for n in rest}) == 24
    assert len(JudgementStore(tmp_path).of("a")) == 24


def test_a_note_taken_back_is_listed_no_more_and_its_name_is_not_used_again(tmp_path):
    store = NoteStore(tmp_path)
    store.take_back(store.add(note()).name, "Anna")
    assert store.all() == ()
    assert store.add(note("again")).name == "N0002"
    with pytest.raises(SettingsError, match="no note is called 'N0001'"):
        store.answer("N0001", "fix", by="Ben")


def test_each_language_has_its_own_notes_under_names_unique_in_the_project(tmp_path):
    french = NoteStore(tmp_path, Layout("fr-FR", several=True))
    german = NoteStore(tmp_path, Layout("de-DE", several=True, first=False))
    assert [french.add(note()).name, german.add(note()).name] == ["N0001", "N0002"]
    assert [n.name for n in french.all()] == ["N0001"]
    assert [n.name for n in german.all()] == ["N0002"]


def test_notes_made_before_a_language_was_added_belong_to_the_first(tmp_path):
    NoteStore(tmp_path, Layout("fr-FR")).add(note())
    first = NoteStore(tmp_path, Layout("fr-FR", several=True))
    other = NoteStore(tmp_path, Layout("de-DE", several=True, first=False))
    assert [n.text for n in first.all()] == ["late"]
    assert other.all() == ()
    assert first.answer("N0001", "fix", by="Ben").answer == "fix"


@pytest.mark.parametrize("spoilt", [
    "", "{}", "[1]", '{"schema": "dubsync.note_version/1"}', '{"schema": "dubsync.tweaks/1"}',
])  # fmt: skip
def test_a_damaged_note_is_named_and_no_other_is_lost(tmp_path, spoilt):
    store = NoteStore(tmp_path)
    store.add(note())
    (tmp_path / "notes/N0001/v002.json").write_text(spoilt)
    with pytest.raises(SettingsError, match="v002.json is not a dubsync note") as refused:
        NoteStore(tmp_path).all()
    assert "delete that file" in refused.value.hint
    (tmp_path / "notes/N0001/v002.json").unlink()
    assert [n.text for n in NoteStore(tmp_path).all()] == ["late"]


@pytest.mark.parametrize(("change", "what"), [
    ({"text": " \n"}, "no text"), ({"text": "x" * 5000}, "at most"),
    ({"severity": 4}, "severity 4"), ({"answer": "yes"}, "'yes' is no answer"),
])  # fmt: skip
def test_what_is_no_note_is_refused(tmp_path, change, what):
    with pytest.raises(SettingsError, match=what):
        NoteStore(tmp_path).add(replace(note(), **change))
    assert not (tmp_path / "notes").exists()


def test_without_a_name_the_author_is_the_one_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DUBSYNC_AUTHOR", "  Anna   Berg ")
    assert NoteStore(tmp_path).add(note(author="")).author == "Anna Berg"


JUDGED = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["approved", "rejected", "taken back"])),
    max_size=8,
)


@settings(max_examples=25)
@given(judged=JUDGED)
def test_the_version_approved_last_stands_until_it_is_judged_otherwise(tmp_path_factory, judged):
    store, standing = JudgementStore(tmp_path_factory.mktemp("judgements")), []
    for version, word in judged:
        if word == "taken back":
            if standing:
                store.take_back("a", "Anna")
                standing.pop()
        else:
            store.judge("a", f"v{version:03d}", word, by="Anna", reason="because")
            standing.append((version, word))
    verdicts = store.of("a")
    assert [(v.version, v.judgement.judged) for v in verdicts] == standing
    wanted = [v for n, (v, word) in enumerate(standing) if word == "approved"
              and all(later != v for later, _ in standing[n + 1:])]  # fmt: skip
    found = standing_approval(verdicts)
    assert (found.version if found else None) == (wanted[-1] if wanted else None)
    for version, word in dict(standing).items():
        assert last_on(verdicts, version).judgement.judged == word


def test_a_judgement_file_of_another_shot_counts_for_nobody(tmp_path):
    store = JudgementStore(tmp_path)
    store.judge("a", "v001", "approved", by="Anna")
    file = json.loads((tmp_path / "judgements/a/v001.json").read_text())
    (tmp_path / "judgements/a/v001.json").write_text(json.dumps({**file, "shot": "b"}))
    with pytest.raises(SettingsError, match="judges v001 of b"):
        JudgementStore(tmp_path).of("a")
