"""Any timeline is recognised by its content, and read or refused with a message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError, TurnoverError
from dubsync.core.timeline.probed import EVENT_KINDS, ProbedCut
from dubsync.editorial.aaf import process as aaf_process
from dubsync.editorial.aaf.read import read_aaf
from dubsync.editorial.probe import is_editorial, probe_cut
from tests.editorial.editorial_making import clip, event_row, listing, span, timeline, track
from tests.editorial.probed_making import ALE, at, clipitem, fcpxml, session, xmeml

ROW = event_row(1, "A001", ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00"))
CLIP = f'<asset-clip ref="r2" offset="{at(0)}" name="a" duration="2s"/>'
MADE = {
    "CMX3600 EDL": listing(ROW, "* LOC: 01:00:01:00 RED  x", "M2 A001 048.0 01:00:10:00").encode(),
    "Avid Log Exchange": ALE.encode(),
    "Pro Tools session text": session().encode(),
    "FCPXML 1.11": fcpxml(CLIP),
    "Final Cut Pro 7 XML (xmeml 5)": xmeml(f"<track>{clipitem(0, 50, 0, 50)}</track>"),
    "OpenTimelineIO": json.dumps(timeline(track(clip("a", span(0, 24))))).encode(),
}
AAFS = ("30fps", "misc_speed_effects", "multiple_markers", "transitions", "utf8")
#: Folders of ../shared/timelines of which every file is known to be read, but for REFUSED; others
#: may hold anything, which is then read or refused in words.
KNOWN = (
    "OpenFCPXMLKit", "ale", "cmx3600", "edl", "fcp", "fcpx-xml", "otio", "pycmx", "python-edl",
)  # fmt: skip
REFUSED = {"premiere_example_filter.xml"}


@pytest.mark.parametrize("form", MADE)
def test_a_file_is_recognised_by_content(tmp_path: Path, form: str) -> None:
    path = tmp_path / "anything.txt"
    path.write_bytes(MADE[form])
    result = probe_cut(path)
    assert result.format == form
    assert result.events and all(event.kind in EVENT_KINDS for event in result.events)
    assert is_editorial(MADE[form][:4096], ".bin")


def test_a_movie_is_not_mistaken_for_a_timeline() -> None:
    assert not is_editorial(b"\0\0\0\x20ftypqt  " + bytes(range(256)), ".mov")


def test_other_text_is_refused_with_the_known_formats(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear all,\nthe mix is on Monday.\n")
    with pytest.raises(TurnoverError, match="not a known editorial format"):
        probe_cut(path)


def test_a_rate_that_the_file_contradicts_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "a.fcpxml"
    path.write_bytes(MADE["FCPXML 1.11"])
    result = probe_cut(path, Fraction(25))
    assert result.rate == Fraction(24000, 1001)
    assert "not used" in result.losses.losses[0].what


def test_legacy_encodings_are_read_with_a_loss(tmp_path: Path) -> None:
    path = tmp_path / "a.edl"
    path.write_bytes(listing(ROW, "* FROM CLIP NAME: été").encode("cp1252"))
    result = probe_cut(path, Fraction(24))
    assert result.events[0].name == "été"
    assert "Windows-1252" in result.losses.losses[0].what


def _mutated(data: bytes, places: list[tuple[int, int, bytes]]) -> bytes:
    """`data` with pieces removed and others inserted, anywhere."""
    for start, length, put in places:
        begin = start % (len(data) + 1)
        data = data[:begin] + put + data[begin + length :]
    return data


CUTS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 40),
        st.sampled_from([b"", b"0", b"9" * 30, b"-1", b"1e999", b"<", b'"', b"\n", b"nan", b"\xff",
                         b":", b"/0", b"\t", b"{", b"]", b"01:00:00;00", b"null"])
        | st.binary(max_size=6),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@pytest.mark.parametrize("form", MADE)
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(cuts=CUTS, rate=st.sampled_from([None, Fraction(24), Fraction(30000, 1001)]))
def test_damaged_files_are_read_or_refused_with_a_message(
    tmp_path_factory: pytest.TempPathFactory,
    form: str,
    cuts: list[tuple[int, int, bytes]],
    rate: Fraction | None,
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(_mutated(MADE[form], cuts))
    try:
        result = probe_cut(path, rate)
    except DubsyncError as error:
        assert str(error)
    else:
        assert isinstance(result, ProbedCut)


# -- AAF -----------------------------------------------------------------------------------


def test_aaf_without_its_reader_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aaf_process, "find_spec", lambda _: None)
    with pytest.raises(TurnoverError, match="pyaaf2"):
        read_aaf("/nowhere/x.aaf")


def test_reading_an_endless_aaf_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(command: list[str], **options: object) -> object:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(aaf_process, "find_spec", lambda _: object())
    monkeypatch.setattr(aaf_process.subprocess, "run", endless)
    with pytest.raises(TurnoverError, match="did not end"):
        read_aaf(str(tmp_path / "x.aaf"))


def test_a_damaged_aaf_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("aaf2", reason="pyaaf2 is not installed")
    path = tmp_path / "x.aaf"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
    with pytest.raises(TurnoverError, match="cannot be read as AAF"):
        probe_cut(path)


@pytest.mark.parametrize("wrong", [None, "x", [], {}])
def test_an_aaf_with_invalid_objects_is_refused(
    wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = {"type": "SourceClip", "length": 24, "start": wrong, "mob": wrong, "slot": wrong}
    slot = {"type": "TimelineMobSlot", "id": 1, "number": 1, "name": "", "kind": "Picture"}
    slot |= {"rate": "24", "origin": 0, "segment": clip}
    mob = {"name": "R1", "type": "CompositionMob", "paths": [], "slots": [slot]}
    listed = {"mobs": {"a": mob}, "top": ["a"]}
    monkeypatch.setattr("dubsync.editorial.aaf.read.aaf_mobs", lambda *_: listed)
    try:
        read_aaf("x.aaf")
    except DubsyncError as error:
        assert error.hint


# -- the real files ------------------------------------------------------------------------


def _timelines(folder: Path, *suffixes: str) -> list[Path]:
    return sorted(p for p in (folder / "timelines").rglob("*") if p.suffix.lower() in suffixes)


def test_every_real_timeline_is_read_or_refused_with_a_remedy(shared: Path) -> None:
    paths = _timelines(shared, ".edl", ".txt", ".ale", ".otio", ".xml", ".fcpxml")
    assert paths
    for path in paths:
        try:
            result = probe_cut(path)
        except DubsyncError as error:
            assert str(error), path
            known = path.relative_to(shared / "timelines").parts[0] in KNOWN
            assert not known or (path.name in REFUSED and error.hint), path
        else:
            assert result.timelines, path
            for loss in result.losses:
                assert loss.what and loss.where, path


@pytest.mark.parametrize("name", AAFS)
def test_real_aafs_are_read(shared: Path, name: str) -> None:
    pytest.importorskip("aaf2", reason="pyaaf2 is not installed")
    result = probe_cut(shared / f"timelines/aaf/{name}.aaf")
    assert result.rate in (24, 30) and result.timelines[0].start_text == "01:00:00:00"
    assert any(event.kind == "cut" for event in result.events)


def test_avids_speeds_are_read_from_its_own_numbers(shared: Path) -> None:
    pytest.importorskip("aaf2", reason="pyaaf2 is not installed")
    result = probe_cut(shared / "timelines/aaf/misc_speed_effects.aaf")
    speeds = [event.speed for event in result.events]
    third, eighth = Fraction(3, 8), Fraction(115, 8)
    assert speeds == [1, 0, 2, Fraction(1, 2), 3, third, eighth, third, -1, None]


def test_real_lists_hold_what_pycmx_finds_in_them(shared: Path) -> None:
    pycmx = pytest.importorskip("pycmx", reason="pycmx is not installed")
    lists = _timelines(shared, ".edl")
    for path in (p for p in lists if p.relative_to(shared / "timelines").parts[0] in KNOWN):
        with path.open(encoding="latin-1") as file:
            peer = [edit for event in pycmx.parse_cmx3600(file).events for edit in event.edits]
        ours = [event.record.text for event in probe_cut(path).events if event.record]
        theirs = [(edit.record_in, edit.record_out) for edit in peer]
        kept = [times for times in theirs if times[0] != times[1]]
        assert not [times for times in kept if times not in ours], path


def test_a_fifo_is_never_opened(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no named pipes of this kind")
    make: Callable[[Path], None] = os.mkfifo
    make(tmp_path / "pipe.edl")
    with pytest.raises(DubsyncError):
        probe_cut(tmp_path / "pipe.edl")
