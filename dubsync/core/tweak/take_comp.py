"""Takes by hand: which source says which word of a shot, set by an artist.

A key names one word.  It knows the word by what is said, and by where: the plate frames in which
it was heard when the key was set, and its place in its line.  So a key follows its word when the
dub is timed anew, and is told as lost when the word is gone: it never drives another word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.rising import check_rising

#: Sources of a word besides takes: no take there, or the plate's own mouth.
SOUND, PLATE = "sound", "plate"
BY_HAND = "by hand"  #: the reason of a stretch whose source is set by hand


@dataclass(frozen=True, slots=True)
class ShotWord:
    """One word that is heard in a shot.

    number  from 1, in the order in which the shot's words are heard, character by character
    text    as the script has it; "" where no script gives words: then it is a stretch of speech
            between two dips of the voice
    line    name of its line; "" where it belongs to none
    place   its number in the line, from 1
    first, last  plate frames in which it is heard, both included
    """

    number: int
    text: str
    line: str
    place: int
    first: int
    last: int

    @property
    def called(self) -> str:
        """How messages refer to it."""
        return f"word {self.number}" + (f" “{self.text}”" if self.text else "")


@dataclass(frozen=True, slots=True)
class CompKey:
    """The source of one word, set by hand.

    first, last  plate frames of the word when it was set, both included
    source       name of a take, SOUND or PLATE
    text, line, place  of the word, see ShotWord
    """

    first: int
    last: int
    source: str
    text: str = ""
    line: str = ""
    place: int = 0

    def __post_init__(self) -> None:
        check_rising(self.first, self.last)
        if not self.source:
            raise SettingsError("a word's source has no name", hint="a take's name, sound or plate")

    @classmethod
    def of(cls, word: ShotWord, source: str) -> CompKey:
        """`source` for `word`, where it is heard now."""
        return cls(word.first, word.last, source, word.text, word.line, word.place)

    @property
    def called(self) -> str:
        """How messages refer to its word."""
        word = f"“{self.text}”" if self.text else "the word"
        return f"{word} at frames {self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class PlacedComp:
    """The keys of a shot at the words that are heard there now.

    keys   with the frames to drive from that source
    words  the word of each key
    lost   keys whose word is not there any more
    """

    keys: tuple[CompKey, ...] = ()
    words: tuple[ShotWord, ...] = ()
    lost: tuple[CompKey, ...] = ()


def word_of(key: CompKey, words: Sequence[ShotWord]) -> ShotWord | None:
    """The word that `key` was set for, as it is heard now; None where it is gone.

    The text must be the same, and the frames overlap or the place in the line be the same.  Where
    no script gives words, half of the shorter of key and word must overlap.
    """
    same = [word for word in words if same_text(word.text, key.text)]
    best = max(same, key=lambda word: _overlap(key, word), default=None)
    if best is not None and _overlap(key, best) > 0:
        shorter = min(key.last - key.first, best.last - best.first) + 1
        if key.text or 2 * _overlap(key, best) >= shorter:
            return best
    if not key.text:
        return None
    placed = (word for word in same if (word.line, word.place) == (key.line, key.place))
    return next(placed, None)


def placed(comp: Sequence[CompKey], words: Sequence[ShotWord], beside: int = 0) -> PlacedComp:
    """`comp` at the words that are heard now.

    Args:
        beside: frames by which a word's source may begin before it and end after it, at most to
            the middle of the pause there: lips move before they are heard.
    """
    keys, found, lost = [], [], []
    for key in comp:
        word = word_of(key, words)
        if word is None:
            lost.append(key)
            continue
        before = max((w.last for w in words if w.last < word.first), default=word.first - 1)
        after = min((w.first for w in words if w.first > word.last), default=word.last + 1)
        first = word.first - min((word.first - before - 1) // 2, beside)
        last = word.last + min((after - word.last - 1) // 2, beside)
        keys.append(replace(key, first=first, last=last))
        found.append(word)
    return PlacedComp(tuple(keys), tuple(found), tuple(lost))


def with_word(comp: Sequence[CompKey], word: ShotWord, source: str) -> tuple[CompKey, ...]:
    """`comp` with `source` for `word`, in the order of frames; what was set there is replaced."""
    every = (*without_word(comp, word), CompKey.of(word, source))
    return tuple(sorted(every, key=lambda key: (key.first, key.last)))


def without_word(comp: Sequence[CompKey], word: ShotWord) -> tuple[CompKey, ...]:
    """`comp` without what is set for `word`."""
    return tuple(key for key in comp if word_of(key, (word,)) is None)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same word, whatever their case and punctuation."""
    return _said(one) == _said(other)


def _said(text: str) -> str:
    return text.casefold().strip(".,;:!?…\"'«»“”‘’()¿¡-– ")


def _overlap(key: CompKey, word: ShotWord) -> int:
    """Frames that both cover."""
    return min(key.last, word.last) - max(key.first, word.first) + 1
