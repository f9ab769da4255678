"""Whatever a disk does while a file is written: there is the old one or the new one, never half."""

import errno
import os
import resource
import subprocess
import sys
from contextlib import contextmanager

import pytest

from dubsync.core.errors import DeliveryError
from dubsync.media.files.cannot_write import cannot_write
from dubsync.service.store import atomic_write
from dubsync.service.store.atomic_write import write_derived, write_whole
from dubsync.service.store.folder import NewVersion, Store

#: The calls that a written file is made of.
CALLS = ("mkstemp", "write", "fsync", "replace", "folder fsync")
ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EROFS", "ESTALE", "ENOENT")
SAYS = {
    "ENOSPC": "disk is full", "EDQUOT": "disk is full", "EIO": "reports an error",
    "EROFS": "read-only", "ESTALE": "share is gone", "ENOENT": "folder is gone",
}  # fmt: skip


@contextmanager
def failing(monkeypatch, call, name):
    """One of CALLS fails once with an error."""
    code, left = getattr(errno, name), [1]

    def faulty(real, wanted=lambda *args: True):
        def once(*args, **options):
            if left[0] and wanted(*args):
                left[0] = 0
                raise OSError(code, os.strerror(code))
            return real(*args, **options)

        return once

    with monkeypatch.context() as patch:
        if call == "mkstemp":
            patch.setattr(atomic_write.tempfile, call, faulty(atomic_write.tempfile.mkstemp))
        elif call == "write":
            patch.setattr(atomic_write.Path, "write_bytes", faulty(atomic_write.Path.write_bytes))
        elif call == "replace":
            patch.setattr(atomic_write.os, call, faulty(os.replace))
        else:
            name = "sync_file" if call == "fsync" else "sync_folder"
            patch.setattr(atomic_write, name, faulty(getattr(atomic_write, name)))
        yield


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", ERRORS)
def test_a_file_is_the_old_or_the_new_one_and_the_error_says_what_to_do(
    tmp_path, monkeypatch, call, error
):
    path = tmp_path / "record.json"
    write_whole(path, "old")
    with failing(monkeypatch, call, error), pytest.raises(DeliveryError) as said:
        write_whole(path, "new, and longer")
    assert path.read_text() == ("new, and longer" if call == "folder fsync" else "old")
    assert [one.name for one in tmp_path.iterdir()] == ["record.json"]
    assert SAYS[error] in str(said.value) and str(path) in str(said.value) and said.value.hint
    write_whole(path, "new, and longer")
    assert path.read_text() == "new, and longer"


@pytest.mark.parametrize("call", CALLS)
def test_a_cache_that_cannot_be_kept_stops_nothing(tmp_path, monkeypatch, call):
    with failing(monkeypatch, call, "ENOSPC"):
        write_derived(tmp_path / "cache.json", "x")
    assert {one.name for one in tmp_path.iterdir()} <= {"cache.json"}


@pytest.mark.parametrize("error", ERRORS)
def test_a_version_that_cannot_be_finished_leaves_none_and_the_next_has_its_number(
    tmp_path, monkeypatch, error
):
    code = getattr(errno, error)

    def refused(self, target):
        raise OSError(code, os.strerror(code))

    store = Store(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(atomic_write.Path, "rename", refused)
        with pytest.raises(DeliveryError) as said, NewVersion(store, "renders", "a") as version:
            (version.folder / "x").write_text("x")
    assert SAYS[error] in str(said.value)
    assert [p.name for p in (tmp_path / "renders/a").iterdir()] == [".lock"]
    with NewVersion(store, "renders", "a") as version:
        assert version.name == "v001"


def test_a_file_over_the_users_limit_leaves_the_old_one(tmp_path):
    path = tmp_path / "big.json"
    write_whole(path, "old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(DeliveryError, match="larger than the disk or this user's limit"):
            write_whole(path, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_a_real_disk_of_one_megabyte_that_is_full_leaves_the_old_file(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(command, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        write_whole(disk / "a.json", "old")
        with pytest.raises(DeliveryError, match=r"the disk is full \(1\.0 MB are free"):
            write_whole(disk / "a.json", "x" * (2 << 20))
        assert (disk / "a.json").read_text() == "old" and len(list(disk.iterdir())) == 1
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(DeliveryError, match="the disk is read-only"):
            write_whole(disk / "a.json", "new")
        assert (disk / "a.json").read_text() == "old"
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_device_that_is_always_full_says_so():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError) as met:
        full.write(b"x")
    assert "the disk is full" in str(cannot_write(atomic_write.Path("/dev/full"), met.value))
