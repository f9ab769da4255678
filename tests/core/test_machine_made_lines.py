"""A machine-made line stays marked until a person has changed its words or cleared the mark."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.script import MACHINE_MADE, UNSURE, ScriptLine, machine_note, marked_text

MODEL = "0123456789abcdef" * 4
LETTERS = st.characters(categories=["L", "M", "N", "P", "Zs"])
TEXTS = st.text(LETTERS, max_size=60).filter(lambda t: not t.lstrip().startswith(MACHINE_MADE))


def line(text, **more):
    note = machine_note(text, MODEL, 0.83, [("sera", 0.31)])
    return ScriptLine("ELISE", text, Fraction(0), Fraction(1), notes=note, **more)


@given(TEXTS)
def test_a_line_as_the_machine_wrote_it_is_unchecked(text):
    assert line(text).unchecked


@given(TEXTS)
def test_a_cleared_note_is_a_persons_word_that_the_line_is_right(text):
    checked = replace(line(text), notes="")

    assert not checked.unchecked and marked_text(checked) == text


@given(TEXTS, st.sampled_from(["Nein", "7", "\u00e9", "\u8bf4"]))
def test_changed_words_are_a_persons(text, word):
    assert not replace(line(text), text=f"{text} {word}").unchecked


def test_what_a_spreadsheet_changes_by_itself_corrects_nothing():
    made = line(f"L'ha {UNSURE} disegnata mio padre, ieri")

    for text in ("L\u2019ha disegnata mio padre, ieri", "L'HA DISEGNATA  MIO PADRE \u2026 ieri."):
        assert replace(made, text=text).unchecked


def test_a_note_with_more_in_it_keeps_its_mark():
    made = line("Buona sera")

    assert replace(made, notes=f"louder\n{made.notes}").unchecked


def test_the_note_says_which_model_how_sure_and_which_words():
    note = line("Buona sera").notes

    assert MODEL[:12] in note and "0.83" in note and "sera 0.31" in note


def test_a_line_that_is_not_understood_is_marked_until_it_has_words():
    made = ScriptLine("E", "", Fraction(0), Fraction(1), notes=machine_note("", MODEL, None))

    assert made.unchecked and "write the words" in made.notes
    assert not replace(made, text="Ciao").unchecked


def test_the_mark_before_a_text_counts_where_a_format_has_no_notes():
    bare = replace(line("Buona sera"), notes="", text=marked_text(line("Buona sera")))

    assert bare.unchecked and bare.words == "Buona sera"
    assert marked_text(bare) == bare.text  # once


def test_the_mark_of_an_unsure_word_is_not_spoken():
    assert line(f"Buona sera {UNSURE}").words == "Buona sera"
