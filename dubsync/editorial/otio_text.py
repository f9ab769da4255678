"""The text of an .otio file as plain lists and dictionaries, hostile text refused."""

from __future__ import annotations

import json
import re
from typing import Any

from dubsync.core.errors import TurnoverError

DEEPEST = 256
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
#: OpenTimelineIO writes "Inf", which is no JSON at all, where json reads "Infinity".
_INFINITY = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|\bInf\b', re.DOTALL)


def document(text: str, where: str) -> Any:
    """The .otio document as plain lists and dictionaries.

    Raises:
        TurnoverError: not JSON, or nested deeper than 256.
    """
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        mark = token.group()[0]
        depth += (mark in "[{") - (mark in "]}")
        if depth > DEEPEST:
            raise TurnoverError(
                f"{where} is nested more than {DEEPEST} deep", hint="export the timeline again"
            )
    try:
        return json.loads(_INFINITY.sub(_spelled, text))
    except json.JSONDecodeError as error:
        raise TurnoverError(
            f"{where} is damaged at line {error.lineno}: {error.msg}",
            hint="it may be cut short; export the timeline again",
        ) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise TurnoverError(f"{where} cannot be read: {error}") from error


def _spelled(token: re.Match[str]) -> str:
    return "Infinity" if token.group() == "Inf" else token.group()
