"""Changes of a SpokenTrack: each returns a new one, in order and without overlaps.

What is put over a neighbour pushes the neighbour's near edge, never further than the neighbour's
phones can be squeezed.  Words and phones are counted from 1.  What a person changes is "by hand",
with full weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.spoken_track import (
    SHORTEST,
    SpokenPhone,
    SpokenTrack,
    SpokenWord,
    rounded,
)

Part = TypeVar("Part", SpokenPhone, SpokenWord)


def word_at(track: SpokenTrack, number: int) -> SpokenWord:
    """Word `number`.  Raises SettingsError where there is none."""
    if not 1 <= number <= len(track.words):
        raise SettingsError(f"there is no word {number}", hint=_counted(track))
    return track.words[number - 1]


def phone_at(track: SpokenTrack, number: int) -> tuple[int, int]:
    """(place of its word, place in the word), from 0, of phone `number`.  Raises SettingsError."""
    left = number - 1
    for n, word in enumerate(track.words):
        if 0 <= left < len(word.phones):
            return n, left
        left -= len(word.phones)
    raise SettingsError(f"there is no phone {number}", hint=_counted(track))


def placed_word(track: SpokenTrack, number: int, first: float, last: float) -> SpokenTrack:
    """With word `number` over other frames; its phones keep their shares of it."""
    word = word_at(track, number)
    return _with(track, number - 1, _by_hand(_rescaled(word, first, last)))


def moved_word(track: SpokenTrack, number: int, by: float) -> SpokenTrack:
    """With word `number` so many frames later."""
    word = word_at(track, number)
    return placed_word(track, number, word.first + by, word.last + by)


def said_word(track: SpokenTrack, number: int, text: str, phones: Sequence[str]) -> SpokenTrack:
    """With another text for word `number`.

    Args:
        phones: its phones, spread over the word; none: the phones stay as they are.
    """
    word = word_at(track, number)
    spread = _spread(phones, word.first, word.last) if phones else word.phones
    return _with(track, number - 1, _by_hand(replace(word, text=text, phones=spread)))


def added_word(
    track: SpokenTrack, text: str, phones: Sequence[str], first: float, last: float
) -> SpokenTrack:
    """With one word more, its phones spread over it; the words beside it give way."""
    first, last = rounded(first), rounded(last)
    return _added(track, SpokenWord(text, first, last, _spread(phones, first, last)))


def without_word(track: SpokenTrack, number: int) -> SpokenTrack:
    """Without word `number`: there the sound alone moves the mouth."""
    word = word_at(track, number)
    return SpokenTrack(tuple(one for one in track.words if one is not word))


def placed_phone(
    track: SpokenTrack, number: int, first: float, last: float, symbol: str = ""
) -> SpokenTrack:
    """With phone `number` over other frames, and with `symbol` another phone there."""
    n, k = phone_at(track, number)
    word = track.words[n]
    phone = word.phones[k].moved_to(first, last)
    if symbol and symbol != phone.symbol:
        phone = SpokenPhone.at(symbol, first, last, heard=False)
    return _with(track, n, _with_phone(word, k, phone))


def moved_phone(track: SpokenTrack, number: int, by: float) -> SpokenTrack:
    """With phone `number` so many frames later."""
    n, k = phone_at(track, number)
    phone = track.words[n].phones[k]
    return placed_phone(track, number, phone.first + by, phone.last + by)


def added_phone(track: SpokenTrack, symbol: str, first: float, last: float) -> SpokenTrack:
    """With one phone more: in the word there, else alone."""
    phone = SpokenPhone.at(symbol, first, last, heard=False)
    middle = (phone.first + phone.last) / 2
    for n, word in enumerate(track.words):
        if word.first <= middle < word.last:
            place = sum((one.first + one.last) / 2 <= middle for one in word.phones)
            phones = (*word.phones[:place], phone, *word.phones[place:])
            return _with(track, n, _with_phone(word, place, phone, phones))
    return _added(track, SpokenWord("", phone.first, phone.last, (phone,)))


def without_phone(track: SpokenTrack, number: int) -> SpokenTrack:
    """Without phone `number`; a word without text goes with its last phone."""
    n, k = phone_at(track, number)
    word = track.words[n]
    phones = (*word.phones[:k], *word.phones[k + 1 :])
    if not phones and not word.text:
        return without_word(track, n + 1)
    words = list(track.words)
    words[n] = _by_hand(replace(word, phones=phones))
    return SpokenTrack(tuple(words))


# -- internal --------------------------------------------------------------------------------


def _counted(track: SpokenTrack) -> str:
    return f"there are {len(track.words)} words and {len(track.phones)} phones"


def _by_hand(word: SpokenWord) -> SpokenWord:
    return replace(word, by_hand=True, confidence=1.0)


def _spread(symbols: Sequence[str], first: float, last: float) -> tuple[SpokenPhone, ...]:
    """Phones of equal length from `first` to `last`."""
    step = (last - first) / max(len(symbols), 1)
    ends = [rounded(first + n * step) for n in range(len(symbols))] + [rounded(last)]
    return tuple(
        SpokenPhone.at(symbol, a, b)
        for symbol, a, b in zip(symbols, ends[:-1], ends[1:], strict=True)
    )


def _rescaled(word: SpokenWord, first: float, last: float) -> SpokenWord:
    first, last = rounded(first), rounded(last)
    if last - first < _least(word) - 0.001:
        raise SettingsError(f"{word.called} has no room between frames {first:g} and {last:g}",
                            hint="move it elsewhere, or make it longer")  # fmt: skip
    scale = (last - first) / (word.last - word.first)

    def there(edge: float) -> float:
        return min(max(rounded(first + (edge - word.first) * scale), first), last)

    phones = tuple(phone.moved_to(there(phone.first), there(phone.last)) for phone in word.phones)
    return replace(word, first=first, last=last, phones=phones)


def _least(word: SpokenWord) -> float:
    """Frames to which the word can be squeezed, so that no phone becomes shorter than SHORTEST."""
    shortest = min((p.last - p.first for p in word.phones), default=word.last - word.first)
    return max((word.last - word.first) * min(SHORTEST / shortest, 1), SHORTEST)


def _with_phone(
    word: SpokenWord, place: int, phone: SpokenPhone, among: Sequence[SpokenPhone] = ()
) -> SpokenWord:
    """The word with `phone` at `place` of its phones; those beside it give way, the word grows."""
    phones = list(among or word.phones)
    phones[place] = phone
    for n, first, last in _pushed(phones, place, lambda one: min(one.last - one.first, SHORTEST)):
        phones[n] = phones[n].moved_to(first, last)
    first, last = min(word.first, phones[0].first), max(word.last, phones[-1].last)
    return _by_hand(replace(word, first=first, last=last, phones=tuple(phones)))


def _added(track: SpokenTrack, word: SpokenWord) -> SpokenTrack:
    middle = (word.first + word.last) / 2
    place = sum((one.first + one.last) / 2 <= middle for one in track.words)
    return _settled([*track.words[:place], word, *track.words[place:]], place)


def _with(track: SpokenTrack, place: int, word: SpokenWord) -> SpokenTrack:
    """With `word` at `place`; the words beside it give way."""
    return _settled([*track.words[:place], word, *track.words[place + 1 :]], place)


def _settled(words: list[SpokenWord], place: int) -> SpokenTrack:
    for n, first, last in _pushed(words, place, _least):
        words[n] = _rescaled(words[n], first, last)
    return SpokenTrack(tuple(words))


def _pushed(
    parts: Sequence[Part], place: int, least: Callable[[Part], float]
) -> list[tuple[int, float, float]]:
    """(place, first, last) of the parts that the one at `place` pushes, one after the other."""
    result = []
    edge = parts[place].first
    for n in range(place - 1, -1, -1):
        if parts[n].last <= edge:
            break
        result.append((n, min(parts[n].first, rounded(edge - least(parts[n]))), edge))
        edge = result[-1][1]
    edge = parts[place].last
    for n in range(place + 1, len(parts)):
        if parts[n].first >= edge:
            break
        result.append((n, edge, max(parts[n].last, rounded(edge + least(parts[n])))))
        edge = result[-1][2]
    return result
