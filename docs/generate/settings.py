"""Every setting with its type, default and meaning, from the docstrings of core/settings.py."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from docs.generate.blocks import table
from dubsync.core.settings import RANGES, Settings


def settings() -> str:
    """The generated part: a section for each table of settings."""
    parts = []
    hints = get_type_hints(Settings)
    for entry in fields(Settings):
        section = hints[entry.name]
        if is_dataclass(section):
            parts += [f"### `[{entry.name}]`", _intro(section), _rows(section, entry.name)]
    return "\n\n".join(parts)


def names() -> list[str]:
    """Dotted names of all settings: "handles", "engine.device" ..."""
    result = []
    for entry in fields(Settings):
        section = get_type_hints(Settings)[entry.name]
        if is_dataclass(section):
            result += [f"{entry.name}.{leaf.name}" for leaf in fields(section)]
        else:
            result.append(entry.name)
    return result


def meanings(section: Any) -> dict[str, str]:
    """Field -> its sentence in the class's docstring.

    A field is a line that begins with its name, then two spaces or a colon; deeper lines continue
    it.  A field without such a line is missing from the result.
    """
    result: dict[str, str] = {}
    name = ""
    known = {leaf.name for leaf in fields(section)}
    for line in inspect.cleandoc(section.__doc__ or "").splitlines():
        begun = re.match(r"\s*(\w+)(?::\s+|\s{2,})(.*)", line)
        if begun and begun[1] in known:
            name = begun[1]
            result[name] = begun[2]
        elif name and line.startswith(" "):
            result[name] += " " + line.strip()
        else:
            name = ""
    return result


def _intro(section: Any) -> str:
    first = inspect.cleandoc(section.__doc__ or "").split("\n\n")[0]
    return re.sub(r"^\w+\.\s+", "", " ".join(first.split()))


def _rows(section: Any, name: str) -> str:
    hints, texts = get_type_hints(section), meanings(section)
    rows = [
        (
            f"`{leaf.name}`",
            _type(hints[leaf.name]),
            f"`{_default(leaf)}`",
            _range(f"{name}.{leaf.name}"),
            _sentence(texts.get(leaf.name, "")),
        )
        for leaf in fields(section)
    ]
    return table(("key", "type", "default", "range", "meaning"), rows)


def _range(name: str) -> str:
    low, high = RANGES.get(name, (None, None))
    return "-" if low is None else f"{low:g} to {high:g}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _type(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return ", ".join(f'`"{choice}"`' for choice in get_args(hint))
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}.get(
        getattr(hint, "__name__", ""), str(hint)
    )


def _default(leaf: Field[Any]) -> str:
    value = leaf.default
    if value is MISSING:
        return ""
    return f'"{value}"' if isinstance(value, str) else f"{value}"
