"""A value has one spelling, so a signature is over what it says and not over how it is laid out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.documents import DamagedDocument
from dubsync.core.proof.canonical import NotCanonical, canonical, canonical_digest, parse_signed

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
leaves = (
    st.none() | st.booleans() | words | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**52), 2.0**52) | st.floats(1e21, 1e300)
)  # fmt: skip
values = st.recursive(
    leaves, lambda v: st.lists(v, max_size=4) | st.dictionaries(words, v, max_size=4), max_leaves=12
)


@given(values)
@settings(max_examples=40)
def test_a_value_that_is_read_again_has_the_same_spelling(value):
    assert canonical(parse_signed(canonical(value))) == canonical(value)


@given(st.dictionaries(words, leaves, max_size=6), st.integers(0, 4))
@settings(max_examples=40)
def test_layout_and_order_of_names_do_not_matter(value, indent):
    turned = dict(reversed(value.items()))
    laid_out = json.dumps(turned, indent=indent, ensure_ascii=bool(indent % 2)).encode()
    assert canonical_digest(parse_signed(laid_out)) == canonical_digest(value)


def test_names_are_sorted_and_numbers_written_as_rfc_8785_says():
    value = {"\u20ac": "Euro", "\r": "\r", "1": 1.0, "\U0001f600": 333333333.33333329, "ö": 1e30}
    assert canonical(value).decode() == (
        '{"\\r":"\\r","1":1,"ö":1e+30,"€":"Euro","\U0001f600":333333333.3333333}'
    )


@pytest.mark.parametrize("value", [
    float("inf"), float("nan"), 2**53, 2.0**53, -1e20, "\ud800", {1: "a"}, b"bytes", object(),
])  # fmt: skip
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical({"a": [value]})


@pytest.mark.parametrize("text", [
    b'{"a": 1, "a": 2}', b'{"a": {"b": 1, "c": 2, "b": 1}}', b"\xff{}", b'{"a": NaN}', b"{", b"",
    b"[" * 5000, b'{"a": "\\ud800"}',
])  # fmt: skip
def test_text_that_two_readers_could_read_as_two_values_is_refused(text):
    with pytest.raises(DamagedDocument):
        parse_signed(text)
