"""Takes by hand on the command line: which words a setting names, and which take."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.shot import Take
from dubsync.core.tweak.take_comp import ShotWord
from dubsync.service.tweaks.commands import change_tweaks
from dubsync.service.tweaks.tweak_store import TweakStore
from tests.service.tweaks.test_tweak_commands import a_shot

TEXTS = ("No,", "la", "mappa", "no")
WORDS = tuple(
    ShotWord(n + 1, text, "MARC_L001", n + 1, 1010 + 10 * n, 1017 + 10 * n)
    for n, text in enumerate(TEXTS)
)


def with_takes(shot, *names, character="MARC"):
    plates = (SimpleNamespace(name=f"{name}.mov", path=f"/x/{name}.mov") for name in names)
    return replace(shot, takes=tuple(Take(plate, character, "MARC_L001") for plate in plates))


SHOT = with_takes(a_shot(), "MARC_L001_t02", "MARC_L001_t03")


@pytest.fixture
def store(tmp_path):
    return TweakStore(tmp_path)


def change(store, *settings, shot=SHOT, words=WORDS, **more):
    result = change_tweaks(
        store, shot, False, settings=settings, words=lambda who: words, **more
    ).version.tweaks
    return [(key.text, key.source) for key in result["MARC"].comp] if "MARC" in result else []


@pytest.mark.parametrize(
    ("setting", "comp"),
    [
        ('take:"word 3"=t03', [("mappa", "MARC_L001_t03")]),
        ("take:word 3=MARC_L001_t03", [("mappa", "MARC_L001_t03")]),
        ("take:Mappa=t02", [("mappa", "MARC_L001_t02")]),
        ("take:word 2..3=sound", [("la", "sound"), ("mappa", "sound")]),
        ("take:*=plate", [(text, "plate") for text in TEXTS]),
    ],
)
def test_words_are_named_by_number_range_or_text(store, setting, comp):
    assert change(store, setting) == comp


def test_a_word_set_again_changes_its_source_and_others_keep_theirs(store):
    change(store, "take:word 2..3=t02")
    assert change(store, "take:mappa=t03") == [("la", "MARC_L001_t02"), ("mappa", "MARC_L001_t03")]


def test_words_are_given_back_one_by_one_or_all_and_both_can_be_undone(store):
    change(store, "take:word 2..3=t02", "jaw=1.2")
    assert change(store, cleared=["take:la"]) == [("mappa", "MARC_L001_t02")]
    assert change(store, cleared=["comp"]) == []
    assert change(store, change="undo") == [("mappa", "MARC_L001_t02")]


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        ("take:no=t02", "“no” is said 2 times", '"word 1" and "word 4"'),
        ("take:carta=t02", "“carta” is not heard", "3 mappa"),
        ("take:word 5=t02", "no word 5", "1 No,, 2 la"),
        ("take:word 0..2=t02", "no word 0..2", "words of MARC"),
        ("take:la=t07", "no take 't07'", "MARC_L001_t02, MARC_L001_t03; or sound, or plate"),
        ("take:la", "not take:WORD=SOURCE", "word 5"),
    ],
)
def test_what_is_not_there_is_refused_and_what_is_there_is_listed(store, setting, message, hint):
    with pytest.raises(SettingsError, match=message) as raised:
        change(store, "jaw=1.2", setting)
    assert hint in raised.value.hint
    assert store.latest("SH").number == 0  # refused as a whole


def test_whose_words_are_meant_must_be_clear(store):
    two = a_shot(characters=("MARC", "ELISE"))
    with pytest.raises(SettingsError, match="words of MARC and ELISE"):
        change(store, "take:la=sound", shot=two)
    assert change(store, "take:la=sound", shot=two, character="MARC") == [("la", "sound")]
    assert change(store, "take:la=t02", shot=with_takes(two, "MARC_L001_t02")) == [
        ("la", "MARC_L001_t02")
    ]


def test_a_source_whose_take_was_removed_is_told_by_name(store):
    change(store, "take:la=t03")
    told = change_tweaks(store, with_takes(a_shot(), "MARC_L001_t02"), False).notes
    assert told == ("MARC_L001_t03: set by hand, but MARC has no such take here",)
