"""The public Python API: what `dubsync.__all__` names, in the groups of the package's docstring.

mkdocstrings fills in signatures and docstrings when the site is built; this part
says in which order.
"""

from __future__ import annotations

import re

import dubsync
from docs.generate.columns import listed

_GROUP = re.compile(r"^- `(\w+)`: (.*)$", re.MULTILINE)
_REST = "More names"


def python_api() -> str:
    """The generated part: the package's docstring, then a section for each group of names."""
    parts = ["::: dubsync\n    options:\n      members: false"]
    for group, names in groups().items():
        parts.append(f"## {group}")
        parts += [f"::: dubsync.{name}\n    options:\n      heading_level: 3" for name in names]
    return "\n\n".join(parts)


def groups() -> dict[str, list[str]]:
    """Group -> its names.

    A line of the docstring is a group ("Clips  sync_clip, ClipResult").  Names of `__all__` that no
    line has are "Errors" where they are exceptions, else "More names".
    """
    public = [name for name in getattr(dubsync, "__all__", ()) if not name.startswith("__")]
    result: dict[str, list[str]] = {}
    for group, text in _GROUP.findall(listed(dubsync.__doc__ or "")):
        named = [name for name in re.findall(r"\w+", text) if name in public]
        taken = {name for names in result.values() for name in names}
        result[group] = [name for name in dict.fromkeys(named) if name not in taken]
    taken = {name for names in result.values() for name in names}
    for name in public:
        if name not in taken:
            result.setdefault("Errors" if _is_error(name) else _REST, []).append(name)
    return {group: names for group, names in result.items() if names}


def _is_error(name: str) -> bool:
    value = getattr(dubsync, name)
    return isinstance(value, type) and issubclass(value, BaseException)
