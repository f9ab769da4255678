"""A key in a token signs, and never leaves it.  On SoftHSM, a token in software."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.house_key import house_key
from dubsync.service.keys.houses import trusted_houses
from dubsync.service.keys.keyring import use_key
from dubsync.service.keys.signing import SignedBy, signature_fault, signed
from dubsync.service.keys.token_uri import TokenUri, parse_token_uri

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "918273"
needs_softhsm = pytest.mark.skipif(not LIBRARY.exists(), reason="softhsm2 is not installed")


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A software token with keys that may sign, and one that may not."""
    pkcs11 = pytest.importorskip("pkcs11")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", "Nord", "--pin", PIN,
             "--so-pin", PIN], check=True, capture_output=True,
        )  # fmt: skip
        with (
            pkcs11.lib(str(LIBRARY))
            .get_token(token_label="Nord")
            .open(rw=True, user_pin=PIN) as session
        ):
            made(pkcs11, session, "edwards", b"\x01", "edwards25519")
            made(pkcs11, session, "p256", b"\x02", "secp256r1")
            made(pkcs11, session, "mute", b"\x03", "secp256r1", {pkcs11.Attribute.SIGN: False})
            made(pkcs11, session, "twice", b"\x04", "secp256r1")
            made(pkcs11, session, "twice", b"\x05", "secp256r1")
            made(pkcs11, session, "p384", b"\x06", "secp384r1")
        yield


def made(pkcs11, session, label, number, curve, template=None):
    from pkcs11.util.ec import encode_named_curve_parameters

    edwards = curve == "edwards25519"
    kind = pkcs11.KeyType.EC_EDWARDS if edwards else pkcs11.KeyType.EC
    named = b"\x13\x0c" + curve.encode() if edwards else encode_named_curve_parameters(curve)
    parameters = session.create_domain_parameters(
        kind, {pkcs11.Attribute.EC_PARAMS: named}, local=True
    )
    parameters.generate_keypair(label=label, id=number, store=True, private_template=template or {})


def uri(label="", number="", token="Nord", library=LIBRARY):
    parts = [f"token={token}", *([f"object={label}"] if label else []),
             *([f"id={number}"] if number else [])]  # fmt: skip
    return f"pkcs11:{';'.join(parts)}?module-path={library}"


@needs_softhsm
@pytest.mark.parametrize(("label", "algorithm"), [("edwards", "Ed25519"), ("p256", "ES256")])
def test_a_key_in_a_token_signs_with_its_pin(token, monkeypatch, label, algorithm):
    monkeypatch.setenv("DUBSYNC_PASSPHRASE", PIN)
    key = use_key(uri(label), house="Studio Nord")
    assert key.algorithm == algorithm
    assert len(key.mark_secret) == 32
    value = signed({"a": 1}, house_key())
    assert isinstance(signature_fault(value, trusted_houses()), SignedBy)
    kept = b"".join(path.read_bytes() for path in key.folder.iterdir())
    assert PIN.encode() not in kept and b"PRIVATE KEY" not in kept
    public = key.public.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert len(public) in (44, 91)


@needs_softhsm
def test_a_key_without_permission_to_sign_is_named(token, monkeypatch):
    monkeypatch.setenv("DUBSYNC_PASSPHRASE", PIN)
    with pytest.raises(HouseKeyError, match="without permission to sign: the key mute") as caught:
        use_key(uri("mute"), house="Studio Nord")
    assert "may sign" in caught.value.hint
    assert house_key() is None


@needs_softhsm
def test_a_pin_that_is_not_known_is_asked_for_and_a_wrong_one_is_not_tried_twice(
    token, monkeypatch
):
    with pytest.raises(HouseKeyError, match="PIN of the key p256 of the token Nord is not known"):
        use_key(uri("p256"), house="Studio Nord")
    monkeypatch.setenv("DUBSYNC_PASSPHRASE", "000000")
    with pytest.raises(HouseKeyError, match="is wrong") as caught:
        use_key(uri("p256"), house="Studio Nord")
    assert "000000" not in str(caught.value)
    assert "DUBSYNC_PASSPHRASE" not in os.environ


@needs_softhsm
@pytest.mark.parametrize(("where", "said"), [
    (uri("nobody"), "no such key"), (uri("twice"), "several such keys"),
    (uri("p256", token="Süd"), "token is not there"), (uri("p384"), "P-256"),
    (uri("p256", library="/nowhere.so"), "cannot be opened"), (uri("p256", "%09"), "no such key"),
])  # fmt: skip
def test_a_token_or_key_that_is_not_there_is_named(token, monkeypatch, where, said):
    monkeypatch.setenv("DUBSYNC_PASSPHRASE", PIN)
    with pytest.raises(HouseKeyError, match=said) as caught:
        use_key(where, house="Studio Nord")
    assert caught.value.hint


@needs_softhsm
def test_a_key_is_found_by_its_id_alone(token, monkeypatch):
    monkeypatch.setenv("DUBSYNC_PASSPHRASE", PIN)
    assert use_key(uri(number="%04"), house="Studio Nord").may_sign


def test_the_parts_of_a_pkcs11_uri_are_read():
    found = parse_token_uri("pkcs11:token=The%20Nord;id=%01%FF;type=private?module-path=/x%20y.so")
    assert found == TokenUri("/x y.so", token="The Nord", id=b"\x01\xff")


@pytest.mark.parametrize(("text", "said"), [
    ("pkcs11:object=a?module-path=/x.so&pin-value=1234", "with a PIN"),
    ("pkcs11:object=a;pin-source=x?module-path=/x.so", "with a PIN"),
    ("pkcs11:object=a", "library"), ("pkcs11:token=a?module-path=/x.so", "name a key"),
    ("pkcs11:object?module-path=/x.so", "NAME=VALUE"), ("http:x", "not a pkcs11 URI"),
    ("pkcs11:object=a;object=b?module-path=/x.so", "NAME=VALUE"),
])  # fmt: skip
def test_a_pkcs11_uri_that_names_no_key_or_holds_a_pin_is_refused(text, said):
    with pytest.raises(HouseKeyError, match=said) as caught:
        parse_token_uri(text)
    assert "1234" not in str(caught.value)
