"""Media folders are probed once for each state of a file, and their problems are counted."""

import os
import shutil

import pytest

from dubsync.core.errors import Cancelled
from dubsync.media import find_plates as finding
from dubsync.media.find_plates import ProbedFile, find_plates
from tests.media.reading_synthesis import write_numbered


class Remembered:
    """A PlateMemory in memory."""

    def __init__(self):
        self.all = {}

    def known(self, state):
        return self.all.get(state)

    def keep(self, state, probed):
        self.all[state] = probed


@pytest.fixture
def media(tmp_path):
    write_numbered(tmp_path / "A001C001.mkv", "ffv1", n=3, size=(64, 48))
    for n in range(2, 4):
        shutil.copy(tmp_path / "A001C001.mkv", tmp_path / f"A001C00{n}.mkv")
    return tmp_path


@pytest.fixture
def opened(monkeypatch):
    """The names of the files that are opened."""
    names, real = [], finding.plate_of

    def noted(source, rate=None):
        names.append(source.name)
        return real(source, rate)

    monkeypatch.setattr(finding, "plate_of", noted)
    return names


def test_an_unchanged_file_is_opened_once(media, opened):
    memory = Remembered()
    first = find_plates([media], memory=memory)
    assert len(opened) == 3
    assert find_plates([media], memory=memory) == first
    assert len(opened) == 3


@pytest.mark.parametrize("change", ["time", "head", "tail"])
def test_a_changed_file_is_opened_again_even_with_its_time_put_back(media, opened, change):
    memory = Remembered()
    find_plates([media], memory=memory)
    path = media / "A001C002.mkv"
    before = path.stat()
    data = bytearray(path.read_bytes())
    if change == "time":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    else:
        data[3 if change == "head" else -3] ^= 0xFF
        path.write_bytes(data)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    opened.clear()
    find_plates([media], memory=memory)
    assert opened == ["A001C002.mkv"]


def test_a_memory_cannot_lead_to_another_file(media, opened):
    memory = Remembered()
    (plate, other, _), _ = find_plates([media], memory=memory)
    memory.all = {state: ProbedFile(other) for state in memory.all}
    opened.clear()
    plates, _ = find_plates([media], memory=memory)
    assert plates[0] == plate
    assert "A001C001.mkv" in opened


def test_many_files_with_one_problem_share_a_warning_with_their_count(media):
    for n in range(30):
        (media / f"junk{n:02d}.mov").write_bytes(b"no movie" * 20)
    plates, (warning,) = find_plates([media])
    assert len(plates) == 3
    assert warning.about == f"30 files in {media.name}"
    assert "junk00.mov" in warning.message


def test_three_files_with_one_problem_are_named_one_by_one(media):
    for n in range(3):
        (media / f"junk{n}.mov").write_bytes(b"no movie" * 20)
    _, warnings = find_plates([media])
    assert [w.about for w in warnings] == ["junk0.mov", "junk1.mov", "junk2.mov"]


def test_progress_counts_the_files_and_can_stop_the_search(media, monkeypatch):
    monkeypatch.setattr(finding, "SHOWN_FROM", 2)
    steps = []
    find_plates([media], progress=steps.append)
    assert [(s.done, s.total) for s in steps] == [(1, 3), (2, 3), (3, 3)]

    def stop(step):
        raise Cancelled

    with pytest.raises(Cancelled):
        find_plates([media], progress=stop)
