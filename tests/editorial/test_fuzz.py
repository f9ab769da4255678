"""Damaged files of every kind: a result or a message, never a crash, a hang or all the memory.

A few cases of each reader; `python -m benchmarks.fuzz` makes them by the hour, with limits of time
and memory on each.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_cases import FORMS, Form
from benchmarks.mutations import mutated
from dubsync.core.errors import DubsyncError, TurnoverError
from dubsync.editorial.cmx3600.write import write_cmx
from dubsync.editorial.files import text_file, xml_tree
from dubsync.editorial.otio import text as otio_text
from dubsync.editorial.otio.otioz import read_otioz
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.protools.session import read_protools
from dubsync.editorial.timeline.resolve import resolve
from tests.conftest import shared_folder
from tests.editorial.probed_making import session

#: AAF is opened in a process of its own: too slow to be one of many here.
NAMES = [name for name in FORMS if not name.startswith("aaf")]
_MADE: dict[str, Form] = {}


def form_of(name: str) -> Form:
    """A reader and its short seeds."""
    if name not in _MADE:
        whole = FORMS[name]()
        short = [seed for seed in whole.seeds if len(seed) < 20_000]
        _MADE[name] = Form(whole.name, whole.suffix, whole.shape, short, whole.look)
    return _MADE[name]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(case=st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused_with_a_message(
    tmp_path_factory: pytest.TempPathFactory, name: str, case: int
) -> None:
    form = form_of(name)
    if not form.seeds:
        shared_folder()  # all seeds of this reader lie there
    rng = Random(case)
    path = tmp_path_factory.getbasetemp() / f"fuzzed{form.suffix}"
    path.write_bytes(mutated(rng, rng.choice(form.seeds), form.seeds, form.shape))
    try:
        form.look(path, case)
    except DubsyncError as error:
        assert str(error)


# -- found by fuzzing: files of a kind we read, of a size nobody should -------------------------


def test_a_document_that_would_fill_the_memory_is_refused_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(otio_text, "MOST_MEMORY", 1 << 20)
    for filling in ("1,", "{},", '"ab",', "[],"):
        with pytest.raises(TurnoverError, match="memory"):
            document("[" + filling * 100_000 + "1]", "x")


def test_a_bundle_that_unpacks_into_such_a_document_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(otio_text, "MOST_MEMORY", 1 << 20)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", "[" + "1," * 500_000 + "1]")
    assert len(out.getvalue()) < 10_000
    with pytest.raises(TurnoverError, match="memory"):
        read_otioz(out.getvalue())


@pytest.mark.parametrize("element", [b"<a/>", b"<a b='1' c='2'/>", b"<a>text</a>"])
def test_a_tree_that_would_fill_the_memory_is_refused_while_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, element: bytes
) -> None:
    monkeypatch.setattr(xml_tree, "MOST_MEMORY", 1 << 20)
    path = tmp_path / "x.fcpxml"
    path.write_bytes(b'<fcpxml version="1.11">' + element * 5000 + b"</fcpxml>")
    with pytest.raises(TurnoverError, match="memory"):
        probe_cut(path)


def test_a_list_longer_than_any_programme_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_file, "MOST_LINES", 1000)
    path = tmp_path / "x.edl"
    row = b"001  A001     V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n"
    path.write_bytes(row * 3000)
    with pytest.raises(TurnoverError, match="lines"):
        probe_cut(path)


@pytest.mark.parametrize("depth", [257, 990, 2000, 200_000])
def test_depth_is_refused_however_deep(depth: int) -> None:
    with pytest.raises(TurnoverError, match="deep"):
        document("[" * depth + "]" * depth, "x")


def test_a_document_with_inf_is_read() -> None:
    assert document('{"a": Inf, "b": "Inf"}', "x") == {"a": float("inf"), "b": "Inf"}


def test_a_track_name_of_thousands_of_digits_is_written_and_resolved() -> None:
    digits = "V" + "9" * 5000
    result = replace(read_protools(session()), format="FCPXML 1.11")
    odd = replace(result, events=tuple(replace(e, tracks=(digits,)) for e in result.events))
    assert resolve(odd)
    write_otio_flat(odd, ())
    write_cmx(odd, ())
