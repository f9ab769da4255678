"""Takes by hand: a key follows its word, and never drives another."""

from dataclasses import replace

import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.take_comp import CompKey, ShotWord, placed, with_word, without_word
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain

WORDS = tuple(
    ShotWord(n + 1, text, "MARC_L001", n + 1, 1000 + 10 * n, 1007 + 10 * n)
    for n, text in enumerate(("no,", "la", "mappa", "no"))
)
MAP = WORDS[2]
COMP = with_word((), MAP, "t02")


def moved(word, by):
    return replace(word, first=word.first + by, last=word.last + by)


def test_a_key_follows_its_word_when_the_dub_is_timed_anew():
    later = tuple(moved(word, 50) for word in WORDS)
    (key,) = placed(COMP, later).keys
    assert (key.first, key.last, key.source) == (1070, 1077, "t02")


def test_a_word_inserted_before_it_moves_no_key():
    first = ShotWord(1, "ma", "MARC_L001", 1, 990, 996)
    later = (first, *(replace(w, number=w.number + 1, place=w.place + 1) for w in WORDS))
    result = placed(COMP, later)
    assert [word.text for word in result.words] == ["mappa"] and not result.lost


def test_a_key_whose_word_is_gone_is_lost_and_drives_no_other_word():
    changed = tuple(replace(w, text="carta") if w is MAP else w for w in WORDS)
    result = placed(COMP, changed)
    assert result.lost == COMP and not result.keys
    assert result.lost[0].called == "“mappa” at frames 1020..1027"


def test_of_a_word_said_twice_the_one_that_was_meant_is_found():
    comp = with_word((), WORDS[3], "sound")
    assert placed(comp, WORDS).words == (WORDS[3],)
    assert placed(comp, WORDS[:3]).lost == comp  # the other "no" is another word


def test_without_a_script_a_stretch_of_speech_is_known_by_its_frames():
    (bare,) = (replace(MAP, text="", line=""),)
    comp = with_word((), bare, "t02")
    assert placed(comp, (moved(bare, 2),)).words and placed(comp, (moved(bare, 30),)).lost


def test_a_source_reaches_into_the_pause_beside_its_word_but_not_into_the_next_word():
    (key,) = placed(COMP, WORDS, beside=3).keys
    assert (key.first, key.last) == (1019, 1028)  # half of a pause of two frames
    (alone,) = placed(COMP, (MAP,), beside=3).keys
    assert (alone.first, alone.last) == (1020, 1027)


def test_a_word_has_one_source_and_can_be_given_back():
    again = with_word(COMP, MAP, "sound")
    assert [key.source for key in again] == ["sound"]
    assert without_word(again, MAP) == () and without_word(again, WORDS[0]) == again


def test_a_comp_is_written_and_read_and_others_keep_their_form():
    tweak = Tweak(comp=COMP)
    assert from_plain(plain(tweak)) == tweak and not tweak.neutral
    assert "comp" not in plain(Tweak().held("jaw", 1.2))
    assert tweak.cleared("comp").neutral


def test_a_damaged_comp_is_refused():
    for damaged in ([[1, 2]], [[5, 1, "t", "", "", 0]], [[1, 2, "", "", "", 0]], 3):
        with pytest.raises(SettingsError):
            from_plain({"comp": damaged})
    with pytest.raises(SettingsError):
        CompKey(5, 4, "t02")
