"""What an editor types into a marker, or its new colour, answers the note; nothing is guessed."""

from __future__ import annotations

import pytest

from dubsync.core.note import Note
from dubsync.editorial.notes.answers import said_in
from dubsync.editorial.notes.words import Words, words_of

NOTE = Note("N0007", "SH010", 86423, "lips should close", "ELISE")
LONG = Note(
    "N0008", "SH010", 86423, "lips should close on every m\nand on the b " + "x" * 90, "ELISE"
)
NAME = "N0007 [2] ELISE: lips should close (dubsync)"


def test_a_marker_says_who_wants_what_and_how_much_it_matters() -> None:
    assert words_of(NOTE) == Words(NAME)
    words = words_of(LONG)
    assert words.name.startswith("N0008 [2] ELISE: lips should close on every m and on the b x")
    assert words.name.endswith("... (dubsync)") and LONG.text in words.comment


@pytest.mark.parametrize(
    ("name", "comment", "answer", "reply"),
    [
        (f"{NAME} FIX", "", "fix", ""),
        (f"{NAME} fix: closed in v3", "", "fix", "closed in v3"),
        (NAME, "FIX\nclosed in v3", "fix", "closed in v3"),
        (NAME, "Best Possible - out of focus", "best possible", "out of focus"),
        (f"creative intent {NAME}", "she mumbles", "creative intent", "she mumbles"),
        (NAME, "CREATIVE-INTENT, she mumbles", "creative intent", "she mumbles"),
        (NAME, "ask Anna\nFIX", "fix", "ask Anna"),
        (NAME, "FIX: -3 frames", "fix", "-3 frames"),
        (NAME, "fixed already?", "open", "fixed already?"),
        (NAME, "we can fix it", "open", "we can fix it"),
        (NAME, "Open mouths look better", "open", "Open mouths look better"),
        ("N0007 FIX", "", "fix", ""),
        ("N0007", "fix", "fix", ""),
    ],
)
def test_words_after_before_and_below_ours_are_the_answer(
    name: str, comment: str, answer: str, reply: str
) -> None:
    said = said_in(Words(name, comment), "yellow", NOTE)
    assert (said.answer, said.reply, said.severity, said.doubts) == (answer, reply, 2, ())


@pytest.mark.parametrize(
    ("colour", "answer"),
    [("Blue", "fix"), ("ResolveColorGreen", "creative intent"), ("magenta", "best possible"),
     ("Fuchsia", "best possible"), ("red 0 green 0 blue 255", "fix"), ("yellow", "open"),
     ("", "open"), ("4294741314", "open")],
)  # fmt: skip
def test_a_changed_colour_is_an_answer(colour: str, answer: str) -> None:
    said = said_in(words_of(NOTE), colour, NOTE)
    assert (said.answer, said.doubts) == (answer, ())


def test_words_count_more_than_the_colour() -> None:
    assert said_in(Words(NAME, "FIX"), "green", NOTE).answer == "fix"


def test_a_colour_that_is_no_answer_is_said() -> None:
    for colour in ("red", "sand"):
        said = said_in(words_of(NOTE), colour, NOTE)
        assert said.answer == "open" and colour in said.doubts[0]


def test_a_severity_changed_in_the_host_is_taken() -> None:
    said = said_in(Words(NAME.replace("[2]", "[1]")), "yellow", NOTE)
    assert (said.severity, said.doubts) == (1, ())


def test_a_second_answer_below_the_first_is_the_newer_one() -> None:
    answered = Note("N0007", "SH010", 86423, "lips should close", "ELISE", 2, "fix", "in v3")
    words = words_of(answered)
    assert said_in(words, "blue", answered).answer == "fix"
    again = said_in(Words(words.name, f"{words.comment}\nBEST POSSIBLE: as far as it goes"), "blue",
                    answered)  # fmt: skip
    assert (again.answer, again.reply) == ("best possible", "as far as it goes")
    assert said_in(words, "magenta", answered).answer == "best possible"
    reopened = said_in(Words(words.name, "OPEN: not yet"), "blue", answered)
    assert (reopened.answer, reopened.reply) == ("open", "not yet")


@pytest.mark.parametrize("length", [20, 30, 60, 100, 150, 200])
def test_words_that_a_host_cut_off_answer_nothing(length: int) -> None:
    for note in (NOTE, LONG):
        whole = words_of(note)
        cut_off = Words(whole.name[:length], whole.comment[:length])
        said = said_in(cut_off, "yellow", note)
        assert (said.answer, said.reply, said.doubts) == ("open", "", ())


def test_a_text_changed_in_the_host_is_said_and_the_note_keeps_its_own() -> None:
    said = said_in(Words(NAME.replace("close", "open")), "yellow", NOTE)
    assert said.answer == "open" and "keeps its own" in said.doubts[0]
    said = said_in(Words("N0007 looks fine to me"), "yellow", NOTE)
    assert said.answer == "open" and "looks fine to me" in said.doubts[0]


def test_a_long_text_with_an_answer_typed_into_its_name_or_below_it() -> None:
    words = words_of(LONG)
    for changed in (Words(f"{words.name} FIX: soon", words.comment),
                    Words(words.name, f"{words.comment}\nFIX: soon")):  # fmt: skip
        said = said_in(changed, "yellow", LONG)
        assert (said.answer, said.reply, said.doubts) == ("fix", "soon", ())


def test_a_marker_of_a_million_characters_is_read_at_once() -> None:
    note = Note("N0009", "SH010", 86423, "long " * 800, "ELISE", 2, "fix", "in v3")
    words = words_of(note)
    said = said_in(Words(words.name, words.comment + "\n" + "\n fix x" * 150_000), "blue", note)
    assert said.answer == "fix" and said.reply.startswith("x")
