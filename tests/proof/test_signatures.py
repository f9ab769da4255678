"""A signed value says by which house, and one changed byte of it is always named."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.documents import DamagedDocument
from dubsync.core.proof.canonical import canonical, parse_signed
from dubsync.service.keys.certificates import new_chain
from dubsync.service.keys.houses import house_in, trusted_houses
from dubsync.service.keys.keyring import new_key
from dubsync.service.keys.signing import SignedBy, signature_fault, signed
from tests.proof.test_canonical_json import values

RECORD = {"schema": "dubsync.record/3", "shot": "SH010", "frames": 48, "strength": 0.7,
          "consents": [{"id": "c1", "digest": "ab" * 32}], "note": "Grüße \u20ac"}  # fmt: skip


def test_a_signed_value_says_which_house_signed(house_key):
    answer = signature_fault(signed(RECORD, house_key), [house_key.public])
    assert isinstance(answer, SignedBy)
    assert (answer.house, answer.fingerprint) == ("Studio Nord", house_key.fingerprint)


@given(st.dictionaries(st.text("abcé", max_size=3), values, max_size=4))
@settings(max_examples=20)
def test_whatever_is_signed_is_good_after_writing_and_reading(house_key, value):
    written = json.dumps(signed(value, house_key), indent=2).encode()
    assert isinstance(signature_fault(parse_signed(written), [house_key.public]), SignedBy)


@given(st.data())
@settings(max_examples=40)
def test_one_changed_byte_is_always_named(house_key, data):
    written = bytearray(canonical(signed(RECORD, house_key)))
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != written[at]))
    try:
        value = parse_signed(bytes(written))
    except DamagedDocument:
        return
    if isinstance(value, dict):
        fault = signature_fault(value, [house_key.public])
        assert isinstance(fault, str)
        assert fault and fault.hint


@given(st.integers(0, 63), st.integers(0, 7))
@settings(max_examples=20)
def test_one_changed_bit_of_the_signature_is_named(house_key, byte, bit):
    raw = bytearray(house_key.sign(b"x"))
    raw[byte] ^= 1 << bit
    assert not house_key.public.made(bytes(raw), b"x")


@pytest.mark.parametrize(("part", "said"), [
    (None, "not signed"), ("text", "does not consist"), ({"algorithm": "none"}, "does not consist"),
    ({"algorithm": "none", "key": "0" * 64, "value": ""}, "algorithm"),
    ({"algorithm": "Ed25519", "key": "x", "value": ""}, "64 hex digits"),
    ({"algorithm": "Ed25519", "key": "0" * 64, "value": "*"}, "base64"),
    ({"algorithm": "Ed25519", "key": "0" * 64, "value": "AAAA"}, "64 bytes"),
    ({"algorithm": 1, "key": 2, "value": 3}, "not text"),
])  # fmt: skip
def test_what_is_no_signature_is_said(house_key, part, said):
    fault = signature_fault({**RECORD, "signature": part}, [house_key.public])
    assert said in fault
    assert fault.kind == ("unsigned" if part is None else "malformed")


def test_a_signature_of_a_house_that_is_not_trusted_here_is_neither_good_nor_forged(house_key):
    fault = signature_fault(signed(RECORD, house_key), [])
    assert fault.kind == "unknown"
    assert "dubsync keys trust" in fault.hint


def test_another_house_cannot_sign_in_the_first_ones_name(house_key):
    other = new_key("Studio Nord")
    value = signed(RECORD, other)
    value["signature"]["key"] = house_key.fingerprint
    assert signature_fault(value, [house_key.public]).kind == "forged"
    assert signature_fault(signed(RECORD, other), [house_key.public]).kind == "unknown"
    assert isinstance(signature_fault(signed(RECORD, other), trusted_houses()), SignedBy)


def test_a_certificate_that_ended_leaves_good_what_was_signed_while_it_held(house_key):
    day = timedelta(days=1)
    past = datetime.now(UTC) - 2000 * day
    chain = new_chain("Studio Nord", house_key.public.public_key(), past)
    old = house_in(chain.encode(), "a chain")
    answer = signature_fault(signed(RECORD, house_key), [old])
    assert isinstance(answer, SignedBy)
    now = datetime.now(UTC)
    assert "did not hold" in answer.about_time(now, now)
    late = answer.about_time(past + day, now)
    assert "expired" in late and "clock of the machine" in late
    assert answer.about_time(past + day, past + 2 * day) == ""
