"""Cut files: encodings, damage, and files that are not cuts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError, MissingMedia, TurnoverError
from dubsync.editorial.files.text_file import edl_text, json_text
from dubsync.editorial.read_cut import read_cut
from tests.editorial.editorial_making import FILM, clip, event_row, listing, span, timeline, track

LIST = listing(
    event_row(1, "A001", ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00")),
    "* FROM CLIP NAME: scène_à_l'été.mov",
)


def kept(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "mac_roman"])
def test_a_list_is_read_in_any_of_its_usual_encodings(tmp_path: Path, codec: str) -> None:
    cut = read_cut(kept(tmp_path, "r1.edl", LIST.encode(codec)), rate=FILM)
    assert cut.events[0].clip == "scène_à_l'été.mov"
    assert cut.events[0].name == "scene_a_l_ete"
    assert bool(cut.warnings) is (not codec.startswith("utf"))


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["r1.edl", "r1.otio"])
def test_utf_16_is_refused_by_name(tmp_path: Path, codec: str, name: str) -> None:
    with pytest.raises(TurnoverError, match="UTF-16|does not begin with"):
        read_cut(kept(tmp_path, name, LIST.encode(codec)), rate=FILM)


def test_line_ends_and_padding_do_not_matter(tmp_path: Path) -> None:
    plain = read_cut(kept(tmp_path, "r1.edl", LIST.encode()), rate=FILM)
    for text in (LIST.replace("\n", "\r\n"), LIST.replace("\n", "\r"), LIST + "\x1a\x1a\0\0"):
        assert read_cut(kept(tmp_path, "r1.edl", text.encode()), rate=FILM).events == plain.events


def test_the_format_is_recognised_by_content(tmp_path: Path) -> None:
    import json

    document = json.dumps(timeline(track(clip("A001", span(0, 10)))))
    for text in (document, "\ufeff" + document, "\n  " + document):
        cut = read_cut(kept(tmp_path, "r1.edl", text.encode()), rate=None)
        assert cut.events[0].clip == "A001"
    assert read_cut(kept(tmp_path, "r1.txt", LIST.encode()), rate=FILM).events
    with pytest.raises(TurnoverError, match="is not OpenTimelineIO"):
        read_cut(kept(tmp_path, "r1.otio", LIST.encode()), rate=FILM)


@pytest.mark.parametrize("name", ["r1.edl", "r1.otio"])
@pytest.mark.parametrize(
    "data", [b"", b"  \n", b"\0" * 64, bytes(range(256)), b"\x7fELF\x02\x01\x01\0", b"\x89PNG\r\n"]
)
def test_files_that_are_not_cuts_are_refused(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(TurnoverError) as refusal:
        read_cut(kept(tmp_path, name, data), rate=FILM)
    assert refusal.value.hint


def test_a_list_without_an_event_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TurnoverError, match="no event"):
        read_cut(kept(tmp_path, "r1.edl", b"TITLE: R1\nFCM: NON-DROP FRAME\n"), rate=FILM)


def test_a_missing_cut_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingMedia, match="cut not found"):
        read_cut(tmp_path / "r1.edl", rate=FILM)
    with pytest.raises(MissingMedia):
        read_cut(tmp_path, rate=FILM)


@pytest.mark.timeout(10)
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "r1.edl")
    with pytest.raises(MissingMedia):
        read_cut(tmp_path / "r1.edl", rate=FILM)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    for read in (edl_text, json_text):
        try:
            read(data, Path("r1.edl"))
        except DubsyncError as refusal:
            assert refusal.hint
