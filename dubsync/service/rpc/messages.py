"""Lines of the protocol: one JSON-RPC 2.0 object a line, read from a stream that is not trusted."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from dubsync.core.documents import DamagedDocument, parse_json
from dubsync.core.errors import (
    Cancelled,
    ConsentMissing,
    DeliveryError,
    DubsyncError,
    EngineError,
    FaceQuestion,
    MediaError,
    MissingMedia,
    SettingsError,
    TurnoverError,
)
from dubsync.service.fault import Fault

#: Longest line read, bytes: `match` of a reel of 5,000 clips has 2 MB.
LONGEST_LINE = 16 << 20
_CHUNK = 1 << 16
#: Codes of JSON-RPC 2.0, and the one of dubsync's own errors.
NOT_JSON, NOT_A_CALL, NO_METHOD, WRONG_PARAMS, REFUSED = -32700, -32600, -32601, -32602, -32000
#: What an error is about, for the plugin; the first that fits.
_KINDS: tuple[tuple[type[DubsyncError], str], ...] = (
    (ConsentMissing, "consent"),
    (FaceQuestion, "question"),
    (MissingMedia, "media"),
    (MediaError, "media"),
    (SettingsError, "settings"),
    (TurnoverError, "turnover"),
    (DeliveryError, "disk"),
    (EngineError, "engine"),
    (Fault, "fault"),
)
KINDS = (*dict.fromkeys(kind for _, kind in _KINDS), "cancelled", "protocol")


class BadCall(DubsyncError):
    """A line that is no call, or a call that cannot be answered; `code` as JSON-RPC has it."""

    def __init__(self, code: int, message: str, *, hint: str = "", number: object = None) -> None:
        super().__init__(message, hint=hint)
        self.code, self.number = code, number


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    number   its id, which the answer repeats: a whole number or a text; None: no answer is asked
    """

    number: int | str | None
    method: str
    params: Mapping[str, Any]


def lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream until it is closed; None in place of one that is too long."""
    held, skipping = b"", False
    while True:
        line = stream.readline(_CHUNK)
        if not line:
            if held:
                yield held
            return
        if skipping:
            skipping = not line.endswith(b"\n")
            continue
        held += line
        if not line.endswith(b"\n"):
            if len(held) > LONGEST_LINE:
                held, skipping = b"", True
                yield None
            continue
        whole, held = held.strip(), b""
        if whole:
            yield whole


def call_in(line: bytes | None) -> Call:
    """The call in a line.  Raises BadCall."""
    if line is None:
        raise BadCall(NOT_JSON, f"a line is longer than {LONGEST_LINE >> 20} MiB")
    try:
        body = parse_json(line.decode("utf-8"))
    except (DamagedDocument, UnicodeDecodeError) as error:
        raise BadCall(NOT_JSON, f"a line is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadCall(NOT_A_CALL, "a line is not one JSON object")
    number = body.get("id")
    if isinstance(number, bool) or not isinstance(number, int | str | None):
        raise BadCall(NOT_A_CALL, "an id is neither a whole number nor a text")
    method, params = body.get("method"), body.get("params", {})
    if body.get("jsonrpc") != "2.0" or not isinstance(method, str):
        raise BadCall(NOT_A_CALL, 'a call has "jsonrpc": "2.0" and a method', number=number)
    if not isinstance(params, dict):
        raise BadCall(WRONG_PARAMS, f"{method} takes its parameters by name", number=number)
    return Call(number, method, params)


class Answers:
    """Writes whole lines to the host, from whichever thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._lock = stream, threading.Lock()
        self.closed = False

    def result(self, number: object, value: object) -> None:
        """Answer the call `number`."""
        self._write({"id": number, "result": value})

    def error(self, number: object, error: BaseException) -> None:
        """Answer the call `number` with an error."""
        self._write({"id": number, "error": error_json(error)})

    def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Tell the host something that it did not ask."""
        self._write({"method": method, "params": dict(params)})

    def _write(self, body: Mapping[str, Any]) -> None:
        line = json.dumps({"jsonrpc": "2.0", **body}).encode() + b"\n"
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (OSError, ValueError):
                self.closed = True  # the host has gone: the reader sees it too


def error_json(error: BaseException) -> dict[str, Any]:
    """An error as JSON-RPC answers it: what, of which kind, where, and what to try."""
    if isinstance(error, BadCall):
        data = {"kind": "protocol", "where": "", "hint": error.hint}
        return {"code": error.code, "message": str(error), "data": data}
    data = {"kind": kind_of(error), "where": "", "hint": getattr(error, "hint", "")}
    return {"code": REFUSED, "message": str(error) or "stopped", "data": data}


def kind_of(error: BaseException) -> str:
    """What an error is about: one of KINDS."""
    if isinstance(error, Cancelled):
        return "cancelled"
    return next((kind for of, kind in _KINDS if isinstance(error, of)), "fault")
