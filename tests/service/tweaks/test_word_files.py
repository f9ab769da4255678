"""Words as CSV and TextGrid come back as they were; what is wrong is refused with its row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.spoken_track import SAID
from dubsync.service.tweaks.textgrid import textgrid_text, textgrid_words
from dubsync.service.tweaks.timed_words import Timed, TimedWord, text_in
from dubsync.service.tweaks.words_csv import csv_text, csv_words


def bare(words):
    return [(w.word.text, w.word.begin, w.word.end,
             [(p.text, p.begin, p.end) for p in w.phones]) for w in words]  # fmt: skip


@st.composite
def tracks(draw):
    """Words, some without phones, and phones in no word, at times as measured."""
    at, result = draw(st.floats(0, 5)), []
    letters = st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Cn", "Co"))
    for _ in range(draw(st.integers(0, 5))):
        at += draw(st.sampled_from([0.0, 0.013, 0.4]))
        begin, phones = at, []
        text = draw(st.one_of(st.just(""), st.text(letters, min_size=1, max_size=9)))
        for _ in range(draw(st.integers(0, 4)) if text else 1):
            end = at + draw(st.floats(0.02, 0.3))
            phones.append(Timed(draw(st.sampled_from(SAID)), at, end))
            at = end
        at += 0.1 if not phones else 0.0
        result.append(TimedWord(Timed(text, begin, at), tuple(phones)))
    return tuple(result)


@given(tracks())
def test_a_track_comes_back_from_csv_and_textgrid(track):
    assert bare(csv_words(csv_text(track, ["01:00:00:00"] * len(track)), "x.csv")) == bare(track)
    assert bare(textgrid_words(textgrid_text(track, 9.0), "x.TextGrid")) == bare(track)


SHORT = """File type = "ooTextFile"
"TextGrid"

0
2.5
<exists>
3
"TextTier"
"bell"
0
2.5
1
1.25
"ring"
"IntervalTier"
"MARC - words"
0
2.5
3
0
0.5
""
0.5
1
"mi ""o"" x"
1
2.5
""
"IntervalTier"
"MARC - phones"
0
2.5
4
0
0.5
"sil"
0.5
0.7
"m"
0.7
1
"ˈo"
1
2.5
""
"""


def test_the_short_form_in_utf16_with_other_tiers_is_read(tmp_path):
    file = tmp_path / "praat.TextGrid"
    file.write_bytes(SHORT.encode("utf-16"))
    (one,) = textgrid_words(text_in(file), file.name)
    assert bare([one]) == [('mi "o" x', 0.5, 1.0, [("m", 0.5, 0.7), ("o", 0.7, 1.0)])]


def refused(text, read=csv_words):
    with pytest.raises(SettingsError) as error:
        read(text, "hostile")
    return f"{error.value} {error.value.hint}"


HEAD = "kind,text,start_s,end_s\n"


def test_unknown_phones_are_named_with_their_rows_and_what_is_known():
    said = refused(HEAD + "word,ciao,1,2\nphone,q,1,1.5\nphone,m,1.5,1.7\nphone,ü,1.7,2\n")
    assert "2 unknown phones: row 3 'q', row 5 'ü'" in said and "known phones: p b m" in said


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("word,a,1,2\nword,b,1.5,3\n", "row 3: 'b' begins at 1.500 s, before 'a' (row 2) ends"),
        ("word,a,1,2\nphone,m,1.5,2.4\n", "row 3: phone m reaches beyond its word"),
        ("word,a,2,2\n", "row 2: 'a' has no length"),
        ("word,a,nan,2\n", "row 2: 'nan' is no time"),
        ("word,a,1,1e99\n", "row 2: '1e99' is no time"),
        ("syllable,a,1,2\n", "row 2: kind 'syllable'"),
        (f"word,{'a' * 999},1,2\n", "is no word"),
        (f"word,{'a' * 200_000},1,2\n", "is no CSV"),
    ],
)
def test_a_wrong_row_is_refused_by_its_number(rows, why):
    assert why in refused(HEAD + rows)


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", '"ooTextFile" "Pitch" 0 1', '"ooTextFile" "TextGrid" 0 1 <absent>',
        '"ooTextFile" "TextGrid" 0 1 <exists> 999999999',
        '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "words" 0 1 99999999999',
        SHORT[:150], SHORT.replace("0.5\n0.7", "0.5\nsoon"), SHORT.replace('"m"', '"m'),
        SHORT.replace("words", "tea").replace("phones", "cake"),
    ],
)  # fmt: skip
def test_a_damaged_textgrid_is_refused(text):
    refused(text, textgrid_words)


def test_a_file_that_is_large_or_not_text_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "a.csv"
    for data in (b"\xff\xfe\xff", b"\x80\x81", b"a\0b"):
        file.write_bytes(data)
        with pytest.raises(SettingsError):
            text_in(file)
    monkeypatch.setattr("dubsync.service.tweaks.timed_words.MOST_BYTES", 10)
    file.write_bytes(b"kind,text,start_s")
    with pytest.raises(SettingsError, match="larger"):
        text_in(file)


def test_a_spreadsheet_takes_no_word_for_a_formula():
    track = (TimedWord(Timed("=1+1", 0.5, 1.0)),)
    assert "'=1+1" in csv_text(track, ["x"])
    assert bare(csv_words(csv_text(track, ["x"]), "x")) == bare(track)
