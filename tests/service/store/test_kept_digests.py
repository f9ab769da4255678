"""A kept digest is that of the bytes there are, whatever the file's times say."""

import hashlib
import json
import os

import pytest

from dubsync.core.errors import MissingMedia
from dubsync.service.store import kept_digests
from dubsync.service.store.kept_digests import KeptDigests


def sha(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def settled(monkeypatch):
    """Files count as left alone for long at once."""
    monkeypatch.setattr(kept_digests, "TICK_NS", -1)
    monkeypatch.setattr(kept_digests, "SETTLED_NS", -1)


@pytest.mark.parametrize("how", ["over it", "another in its place"])
def test_other_bytes_of_the_same_size_and_time_have_another_digest(tmp_path, settled, how):
    file, kept = tmp_path / "plate.mov", KeptDigests(tmp_path / "digests.json")
    file.write_bytes(b"before")
    assert kept.of([file]) == [sha(b"before")]
    stat = file.stat()
    target = file if how == "over it" else tmp_path / "aside"
    target.write_bytes(b"after!")
    os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    target.replace(file)
    now = file.stat()
    assert (now.st_size, now.st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert kept.of([file]) == [sha(b"after!")]
    assert KeptDigests(tmp_path / "digests.json").of([file]) == [sha(b"after!")]


def test_a_file_is_read_once_as_long_as_nothing_writes_to_it(tmp_path, settled, monkeypatch):
    file = tmp_path / "plate.mov"
    file.write_bytes(b"x")
    KeptDigests(tmp_path / "digests.json").of([file])
    monkeypatch.setattr(kept_digests, "file_digest", lambda path: pytest.fail("read again"))
    assert KeptDigests(tmp_path / "digests.json").of([file]) == [sha(b"x")]


def test_a_file_that_was_just_written_is_not_kept_on_disk(tmp_path):
    file = tmp_path / "plate.mov"
    file.write_bytes(b"x")
    KeptDigests(tmp_path / "digests.json").of([file])
    assert not (tmp_path / "digests.json").exists()


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 1}', '{"a": [1, 2, 3, 4, 5]}', "[" * 9999])
def test_damaged_kept_digests_are_made_again(tmp_path, content):
    (tmp_path / "digests.json").write_text(content)
    (tmp_path / "f").write_bytes(b"x")
    assert KeptDigests(tmp_path / "digests.json").of([tmp_path / "f"]) == [sha(b"x")]


def test_older_kept_digests_without_change_times_do_not_count(tmp_path, settled):
    file = tmp_path / "f"
    file.write_bytes(b"x")
    stat = file.stat()
    old = {f"{file}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}": "0" * 64}
    (tmp_path / "digests.json").write_text(json.dumps(old))
    assert KeptDigests(tmp_path / "digests.json").of([file]) == [sha(b"x")]


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(MissingMedia, match=r"gone\.mov cannot be read"):
        KeptDigests(tmp_path / "digests.json").of([tmp_path / "gone.mov"])


def test_processes_that_keep_digests_at_the_same_time_lose_none(tmp_path, settled, monkeypatch):
    mine, theirs = (KeptDigests(tmp_path / "digests.json") for _ in range(2))
    plates = [tmp_path / name for name in ("a.mov", "b.mov")]
    for plate in plates:
        plate.write_bytes(plate.name.encode())
    mine.of(plates[:1])
    theirs.of(plates[1:])
    monkeypatch.setattr(kept_digests, "file_digest", lambda path: pytest.fail("read again"))
    assert mine.of(plates) == theirs.of(plates) == [sha(b"a.mov"), sha(b"b.mov")]
    assert KeptDigests(tmp_path / "digests.json").of(plates) == mine.of(plates)
