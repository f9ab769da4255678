"""Notes on cuts as editing systems wrote them: patched in, found again, nothing else changed."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.errors import DubsyncError
from dubsync.core.note import Note
from dubsync.core.shot import Cut
from dubsync.editorial.files.xml_tree import xml_tree
from dubsync.editorial.formats import format_of
from dubsync.editorial.notes.read_back import read_notes
from dubsync.editorial.read_cut import read_cut
from tests.editorial.editorial_making import everything_linked
from tests.editorial.fcpxml.test_fcpxml_write import assert_by_the_rules
from tests.editorial.notes.notes_making import CUTS, Reel, delivered

RATES = (None, Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30))


def cuts_of(shared: Path, suffix: str) -> list[Cut]:
    """The cuts among the real cases; lists at the first rate that reads them."""
    found = []
    for path in sorted((shared / "cases/timelines").rglob(f"*{suffix}")):
        for rate in RATES:
            try:
                found.append(read_cut(path, rate=rate))
                break
            except DubsyncError:
                continue
    return found


def tags(data: bytes) -> list[bytes]:
    """The tags and texts of a document, without the numbers that a patch may raise."""
    numbered = re.sub(rb'lane="\d+"|(?<=<trackindex>)\d+', b"", data)
    return [part.strip() for part in re.split(rb"(?<=>)", numbered.replace(b"/>", b">"))]


def assert_every_tag_is_kept(original: bytes, patched: bytes) -> None:
    found = iter(tags(patched))
    for tag in tags(original):
        assert tag in found, tag


@pytest.mark.parametrize("own", CUTS)
def test_notes_on_real_cuts_come_back_from_their_own_format(
    shared: Path, tmp_path: Path, own: str
) -> None:
    checked = 0
    for n, cut in enumerate(cuts_of(shared, "." + own)):
        turnover = everything_linked(cut)
        if not turnover.shots or cut.probed is None or format_of(cut.probed).name != own:
            continue
        shots = dict.fromkeys((turnover.shots[0], turnover.shots[-1]))
        notes = [
            Note(
                f"N{k:04d}", s.name, s.source.start + len(s.source) // 2, "lips «open»\nhere", "Zoë"
            )
            for k, s in enumerate(shots, start=1)
        ]
        folder = tmp_path / str(n)
        folder.mkdir()
        file = delivered(folder, Reel(cut, turnover), own, notes)
        read = read_notes(file, notes, turnover)
        changed = (read.answered, read.moved, read.added, read.unknown, read.missing)
        assert changed == ((), (), (), (), ()), cut.path
        if own in ("fcpxml", "xml"):
            original, patched = Path(cut.path).read_bytes(), Path(file.path).read_bytes()
            assert_every_tag_is_kept(original, patched)
        if own == "fcpxml":
            assert_by_the_rules(xml_tree(patched, cut.path))
        checked += 1
    assert checked
