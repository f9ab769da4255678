"""C2PA read without a C2PA library: boxes, CBOR, digests and the signature, by the specification.

C2PA 2.2 for what is in a manifest (clauses 8 to 13, 18.5, 18.6), ISO/IEC 19566-5 for its boxes,
RFC 9052 for its signature, ISO/IEC 14496-12 for those of a movie.  It shares no line with the
reader that it checks.
"""

import hashlib
import struct
from dataclasses import dataclass

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

EDDSA, ES256, X5CHAIN = -8, -7, 33
C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


class Unsound(AssertionError):
    """What does not hold."""


@dataclass(frozen=True)
class Box:
    kind: bytes
    body: bytes


def boxes(data):
    at = 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield Box(kind, data[at + 8 : at + size])
        at += size


def described(body):
    """Label of a superbox, and the boxes after its description."""
    first, *rest = boxes(body)
    assert first.kind == b"jumd"
    return first.body[17:].split(b"\0", 1)[0].decode(), rest


def check(store, media, root_pem, *, movie=False):
    """The claim of the manifest in force, when everything in it and the media hold.

    Args:
        movie: the store is within `media`, a MOV or MP4.

    Raises:
        Unsound: says what does not hold.
    """
    (top,) = boxes(store)
    label, manifests = described(top.body)
    assert label == "c2pa"
    name, parts = described(manifests[-1].body)
    named = {described(part.body)[0]: part.body for part in parts}
    (claim_box,) = described(named["c2pa.claim.v2"])[1]
    (cose_box,) = described(named["c2pa.signature"])[1]
    _check_signature(cose_box.body, claim_box.body, root_pem)
    claim = cbor2.loads(claim_box.body)
    assertions = {}
    for one in described(named["c2pa.assertions"])[1]:
        title, content = described(one.body)
        assertions[title] = (one.body, cbor2.loads(content[0].body))
    listed = claim["created_assertions"] + claim.get("gathered_assertions", [])
    if len(listed) != len(assertions):
        raise Unsound("the claim does not list the assertions")
    for link in listed:
        body, _ = assertions[link["url"].rpartition("/")[2]]
        if hashlib.sha256(body).digest() != link["hash"]:
            raise Unsound(f"{link['url']} is not what was signed")
    _check_media(media, {title: said for title, (_, said) in assertions.items()}, movie)
    return {title: said for title, (_, said) in assertions.items()}


def _check_signature(cose, claim, root_pem):
    """COSE_Sign1 with the claim as detached payload (RFC 9052, 4.4), and who certified its key."""
    protected, _, payload, raw = cbor2.loads(cose).value
    header = cbor2.loads(protected)
    assert payload is None
    chain = header[X5CHAIN]
    leaf, *_ = map(x509.load_der_x509_certificate, chain if isinstance(chain, list) else [chain])
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(root_pem.encode()))
    signed = cbor2.dumps(["Signature1", protected, b"", claim])
    key = leaf.public_key()
    try:
        if header[1] == EDDSA:
            key.verify(raw, signed)
        else:
            assert header[1] == ES256
            r, s = (int.from_bytes(raw[n : n + 32], "big") for n in (0, 32))
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Unsound("the claim is not what was signed") from None


def _check_media(media, said, movie):
    bound = [title for title in said if title.startswith("c2pa.hash.")]
    assert len(bound) == 1
    binding = said[bound[0]]
    if movie:
        found = _hash_of_boxes(media)
    else:
        found, at = hashlib.sha256(), 0
        for gap in binding.get("exclusions") or []:
            found.update(media[at : gap["start"]])
            at = gap["start"] + gap["length"]
        found.update(media[at:])
        found = found.digest()
    if found != binding["hash"]:
        raise Unsound("the media are not what was signed")


def _hash_of_boxes(media):
    """Each box with its place before it, but for those that C2PA leaves out (18.6, version 3)."""
    hashed, at = hashlib.sha256(), 0
    while at < len(media):
        size, kind = struct.unpack(">I4s", media[at : at + 8])
        c2pa = kind == b"uuid" and media[at + 8 : at + 24] == C2PA_BOX
        if not c2pa and kind not in (b"ftyp", b"free", b"skip", b"mfra"):
            hashed.update(at.to_bytes(8, "big"))
            hashed.update(media[at : at + size])
        at += size
    return hashed.digest()


def within(media):
    """The manifest store in a MOV, MP4 or WAV."""
    if media[:4] == b"RIFF":
        at = 12
        while media[at : at + 4] != b"C2PA":
            (size,) = struct.unpack("<I", media[at + 4 : at + 8])
            at += 8 + size + size % 2
        (size,) = struct.unpack("<I", media[at + 4 : at + 8])
        return media[at + 8 : at + 8 + size]
    at = 0
    while media[at + 4 : at + 8] != b"uuid" or media[at + 8 : at + 24] != C2PA_BOX:
        at += struct.unpack(">I", media[at : at + 4])[0]
    (size,) = struct.unpack(">I", media[at : at + 4])
    return media[at + 24 + 4 + 9 + 8 : at + size]
