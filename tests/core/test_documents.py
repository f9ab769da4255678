"""JSON and TOML that anybody may have written: one exception for every fault."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.documents import DamagedDocument, read_json, read_toml

BAD_JSON = {
    "nested": b"[" * 100_000,
    "tables": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "rather deep": b"[" * 100 + b"]" * 100,
    "no text": b"\xff\xfe\x00",
    "infinite": b"1e999",
    "not a number": b"[NaN]",
    "many digits": b"9" * 5000,
    "digits for no float": b"9" * 400,
    "half a character": b'"\\ud800"',
    "half a key": b'{"\\udfff": 1}',
    "empty": b"",
}
BAD_TOML = {
    "nested": b"a = " + b"[" * 5000 + b"]" * 5000,
    "tables": b"a = " + b"{a = " * 5000 + b"1" + b"}" * 5000,
    "dotted": b"a" + b".a" * 5000 + b" = 1",
    "no text": b"a = '\xff'",
    "many digits": b"a = " + b"9" * 5000,
    "digits for no float": b"a = " + b"9" * 400,
    "latin": "a = 'é'".encode("latin-1"),
    "twice": b"a = 1\na = 2",
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json_is_one_exception_that_says_why(tmp_path, name):
    (tmp_path / "x").write_bytes(BAD_JSON[name])
    with pytest.raises(DamagedDocument, match=r"\w"):
        read_json(tmp_path / "x")


@pytest.mark.parametrize("name", BAD_TOML)
def test_bad_toml_is_one_exception_that_says_why(tmp_path, name):
    (tmp_path / "x").write_bytes(BAD_TOML[name])
    with pytest.raises(DamagedDocument, match=r"\w"):
        read_toml(tmp_path / "x")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_damaged(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    for read in (read_json, read_toml):
        try:
            json.dumps(read(path), default=str).encode()
        except DamagedDocument as error:
            assert str(error)


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfa = 1")
    assert read_toml(tmp_path / "x") == {"a": 1}
