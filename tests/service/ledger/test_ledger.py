"""A ledger proves what was done, in which order, and by which house."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DeliveryError
from dubsync.core.proof.canonical import canonical
from dubsync.service.keys.keyring import new_key
from dubsync.service.keys.signing import signed
from dubsync.service.ledger.append import append, head_path
from dubsync.service.ledger.entry import LEDGER
from dubsync.service.ledger.read_ledger import ledger_in, read_ledger

ENTRIES = 6


@pytest.fixture(scope="module")
def written(house_key, tmp_path_factory):
    """A ledger of six entries: the key's own, and five renders."""
    folder = tmp_path_factory.mktemp("ledger")
    for version in range(1, ENTRIES):
        append(folder, "render", {"shot": "SH010", "version": f"v{version:03d}"}, house_key)
    return folder


@pytest.fixture(scope="module")
def lines(written):
    return (written / LEDGER).read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def head(written):
    facts = json.loads(head_path(written).read_text())
    return facts["n"], facts["sha256"]


def kinds(data, house_key, head=None):
    return {fault.kind for fault in ledger_in(data, [house_key.public], head).faults}


def test_what_was_appended_is_read_back_in_order_and_without_faults(written, house_key):
    ledger = read_ledger(written, [house_key.public])
    assert ledger.faults == ()
    assert [entry.n for entry in ledger.entries] == list(range(ENTRIES))
    assert [entry.what["version"] for entry in ledger.of("render")] == [
        f"v{n:03d}" for n in range(1, ENTRIES)
    ]
    assert {entry.house for entry in ledger.entries} == {"Studio Nord"}


def test_without_a_key_nothing_is_written(tmp_path):
    assert append(tmp_path, "render", {"shot": "SH010"}, None) is None
    assert not (tmp_path / LEDGER).exists()
    assert not read_ledger(tmp_path, []).there


@settings(max_examples=30)
@given(data=st.data())
def test_any_one_byte_changed_is_named(data, lines, head, house_key):
    whole = b"".join(lines)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(1, 255))
    changed = whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :]
    assert kinds(changed, house_key, head)


@settings(max_examples=30)
@given(cut=st.integers(0, 10_000))
def test_a_ledger_cut_off_anywhere_is_named(cut, lines, head, house_key):
    whole = b"".join(lines)
    found = kinds(whole[: cut % len(whole)], house_key, head)
    assert found & {"truncated", "empty"}


@settings(max_examples=30)
@given(gone=st.sets(st.integers(0, ENTRIES - 1), min_size=1, max_size=ENTRIES - 1))
def test_deleted_entries_are_named(gone, lines, head, house_key):
    left = b"".join(line for n, line in enumerate(lines) if n not in gone)
    assert kinds(left, house_key, head) & {"gap", "truncated", "other house"}


@settings(max_examples=30)
@given(order=st.permutations(range(ENTRIES)))
def test_entries_in_another_order_are_named(order, lines, head, house_key):
    found = kinds(b"".join(lines[n] for n in order), house_key, head)
    assert ("reordered" in found) == (list(order) != list(range(ENTRIES)))


@settings(max_examples=30)
@given(n=st.integers(0, ENTRIES - 1))
def test_an_entry_that_stands_twice_is_named(n, lines, head, house_key):
    twice = b"".join([*lines[: n + 1], *lines[n:]])
    assert "reordered" in kinds(twice, house_key, head)


def test_an_edited_entry_is_forged_even_with_every_later_digest_made_anew(lines, house_key):
    """Whoever edits an entry cannot sign it; the chain alone anybody could make again."""
    edited = lines[2].replace(b'"v002"', b'"v009"')
    ledger = ledger_in(b"".join([*lines[:2], edited, *lines[3:]]), [house_key.public])
    forged = [fault for fault in ledger.faults if fault.kind == "forged"]
    assert [fault.about for fault in forged] == [f"{LEDGER} line 3 (render)"]


def test_an_entry_of_a_newer_version_is_told_apart_from_a_forged_one(lines, house_key):
    newer = {**json.loads(lines[2]), "schema": "dubsync.ledger/2", "more": 1}
    data = b"".join([*lines[:2], canonical(newer) + b"\n"])
    faults = ledger_in(data, [house_key.public]).faults
    assert [fault.kind for fault in faults] == ["newer"]
    assert "dubsync.ledger/2" in faults[0].why


def test_a_clock_that_ran_backwards_is_told_and_the_order_stays_proven(lines, house_key):
    last = json.loads(lines[-1])
    earlier = datetime.fromisoformat(last["made"]) - timedelta(days=1)
    line = canonical(signed({**last, "made": earlier.isoformat()}, house_key)) + b"\n"
    faults = ledger_in(b"".join([*lines[:-1], line]), [house_key.public]).faults
    assert [fault.kind for fault in faults] == ["clock"]
    assert not faults[0].shows_tampering


def test_entries_of_a_house_that_nobody_trusts_are_not_taken_for_proof(lines):
    faults = ledger_in(b"".join(lines), []).faults
    assert {fault.kind for fault in faults} == {"unknown key"}


def test_another_houses_key_begins_with_an_entry_of_its_own(
    tmp_path, house_key, monkeypatch, tmp_path_factory
):
    append(tmp_path, "render", {"shot": "SH010"}, house_key)
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path_factory.mktemp("sued")))
    other = new_key("Studio Sued")
    append(tmp_path, "render", {"shot": "SH020"}, other)
    both = [house_key.public, other.public]
    ledger = read_ledger(tmp_path, both)
    assert ledger.faults == ()
    assert [entry.kind for entry in ledger.entries] == ["key", "render", "key", "render"]
    lines = (tmp_path / LEDGER).read_bytes().splitlines(keepends=True)
    mixed = ledger_in(b"".join([*lines[:2], lines[3]]), both)
    assert "other house" in {fault.kind for fault in mixed.faults}


def test_an_emptied_and_a_deleted_ledger_are_named_and_not_begun_anew(tmp_path, house_key):
    append(tmp_path, "render", {"shot": "SH010"}, house_key)
    for damage, kind in ((lambda: (tmp_path / LEDGER).write_bytes(b""), "empty"),
                         ((tmp_path / LEDGER).unlink, "missing")):  # fmt: skip
        damage()
        assert [f.kind for f in read_ledger(tmp_path, [house_key.public]).faults] == [kind]
        with pytest.raises(DeliveryError, match=LEDGER):
            append(tmp_path, "render", {"shot": "SH020"}, house_key)


def test_nothing_is_appended_to_a_line_that_is_cut_off(tmp_path, house_key):
    append(tmp_path, "render", {"shot": "SH010"}, house_key)
    path = tmp_path / LEDGER
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DeliveryError, match="cut off"):
        append(tmp_path, "render", {"shot": "SH020"}, house_key)


def test_two_that_append_at_once_both_stand_in_the_ledger(tmp_path, house_key):
    append(tmp_path, "render", {"shot": "SH000"}, house_key)
    writers = [
        threading.Thread(target=append, args=(tmp_path, "render", {"shot": f"SH{n}"}, house_key))
        for n in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ledger = read_ledger(tmp_path, [house_key.public])
    assert ledger.faults == ()
    assert len(ledger.of("render")) == 5


def test_a_new_ledger_binds_the_unsigned_records_that_there_were(tmp_path, house_key):
    record = tmp_path / "renders" / "SH010" / "v001" / "SH010_v001.record.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"schema": "dubsync.record/2"}')
    append(tmp_path, "approval", {"shot": "SH010"}, house_key)
    first = read_ledger(tmp_path, [house_key.public]).entries[0]
    assert list(first.what["unsigned"]) == ["SH010/v001/SH010_v001.record.json"]
    assert first.made <= datetime.now(UTC)
