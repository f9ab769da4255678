"""Words and phones as a TextGrid of Praat, with the interval tiers "words" and "phones".

Source: Praat's manual, "TextGrid file formats": a file is read as its free-standing numbers, its
texts in double quotes and its flags in angle brackets, so that the long and the short form are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dubsync.core.errors import SettingsError
from dubsync.service.tweaks.timed_words import (
    MOST_ROWS,
    Timed,
    TimedWord,
    checked_text,
    seconds_of,
    together,
)

MOST_TIERS = 200
#: Names of the tiers, lower case, as other programs give them too ("MARC - words").
WORDS, PHONES = ("words", "word"), ("phones", "phone", "segments", "phonemes")
_TOKEN = re.compile(
    r'!.*|"((?:[^"]|"")*)"|<(\w+)>|(?<!\S)([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)(?!\S)|\S+'
)


def textgrid_text(words: Sequence[TimedWord], end: float) -> str:
    """The words as a TextGrid in the long form, from 0 to `end` seconds."""
    said = [one.word for one in words if one.word.text]
    phones = [phone for one in words for phone in one.phones]
    first = min([0.0, *(one.begin for one in (*said, *phones))])
    last = max([end, *(one.end for one in (*said, *phones))])
    lines = [
        'File type = "ooTextFile"', 'Object class = "TextGrid"', "",
        f"xmin = {first!r} ", f"xmax = {last!r} ", "tiers? <exists> ", "size = 2 ", "item []: ",
    ]  # fmt: skip
    for number, (name, parts) in enumerate((("words", said), ("phones", phones)), 1):
        lines += _tier(number, name, _filled(parts, first, last), first, last)
    return "\n".join(lines) + "\n"


def textgrid_words(text: str, name: str) -> tuple[TimedWord, ...]:
    """The words of a TextGrid, long or short.

    Raises:
        SettingsError: it is no TextGrid, has neither tier, or intervals that are wrong.
    """
    tokens = _Tokens(text, name)
    if not tokens.text("its type").startswith("ooTextFile") or tokens.text("class") != "TextGrid":
        raise SettingsError(f"{name} is no TextGrid", hint="save it in Praat as a text file")
    tokens.number("xmin"), tokens.number("xmax")
    if tokens.flag() != "exists":
        raise SettingsError(f"{name} has no tiers", hint='interval tiers "words" and "phones"')
    tiers: dict[str, list[Timed]] = {}
    for _ in range(tokens.count("tiers", MOST_TIERS)):
        title, parts = _read_tier(tokens)
        tiers.setdefault(title, parts)
    words, phones = (_named(tiers, names) for names in (WORDS, PHONES))
    if words is None and phones is None:
        raise SettingsError(
            f"{name} has the tiers {', '.join(tiers) or 'none'}"[:300],
            hint='name the interval tiers "words" and "phones"',
        )
    return together(words or [], phones or [])


def _tier(
    number: int, name: str, parts: Sequence[Timed], first: float, last: float
) -> Iterator[str]:
    yield f"    item [{number}]:"
    yield '        class = "IntervalTier" '
    yield f'        name = "{name}" '
    yield f"        xmin = {first!r} "
    yield f"        xmax = {last!r} "
    yield f"        intervals: size = {len(parts)} "
    for n, part in enumerate(parts, 1):
        quoted = part.text.replace('"', '""')
        yield f"        intervals [{n}]:"
        yield f"            xmin = {part.begin!r} "
        yield f"            xmax = {part.end!r} "
        yield f'            text = "{quoted}" '


def _filled(parts: Sequence[Timed], first: float, last: float) -> list[Timed]:
    """`parts` and empty intervals between them, from `first` to `last`: a tier has no holes."""
    result: list[Timed] = []
    at = first
    for part in parts:
        if part.begin > at:
            result.append(Timed("", at, part.begin))
        result.append(part)
        at = part.end
    if at < last or not result:
        result.append(Timed("", at, last))
    return result


def _named(tiers: dict[str, list[Timed]], names: Sequence[str]) -> list[Timed] | None:
    """The tier of one of `names`, also at the end of a speaker's ("MARC - words")."""
    for title, parts in tiers.items():
        if re.split(r"\s+-\s+|[_/:]", title.strip().lower())[-1] in names:
            return parts
    return None


def _read_tier(tokens: _Tokens) -> tuple[str, list[Timed]]:
    """(name, intervals) of the next tier; of a tier of points no intervals."""
    kind, title = tokens.text("class of a tier"), tokens.text("name of a tier")
    tokens.number("xmin"), tokens.number("xmax")
    parts = []
    for n in range(1, tokens.count("intervals", MOST_ROWS) + 1):
        where = f"{title[:40]} {n}"
        begin = tokens.number(where)
        if kind == "TextTier":
            tokens.text(where)
            continue
        end = tokens.number(where)
        parts.append(Timed(checked_text(tokens.text(where), where), begin, end, where))
    return title, parts


class _Tokens:
    """The numbers, texts and flags of a file, one after the other."""

    def __init__(self, text: str, name: str) -> None:
        self._found, self._name = _TOKEN.finditer(text), name

    def text(self, what: str) -> str:
        found = self._next(1, what)
        return found.replace('""', '"')

    def number(self, what: str) -> float:
        return seconds_of(self._next(3, what), f"{self._name}, {what}")

    def flag(self) -> str:
        return self._next(2, "tiers")

    def count(self, what: str, most: int) -> int:
        number = self.number(what)
        if number != int(number) or not 0 <= number <= most:
            raise SettingsError(f"{self._name} has {number:g} {what}", hint=f"at most {most}")
        return int(number)

    def _next(self, group: int, what: str) -> str:
        for match in self._found:
            if match[group] is not None:
                return match[group]
            if any(match[other] is not None for other in (1, 2, 3)):
                break  # another thing than what must come here
        raise SettingsError(f"{self._name} is damaged at: {what}", hint="save it in Praat again")
