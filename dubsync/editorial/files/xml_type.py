"""The document type of an XML document: harmless where it only names an external definition.

expat skips an undeclared entity, without a word in attributes, once a document names an external
definition.  So the declaration is blanked before the document is parsed: then such an entity is an
error.  The external definition is never opened.
"""

from __future__ import annotations

from typing import Any, NoReturn
from xml.parsers import expat

from dubsync.core.errors import TurnoverError

_MARK = "<!DOCTYPE"


class _Found(Exception):
    """The prolog has been searched.  `at` is the byte of the declaration's ">", -1 without one."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def refuse_entities(parser: expat.XMLParserType, where: str) -> None:
    """Make a parser raise TurnoverError at the first entity, declared or only used."""

    def refuse(*_: Any) -> NoReturn:
        raise TurnoverError(
            f"{where} has XML entities at line {parser.CurrentLineNumber}, and is not read",
            hint="export it again from the editing system; its own exports have none",
        )

    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.SkippedEntityHandler = refuse
    parser.NotStandaloneHandler = refuse


def without_external_type(data: bytes, where: str) -> bytes:
    """The document with spaces for a document type that names an external definition alone.

    Its length and its lines stay as they are.

    Raises:
        TurnoverError: it names an external definition and declares things itself.
    """
    parser = expat.ParserCreate()

    def doctype(_: str, system: str | None, public: str | None, inner: bool) -> None:
        if not (system or public):
            raise _Found(-1)
        if inner or _MARK in f"{system} {public}":
            raise TurnoverError(
                f"{where} has a document type of its own beside an external one, and is not read",
                hint="export it again from the editing system",
            )
        raise _Found(parser.CurrentByteIndex)

    def element(*_: Any) -> NoReturn:
        raise _Found(-1)

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    try:
        parser.Parse(data, True)
    except _Found as found:
        return data if found.at < 0 else _blanked(data, found.at)
    except (expat.ExpatError, ValueError, LookupError):
        pass  # damaged: the caller's own parser says so
    return data


def _blanked(data: bytes, at: int) -> bytes:
    """`data` with spaces from the declaration that ends at or after byte `at`."""
    marks = (_MARK.encode(), _MARK.encode("utf-16-le"), _MARK.encode("utf-16-be"))
    start = max(data.rfind(mark, 0, at + 1) for mark in marks)
    stop = data.index(b">", at) + 1
    kept = bytes(byte if byte in b"\0\r\n" else 0x20 for byte in data[start:stop])
    return data[:start] + kept + data[stop:]
