"""Messages between the preview worker and its client: a length, JSON, and raw bytes after it.

Each message is eight bytes, the lengths of both parts as big-endian 32-bit numbers, then a JSON
object in UTF-8, then the bytes.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

from dubsync.core.documents import DamagedDocument, parse_json

_LENGTHS = struct.Struct(">II")
#: Longest JSON and longest bytes of one message.
MOST_JSON, MOST_DATA = 64 << 20, 1 << 30

Message = tuple[dict[str, Any], memoryview]


class BrokenMessage(ValueError):
    """What came is no message; nothing after it can be read either."""


def send(stream: BinaryIO, body: dict[str, Any], data: bytes = b"") -> None:
    """Write one message.  Raises OSError or ValueError where the other side has gone."""
    text = json.dumps(body, allow_nan=False).encode()
    stream.write(_LENGTHS.pack(len(text), len(data)) + text)
    if data:
        stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> Message | None:
    """The next message; None where the other side has closed.

    Raises:
        BrokenMessage: it ends in the middle, is too long, or is no JSON object.
    """
    head = stream.read(_LENGTHS.size)
    if not head:
        return None
    if len(head) < _LENGTHS.size:
        raise BrokenMessage("it ends in its lengths")
    of_text, of_data = _LENGTHS.unpack(head)
    if of_text > MOST_JSON or of_data > MOST_DATA:
        raise BrokenMessage(f"it has {of_text} and {of_data} bytes")
    text, data = stream.read(of_text), stream.read(of_data) if of_data else b""
    if len(text) < of_text or len(data) < of_data:
        raise BrokenMessage("it ends in the middle")
    try:
        body = parse_json(text.decode())
    except (DamagedDocument, UnicodeDecodeError) as error:
        raise BrokenMessage(str(error)) from error
    if not isinstance(body, dict):
        raise BrokenMessage("it is no JSON object")
    return body, memoryview(data)
