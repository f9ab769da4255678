"""Sequences have their frames' digests signed, and credentials bound to these."""

import json

import pytest

from dubsync.media.credentials.read import read
from dubsync.service.credentials.find import credentials_of, root_of
from dubsync.service.credentials.signing import CredentialsWriter
from dubsync.service.credentials.statement import of_render
from dubsync.service.credentials.write import write_beside
from dubsync.service.keys.houses import trusted_houses
from tests.service.credentials.records import RENDER


@pytest.fixture
def sequence(tmp_path, signing):
    """A sequence of three files with signed digests."""
    for n in range(3):
        (tmp_path / f"a.{n:04d}.exr").write_bytes(bytes([n]) * 50)
    pattern = tmp_path / "a.%04d.exr"
    writer = CredentialsWriter(signing)
    write_beside(pattern, of_render(RENDER, "0" * 64, "picture", title="a"), writer)
    return pattern


def test_a_sequence_has_signed_digests_and_credentials_bound_to_them(sequence):
    found = credentials_of(sequence, trusted_houses())
    assert (found.state, found.faults) == ("trusted", ())
    hashes = sequence.with_name("a.hashes.json")
    assert len(json.loads(hashes.read_text())["files"]) == 3
    roots = [root_of(house) for house in trusted_houses()]
    assert read(hashes, sequence.with_name("a.hashes.c2pa"), roots).state == "trusted"


def test_a_frame_that_is_altered_missing_or_new_is_named(sequence):
    folder = sequence.parent
    (folder / "a.0000.exr").write_bytes(b"another picture")
    (folder / "a.0001.exr").rename(folder / "a.0007.exr")
    told = [fault.what for fault in credentials_of(sequence, trusted_houses()).faults]
    assert told == [
        "a.0000.exr was altered after it was signed",
        "a.0001.exr is missing",
        "a.0007.exr is not among the frames that were signed",
    ]


@pytest.mark.parametrize("damage", [
    lambda data: data.replace(b"a.0001.exr", b"../a.0001e"),
    lambda data: data[:40],
    lambda data: b"",
    lambda data: data.replace(b'"version":2', b'"version":3'),
])  # fmt: skip
def test_digests_that_are_altered_are_named_and_lead_nowhere(sequence, damage):
    hashes = sequence.with_name("a.hashes.json")
    hashes.write_bytes(damage(hashes.read_bytes()))
    found = credentials_of(sequence, trusted_houses())
    assert found.state == "invalid"
    assert found.faults[0].what.startswith("a.hashes.json")
