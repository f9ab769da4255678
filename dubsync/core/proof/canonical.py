"""One spelling of every JSON value, so that a signature is over the value and not over its layout.

RFC 8785 (JSON Canonicalization Scheme): names sorted by UTF-16 code units, numbers as ECMAScript
writes them, no spaces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from dubsync.core.documents import DamagedDocument, parse_json

#: The largest whole number that a JSON number holds exactly.
_LARGEST = 2**53 - 1
#: From here on a whole number is written with an exponent.
_EXPONENT = 1e21


class NotCanonical(ValueError):
    """A value that canonical JSON cannot hold; says which."""


def canonical(value: Any) -> bytes:
    """`value` as canonical JSON in UTF-8, without a line end.

    Raises:
        NotCanonical: a number that is not finite, a whole number beyond 2**53, text that is not
            Unicode, a name that is not text, or something that is not JSON (an array, a Path).
    """
    try:
        _refuse_large(value)
        return rfc8785.dumps(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise NotCanonical(f"it has no canonical JSON: {error}") from error
    except RecursionError:
        raise NotCanonical("it has no canonical JSON: it is nested too deep") from None


def _refuse_large(value: Any) -> None:
    """Raises NotCanonical for a whole float that is written as digits no reader takes again."""
    if isinstance(value, float):
        if _LARGEST < abs(value) < _EXPONENT and value.is_integer():
            raise NotCanonical(f"{value!r} is a whole number beyond 2**53")
    elif isinstance(value, Mapping):
        for part in value.values():
            _refuse_large(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_large(part)


def canonical_digest(value: Any) -> str:
    """SHA-256 over the canonical JSON of `value`, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def parse_signed(data: bytes) -> Any:
    """The value in JSON text that may be signed.

    A name that stands twice in one table is refused: two readers could see two values.

    Raises:
        DamagedDocument: it is not JSON in UTF-8, has a name twice, or nothing can hold it.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise DamagedDocument(
            f"it is not text in UTF-8: byte {error.start} is {data[error.start]:#04x}"
        ) from error
    return parse_json(text, once=True)
