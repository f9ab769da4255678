"""The 32 bits that the invisible mark of a render carries."""

from __future__ import annotations

import hashlib

#: Bits of a payload.
BITS = 32


def mark_payload(house: str, render_key: str) -> int:
    """The payload of one render, 0..2**32 - 1.

    It says nothing by itself: who knows house and render key can compare, and nobody can count
    back from it.

    Args:
        house: fingerprint of the house's key, 64 hex digits.
        render_key: the render's key, as in its record.

    >>> payload_text(mark_payload("ab" * 32, "cd" * 32))
    '8e3a25cd'
    """
    hashed = hashlib.sha256(house.encode() + b"|" + render_key.encode()).digest()
    return int.from_bytes(hashed[: BITS // 8], "big")


def payload_text(payload: int) -> str:
    """`payload` as records and people write it: 8 hex digits."""
    return f"{payload:08x}"
