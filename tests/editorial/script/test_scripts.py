"""Dub scripts of every format are read, or refused with the row, and read back when written."""

import io
import zipfile
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DeliveryError, DubsyncError, SettingsError, TurnoverError
from dubsync.core.script import Script
from dubsync.editorial.script.cue_columns import parse_maps
from dubsync.editorial.script.formats import parse_script, script_in, written
from tests.editorial.script.script_making import HOUR, RATE, dapt, line, scripts

FEW = settings(max_examples=12)
SHEET = "Cue;Character;TC In;TC Out;Line;Original;On/Off\n"


def read(text, name="cues.csv", rate=Fraction(24), **more):
    data = text if isinstance(text, bytes) else text.encode()
    return parse_script(data, name, rate, **more)


# -- there and back --------------------------------------------------------------------------


@FEW
@given(scripts)
@pytest.mark.parametrize("kind", ["dapt", "csv", "tsv", "xlsx"])
def test_what_is_written_reads_back_the_same(kind, script):
    made = written(script, kind)

    back = parse_script(made.data, "back", RATE, language="de-DE")

    assert back.lines == script.lines
    assert [loss.what for loss in made.losses] == []


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx"])
@pytest.mark.parametrize("text", ["'=", "''=1+1", "=1+1", "'tis", "- Who?", "'-"])
def test_apostrophes_and_formulas_in_a_sheet_read_back_the_same(kind, text):
    sheet = read(SHEET + f"1;ANN;01:00:00:00;01:00:01:00;Yes.;{text};on\n")
    (line,) = sheet.lines
    noted = replace(sheet, lines=(replace(line, notes=text),))
    (back,) = parse_script(written(noted, kind).data, "back", RATE, language="de-DE").lines
    assert back.notes == text


@FEW
@given(scripts)
def test_srt_says_what_it_cannot_hold(script):
    if not any(ln.text for ln in script.lines):
        with pytest.raises(DeliveryError):
            written(script, "srt")
        return

    text = " ".join(loss.what for loss in written(script, "srt").losses)

    assert "on_screen" in text
    assert ("without text" in text) == any(not ln.text for ln in script.lines)


@given(st.lists(st.fractions(0, 3600, max_denominator=997), min_size=2, max_size=6, unique=True))
@FEW
def test_dapt_keeps_times_exact_between_frames(times):
    lines = [line(start=a, stop=b) for a, b in zip(sorted(times), sorted(times)[1:], strict=False)]
    script = Script("", "", tuple(lines), "de", "en", RATE, start=HOUR)
    made = written(script, "dapt")

    back = parse_script(made.data, "back", RATE)

    exact = not any("millionth" in loss.what for loss in made.losses)
    assert not exact or back.lines == script.lines


def test_every_reader_refuses_other_formats():
    for text in ("", "{}", "<a/>", "PK\x03\x04", "hello", "a,b\n1,2\n", "\0\1\2"):
        with pytest.raises(DubsyncError) as refused:
            read(text)
        assert refused.value.hint


@FEW
@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(data):
    try:
        parse_script(data, "any", Fraction(25))
    except DubsyncError as error:
        assert str(error)


# -- DAPT ------------------------------------------------------------------------------------

EVENT = '<div xml:id="s1" begin="1s" end="2.5s" ttm:agent="{who}" {more}>{text}</div>'
SAID = '<p xml:lang="en" d:langSrc="en">Go <span>home</span>!</p><p>Geh<br/>heim!</p>'


def test_a_script_event_gives_its_character_text_original_and_screen():
    body = EVENT.format(who="c1", more='d:onScreen="OFF"', text=SAID)

    (result,) = read(dapt(body)).lines

    assert (result.character, result.performer, result.number) == ("ELISE", "Ada Roe", "s1")
    assert (result.text, result.original, result.on_screen) == ("Geh\nheim!", "Go home!", "off")
    assert (result.start, result.stop) == (1, Fraction(5, 2))


def test_two_characters_of_one_event_each_have_the_line():
    body = EVENT.format(who="c1 c2", more="", text=SAID)

    assert [ln.character for ln in read(dapt(body)).lines] == ["ELISE", "MARC"]


def test_the_origin_timecode_puts_the_script_in_record_time():
    body = '<div xml:id="e" begin="48f" end="72f" d:represents="audio.dialogue"><p>Ja.</p></div>'
    frames = 'xml:lang="de" ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"'
    head = "<d:daptOriginTimecode>01:00:00:00</d:daptOriginTimecode>"

    script = read(dapt(body, frames, head), rate=None)

    assert script.lines[0].start * script.rate == 86448
    assert script.start == HOUR and not script.from_start


def test_times_count_from_the_parents():
    inner = '<div xml:id="e" begin="2s" dur="3s"><p>Ja.</p></div>'
    body = f'<div begin="10s" end="14s">{inner}</div>'

    (result,) = read(dapt(body)).lines

    assert (result.start, result.stop) == (12, 14)  # cut where the parent ends


@pytest.mark.parametrize(
    ("body", "root", "said"),
    [
        ('<div begin="3s" end="2s"><p>x</p></div>', 'xml:lang="de"', "ends before it begins"),
        ('<div begin="1s" end="2s"><p>x</p></div>', "", "language is missing"),
        ('<div begin="1f" end="2f"><p>x</p></div>', 'xml:lang="de"', "needs a ttp:frameRate"),
        ('<div begin="1t" end="2t"><p>x</p></div>', 'xml:lang="de"', "needs a ttp:tickRate"),
        ('<div begin="soon" end="2s"><p>x</p></div>', 'xml:lang="de"', "not a TTML time"),
        ('<div begin="1s" end="2s" d:onScreen="MAYBE"><p>x</p></div>', 'xml:lang="de"', "MAYBE"),
    ],
)  # fmt: skip
def test_a_wrong_script_event_is_named_by_its_line(body, root, said):
    with pytest.raises(TurnoverError, match=said) as refused:
        read(dapt(f"\n{body}", root))

    assert "line 16" in str(refused.value)


def test_overlapping_lines_are_reported_for_one_character_only():
    def body(second):
        one = EVENT.format(who="c1", more="", text=SAID)
        return one + f'<div xml:id="z" begin="2s" end="3s" ttm:agent="{second}"><p>J</p></div>'

    assert any("before" in ln.what for ln in read(dapt(body("c1"))).losses.of_kind("odd"))
    assert not read(dapt(body("c2"))).losses.of_kind("odd")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE tt [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE tt [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE tt [%a;]>",
    ],
)
def test_entities_are_refused(head):
    body = dapt(EVENT.format(who="c1", more="", text=SAID)).decode()
    hostile = body.replace("?>", f"?>{head}", 1)

    with pytest.raises(TurnoverError, match="entities"):
        read(hostile)


def test_imsc_gives_a_line_for_each_paragraph():
    text = (
        '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="fr"><body><div>'
        '<p begin="00:00:01.5" end="00:00:02">Oui.</p><p begin="3s" end="4s">Non.</p>'
        "</div></body></tt>"
    )

    script = read(text, "subs.ttml")

    assert [(ln.text, ln.start) for ln in script.lines] == [("Oui.", Fraction(3, 2)), ("Non.", 3)]
    assert script.format == "TTML" and script.from_start


# -- cue sheets ------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_sheet_is_read_in_any_dialect(delimiter, codec):
    rows = "A title\n\n" + SHEET + '1;ÉLISE;01:00:01:00;01:00:02:00;"Über, ""alles""";Why?;OFF\n'
    text = rows.replace(";", delimiter) if delimiter != "," else rows.replace(";", ",")

    script = read(text.encode(codec))

    (result,) = script.lines
    assert (result.character, result.text) == ("ÉLISE", 'Über, "alles"')
    assert (result.start, result.on_screen, result.where) == (3601, "off", "row 4")


def test_a_formula_stays_text_and_is_written_escaped():
    script = read(SHEET + "1;ELISE;01:00:01:00;01:00:02:00;=cmd|' /C calc'!A0;;\n")

    csv = written(script, "csv").data.decode()
    book = openpyxl.load_workbook(io.BytesIO(written(script, "xlsx").data))

    assert script.lines[0].text.startswith("=cmd|")
    assert ",'=cmd|" in csv
    assert book.active["E2"].data_type == "s"


def test_every_wrong_row_is_named():
    rows = (
        "1;A;01:00:05:00;01:00:04:00;x;;\n2;A;01:00:06:24;01:00:07:00;x;;\n3;A;;01:00:08:00;x;;\n"
    )

    with pytest.raises(TurnoverError) as refused:
        read(SHEET + rows)

    listed = str(refused.value)
    assert all(f"row {n}" in listed for n in (2, 3, 4))


def test_timecode_without_a_rate_asks_for_it():
    with pytest.raises(TurnoverError) as refused:
        read(SHEET + "1;A;01:00:05:00;01:00:06:00;x;;\n", rate=None)

    assert "--rate" in refused.value.hint


@pytest.mark.parametrize(
    ("start", "stop", "seconds"),
    [("1.5", "2,25", (Fraction(3, 2), Fraction(9, 4))), ("00:00:01.500", "00:00:02", (1.5, 2)),
     ("1:02.5", "1:03", (62.5, 63)), ("3+00", "4+08", (2, 3))],
)  # fmt: skip
def test_other_times_count_from_the_first_frame(start, stop, seconds):
    script = read(SHEET + f"1;A;{start};{stop};x;;\n")

    assert (script.lines[0].start, script.lines[0].stop) == seconds
    assert script.from_start


def test_columns_can_be_named_by_header_letter_or_number():
    text = "Nr,Wer,Von,Bis,Fassung B,Fassung A\n7,ELISE,1,2,neu,alt\n"

    script = read(text, maps=parse_maps(["start=Von", "stop=D", "character=2", "text=Fassung B"]))

    assert (script.lines[0].text, script.lines[0].character) == ("neu", "ELISE")
    with pytest.raises(SettingsError, match="Mitte"):
        read(text, maps={"start": "Mitte"})
    with pytest.raises(SettingsError):
        parse_maps(["colour=Von"])


def test_drop_frame_is_taken_from_the_semicolon():
    script = read("In,Out,Text\n01:00:00;00,01:00:01;00,x\n", rate=Fraction(30000, 1001))

    assert script.drop
    assert script.lines[0].start * script.rate == 107892


def test_unrecognised_columns_are_reported_as_lost():
    script = read("In,Out,Text,Boom\n1,2,x,left\n")

    assert [loss.what for loss in script.losses.of_kind("lost")] == ["column 'Boom' is not kept"]


# -- workbooks -------------------------------------------------------------------------------


@cache
def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbooks_times_may_be_text_numbers_or_times_of_day():
    from datetime import time, timedelta

    head = ("Cue", "In", "Out", "Text")
    for start, stop in (("1.5", "2"), (1.5, 2), (time(0, 0, 1, 500000), timedelta(seconds=2))):
        script = read(workbook(head, (1, start, stop, "x")), "cues.xlsx")
        assert (script.lines[0].start, script.lines[0].stop) == (Fraction(3, 2), 2)


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, body in parts.items():
            bundle.writestr(name.replace("__", "/").replace("_xml", ".xml"), body)
    return out.getvalue()


def test_a_workbook_that_is_a_zip_bomb_or_declares_entities_is_refused():
    bomb = packed(xl__workbook_xml=b"0" * (40 << 20))
    laughs = packed(xl__workbook_xml=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')

    with pytest.raises(TurnoverError, match="times its size"):
        read(bomb, "cues.xlsx")
    with pytest.raises(TurnoverError, match="entities"):
        read(laughs, "cues.xlsx")


def test_a_workbook_whose_parts_are_not_named_is_refused_without_a_warning():
    whole, broken = io.BytesIO(workbook(("In", "Out", "Text"), (1, 2, "x"))), io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(
                name, body.replace(b" Id=", b" Ix=") if "workbook.xml.rels" in name else body
            )

    with pytest.raises(TurnoverError, match="workbook|no cell"):
        read(broken.getvalue(), "cues.xlsx")


@FEW
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data):
    whole = bytearray(workbook(("In", "Out", "Text"), (1, 2, "x")))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))

    try:
        read(bytes(whole[: data.draw(st.integers(4, len(whole)))]), "cues.xlsx")
    except DubsyncError as error:
        assert error.hint


# -- SRT -------------------------------------------------------------------------------------


def test_srt_is_read_with_its_names_tags_and_marks():
    text = "\ufeff1\r\n00:00:01,500 --> 00:00:02,000\r\n<i>ELISE: Oui.</i>\r\nNon.\r\n\r\n"
    text += "2\r\n00:00:03,5 --> 00:00:04.000 X1:1\r\n{\\an8}Ah bon ?\r\n"

    script = read(text, "a.srt")

    first, second = script.lines
    assert (first.character, first.text, first.number) == ("ELISE", "Oui.\nNon.", "1")
    assert (second.text, second.start) == ("Ah bon ?", Fraction(7, 2))
    assert any("1 digit" in loss.what for loss in script.losses)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("-00:00:01,000 --> 00:00:02,000", "negative"),
        ("00:00:01,000 --> 00:00:01,000", "has no duration"),
        ("00:00:03,000 --> 00:00:01,000", "before it begins"),
        ("00:61:03,000 --> 00:62:01,000", "above 59"),
        ("00:00:03 -> then", "not a pair of times"),
    ],
)  # fmt: skip
def test_a_wrong_time_of_srt_is_named(times, said):
    text = f"1\n{times}\nOui.\n\n2\n00:01:00,000 --> 00:01:01,000\nNon.\n"

    with pytest.raises(TurnoverError, match=said) as refused:
        read(text, "a.srt")
    assert "line 2" in str(refused.value)


# -- Pro Tools and others --------------------------------------------------------------------


def test_a_sessions_clips_are_cues(shared: Path):
    script = script_in(shared / "timelines/protools/Charade.txt")

    cue = next(ln for ln in script.lines if ln.number == "P103")
    assert (cue.character, cue.reason, cue.notes) == ("PETER", "Replace Line", 'Adding "ALL"')
    assert cue.words == "It's in all the afternoon papers."
    assert len(script.lines) == 41


def test_a_track_names_character_prefix_and_actor():
    from dubsync.editorial.script.protools import tagged

    track = tagged("Leonard To[LEOTO]{Jason Tobin}")

    assert (track.bare, track.square, track.curly) == ("Leonard To", ("LEOTO",), ("Jason Tobin",))


def test_words_are_the_spoken_words():
    spoken = line('(effort) "Hinaus!" [noise]').words

    assert spoken == "Hinaus!"


def test_an_unknown_format_is_refused(tmp_path):
    script = Script("", "", (line(),), "de", rate=RATE)

    with pytest.raises(SettingsError):
        written(script, "docx")
    with pytest.raises(DubsyncError, match="language"):
        written(replace(script, language=""), "dapt")
