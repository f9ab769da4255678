"""Houses that sign in tests: a root certificate, and a signing one with what C2PA asks of it."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dubsync.media.credentials.manifest import ManifestSigner


def house(algorithm="Ed25519", *, until=None, use=ExtendedKeyUsageOID.EMAIL_PROTECTION):
    """A signer, and its root in PEM.

    Args:
        until: when the certificates end; None: in ten years.
        use: what the signing certificate is for.
    """
    made = ed25519.Ed25519PrivateKey.generate if algorithm == "Ed25519" else _p256
    root, leaf = made(), made()
    hashed = None if algorithm == "Ed25519" else hashes.SHA256()
    now = datetime.now(UTC)
    span = (now - timedelta(days=1), until or now + timedelta(days=3650))
    names = [_name("Studio Nord root"), _name("Studio Nord signing")]
    top = _certificate(names[0], names[0], root, root, hashed, span)
    end = _certificate(names[1], names[0], leaf, root, hashed, span, use)
    sign = leaf.sign if algorithm == "Ed25519" else lambda data: _raw(leaf, data)
    return ManifestSigner(algorithm, end + top, sign), top


def _p256():
    return ec.generate_private_key(ec.SECP256R1())


def _raw(key, data):
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _name(text):
    parts = [(NameOID.ORGANIZATION_NAME, "Studio Nord"), (NameOID.COMMON_NAME, text)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _certificate(subject, issuer, key, by, hashed, span, use=None):
    ca = use is None
    made = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(span[0])
        .not_valid_after(span[1])
        .add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False)
        .add_extension(
            x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True
        )
    )
    if not ca:
        made = made.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    return made.sign(by, hashed).public_bytes(serialization.Encoding.PEM).decode()
