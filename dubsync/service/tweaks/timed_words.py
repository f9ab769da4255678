"""Words and phones in seconds, as files give them, checked and put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.core.plural import counted
from dubsync.core.tweak.spoken_track import LONGEST_TEXT, known_phones, phone_of

MOST_BYTES = 16 << 20  #: of a file
MOST_ROWS = 200_000
#: Seconds by which two edges may overlap and still be one edge: other programs round.
ROUNDED_S = 0.0005
PAUSES = ("", "sil", "sp", "spn", "<sil>", "#", "_")  #: what others write for a pause
_MARKS = "ˈˌː"  #: stress and length, which no phone of ours has
MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class Timed:
    """A word or phone over seconds `begin` to `end`; `where` it stands in its file."""

    text: str
    begin: float
    end: float
    where: str = ""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word ("" for a phone that is in none) and its phones, in order."""

    word: Timed
    phones: tuple[Timed, ...] = ()


def together(words: Sequence[Timed], phones: Sequence[Timed]) -> tuple[TimedWord, ...]:
    """Each phone in the word around its middle; a phone in no word becomes one without text.

    Raises:
        SettingsError: unknown phones, parts that overlap or end before they begin, or a phone that
            reaches beyond its word; it says which rows.
    """
    words = _in_order([one for one in words if one.text])
    phones = _in_order(_known([one for one in phones if one.text not in PAUSES]))
    inside: list[list[Timed]] = [[] for _ in words]
    alone = []
    place = 0
    for phone in phones:
        middle = (phone.begin + phone.end) / 2
        while place < len(words) and words[place].end <= middle:
            place += 1
        if place < len(words) and words[place].begin <= middle:
            inside[place].append(_within(phone, words[place]))
        else:
            alone.append(TimedWord(Timed("", phone.begin, phone.end, phone.where), (phone,)))
    every = [TimedWord(word, tuple(own)) for word, own in zip(words, inside, strict=True)]
    result = sorted([*every, *alone], key=lambda one: one.word.begin)
    _in_order([one.word for one in result])
    return tuple(result)


def text_in(path: Path) -> str:
    """The text of a file in UTF-8 or UTF-16.

    Raises:
        SettingsError: it cannot be read, is too large, or is not text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}",
                            hint="check the path") from error  # fmt: skip
    if len(data) > MOST_BYTES:
        raise SettingsError(f"{path.name} is larger than {MOST_BYTES >> 20} MB",
                            hint="words and phones of one reel are far smaller")  # fmt: skip
    codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name} is neither UTF-8 nor UTF-16",
                            hint="save it as a text file, in UTF-8") from error  # fmt: skip
    if "\0" in text:
        raise SettingsError(f"{path.name} is not text", hint="export it as text, UTF-8")
    return text


def seconds_of(text: str, where: str) -> float:
    """A time in seconds.  Raises SettingsError where it is none."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > 1e6:
        raise SettingsError(f"{where}: {text!r:.40} is no time", hint="seconds, as in 3.25")
    return value


def checked_text(text: str, where: str) -> str:
    """A word's text without blanks around it.  Raises SettingsError for one that is too long."""
    plain = " ".join(text.split())
    if len(plain) > LONGEST_TEXT or not plain.isprintable():
        raise SettingsError(f"{where}: {plain!r:.40} is no word",
                            hint=f"at most {LONGEST_TEXT} printable letters")  # fmt: skip
    return plain


def _known(phones: Sequence[Timed]) -> list[Timed]:
    """The phones by their symbols.  Raises SettingsError, which names every row of another."""
    result, unknown = [], []
    for one in phones:
        try:
            symbol = phone_of(one.text.strip(_MARKS))
            result.append(Timed(symbol, one.begin, one.end, one.where))
        except SettingsError:
            unknown.append(f"{one.where} {one.text!r:.20}")
    if unknown:
        more = f" and {len(unknown) - MOST_TOLD} more" if len(unknown) > MOST_TOLD else ""
        raise SettingsError(
            f"{counted(len(unknown), 'unknown phone')}: {', '.join(unknown[:MOST_TOLD])}{more}",
            hint=known_phones(),
        )
    return result


def _in_order(parts: Sequence[Timed]) -> list[Timed]:
    """By time; edges that overlap by rounding alone are made one."""
    result: list[Timed] = []
    for one in sorted(parts, key=lambda part: part.begin):
        begin = one.begin
        if result and begin < result[-1].end:
            before = result[-1]
            if before.end - begin > ROUNDED_S:
                raise SettingsError(
                    f"{one.where}: {one.text!r:.40} begins at {begin:.3f} s, before "
                    f"{before.text!r:.40} ({before.where}) ends at {before.end:.3f} s",
                    hint="words stand in order, none over another, and so do phones",
                )
            begin = before.end
        if one.end <= begin:
            raise SettingsError(f"{one.where}: {one.text!r:.40} has no length",
                                hint="its end must be after its start")  # fmt: skip
        result.append(Timed(one.text, begin, one.end, one.where))
    return result


def _within(phone: Timed, word: Timed) -> Timed:
    begin, end = max(phone.begin, word.begin), min(phone.end, word.end)
    if begin - phone.begin > ROUNDED_S or phone.end - end > ROUNDED_S:
        raise SettingsError(
            f"{phone.where}: phone {phone.text} reaches beyond its word {word.text!r:.40}",
            hint="give phone and word the same edge there",
        )
    return Timed(phone.text, begin, end, phone.where)
