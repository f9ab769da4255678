"""A signature as a value, and its form in JSON."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The name under which a signed value holds its signature.
NAME = "signature"
ALGORITHMS = ("Ed25519", "ES256")
#: Length of a raw signature in bytes: both algorithms have two numbers of 32.
RAW_BYTES = 64
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the signature.

    algorithm   "Ed25519" (RFC 8032) or "ES256" (RFC 7518, 3.4: P-256 with SHA-256, R then S)
    key         fingerprint: SHA-256 of the public key's SubjectPublicKeyInfo in DER, 64 hex digits
    value       the 64 bytes of the signature in base64
    """

    algorithm: str
    key: str
    value: str

    @classmethod
    def of(cls, algorithm: str, key: str, raw: bytes) -> Signature:
        """The Signature with the bytes `raw`."""
        return cls(algorithm, key, base64.b64encode(raw).decode())

    @property
    def raw(self) -> bytes:
        """The 64 bytes of the signature."""
        return base64.b64decode(self.value, validate=True)

    def json(self) -> dict[str, str]:
        """Its form in JSON."""
        return {"algorithm": self.algorithm, "key": self.key, "value": self.value}


def signature_in(value: Mapping[str, Any]) -> Signature | None:
    """The Signature that `value` holds; None where it has none.

    Raises:
        ValueError: what stands there is not a signature; says why.
    """
    held = value.get(NAME)
    if held is None:
        return None
    if not isinstance(held, Mapping) or set(held) != {"algorithm", "key", "value"}:
        raise ValueError("its signature does not consist of algorithm, key and value")
    if not all(isinstance(part, str) for part in held.values()):
        raise ValueError("a part of its signature is not text")
    found = Signature(held["algorithm"], held["key"], held["value"])
    if found.algorithm not in ALGORITHMS:
        raise ValueError(f"its signature's algorithm is {found.algorithm[:20]!r}, not one of "
                         f"{', '.join(ALGORITHMS)}")  # fmt: skip
    if not _FINGERPRINT.fullmatch(found.key):
        raise ValueError("its signature names its key by something other than 64 hex digits")
    try:
        raw = found.raw
    except (binascii.Error, ValueError) as error:
        raise ValueError("its signature is not base64") from error
    if len(raw) != RAW_BYTES or base64.b64encode(raw).decode() != found.value:
        raise ValueError(f"its signature is not {RAW_BYTES} bytes in base64")
    return found


def unsigned(value: Mapping[str, Any]) -> dict[str, Any]:
    """`value` without its signature: what the signature is over."""
    return {name: part for name, part in value.items() if name != NAME}
