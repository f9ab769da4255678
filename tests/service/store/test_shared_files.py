"""Equal files share their bytes, and each outlives the other."""

import os

from dubsync.service.store import shared_files
from dubsync.service.store.shared_files import share_equal_files


def folders(tmp_path, monkeypatch, mine=b"same", theirs=b"same"):
    monkeypatch.setattr(shared_files, "LEAST", 1)
    for name, data in (("trained", mine), ("learnt", theirs)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pictures").write_bytes(data)
    return tmp_path / "trained", tmp_path / "learnt"


def test_an_equal_file_is_kept_once_and_outlives_its_twin(tmp_path, monkeypatch):
    mine, other = folders(tmp_path, monkeypatch)
    assert share_equal_files(mine, other) == 4
    assert os.path.samefile(mine / "pictures", other / "pictures")
    assert share_equal_files(mine, other) == 0
    (other / "pictures").unlink()
    assert (mine / "pictures").read_bytes() == b"same"


def test_another_file_of_the_same_name_and_size_stays_its_own(tmp_path, monkeypatch):
    mine, other = folders(tmp_path, monkeypatch, theirs=b"else")
    assert share_equal_files(mine, other) == 0
    assert (mine / "pictures").read_bytes() == b"same"


def test_where_no_links_are_each_keeps_its_file(tmp_path, monkeypatch):
    mine, other = folders(tmp_path, monkeypatch)

    def none(*args, **options):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(shared_files.os, "link", none)
    assert share_equal_files(mine, other) == 0
    assert [path.name for path in mine.iterdir()] == ["pictures"]
