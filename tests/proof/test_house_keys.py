"""A house's key is closed to others, never written over, never in a project and never shown."""

import copy
import json
import os
import pickle
import stat
from datetime import timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.certificates import new_chain
from dubsync.service.keys.house_key import every_house_key, house_key
from dubsync.service.keys.houses import trusted_houses
from dubsync.service.keys.keyring import new_key, use_key, use_own
from dubsync.service.keys.places import keys_folder
from dubsync.service.keys.signing import SignedBy, signature_fault, signed
from dubsync.service.keys.trust import export, own_keys, remove, trust, trusted_others

WORD = "correct horse"


def pem(path, key, word=""):
    closed = BestAvailableEncryption(word.encode()) if word else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, closed))
    path.chmod(0o600)
    return path


def test_a_machine_without_a_key_has_none():
    assert house_key() is None
    assert every_house_key() == trusted_houses() == ()
    assert not keys_folder().exists()


def test_a_new_key_signs_from_now_on_and_only_its_owner_can_open_it():
    made = new_key("Studio Nord")
    assert house_key().fingerprint == made.fingerprint
    for path in made.folder.iterdir():
        if path.name != "key.json":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(keys_folder().stat().st_mode) == 0o700
    assert len(made.mark_secret) == 32
    assert made.warnings() == ()


def test_a_key_that_others_can_open_is_warned_of():
    made = new_key("Studio Nord")
    (made.folder / "key.pem").chmod(0o644)
    (warning,) = made.warnings()
    assert "mode 644" in warning and "chmod 600" in warning
    assert own_keys()[0].warnings == (warning,)


def test_a_key_that_is_there_is_never_written_over():
    first = new_key("Studio Nord")
    before = {path: path.read_bytes() for path in first.folder.iterdir()}
    with pytest.raises(HouseKeyError, match="signs for Studio Nord already"):
        new_key("Studio Nord")
    second = new_key("Studio Nord", another=True)
    assert second.fingerprint != first.fingerprint
    assert second.mark_secret != first.mark_secret
    assert {path: path.read_bytes() for path in first.folder.iterdir()} == before
    assert [key.fingerprint for key in every_house_key()] == [second.fingerprint, first.fingerprint]
    use_own(first)
    assert house_key().fingerprint == first.fingerprint


def test_a_key_is_refused_inside_a_project(tmp_path, monkeypatch):
    (tmp_path / "dubsync.toml").touch()
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path / "deep" / "keys"))
    with pytest.raises(HouseKeyError, match="inside a project"):
        new_key("Studio Nord")
    assert not (tmp_path / "deep").exists()
    monkeypatch.setenv("DUBSYNC_KEYS", "keys")
    with pytest.raises(HouseKeyError, match="not an absolute path"):
        house_key()


def test_a_pem_file_inside_a_project_is_refused(tmp_path):
    (tmp_path / "dubsync.toml").touch()
    file = pem(tmp_path / "house.pem", ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(HouseKeyError, match="inside a project"):
        use_key(str(file), house="Studio Nord")


def test_a_key_is_not_shown_copied_or_sent_to_another_process(capsys):
    made = new_key("Studio Nord")
    private = (made.folder / "key.pem").read_text().splitlines()[1]
    shown = f"{made!r} {made} {made.public!r} {own_keys()!r} {signed({'a': 1}, made)!r}"
    assert private not in shown
    assert made.mark_secret.hex() not in shown
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied"):
            copied(made)


@pytest.mark.parametrize("word", ["", WORD])
@pytest.mark.parametrize("make", [
    ed25519.Ed25519PrivateKey.generate, lambda: ec.generate_private_key(ec.SECP256R1()),
])  # fmt: skip
def test_the_houses_own_pem_key_signs_and_stays_where_it_is(tmp_path, monkeypatch, make, word):
    file = pem(tmp_path / "house.pem", make(), word)
    if word:
        monkeypatch.setenv("DUBSYNC_PASSPHRASE", word)
    key = use_key(str(file), house="Studio Nord")
    assert not (key.folder / "key.pem").exists()
    assert len(key.mark_secret) == 32
    assert isinstance(signature_fault(signed({"a": 1}, house_key()), trusted_houses()), SignedBy)
    if word:
        monkeypatch.delenv("DUBSYNC_PASSPHRASE")
        assert house_key().needs_passphrase and not house_key().may_sign
        with pytest.raises(HouseKeyError, match="encrypted"):
            house_key().ready()
        monkeypatch.setenv("DUBSYNC_PASSPHRASE", "wrong")
        with pytest.raises(HouseKeyError) as caught:
            house_key().ready()
        assert "wrong" not in str(caught.value) and word not in str(caught.value)


@pytest.mark.parametrize("content", [
    b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    b"x" * 100_000, "rsa", "p384",
])  # fmt: skip
def test_a_file_that_is_no_key_for_signing_is_refused(tmp_path, content):
    path = tmp_path / "house.pem"
    if content == "rsa":
        pem(path, rsa.generate_private_key(65537, 1024))
    elif content == "p384":
        pem(path, ec.generate_private_key(ec.SECP384R1()))
    else:
        path.write_bytes(content)
    with pytest.raises(HouseKeyError) as caught:
        use_key(str(path), house="Studio Nord")
    assert str(path) in str(caught.value) and caught.value.hint
    assert house_key() is None


def test_a_key_that_is_not_its_certificates_signs_nothing(tmp_path):
    one = new_key("Studio Nord")
    other = pem(tmp_path / "other.pem", ed25519.Ed25519PrivateKey.generate())
    (tmp_path / "chain.pem").write_text(one.chain_pem)
    with pytest.raises(HouseKeyError, match="not the one of the first certificate"):
        use_key(str(other), certificate=tmp_path / "chain.pem", another=True)
    (one.folder / "key.pem").write_bytes(other.read_bytes())
    with pytest.raises(HouseKeyError, match="not the one in its certificate"):
        house_key().sign(b"x")


def test_the_houses_own_certificates_are_taken(tmp_path, monkeypatch):
    theirs = new_key("Studio Nord")
    (tmp_path / "chain.pem").write_text(theirs.chain_pem)
    own = tmp_path / "house.pem"
    own.write_bytes((theirs.folder / "key.pem").read_bytes())
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path / "elsewhere"))
    key = use_key(str(own), certificate=tmp_path / "chain.pem")
    assert (key.house, key.chain_pem) == ("Studio Nord", theirs.chain_pem)
    with pytest.raises(HouseKeyError, match="does not say whose"):
        use_key(str(own), another=True)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "two\nlines", "\x00"])
def test_a_name_that_no_certificate_holds_is_refused(name):
    with pytest.raises(HouseKeyError, match="name"):
        new_key(name)


@pytest.mark.parametrize(("file", "content"), [
    ("using.json", "{"), ("using.json", '{"schema": "dubsync.key_in_use/9", "key": "x"}'),
    ("using.json", '{"schema": "dubsync.key_in_use/1", "key": "../../x"}'),
    ("key.json", "[]"), ("key.json", '{"schema": "dubsync.house_key/9"}'), ("chain.pem", "x"),
    ("mark.secret", "zz"), ("mark.secret", "00"), ("chain.pem", None), ("mark.secret", None),
])  # fmt: skip
def test_a_damaged_folder_of_keys_is_named(file, content):
    made = new_key("Studio Nord")
    path = (keys_folder() if file == "using.json" else made.folder) / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(HouseKeyError, match=path.name):
        _ = house_key().mark_secret


def test_another_house_is_trusted_by_its_public_file_alone(tmp_path, monkeypatch):
    theirs = new_key("Studio Süd")
    value = signed({"a": 1}, theirs)
    public, _ = export(tmp_path)
    assert export(tmp_path)[0] == public
    text = public.read_text()
    assert "PRIVATE" not in text and theirs.mark_secret.hex() not in text
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path / "second person"))
    assert signature_fault(value, trusted_houses()).kind == "unknown"
    assert isinstance(signature_fault(value, trusted_houses([public])), SignedBy)
    assert trust(public)[1] and not trust(public)[1]
    answer = signature_fault(value, trusted_houses())
    assert (answer.house, answer.own) == ("Studio Süd", False)
    assert [house.name for house in trusted_others()] == ["Studio Süd"]
    remove(theirs.fingerprint[:8])
    assert signature_fault(value, trusted_houses()).kind == "unknown"


def test_a_file_with_a_private_key_is_not_trusted(tmp_path):
    made = new_key("Studio Nord")
    both = tmp_path / "both.house.pem"
    both.write_bytes(made.chain_pem.encode() + (made.folder / "key.pem").read_bytes())
    with pytest.raises(HouseKeyError, match="private key"):
        trust(both)


@pytest.mark.parametrize("cut", ["root first", "root alone", "strangers", "nothing"])
def test_certificates_that_do_not_belong_together_are_refused(tmp_path, cut):
    begin = "-----BEGIN"
    leaf, root = (begin + part for part in new_key("A").chain_pem.split(begin)[1:])
    other = begin + new_key("B", another=True).chain_pem.split(begin)[2]
    path = tmp_path / "x.house.pem"
    path.write_text({"root first": root + leaf, "root alone": root, "strangers": leaf + other,
                     "nothing": "\n"}[cut])  # fmt: skip
    with pytest.raises(HouseKeyError):
        trust(path)


def test_a_removed_key_signs_nothing_and_what_it_signed_is_still_checked():
    made = new_key("Studio Nord")
    value, secret = signed({"a": 1}, made), made.mark_secret
    assert remove(made.fingerprint).own
    assert house_key() is None
    assert not (made.folder / "key.pem").exists()
    assert isinstance(signature_fault(value, trusted_houses()), SignedBy)
    (kept,) = every_house_key()
    assert kept.mark_secret == secret and not kept.may_sign
    assert new_key("Studio Nord").fingerprint != made.fingerprint


def test_a_key_that_leaked_proves_nothing_whatever_date_it_bears():
    made = new_key("Studio Nord")
    value = signed({"a": 1, "made": "2020-01-01"}, made)
    remove(made.fingerprint, leaked=True)
    fault = signature_fault(value, trusted_houses())
    assert fault.kind == "leaked" and "anybody" in fault
    with pytest.raises(HouseKeyError, match="leaked"):
        made_again = next(key for key in every_house_key())
        made_again.sign(b"x")


def test_a_key_whose_certificate_ended_signs_no_new_render():
    made = new_key("Studio Nord")
    old = new_chain("Studio Nord", made.public.public_key(), made.public.since - timedelta(2000))
    (made.folder / "chain.pem").write_text(old)
    with pytest.raises(HouseKeyError, match="not today by this machine's clock"):
        house_key().ready()
    assert not house_key().may_sign
    assert "keys new --another" in own_keys()[0].warnings[0]


def test_the_houses_own_pem_file_is_not_deleted(tmp_path):
    file = pem(tmp_path / "house.pem", ed25519.Ed25519PrivateKey.generate())
    key = use_key(str(file), house="Studio Nord")
    remove(key.fingerprint)
    assert file.exists()


@pytest.mark.parametrize("text", ["", "zz", "0", "000000"])
def test_a_key_that_nothing_names_is_not_removed(text):
    new_key("Studio Nord")
    with pytest.raises(HouseKeyError, match="no key begins"):
        remove(text)
    assert house_key() is not None


@pytest.mark.parametrize("curve", [False, True])
def test_c2pa_takes_the_certificates_of_a_house(tmp_path, curve):
    if curve:
        file = pem(tmp_path / "house.pem", ec.generate_private_key(ec.SECP256R1()))
        key = use_key(str(file), house="Studio Nord")
    else:
        key = new_key("Studio Nord")
    kind = c2pa.C2paSigningAlg.ES256 if curve else c2pa.C2paSigningAlg.ED25519
    signer = c2pa.Signer.from_callback(key.sign, kind, key.chain_pem)
    manifest = {"claim_generator_info": [{"name": "dubsync"}], "format": "audio/wav",
                "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [
                    {"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/newscodes/"
                     "digitalsourcetype/compositeWithTrainedAlgorithmicMedia"}]}}]}  # fmt: skip
    (tmp_path / "in.wav").write_bytes(tiny_wav())
    with (tmp_path / "in.wav").open("rb") as source, (tmp_path / "out.wav").open("w+b") as out:
        c2pa.Builder(json.dumps(manifest)).sign(signer, "audio/wav", source, out)
        out.seek(0)
        root = key.chain_pem[key.chain_pem.rindex("-----BEGIN") :]
        settings = c2pa.Settings.from_dict({
            "version": 1, "trust": {"trust_anchors": root}, "verify": {"verify_trust": True},
        })  # fmt: skip
        read = json.loads(c2pa.Reader("audio/wav", out, context=c2pa.Context(settings)).json())
    assert read["validation_state"] == "Trusted", read.get("validation_status")
    assert read["manifests"][read["active_manifest"]]["signature_info"]["issuer"] == "Studio Nord"


def tiny_wav():
    data = bytes(64)
    head = b"WAVEfmt " + bytes.fromhex("10000000 0100 0100 80bb0000 00770100 0200 1000")
    body = head + b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def test_keys_are_kept_in_the_folder_of_the_users_settings(monkeypatch):
    monkeypatch.delenv("DUBSYNC_KEYS")
    monkeypatch.setenv("XDG_CONFIG_HOME", os.path.abspath(os.sep + "cfg"))
    monkeypatch.setattr("sys.platform", "linux")
    assert keys_folder() == Path(os.sep) / "cfg" / "dubsync" / "keys"
