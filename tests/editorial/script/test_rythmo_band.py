"""Rythmo bands (.detx): lines, characters and marks of lips, made and real."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dubsync.core.errors import TurnoverError
from dubsync.core.script import LipMark
from dubsync.editorial.script.formats import parse_script, script_in, with_start
from tests.conftest import shared_folder
from tests.editorial.script.script_making import BAND, detx

PAL = Fraction(25)


def test_a_line_has_its_character_times_text_and_marks() -> None:
    result = parse_script(detx(), "band.detx", PAL)
    (line,) = result.lines
    assert (line.character, line.text) == ("Elise", "On m'appelle Vivi.")
    assert (line.start, line.stop) == (3601, 3602 + Fraction(10, 25))
    assert line.marks == (
        LipMark(3601 + Fraction(10, 25), "closed"),
        LipMark(3601 + Fraction(20, 25), "semi"),
        LipMark(3602 + Fraction(10, 25), "closed"),  # ends with the mouth closed
    )
    assert (result.format, result.rate, result.start) == ("Cappella rythmo band", 25, 3600)
    assert any("1 loops" in loss.what for loss in result.losses)


@pytest.mark.parametrize(
    ("kind", "lips"),
    [("labial", "closed"), ("Labiale", "closed"), ("in_close", "closed"), ("semi_labial", "semi"),
     ("semi-labiale", "semi"), ("open", "open"), ("ouverture", "open"), ("neutral", None),
     ("in_open", None), ("out_open", None), ("whistle", None)],
)  # fmt: skip
def test_the_types_of_marks(kind: str, lips: str | None) -> None:
    result = parse_script(detx(BAND.replace("labial", kind, 1)), "band.detx", PAL)
    mark = [m.lips for m in result.lines[0].marks if m.time == 3601 + Fraction(10, 25)]
    assert mark == ([lips] if lips else [])
    assert any("'whistle'" in loss.what for loss in result.losses) == (kind == "whistle")


def test_marks_move_with_the_start_of_the_programme() -> None:
    moved = with_start(parse_script(detx(), "band.detx", PAL), Fraction(36000))
    assert moved.lines[0].marks[0].time == 36001 + Fraction(10, 25)


def test_a_line_without_its_last_mark_is_untimed() -> None:
    body = (
        '<line role="marc"><lipsync timecode="01:00:03:00" type="out_open"/><text>Oui</text></line>'
    )
    result = parse_script(detx(BAND + body), "band.detx", PAL)
    assert [(u.character, u.text, u.begin) for u in result.untimed] == [("Marc", "Oui", 3603)]
    assert len(result.lines) == 1


def test_a_rate_is_asked_for_unless_the_frame_numbers_prove_25() -> None:
    with pytest.raises(TurnoverError, match="states no frame rate") as refused:
        parse_script(detx(), "band.detx")
    assert "--rate" in refused.value.hint
    marks = "".join(
        f'<line role="marc"><lipsync timecode="01:00:{n:02d}:00" type="in_open"/><text>a</text>'
        f'<lipsync timecode="01:00:{n:02d}:{{last}}" type="out_open"/></line>'
        for n in range(3, 60)
    )  # fmt: skip
    assert parse_script(detx(marks.replace("{last}", "24")), "band.detx").rate == 25
    proved = parse_script(detx(marks.replace("{last}", "24")), "band.detx", Fraction(24))
    assert proved.rate == 25 and any("24 fps cannot be right" in x.what for x in proved.losses)
    with pytest.raises(TurnoverError, match="is not at 25 fps: its frame numbers run to 29"):
        parse_script(detx(marks.replace("{last}", "29")), "band.detx", PAL)
    for last in ("23", "29"):
        with pytest.raises(TurnoverError, match=f"run to {last}"):
            parse_script(detx(marks.replace("{last}", last)), "band.detx")


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('timecode="01:00:01:10"', 'timecode="soon"', "a mark is not read"),
        ('role="elise"', 'role="ghost"', "role 'ghost' is not defined"),
        ("<text>On </text>", "<text>On </text><warp/>", "<warp> of a line is not read"),
    ],
)
def test_what_is_not_read_of_a_band_is_said(was: str, now: str, words: str) -> None:
    result = parse_script(detx(BAND.replace(was, now)), "band.detx", PAL)
    assert len(result.lines) == 1 and any(words in loss.what for loss in result.losses)


def test_entities_are_refused() -> None:
    hostile = detx().replace(b"<detx", b'<!DOCTYPE detx [<!ENTITY a "b">]><detx', 1)
    with pytest.raises(TurnoverError, match="entities"):
        parse_script(hostile, "band.detx", PAL)


def test_a_real_band_is_read_whole() -> None:
    (path,) = (shared_folder() / "scripts" / "detx").glob("kyoukai*.detx")
    result = script_in(path)
    assert (len(result.lines), len(result.untimed), result.rate) == (277, 0, 25)
    assert len(result.characters) == 8 and result.start == 3600
    first, third = result.lines[0], result.lines[2]
    assert (first.character, first.text) == ("Akihito", "sucide")
    assert third.text == "C'est quelque chose que je ne tenterai sûrement jamais."
    assert (third.start, third.stop) == (3613 + Fraction(11, 25), 3617 + Fraction(5, 25))


def test_a_band_converted_from_subtitles_keeps_its_lines_without_an_end() -> None:
    result = script_in(shared_folder() / "scripts" / "detx" / "converted(2).detx")
    assert (len(result.lines), len(result.untimed)) == (3, 338)
    assert result.untimed[0].text == "Kuriyama ! Il faut lui crever l'œil !"
    assert [mark.lips for line in result.lines for mark in line.marks] == ["closed"] * 3
    assert any("lines without an end: 338 of 341" in loss.what for loss in result.losses)
