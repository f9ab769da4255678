"""Identities of MXF packages (UMID, SMPTE ST 330), the same at every delivery of one render."""

from __future__ import annotations

import hashlib
from uuid import UUID

#: Universal label of a UMID whose material number is a UUID (ST 330: 0F not identified, 20 UUID),
#: then the length of what follows, and the instance number.
_HEAD = bytes.fromhex("060a2b340101010501010f2013000000")
_URN = "urn:smpte:umid:"


def umid(*parts: str) -> bytes:
    """The 32 bytes of the identity that `parts` stand for: the same for the same parts."""
    digest = hashlib.sha256("\0".join(("dubsync edit media", *parts)).encode()).digest()[:16]
    marked = bytearray(digest)
    marked[6] = marked[6] & 0x0F | 0x80  # RFC 9562: version 8, made by a rule of one's own
    marked[8] = marked[8] & 0x3F | 0x80
    return _HEAD + UUID(bytes=bytes(marked)).bytes


def urn(identity: bytes) -> str:
    """A UMID as text: "urn:smpte:umid:060a2b34.01010105. ..." (RFC 5119)."""
    text = identity.hex()
    return _URN + ".".join(text[n : n + 8] for n in range(0, len(text), 8))
