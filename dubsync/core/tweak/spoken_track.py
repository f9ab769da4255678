"""The words and phones of one face in one shot, as a person may set them.

Times are edges on the frames of the plate: frame 1012 goes from 1012.0 to 1013.0.  So a track
stays with its picture when the shot moves in the cut, as everything else of a tweak does.  The
track is a whole, not a list of changes: what is heard anew, or a new script, leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.sound.phones import PHONES

#: Phones as a keyboard writes them.
TYPED = {"th": "θ", "sh": "ʃ", "zh": "ʒ", "ch": "ʧ", "g": "ɡ", "ng": "ŋ", "r": "ɹ"}
SAID = PHONES[1:]  #: phones that a track may hold: all but the pause
MOST_WORDS, MOST_PHONES, LONGEST_TEXT = 5000, 100, 200
#: Times are kept to this many digits of a frame, so that files give back what they were given.
DIGITS = 4
SHORTEST = 0.1  #: frames of the shortest phone
Edges = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SpokenPhone:
    """One phone.

    symbol       one of SAID
    first, last  its edges, in plate frames
    heard        the edges between which the dub has its sound: where it was before it was moved;
                 None: the dub has no such sound, a person put the phone there
    """

    symbol: str
    first: float
    last: float
    heard: Edges | None

    def __post_init__(self) -> None:
        if self.symbol not in SAID:
            raise SettingsError(f"unknown phone {self.symbol!r}", hint=known_phones())
        _check_edges(f"phone {self.symbol}", self.first, self.last)
        if self.heard is not None:
            _check_edges(f"the sound of phone {self.symbol}", *self.heard)

    @classmethod
    def at(cls, symbol: str, first: float, last: float, *, heard: bool = True) -> SpokenPhone:
        """A phone whose sound is heard where it stands, or nowhere."""
        first, last = rounded(first), rounded(last)
        return cls(symbol, first, last, (first, last) if heard else None)

    def moved_to(self, first: float, last: float) -> SpokenPhone:
        """The phone over other frames; its sound stays where it is heard."""
        return SpokenPhone(self.symbol, rounded(first), rounded(last), self.heard)


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word.

    text         as the script has it; "" for phones that belong to no word
    first, last  its edges, in plate frames
    phones       in order, inside the word, none over another; pauses between them
    confidence   0..1 that it is spoken there; 1 for one that a person set
    by_hand      whether a person set it
    line         name of the line it belongs to; "" if unknown
    """

    text: str
    first: float
    last: float
    phones: tuple[SpokenPhone, ...] = ()
    confidence: float = 1.0
    by_hand: bool = True
    line: str = ""

    def __post_init__(self) -> None:
        _check_edges(self.called, self.first, self.last)
        if len(self.text) > LONGEST_TEXT or not self.text.isprintable():
            raise SettingsError(f"{self.text!r:.60} is no word",
                                hint=f"at most {LONGEST_TEXT} printable letters")  # fmt: skip
        if not (isfinite(self.confidence) and 0 <= self.confidence <= 1):
            raise SettingsError(f"{self.called} has confidence {self.confidence}", hint="0 to 1")
        if len(self.phones) > MOST_PHONES:
            raise SettingsError(f"{self.called} has {len(self.phones)} phones",
                                hint=f"a word has at most {MOST_PHONES}")  # fmt: skip
        _check_order(self.called, self.phones, self.first, self.last)

    @property
    def called(self) -> str:
        """How messages refer to it."""
        return f"“{self.text}”" if self.text else "a word without text"


@dataclass(frozen=True, slots=True)
class SpokenTrack:
    """The words of one face in one shot: in order, none over another."""

    words: tuple[SpokenWord, ...] = ()

    def __post_init__(self) -> None:
        if len(self.words) > MOST_WORDS:
            raise SettingsError(f"a shot of {len(self.words)} words",
                                hint=f"a track has at most {MOST_WORDS}")  # fmt: skip
        _check_order("the track", self.words, float("-inf"), float("inf"))

    @property
    def phones(self) -> tuple[SpokenPhone, ...]:
        """Of all words, in order."""
        return tuple(phone for word in self.words for phone in word.phones)

    def near(self, first: float, last: float) -> SpokenTrack:
        """The words that are said, or heard in the dub, between two edges."""
        return SpokenTrack(tuple(w for w in self.words if _touches(w, first, last)))

    def moved(self, by: float) -> SpokenTrack:
        """Everything so many frames later, sound and all: for other frames of the same plate."""
        return SpokenTrack(
            tuple(
                SpokenWord(
                    w.text, rounded(w.first + by), rounded(w.last + by),
                    tuple(_shifted(phone, by) for phone in w.phones),
                    w.confidence, w.by_hand, w.line,
                )
                for w in self.words
            )
        )  # fmt: skip


def rounded(edge: float) -> float:
    """An edge to DIGITS."""
    return round(float(edge), DIGITS)


def phone_of(text: str) -> str:
    """The phone that `text` names, as IPA or as a keyboard writes it.

    >>> phone_of("sh"), phone_of("m")
    ('ʃ', 'm')

    Raises:
        SettingsError: there is none; the hint lists all.
    """
    name = text.strip()
    symbol = TYPED.get(name.lower(), name)
    if symbol not in SAID:
        raise SettingsError(f"unknown phone {name!r:.40}", hint=known_phones())
    return symbol


def known_phones() -> str:
    """Every symbol that a track may hold."""
    typed = ", ".join(f"{keys} for {symbol}" for keys, symbol in TYPED.items())
    return f"known phones: {' '.join(SAID)}; or {typed}"


# -- as JSON ---------------------------------------------------------------------------------


def track_plain(track: SpokenTrack) -> list[Any]:
    """The track as JSON values: a row for each word."""
    return [
        [word.text, word.first, word.last, word.confidence, word.by_hand, word.line,
         [_phone_plain(phone) for phone in word.phones]]
        for word in track.words
    ]  # fmt: skip


def track_from_plain(values: Any) -> SpokenTrack:
    """The track that `track_plain` wrote.  Raises SettingsError, TypeError, ValueError if not."""
    return SpokenTrack(
        tuple(
            SpokenWord(
                str(text), float(first), float(last), tuple(_phone_from(one) for one in phones),
                float(confidence), bool(by_hand), str(line),
            )
            for text, first, last, confidence, by_hand, line, phones in values
        )
    )  # fmt: skip


def _phone_plain(phone: SpokenPhone) -> list[Any]:
    if phone.heard == (phone.first, phone.last):
        return [phone.symbol, phone.first, phone.last]
    return [phone.symbol, phone.first, phone.last, phone.heard and list(phone.heard)]


def _phone_from(values: Any) -> SpokenPhone:
    symbol, first, last, *heard = values
    at = float(first), float(last)
    if not heard:
        return SpokenPhone(str(symbol), *at, at)
    (edges,) = heard
    return SpokenPhone(str(symbol), *at, None if edges is None else _pair(edges))


def _pair(edges: Any) -> Edges:
    first, last = edges
    return float(first), float(last)


def _touches(word: SpokenWord, first: float, last: float) -> bool:
    spans = [(word.first, word.last), *(p.heard for p in word.phones if p.heard)]
    return any(a < last and b > first for a, b in spans)


def _shifted(phone: SpokenPhone, by: float) -> SpokenPhone:
    heard = phone.heard and (rounded(phone.heard[0] + by), rounded(phone.heard[1] + by))
    return SpokenPhone(phone.symbol, rounded(phone.first + by), rounded(phone.last + by), heard)


def _check_edges(what: str, first: float, last: float) -> None:
    if not (isfinite(first) and isfinite(last) and max(abs(first), abs(last)) < 1e9):
        raise SettingsError(f"{what} goes from {first} to {last}", hint="plate frames, as numbers")
    if last <= first:
        raise SettingsError(f"{what} ends at frame {last:g}, before it begins at {first:g}",
                            hint="write the start first")  # fmt: skip


def _check_order(
    what: str, parts: Sequence[SpokenPhone | SpokenWord], first: float, last: float
) -> None:
    """Raises SettingsError where a part begins before the one before it ends, or is outside."""
    end = first
    for part in parts:
        if part.first < end:
            name = part.symbol if isinstance(part, SpokenPhone) else part.called
            raise SettingsError(
                f"{what}: {name} begins at frame {part.first:g}, before {end:g}",
                hint="words and phones stand in order, none over another, phones in their word",
            )
        end = part.last
    if end > last:
        raise SettingsError(f"{what}: a phone ends at frame {end:g}, after the word's end {last:g}",
                            hint="phones stand in their word")  # fmt: skip
