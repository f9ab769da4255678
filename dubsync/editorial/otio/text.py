"""Parses the text of an .otio file into lists and dictionaries; refuses hostile text."""

from __future__ import annotations

import json
import re
from sys import getsizeof
from typing import Any

from dubsync.core.errors import TurnoverError

DEEPEST = 256
#: Bytes; largest estimated memory of a document's text, lists and dictionaries.
MOST_MEMORY = 700 << 20
_AGAIN = "export the timeline again"
#: OpenTimelineIO writes "Inf", which is not JSON; the json module reads "Infinity".
_INFINITY = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|\bInf\b', re.DOTALL)


def document(text: str, where: str) -> Any:
    """The .otio document as plain lists and dictionaries.

    Raises:
        TurnoverError: not JSON, nested more than 256 levels deep, or too large.
    """
    if 2 * getsizeof(text) + _memory(text) > MOST_MEMORY:
        raise TurnoverError(
            f"{where} needs more than {MOST_MEMORY >> 20} MiB of memory",
            hint="export the timeline without the media's metadata",
        )
    try:
        result = json.loads(_INFINITY.sub(_spelled, text) if "Inf" in text else text)
    except json.JSONDecodeError as error:
        raise TurnoverError(
            f"{where} is damaged at line {error.lineno}: {error.msg}",
            hint="it may be incomplete; export the timeline again",
        ) from error
    except ValueError as error:  # an integer with thousands of digits
        raise TurnoverError(f"{where} cannot be read: {error}") from error
    except RecursionError as error:
        raise _too_deep(where) from error
    _refuse_depth(result, where)
    return result


def _memory(text: str) -> int:
    """Rough estimate of the bytes that the parsed text takes in Python, from its punctuation."""
    return (
        240 * text.count("{") + 90 * text.count("[") + 18 * text.count('"') + 40 * text.count(",")
    )


def _refuse_depth(result: Any, where: str) -> None:
    level = [result] if isinstance(result, dict | list) else []
    for _ in range(DEEPEST):
        below: list[Any] = []
        for node in level:
            inside = node.values() if isinstance(node, dict) else node
            below += [child for child in inside if isinstance(child, dict | list)]
        level = below
        if not level:
            return
    raise _too_deep(where)


def _too_deep(where: str) -> TurnoverError:
    return TurnoverError(f"{where} is nested more than {DEEPEST} levels deep", hint=_AGAIN)


def _spelled(token: re.Match[str]) -> str:
    return "Infinity" if token.group() == "Inf" else token.group()
