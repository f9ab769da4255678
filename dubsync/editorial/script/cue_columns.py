"""Identifies the columns of a cue sheet: by their headers, or by `--map` options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dubsync.core.errors import SettingsError

#: Field -> the headers that mean it, in lower-case letters and digits.
ALIASES: Mapping[str, str] = {
    "number": "number, cue, cue number, cue no, cue id, cue name, no, nr, num, id, line no, "
    "line number, loop, loop no, loop number, event, qn, take number, nummer, numero",
    "character": "character, characters, char, character name, role, rolle, speaker, figur, "
    "personnage, personaggio, personaje, name, source name",
    "start": "start, in, tc in, tcin, in tc, start tc, tc start, timecode in, in timecode, "
    "start timecode, timecode start, start time, in time, time in, in point, begin, from, "
    "timecode, tc, time, anfang, debut",
    "stop": "stop, out, tc out, tcout, out tc, end tc, tc end, timecode out, out timecode, end, "
    "end timecode, timecode end, end time, out time, time out, out point, finish, to, ende, fin",
    "duration": "duration, dur, length, dauer, duree",
    "text": "text, line, dialogue, dialog, adr text, adr line, line text, cue text, dub, dub text, "
    "script, words, prompt",
    "translation": "translation, translated, translated text, alt text, alternate text, "
    "adaptation, target, target text, dubbing text, dubbed text, dubbed line, traduction",
    "original": "original, original text, original dialogue, original line, source, source text, "
    "source language, original language text, texte original",
    "on_screen": "on screen, onscreen, on off, onoff, on off screen, on camera, screen, camera, "
    "sync, lip sync, visibility",
    "off_screen": "off screen, offscreen, off camera, os, o s, oos, off",
    "performer": "actor, actress, performer, artist, talent, voice actor, voice, voice talent, "
    "sprecher, comedien",
    "reason": "reason, reason code, adr reason",
    "notes": "notes, note, comment, comments, remark, remarks, engineering notes, direction, "
    "bemerkung",
    "language": "language, lang, dub language",
}  # fmt: skip
FIELDS = tuple(ALIASES)
_FIELD = {word: name for name, words in ALIASES.items() for word in words.split(", ")}
_ACCENTS = str.maketrans("äöüéèêàç", "aoueeeac")


@dataclass(frozen=True, slots=True)
class Columns:
    """A sheet's columns.

    row      index of the header row, from 0; -1 without one
    places   field -> index of its column, from 0
    unused   headers of columns that are not recognised
    """

    row: int
    places: Mapping[str, int]
    unused: tuple[str, ...] = ()


def parse_maps(options: Iterable[str]) -> dict[str, str]:
    """Field -> column, from `--map` options of the form FIELD=COLUMN.  Raises SettingsError."""
    result: dict[str, str] = {}
    for option in options:
        name, equals, column = option.partition("=")
        name = name.strip().lower().replace("-", "_")
        if not equals or name not in FIELDS or not column.strip():
            raise SettingsError(
                f"--map {option!r} is not FIELD=COLUMN",
                hint=f"FIELD is one of {', '.join(FIELDS)}; COLUMN a header, letter or number",
            )
        result[name] = column.strip()
    return result


def field_of(head: str) -> str | None:
    """The field of a column header, or None.

    >>> field_of("TC-In"), field_of("Cue #"), field_of("Boom")
    ('start', 'number', None)
    """
    word = _word(head)
    return _FIELD.get(word) or ("number" if head.strip() == "#" else None)


def _word(head: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", head.lower().translate(_ACCENTS)).strip()


def find_columns(rows: Sequence[Sequence[str]], maps: Mapping[str, str]) -> Columns | None:
    """The header row and the columns; None if no row has a start column.

    Raises:
        SettingsError: a `--map` names a column that does not exist.
    """
    best: Columns | None = None
    for n, row in enumerate(rows):
        result = _in_row(n, row)
        if "start" in result.places and (best is None or len(result.places) > len(best.places)):
            best = result
    if maps:
        best = _mapped(best, rows, maps)
    return best if best and "start" in best.places else None


def _in_row(n: int, row: Sequence[str]) -> Columns:
    places: dict[str, int] = {}
    unused = []
    for column, head in enumerate(row):
        name = field_of(head)
        if name is not None and name not in places:
            places[name] = column
        elif head.strip():
            unused.append(head.strip())
    return Columns(n, places, tuple(unused))


def _mapped(
    best: Columns | None, rows: Sequence[Sequence[str]], maps: Mapping[str, str]
) -> Columns:
    """`best` with the columns of `maps`; the header row is that of `best`, else one with a name.

    Raises:
        SettingsError: a map names a column that does not exist.
    """
    wanted = {_word(column) for column in maps.values()}
    named = [
        n
        for n, row in enumerate(rows)
        if any(_word(cell) in wanted for cell in row if cell.strip())
    ]
    row = best.row if best else (named[0] if named else None)
    if row is None:
        row = -1  # no headers: columns by letter or number
    heads = rows[row] if row >= 0 else ()
    places = dict(_in_row(row, heads).places)
    given = {
        name: _column(wanted, heads, max(map(len, rows), default=0))
        for name, wanted in maps.items()
    }
    places = {name: at for name, at in places.items() if at not in given.values()}
    unused = tuple(h for n, h in enumerate(heads)
                   if h.strip() and n not in {*places.values(), *given.values()})  # fmt: skip
    return Columns(row, {**places, **given}, unused)


def _column(wanted: str, heads: Sequence[str], width: int) -> int:
    for n, head in enumerate(heads):
        if head.strip().lower() == wanted.lower():
            return n
    near = [n for n, head in enumerate(heads) if _word(head) and _word(head) == _word(wanted)]
    if near:
        return near[0]
    if re.fullmatch(r"\d{1,4}", wanted):
        at = int(wanted) - 1
    elif re.fullmatch(r"[A-Za-z]{1,2}", wanted):
        at = 0
        for letter in wanted.upper():
            at = at * 26 + ord(letter) - 64
        at -= 1
    else:
        at = -1
    if not 0 <= at < width:
        known = ", ".join(repr(h) for h in heads if h.strip()) or f"columns 1 to {width}"
        raise SettingsError(f"there is no column {wanted!r}", hint=f"use one of: {known}"[:300])
    return at
