"""DAPT: the W3C's own tests, lines without times, sequential time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.errors import TurnoverError
from dubsync.editorial.script.formats import parse_script, script_in, written
from tests.conftest import shared_folder
from tests.editorial.script.script_making import dapt

#: Name of an invalid document -> words of the reason that it must be refused for.
INVALID = {
    "agent-actor-id-invalid": "ttm:actor names '#invalid', which is not an XML name",
    "agent-actor-id-not-agent": "'d1', which is no ttm:agent",
    "agent-actor-id-undeclared": "'undeclared_id', which is no ttm:agent",
    "agent-actor-is-parent": "names its own ttm:agent",
    "agent-invalid-xmlId": "xml:id '#invalid' of a ttm:agent is not an XML name",
    "agent-no-name": "'actor_A' has no ttm:name",
    "agent-no-xmlId": "ttm:agent without an xml:id",
    "contentProfiles-im3t-no-dapt": "ttp:contentProfiles does not name DAPT's profile",
    "contentProfiles-omitted": "ttp:contentProfiles does not name DAPT's profile",
    "descType-extension-value": "daptm:descType 'invalid-extension'",
    "langSrc-on-root-empty": "daptm:langSrc is empty",
    "langSrc-on-root-invalid-value": "daptm:langSrc '#invalid' is not a language tag",
    "onScreen": "daptm:onScreen 'INVALID'",
    "originTimecode-bad-format": "daptm:daptOriginTimecode: '10012012' is not a timecode",
    "originTimecode-frames-too-many": "10:01:20:12 is not a timecode at 10 fps",
    "originTimecode-no-framerate": "10:01:20:12 needs a ttp:frameRate",
    "originTimecode-too-many": "a second daptm:daptOriginTimecode",
    "profile": "ttp:profile is not allowed",
    "represents-invalid": "daptm:represents '#invalid' is not a content descriptor",
    "represents-omitted": "daptm:represents is missing",
    "represents-scriptRepresents-mismatch": "'visual' is not within daptm:scriptRepresents",
    "scriptRepresents-invalid-content-descriptor": "'#invalid' is not a content descriptor",
    "scriptRepresents-invalid-list": "'audio,' is not a content descriptor",
    "scriptRepresents-omitted": "daptm:scriptRepresents is missing",
    "scriptType-root-invalid-value": "daptm:scriptType 'invalid_type'",
    "scriptType-root-omitted": "daptm:scriptType is missing",
    "serialization-encoding-iso8859-1": "the encoding is ISO-8859-1; DAPT is UTF-8",
    "serialization-entity-declaration-and-ref": "XML entities",
    "serialization-not-xml": "is not XML",
    "source-data-source-child": "a <source> inside <data>",
    "xmlLang-on-audio-non-matching": "xml:lang 'fr' of <audio> differs from its text's, 'en'",
    "xmlLang-root-empty": "xml:lang of the document is empty",
    "xmlLang-root-invalid": "xml:lang '#invalid' is not a language tag",
    "xmlLang-root-missing": "xml:lang of the document is missing",
}
#: Name of a valid document -> its timed and untimed lines.
VALID = {
    "agent": (0, 0), "contentProfiles-im3t": (0, 0), "contentProfiles": (0, 0),
    "descType-extension-value": (0, 1), "descType-no-descType": (0, 1),
    "descType-registry-value": (0, 1), "langSrc-omitted": (0, 1),
    "langSrc-on-content-with-inheritance": (0, 2), "langSrc-on-root-zxx": (0, 1),
    "langSrc-on-root": (0, 1), "onScreen": (0, 5), "originTimecode": (1, 0), "profile": (0, 0),
    "represents-direct-on-div": (0, 3), "represents-inherit-from-body": (0, 2),
    "represents-inherit-from-root-and-override": (0, 2), "represents-inherit-from-root": (0, 2),
    "scriptEventMapping": (0, 10), "scriptRepresents-single-value": (0, 0),
    "scriptRepresents-two-values": (0, 0), "scriptType-root": (0, 0), "serialization": (0, 3),
    "source-data": (1, 0), "xmlLang-on-audio-matching": (0, 1), "xmlLang-root": (0, 0),
}  # fmt: skip


def suite() -> Path:
    return shared_folder() / "scripts" / "dapt-tests"


def test_the_tables_name_every_document_of_the_suite() -> None:
    names = {path.stem for path in suite().glob("*.xml")}
    assert names == {f"dapt-invld-{n}" for n in INVALID} | {f"dapt-valid-{n}" for n in VALID}


@pytest.mark.parametrize("name", sorted(INVALID))
def test_an_invalid_document_is_refused_for_its_reason(name: str) -> None:
    with pytest.raises(TurnoverError) as refused:
        script_in(suite() / f"dapt-invld-{name}.xml")
    assert INVALID[name] in str(refused.value) and refused.value.hint


@pytest.mark.parametrize("name", sorted(VALID))
def test_a_valid_document_is_read_with_what_it_lacks(name: str) -> None:
    result = script_in(suite() / f"dapt-valid-{name}.xml")
    assert (len(result.lines), len(result.untimed)) == VALID[name]
    said = " ".join(loss.what for loss in result.losses)
    assert ("lines without times" in said) == bool(result.untimed)
    assert ("no lines yet" in said) == (VALID[name] == (0, 0))


def test_what_an_untimed_line_states_is_kept() -> None:
    (first, *_) = script_in(suite() / "dapt-valid-onScreen.xml").untimed
    assert (first.number, first.on_screen, first.begin) == ("d1", "off", None)
    texts = [line.text for line in script_in(suite() / "dapt-valid-serialization.xml").untimed]
    assert texts == [
        "Predefined entity: <",
        "LEFT DOUBLE QUOTATION MARK U+201C UTF-8 E2 80 9C: \u201c",
        "LATIN CAPITAL LETTER O WITH STROKE U+00D8 UTF-8 C3 98: \u00d8",
    ]


def test_a_line_without_an_end_keeps_its_begin_and_the_others_their_times() -> None:
    body = (
        '<div xml:id="a" begin="1s" ttm:agent="c1"><p>Ja.</p></div>'
        '<div xml:id="b" begin="2s" end="3s" ttm:agent="c2"><p>Nein.</p></div>'
    )
    result = parse_script(dapt(body), "x.xml")
    assert [(u.text, u.begin, u.character) for u in result.untimed] == [("Ja.", 1, "ELISE")]
    assert [(ln.text, ln.start, ln.stop) for ln in result.lines] == [("Nein.", 2, 3)]
    assert result.characters == ("MARC", "ELISE")
    (said,) = [loss for loss in result.losses if "lines without an end" in loss.what]
    assert "1 of 2" in said.what and said.hint


def test_a_format_that_has_no_place_for_an_untimed_line_says_so() -> None:
    body = (
        '<div xml:id="a" begin="1s"><p>Ja.</p></div>'
        '<div xml:id="b" begin="2s" end="3s"><p>Nein.</p></div>'
    )
    losses = written(parse_script(dapt(body), "x.xml"), "srt").losses
    assert any(loss.what.endswith("lost or changed: 1") for loss in losses)


def test_untimed_lines_written_as_dapt_come_back() -> None:
    body = (
        '<div xml:id="a" begin="1s" ttm:agent="c1" d:onScreen="OFF"><p>Ja.</p></div>'
        '<div xml:id="b" ttm:agent="c2"><ttm:desc>laut</ttm:desc><p>Nein.</p></div>'
        '<div xml:id="c" begin="2s" end="3s" d:onScreen="ON"><p>Doch.</p></div>'
    )
    script = parse_script(dapt(body), "x.xml")
    assert [line.begin for line in script.untimed] == [1, None]
    made = written(script, "dapt")
    back = parse_script(made.data, "back.xml")
    assert (back.untimed, back.lines) == (script.untimed, script.lines)
    assert not made.losses


@pytest.mark.parametrize(
    ("body", "times"),
    [
        ('<div timeContainer="seq"><p dur="1s">a</p><p begin="1s" dur="2s">b</p></div>',
         [(0, 1), (2, 4)]),
        ('<div timeContainer="seq" begin="5s"><p end="2s">a</p><p dur="1s">b</p></div>',
         [(5, 7), (7, 8)]),
        ('<div timeContainer="seq"><p><span end="2s">a</span></p><p dur="1s">b</p></div>',
         [(0, 2), (2, 3)]),
        ('<div timeContainer="seq"><div><p dur="3s">a</p></div><p dur="1s">b</p></div>',
         [(0, 3), (3, 4)]),
        ('<div><p begin="1s"><span begin="1s" end="2s">a</span></p></div>', [(1, 3)]),
    ],
)  # fmt: skip
def test_sequential_time_and_the_ends_of_spans_are_read(
    body: str, times: list[tuple[int, int]]
) -> None:
    text = f'<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="fr"><body>{body}</body></tt>'
    result = parse_script(text.encode(), "x.ttml")
    assert [(ln.start, ln.stop) for ln in result.lines] == times


def test_what_follows_a_line_without_an_end_in_a_sequence_is_untimed() -> None:
    body = '<div timeContainer="seq"><p dur="1s">a</p><p>b</p><p dur="1s">c</p></div>'
    text = f'<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="fr"><body>{body}</body></tt>'
    result = parse_script(text.encode(), "x.ttml")
    assert [ln.text for ln in result.lines] == ["a"]
    assert [(u.text, u.begin) for u in result.untimed] == [("b", 1), ("c", None)]


def test_imsc_documents_of_the_w3c_are_read_unless_they_have_no_text() -> None:
    refused = []
    for path in sorted((shared_folder() / "scripts" / "imsc-tests").glob("*.ttml"))[::6]:
        try:
            result = script_in(path)
        except TurnoverError as error:
            refused.append(str(error))
            assert "as text" in error.hint
            continue
        assert result.format == "TTML" and (result.lines or result.untimed)
        assert all(isinstance(ln.start, Fraction) and ln.stop > ln.start for ln in result.lines)
    assert all("has no lines" in message for message in refused) and len(refused) < 4
