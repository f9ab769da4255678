"""WebVTT and EBU STL: times, voices, code tables, and what is skipped with a word."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import TurnoverError
from dubsync.core.script import Script
from dubsync.editorial.script.formats import parse_script, script_in
from dubsync.editorial.script.stl_text import text_of
from tests.conftest import shared_folder
from tests.editorial.script.script_making import WEBVTT, stl, stl_block

HOUR = 36000
AT = (10, 0, 1, 0), (10, 0, 2, 12)

Listed = list[tuple[str, str, Fraction, Fraction]]


def listed(result: Script) -> Listed:
    return [(ln.character, ln.text, ln.start, ln.stop) for ln in result.lines]


# -- WebVTT -----------------------------------------------------------------------------------


def test_webvtt_is_read_with_its_voices_and_names() -> None:
    result = parse_script(WEBVTT, "web.vtt")
    assert listed(result) == [
        ("Elise", "Wohin denn?", 1, Fraction(5, 2)),
        ("MARC", "Nach & Hause.", 3, 4),
    ]
    assert result.format == "WebVTT" and result.from_start
    assert result.lines[0].number == "1"


def test_the_cue_of_the_case_is_read() -> None:
    text = b"WEBVTT\n\n00:01.000 --> 00:02.500 align:start\nHallo.\n"
    assert listed(parse_script(text, "web.vtt")) == [("", "Hallo.", 1, Fraction(5, 2))]


@pytest.mark.parametrize(
    ("name", "texts"),
    [  # from the web platform's own tests
        ("arrows", ["text0", "text1", "text2", "text3", "text4", "text5"]),
        ("header-timings", ["text"]),
        ("ids", ["text0", "text1", "text2", "text3", "text4"]),
        ("timings-60", ["text1", "text2"]),
        ("timings-omitted-hours", ["text0", "text1", "text2"]),
        ("comment-in-cue-text", None),
        ("nulls", None),
        ("newlines", None),
    ],
)
def test_a_file_of_the_web_platform_is_read(name: str, texts: list[str] | None) -> None:
    result = script_in(shared_folder() / "scripts" / "ttconv-vtt" / f"{name}.vtt")
    assert result.lines
    if texts is not None:
        assert [line.text for line in result.lines] == texts


def test_a_cue_with_wrong_times_is_skipped_with_its_line() -> None:
    result = parse_script(
        b"WEBVTT\n\n00:60.000 --> 01:02.000\na\n\n00:02.000 --> 00:01.000\nb\n\n"
        b"00:03.000 --> 00:04.000\nc\n",
        "x.vtt",
    )
    assert [line.text for line in result.lines] == ["c"]
    skipped = [loss.where for loss in result.losses if "pair of times" in loss.what]
    assert skipped == ["line 3", "line 6"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.vtt", b"vtt\n\n00:01.000 --> 00:02.000\nHello\n", "does not begin with WEBVTT"),
        ("a.stl", b"solid cube\nfacet normal 0 0 0\n", "is not EBU STL"),
    ],
)
def test_a_file_that_only_its_name_calls_subtitles_is_refused(
    name: str, data: bytes, words: str
) -> None:
    with pytest.raises(TurnoverError, match=words):
        parse_script(data, name)


def test_several_voices_of_a_cue_are_several_lines() -> None:
    text = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Yes.</v>\n<v.loud Bob>No!\n"
    assert listed(parse_script(text, "x.vtt")) == [("Ann", "Yes.", 1, 2), ("Bob", "No!", 1, 2)]


def test_times_of_a_streaming_segment_are_reported() -> None:
    text = b"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n00:01.000 --> 00:02.000\na"
    assert any("X-TIMESTAMP-MAP" in loss.what for loss in parse_script(text, "x.vtt").losses)


@given(
    st.integers(0, 10**7), st.integers(1, 10**5), st.booleans(),
    st.text("abcÄ <&>", min_size=1, max_size=20).filter(lambda t: t.strip() and "-->" not in t),
)  # fmt: skip
def test_any_cue_comes_back(start: int, length: int, hours: bool, text: str) -> None:
    def clock(ms: int) -> str:
        seconds, part = divmod(ms, 1000)
        minutes, seconds = divmod(seconds, 60)
        head = f"{minutes // 60:02d}:" if hours or minutes > 59 else ""
        return f"{head}{minutes % 60:02d}:{seconds:02d}.{part:03d}"

    said = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    cue = f"WEBVTT\n\n{clock(start)} --> {clock(start + length)}\n{said}\n"
    (line,) = parse_script(cue.encode(), "x.vtt").lines
    assert (line.start, line.stop) == (Fraction(start, 1000), Fraction(start + length, 1000))
    assert line.text == " ".join(text.split())


# -- EBU STL ----------------------------------------------------------------------------------


def test_a_subtitle_is_read_with_its_record_time_and_language() -> None:
    result = parse_script(stl((*AT, b"\x0d\x07Caf\xc2e\x8a\x8aMARC")), "x.stl")
    (line,) = result.lines
    assert (line.start, line.stop) == (HOUR + 1, HOUR + Fraction(2 * 25 + 12, 25))
    assert (line.text, line.number) == ("Café\nMARC", "1")
    assert (result.language, result.rate, result.start) == ("de", 25, HOUR)
    assert result.format == "EBU STL25.01" and not result.from_start


@pytest.mark.parametrize(
    ("code", "given", "rate", "reported"),
    [
        (b"STL25.01", None, Fraction(25), ""),
        (b"STL25.01", Fraction(24), Fraction(25), "the given 24 fps are not used"),
        (b"STL30.01", None, Fraction(30), "30 fps are used, not 30000/1001"),
        (b"STL30.01", Fraction(30000, 1001), Fraction(30000, 1001), ""),
        (b"STL24.01", Fraction(24000, 1001), Fraction(24000, 1001), ""),
        (b"STL23.01", None, Fraction(24000, 1001), ""),
        (b"STL50.01", None, Fraction(50), ""),
    ],
)
def test_the_disk_format_states_the_rate(
    code: bytes, given: Fraction | None, rate: Fraction, reported: str
) -> None:
    result = parse_script(stl((*AT, b"Ja."), code=code), "x.stl", given)
    assert result.rate == rate
    said = " ".join(loss.what for loss in result.losses if "fps" in loss.what)
    assert reported in said and bool(said) == bool(reported)


def test_drop_frame_is_counted_where_it_exists() -> None:
    minute = (10, 1, 0, 2), (10, 1, 4, 0)
    dropped = parse_script(
        stl((*minute, b"Ja."), code=b"STL30.01"), "x.stl", Fraction(30000, 1001), drop=True
    )
    assert dropped.lines[0].start * Fraction(30000, 1001) == (36060 * 30 + 2) - 18 * 60 - 2
    pal = parse_script(stl((*minute, b"Ja.")), "x.stl", drop=True)
    assert pal.lines[0].start == 36060 + Fraction(2, 25)
    skipped = stl(((10, 1, 0, 0), (10, 1, 4, 0), b"Ja."), (*AT, b"Nein."), code=b"STL30.01")
    result = parse_script(skipped, "x.stl", Fraction(30000, 1001), drop=True)
    assert [line.text for line in result.lines] == ["Nein."]
    assert any("is not a timecode" in loss.what for loss in result.losses)


@pytest.mark.parametrize(
    ("table", "field", "text"),
    [
        ("00", b"\xc8Uber \xcfS\xe1\xf9\xfb \xa4 $", "Über ŠÆøß $ ¤"),
        ("00", b"\xd5\xd0", "♪―"),
        ("01", b"\xbf\xe0\xd8\xd2\xd5\xe2", "Привет"),
        ("03", b"\xc1\xe8\xde\xed\xe1", "Αθήνα"),
        ("04", b"\xf9\xec\xe5\xed", "שלום"),
        ("02", b"\xe5\xd1\xcd\xc8\xc7", "مرحبا"),
    ],
)
def test_the_code_tables(table: str, field: bytes, text: str) -> None:
    assert text_of(field, table) == (text, 0)


def test_blocks_of_one_subtitle_are_one_line_and_comments_none() -> None:
    first = stl_block(1, *AT, b"Wir fahren nach ", extension=0)
    user = stl_block(1, *AT, b"\x00private", extension=0xFE)
    last = stl_block(1, *AT, b"Lodz.")
    comment = stl_block(2, *AT, b"check this", comment=1)
    result = parse_script(stl(first, user, last, comment), "x.stl")
    assert [line.text for line in result.lines] == ["Wir fahren nach Lodz."]
    assert any("1 comments" in loss.what for loss in result.losses)


def test_what_cannot_be_read_of_an_stl_is_said() -> None:
    blocks = stl_block(1, (30, 0, 0, 0), (30, 0, 1, 0), b"a"), stl_block(2, *AT, b"")
    empty = stl_block(3, AT[0], AT[0], b"x"), stl_block(4, *AT, b"ok \xff\xc9")
    result = parse_script(stl(*blocks, *empty)[:-1] + b"\x8f" + b"cut", "x.stl")
    assert [line.number for line in result.lines] == ["4"]
    said = " ".join(loss.what for loss in result.losses)
    for words in ("is not a timecode", "without text", "has no length", "incomplete"):
        assert words in said


@pytest.mark.parametrize(("code", "table"), [(b"STL99.01", b"00"), (b"STL25.01", b"99")])
def test_another_disk_format_or_code_table_is_refused(code: bytes, table: bytes) -> None:
    with pytest.raises(TurnoverError, match="known are"):
        parse_script(stl((*AT, b"x"), code=code, table=table), "x.stl")


def test_real_stl_files_are_read_unless_they_have_no_text() -> None:
    folder = shared_folder() / "scripts" / "ttconv"
    read = refused = 0
    for path in sorted(folder.glob("*.stl")):
        try:
            read += bool(script_in(path).lines)
        except TurnoverError as error:
            assert "has no lines" in str(error)
            refused += 1
    assert (read, refused) == (51, 2)
