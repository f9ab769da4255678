"""Words that the model is unsure of are marked once each, and named with their confidence."""

from dubsync.service.script.unsure_words import marked_words
from dubsync.speech.transcription import HeardWord


def said(*words):
    return [HeardWord(text, n, n + 1, sure) for n, (text, sure) in enumerate(words)]


def test_a_word_heard_in_parts_has_one_mark_after_it():
    text, unsure = marked_words(said((" C", 0.3), ("'est", 0.9), (" sûr.", 0.9)))

    assert text == "C'est (?) sûr." and unsure == [("C'est", 0.3)]


def test_marks_stand_after_the_punctuation_and_the_note_has_the_bare_word():
    assert marked_words(said((" Oui,", 0.2), (" Marc", 0.9)))[1] == [("Oui", 0.2)]
    assert marked_words(said((" Oui,", 0.2), (" Marc", 0.9)))[0] == "Oui, (?) Marc"


def test_in_a_script_without_blanks_unsure_words_side_by_side_have_one_mark():
    text, unsure = marked_words(said(("チ", 0.4), ("ュー", 0.3), ("は", 0.9), ("い。", 0.1)))

    assert text == "チュー (?)は い。 (?)".replace("は い", "はい")
    assert unsure == [("チュー", 0.3), ("い", 0.1)]


def test_unsure_words_with_blanks_are_marked_each():
    text, unsure = marked_words(said((" a", 0.1), (" b", 0.2)))

    assert text == "a (?) b (?)" and [word for word, _ in unsure] == ["a", "b"]


def test_no_words_are_no_text():
    assert marked_words([]) == ("", [])
