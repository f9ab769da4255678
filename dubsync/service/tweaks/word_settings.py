"""Settings of single words: `take:"word 5"=t03`, `take:word 3..6=sound`, `take:mappa=plate`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.core.plural import counted
from dubsync.core.shot import Shot
from dubsync.core.tweak.take_comp import PLATE, SOUND, ShotWord, same_text, with_word, without_word
from dubsync.core.tweak.tweak import Tweak

#: The words of a character that are heard in the shot, in order.
Words = Callable[[str], Sequence[ShotWord]]

_PREFIX = "take:"
_NUMBERS = re.compile(r"word\s*(\d+)\s*(?:\.\.\s*(\d+))?", re.IGNORECASE)
EVERY = "*"
MOST_LISTED = 12


def names_words(setting: str) -> bool:
    """Whether a setting, or the name of a control to clear, names words."""
    return setting.strip().startswith(_PREFIX)


def speakers(shot: Shot, character: str) -> tuple[str, ...]:
    """The one character whose words are meant.

    Raises:
        SettingsError: several are dubbed in the shot, and not just one of them has takes.
    """
    if character or len(shot.characters) < 2:
        return (character,) if character else tuple(shot.characters)
    with_takes = {take.character for take in shot.takes}.intersection(shot.characters)
    if len(with_takes) == 1:
        return tuple(with_takes)
    raise SettingsError(
        f"{shot.name} has words of {' and '.join(shot.characters)}",
        hint=f"say whose: --character {shot.characters[0]}",
    )


def with_words(
    tweak: Tweak, setting: str, shot: Shot, character: str, words: Sequence[ShotWord]
) -> Tweak:
    """`tweak` with the source of the words that `setting` names.

    Raises:
        SettingsError: wrong syntax, no such word or take, or a text that is said more than once.
    """
    which, equals, source = setting.strip().removeprefix(_PREFIX).rpartition("=")
    if not equals or not which.strip() or not source.strip():
        raise SettingsError(
            f"{setting!r} is not take:WORD=SOURCE",
            hint='for example take:"word 5"=t03, take:"word 3..6"=sound, take:*=plate',
        )
    name, comp = source_named(source, shot, character), tweak.comp
    for word in words_named(which, words, shot, character):
        comp = with_word(comp, word, name)
    return replace(tweak, comp=comp)


def without_words(
    tweak: Tweak, cleared: str, shot: Shot, character: str, words: Sequence[ShotWord]
) -> Tweak:
    """`tweak` with the words that `cleared` ("take:WORD") names driven automatically again."""
    comp = tweak.comp
    for word in words_named(cleared.strip().removeprefix(_PREFIX), words, shot, character):
        comp = without_word(comp, word)
    return replace(tweak, comp=comp)


def words_named(
    which: str, words: Sequence[ShotWord], shot: Shot, character: str
) -> tuple[ShotWord, ...]:
    """The words that "word 5", "word 3..6", "*" or a text names.

    Raises:
        SettingsError: there is no such word, or the text is said more than once.
    """
    asked = which.strip().strip("\"'").strip()
    if not words:
        raise SettingsError(f"{character} says nothing in {shot.name}",
                            hint="another --character, or another shot")  # fmt: skip
    if asked == EVERY:
        return tuple(words)
    if numbers := _NUMBERS.fullmatch(asked):
        ends = int(numbers[1]), int(numbers[2] or numbers[1])
        found = tuple(w for w in words if min(ends) <= w.number <= max(ends))
        if min(ends) < 1 or max(ends) > len(words):
            raise SettingsError(f"{shot.name} has no {asked}", hint=_listed(words, character))
        return found
    found = tuple(word for word in words if same_text(word.text, asked) and word.text)
    if len(found) == 1:
        return found
    if found:
        numbers_text = " and ".join(f'"word {word.number}"' for word in found)
        raise SettingsError(f"“{asked}” is said {len(found)} times in {shot.name}",
                            hint=f"say which: {numbers_text}")  # fmt: skip
    raise SettingsError(f"“{asked}” is not heard in {shot.name}", hint=_listed(words, character))


def source_named(text: str, shot: Shot, character: str) -> str:
    """SOUND, PLATE, or the name of the character's take that `text` ends or names in full.

    Raises:
        SettingsError: no such take, or several.
    """
    asked = text.strip().strip("\"'")
    if asked in (SOUND, PLATE):
        return asked
    known = take_names(shot, character)
    short = asked.casefold()
    same = [name for name in known if name.casefold() == short]
    found = same or [name for name in known if name.casefold().endswith(f"_{short}")]
    if len(found) == 1:
        return found[0]
    what = f"{asked!r} may be {' or '.join(found)}" if found else f"there is no take {asked!r}"
    there = f"takes of {character} in {shot.name}: {', '.join(known) or 'none'}"
    raise SettingsError(what, hint=f"{there}; or sound, or plate")


def take_names(shot: Shot, character: str) -> tuple[str, ...]:
    """The names of the character's takes in the shot, as messages and records have them."""
    every = (Path(take.name).stem for take in shot.takes if take.character == character)
    return tuple(dict.fromkeys(every))


def _listed(words: Sequence[ShotWord], character: str) -> str:
    shown = ", ".join(f"{w.number} {w.text}".strip() for w in words[:MOST_LISTED])
    more = f" and {counted(len(words) - MOST_LISTED, 'more')}" if len(words) > MOST_LISTED else ""
    return f"words of {character}: {shown}{more}"
