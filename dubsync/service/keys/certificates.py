"""Certificates of a house: a root and a signing leaf, made here, or the house's own.

What C2PA asks of a claim signer's certificate (C2PA 2.2, 14.5): version 3, not a CA, key usage
digitalSignature, an extended key usage, the issuer's key identifier; never self-signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from dubsync.core.errors import HouseKeyError

PublicKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

#: Years that a certificate made here holds.
YEARS = 3
#: The longest name of an organisation in a certificate (RFC 5280, ub-organization-name).
LONGEST_NAME = 64
#: Extended key usage of C2PA's claim signing (C2PA 2.2, 14.5.1).
CLAIM_SIGNING = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
_HALF = 32


def house_name(name: str) -> str:
    """`name` without spaces round it.

    Raises:
        HouseKeyError: it is empty, longer than a certificate holds, or does not print.
    """
    tidy = name.strip()
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise HouseKeyError(
            f"the house's name must be 1 to {LONGEST_NAME} characters that print",
            hint='give it with --house "Studio Nord"',
        )
    return tidy


def algorithm_of(key: object) -> str:
    """ "Ed25519" or "ES256", for a public key; "" for a key of another kind."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "ES256"
    return ""


def known_public(key: object, where: object) -> PublicKey:
    """`key`, where it is of a kind that signs here.

    Raises:
        HouseKeyError: it is of another kind.
    """
    if not algorithm_of(key):
        raise HouseKeyError(
            f"the key in {where} is neither Ed25519 nor on the curve P-256",
            hint="make one: openssl genpkey -algorithm ed25519 -aes256 -out house.pem",
        )
    assert isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey)
    return key


def fingerprint_of(key: PublicKey) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo in DER, 64 hex digits."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def made_by(key: PublicKey, raw: bytes, data: bytes) -> bool:
    """Whether the raw signature `raw` over `data` was made with the private half of `key`."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(raw, data)
        else:
            r, s = (int.from_bytes(half) for half in (raw[:_HALF], raw[_HALF:]))
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def new_chain(house: str, public: PublicKey, now: datetime) -> str:
    """Leaf and root in PEM for `public`, which hold from an hour before `now`, for YEARS.

    The root's private key is forgotten at once: nobody can issue another certificate in its name.
    """
    root_key: PrivateKey = (
        ed25519.Ed25519PrivateKey.generate()
        if algorithm_of(public) == "Ed25519"
        else ec.generate_private_key(ec.SECP256R1())
    )
    root_public = root_key.public_key()
    root_name, leaf_name = _name(house, "root"), _name(house, "signing")
    since = now.replace(microsecond=0) - timedelta(hours=1)
    until = since + timedelta(days=365 * YEARS)
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_public)

    def begun(subject: x509.Name, key: PublicKey, ca: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), True)
            .add_extension(_usage(ca), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), False
            )
        )

    uses = x509.ExtendedKeyUsage([CLAIM_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
    hashed = None if algorithm_of(public) == "Ed25519" else hashes.SHA256()
    root = begun(root_name, root_public, True).sign(root_key, hashed)
    leaf = begun(leaf_name, public, False).add_extension(uses, False).sign(root_key, hashed)
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in (leaf, root))


def read_chain(text: bytes, where: object) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM text, the signing one first, each issued by the next.

    Raises:
        HouseKeyError: there is none, one is damaged or does not belong, the first is not for
            signing, or a private key is among them.
    """
    if b"PRIVATE KEY" in text:
        raise HouseKeyError(
            f"{where} holds a private key, which must never be handed on",
            hint="write the public file with dubsync keys export",
        )
    try:
        chain = tuple(x509.load_pem_x509_certificates(text))
        for issued, issuer in zip(chain, chain[1:], strict=False):
            issued.verify_directly_issued_by(issuer)
        constraints = chain[0].extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return chain
    except (ValueError, TypeError, InvalidSignature, x509.InvalidVersion) as error:
        raise HouseKeyError(
            f"{where} does not hold certificates, the signing one first, each issued by the next"
            + (f": {error}" if str(error) else ""),
            hint="ask the house for the file that dubsync keys export wrote",
        ) from error
    if constraints.ca:
        raise HouseKeyError(
            f"the first certificate in {where} is one that issues others, not one that signs",
            hint="put the certificate of the signing key first",
        )
    return chain


def house_of(chain: Sequence[x509.Certificate]) -> str:
    """The organisation that the signing certificate names, else its common name."""
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for part in chain[0].subject.get_attributes_for_oid(kind):
            text = part.value if isinstance(part.value, str) else part.value.decode("latin-1")
            if text.strip():
                return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return "a house without a name"


def _name(house: str, part: str) -> x509.Name:
    common = f"{house[: LONGEST_NAME - len(part) - 1]} {part}"
    return x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, house),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ])  # fmt: skip


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
