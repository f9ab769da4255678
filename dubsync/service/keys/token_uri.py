"""The name of a key in a token: a pkcs11 URI (RFC 7512)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes

from dubsync.core.errors import HouseKeyError

SCHEME = "pkcs11:"
_TOKEN, _SERIAL, _OBJECT, _ID, _MODULE = "token", "serial", "object", "id", "module-path"


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Which key of which token, and the library that reaches it.

    module   path of the vendor's PKCS#11 library
    token    label of the token; "": any
    serial   its serial number; "": any
    label    of the key; "": any
    id       of the key, its bytes; empty: any
    """

    module: str
    token: str = ""
    serial: str = ""
    label: str = ""
    id: bytes = b""


def parse_token_uri(text: str) -> TokenUri:
    """The TokenUri that a pkcs11 URI names.

    Raises:
        HouseKeyError: it is none, names no key or no library, or holds a PIN.
    """
    if not text.startswith(SCHEME):
        raise HouseKeyError("that is not a pkcs11 URI", hint=_FORM)
    path, _, query = text.removeprefix(SCHEME).partition("?")
    path_parts, query_parts = _parts(path, ";"), _parts(query, "&")
    if {"pin-value", "pin-source"} & (path_parts.keys() | query_parts.keys()):
        raise HouseKeyError(
            "a pkcs11 URI with a PIN would be kept and shown with it",
            hint="leave pin-value and pin-source out: dubsync asks for the PIN, or takes it from "
            "DUBSYNC_PASSPHRASE",
        )
    if _MODULE not in query_parts:
        raise HouseKeyError("the pkcs11 URI does not name the token's library", hint=_FORM)
    if not path_parts.keys() & {_OBJECT, _ID}:
        raise HouseKeyError("the pkcs11 URI does not name a key", hint=_FORM)
    return TokenUri(
        unquote(query_parts[_MODULE]),
        unquote(path_parts.get(_TOKEN, "")),
        unquote(path_parts.get(_SERIAL, "")),
        unquote(path_parts.get(_OBJECT, "")),
        unquote_to_bytes(path_parts.get(_ID, "")),
    )


_FORM = "write it as pkcs11:token=LABEL;object=KEY?module-path=/path/to/library.so"


def _parts(text: str, mark: str) -> dict[str, str]:
    """The named parts of a path or query, still percent-encoded."""
    found: dict[str, str] = {}
    for part in filter(None, text.split(mark)):
        name, equals, value = part.partition("=")
        if not equals or name in found:
            raise HouseKeyError(f"the pkcs11 URI has a part that is not NAME=VALUE: {name[:40]}",
                                hint=_FORM)  # fmt: skip
        found[name] = value
    return found
