"""Whether every byte of a manifest store that no signature covers is as it must be.

A signature covers a manifest's claim, and the claim's digests cover its assertions.  What is left
are box lengths, labels and padding (JUMBF, ISO/IEC 19566-5; C2PA 2.2, clause 11).  The library
passes over them: in a sidecar of 15 kB it lets two bytes of three be changed.  A store of
dubsync's own has one form only, so that any change of it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_C2PA = bytes.fromhex("00110010800000aa00389b71")
#: Label of a manifest (C2PA 2.2, 8.1): a version of the manifest and a vendor may follow.
_MANIFEST = re.compile(rb"urn:c2pa:[0-9a-f-]{36}(:[^\0:]{0,32}(:[0-9]{1,3}_[0-9]{1,3})?)?")
#: Toggles of a description box: a label that may be asked for; the same with a private box.
_LABELLED, _SALTED = 0x03, 0x13
#: What follows the protected header of a COSE_Sign1 whose unprotected one has padding or nothing:
#: the payload, which is elsewhere, and a signature of 64 bytes (RFC 9052, 4.2).
_COSE_REST = re.compile(
    rb"(?:\xa0|\xa1\x63pad(?:[\x40-\x57]|\x58.|\x59..|\x5a....)\0*)\xf6\x58\x40.{64}", re.DOTALL
)


class _Wrong(ValueError):
    """What is not as it must be."""


def layout_fault(store: bytes) -> str:
    """What is wrong with a manifest store that dubsync wrote; "" if nothing is."""
    try:
        _store(store)
    except _Wrong as wrong:
        return str(wrong)
    return ""


def _store(store: bytes) -> None:
    kind, body = _only(store, "the manifest store")
    label, manifests = _described(body, kind, b"c2pa")
    if label != b"c2pa" or not manifests:
        raise _Wrong("the manifest store is not labelled as one")
    # Only the last is in force; those before it are covered by digests of its ingredients.
    kind, body = manifests[-1]
    label, parts = _described(body, kind, b"c2ma")
    if not _MANIFEST.fullmatch(label):
        raise _Wrong("the manifest has no proper label")
    expected = [(b"c2as", b"c2pa.assertions"), (b"c2cl", b"c2pa.claim.v2"),
                (b"c2cs", b"c2pa.signature")]  # fmt: skip
    if len(parts) != len(expected):
        raise _Wrong(f"the manifest has {len(parts)} parts in place of {len(expected)}")
    for (kind, body), (type_, name) in zip(parts, expected, strict=True):
        label, content = _described(body, kind, type_)
        if label != name:
            raise _Wrong(f"a part of the manifest is not labelled {name.decode()}")
        if type_ == b"c2as":
            for kind_, assertion in content:
                _described(assertion, kind_, None, _SALTED)
        elif len(content) != 1 or content[0][0] != b"cbor":
            raise _Wrong(f"{name.decode()} has something beside its one box")
        elif type_ == b"c2cs":
            _signature(content[0][1])


def _signature(cose: bytes) -> None:
    """Raise _Wrong if a COSE_Sign1 has something in its unprotected header besides zeros."""
    if cose[:2] != b"\xd2\x84":
        raise _Wrong("the signature is not a COSE_Sign1")
    lengths = {0x58: 1, 0x59: 2, 0x5A: 4}
    wide = lengths.get(cose[2] if len(cose) > 2 else 0)
    if wide is None:
        raise _Wrong("the signature's header has no proper length")
    end = 3 + wide + int.from_bytes(cose[3 : 3 + wide], "big")
    rest = cose[end:]
    if not _COSE_REST.fullmatch(rest) or not _padding_fits(rest):
        raise _Wrong("the padding beside the signature is not empty")


def _padding_fits(rest: bytes) -> bool:
    """Whether the padding is as long as it says."""
    if rest[0] == 0xA0:
        return True
    first = rest[5]
    wide = {0x58: 1, 0x59: 2, 0x5A: 4}.get(first, 0)
    said = int.from_bytes(rest[6 : 6 + wide], "big") if wide else first - 0x40
    return said == len(rest) - 67 - 6 - wide


def _described(
    body: bytes, kind: bytes, type_: bytes | None, toggles: int = _LABELLED
) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The label of a superbox, and the boxes in it; type_: what it must be of, None: anything."""
    if kind != b"jumb":
        raise _Wrong(f"a box {kind!r} stands where a described one must")
    inner = list(_boxes(body))
    if not inner or inner[0][0] != b"jumd":
        raise _Wrong("a box does not begin with its description")
    about = inner[0][1]
    if len(about) < 18 or about[4:16] != _C2PA[:12] and type_ is not None:
        raise _Wrong("a box has a description of another kind")
    if type_ is not None and about[:4] != type_:
        raise _Wrong(f"a box is described as {about[:4]!r}, and should be {type_!r}")
    if about[16] not in (toggles, _LABELLED):
        raise _Wrong("a box's description has other toggles than it was written with")
    label, nul, rest = about[17:].partition(b"\0")
    if not nul or (rest and about[16] != _SALTED):
        raise _Wrong("a box's label does not end where it should")
    return label, inner[1:]


def _only(data: bytes, what: str) -> tuple[bytes, bytes]:
    boxes = list(_boxes(data))
    if len(boxes) != 1:
        raise _Wrong(f"{what} is not one box")
    return boxes[0]


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each box; they must fill `data` exactly."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if len(data) - at < 8 or size < 8 or at + size > len(data):
            raise _Wrong(f"a box's length at byte {at} does not add up")
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size
