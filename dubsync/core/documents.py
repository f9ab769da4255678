"""Reads JSON and TOML files whose contents are not trusted: every fault is one exception.

The standard library's readers raise RecursionError for deep nesting, ValueError for a number of
thousands of digits, and let infinities and half characters through, which fail much later.
"""

from __future__ import annotations

import json
import tomllib
from math import isfinite
from pathlib import Path
from typing import Any

#: Longest document read, bytes.  The largest of ours, the frame keys of a long shot, has 20 MB.
MOST_BYTES = 256 << 20
#: Deepest nesting of tables and lists.  Ours have 6 levels; Python's own limit is near 1,000.
DEEPEST = 64
#: Most digits of a whole number, so that it fits into a float.
MOST_DIGITS = 300


class DamagedDocument(ValueError):
    """A file that is not valid JSON or TOML, or whose values nothing can hold; says why."""


def read_json(path: Path, *, finite: bool = True) -> Any:
    """The value in a JSON file in UTF-8.

    Args:
        finite: refuse numbers that are infinite, and NaN.

    Raises:
        OSError: it cannot be opened.
        DamagedDocument: it is not JSON, is nested too deep, or has a number that is not finite or
            text that is not Unicode.
    """
    return parse_json(_text(path), finite=finite)


def parse_json(text: str, *, finite: bool = True, once: bool = False) -> Any:
    """The value of a JSON text.

    Args:
        once: refuse a name that stands twice in one table.

    Raises DamagedDocument as `read_json`.
    """
    number, table = _finite if finite else float, _table if once else None
    try:
        value = json.loads(text, parse_float=number, parse_constant=number, object_pairs_hook=table)
    except RecursionError:
        raise DamagedDocument("it is nested too deep") from None
    except ValueError as error:
        raise DamagedDocument(str(error)) from error
    _check(value, DEEPEST)
    return value


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file in UTF-8.  Raises OSError and DamagedDocument as `read_json`."""
    try:
        tables = tomllib.loads(_text(path))
    except RecursionError:
        raise DamagedDocument("it is nested too deep") from None
    except ValueError as error:  # TOMLDecodeError is one; a number of 5,000 digits is another
        raise DamagedDocument(str(error)) from error
    _check(tables, DEEPEST)
    return tables


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DamagedDocument(f"it is longer than {MOST_BYTES >> 20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedDocument(
            f"it is not text in UTF-8: byte {error.start} is {data[error.start]:#04x}"
        ) from error


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DamagedDocument(f"it names {twice[:20]!r} twice in one table")
    return table


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise DamagedDocument(f"{text[:20]} is not a finite number")
    return value


def _check(value: Any, deepest: int) -> None:
    """Raises DamagedDocument for nesting, numbers and text that nothing after it can hold."""
    if isinstance(value, dict | list):
        if deepest == 0:
            raise DamagedDocument("it is nested too deep")
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            _check(item, deepest - 1)
    elif isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise DamagedDocument(f"it has a number of more than {MOST_DIGITS} digits")
    elif isinstance(value, str) and not _is_unicode(value):
        raise DamagedDocument(f"{value[:20]!r} is not Unicode text")


def _is_unicode(text: str) -> bool:
    """Whether `text` has no half of a character (a lone surrogate), which no file can hold."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
