"""Words and phones by hand: changes keep order, nothing overlaps, and files keep old tweaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.sound.phones import PHONES
from dubsync.core.tweak import spoken_edits as edits
from dubsync.core.tweak.spoken_track import SAID, SpokenPhone, SpokenTrack, SpokenWord, phone_of
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain


def word(text, symbols, first, last, **how):
    step = (last - first) / len(symbols)
    phones = tuple(
        SpokenPhone.at(s, first + n * step, first + (n + 1) * step) for n, s in enumerate(symbols)
    )
    return SpokenWord(text, first, last, phones, **how)


MIO = word("mio", "mio", 1000.0, 1006.0, confidence=0.9, by_hand=False, line="L1")
PADRE = word("padre", "padɾe", 1006.0, 1016.0, confidence=0.9, by_hand=False, line="L1")
CASA = word("casa", "kaza", 1030.0, 1038.0, confidence=0.9, by_hand=False, line="L1")
TRACK = SpokenTrack((MIO, PADRE, CASA))


def spans(track):
    return [(w.text, w.first, w.last) for w in track.words]


def test_a_moved_word_takes_its_phones_along_and_keeps_where_their_sound_is():
    moved = edits.moved_word(TRACK, 3, 4.8)
    assert spans(moved)[2] == ("casa", 1034.8, 1042.8)
    assert moved.words[2].phones[0] == SpokenPhone("k", 1034.8, 1036.8, (1030.0, 1032.0))
    assert moved.words[2].by_hand and moved.words[2].confidence == 1
    assert moved.words[:2] == TRACK.words[:2]


def test_a_neighbour_gives_way_as_far_as_its_edge_only():
    moved = edits.moved_word(TRACK, 1, 3)
    assert spans(moved)[:2] == [("mio", 1003.0, 1009.0), ("padre", 1009.0, 1016.0)]
    assert moved.words[1].phones[-1].last == 1016 and not moved.words[1].by_hand


def test_a_retimed_phone_pushes_its_neighbours_in_the_word():
    m = edits.placed_phone(TRACK, 1, 1000.0, 1003.0)
    assert [(p.symbol, p.first, p.last) for p in m.words[0].phones] == [
        ("m", 1000.0, 1003.0), ("i", 1003.0, 1004.0), ("o", 1004.0, 1006.0),
    ]  # fmt: skip
    assert m.words[1:] == TRACK.words[1:]


def test_a_phone_put_where_the_dub_lacks_it_is_not_heard():
    made = edits.placed_phone(TRACK, 2, 1002.0, 1004.0, "m")
    assert made.words[0].phones[1] == SpokenPhone("m", 1002.0, 1004.0, None)
    alone = edits.added_phone(TRACK, "p", 1020.0, 1022.0)
    assert spans(alone)[2] == ("", 1020.0, 1022.0)
    assert edits.without_phone(alone, 9) == TRACK


def test_a_word_is_added_said_anew_and_deleted():
    added = edits.added_word(TRACK, "ma", ("m", "a"), 1015.0, 1020.0)
    assert spans(added)[1:3] == [("padre", 1006.0, 1015.0), ("ma", 1015.0, 1020.0)]
    said = edits.said_word(added, 3, "no", ("n", "o"))
    assert [p.symbol for p in said.words[2].phones] == ["n", "o"]
    assert edits.said_word(added, 3, "MA", ()).words[2].phones == added.words[2].phones
    assert spans(edits.without_word(said, 3)) == spans(added)[:2] + spans(added)[3:]


def test_what_is_not_there_or_not_known_is_refused_with_what_there_is():
    with pytest.raises(SettingsError) as refused:
        edits.moved_word(TRACK, 4, 1)
    assert "no word 4" in str(refused.value) and "3 words" in refused.value.hint
    with pytest.raises(SettingsError) as refused:
        phone_of("qu")
    assert "ʃ" in refused.value.hint and "sh for" in refused.value.hint
    assert phone_of("g") == "ɡ" and "sil" not in SAID
    with pytest.raises(SettingsError):
        edits.placed_word(TRACK, 1, 1004.0, 1004.0)
    with pytest.raises(SettingsError):
        SpokenTrack((PADRE, MIO))
    with pytest.raises(SettingsError):
        SpokenPhone.at("m", float("nan"), 3)


number = st.integers(1, 14)
at = st.floats(990, 1050)
length = st.floats(0.5, 20)
symbol = st.sampled_from(PHONES[1:])
change = st.one_of(
    st.tuples(st.just("moved_word"), number, st.floats(-30, 30)),
    st.tuples(st.just("moved_phone"), number, st.floats(-10, 10)),
    st.tuples(st.just("placed_word"), number, at, length),
    st.tuples(st.just("placed_phone"), number, at, length, symbol),
    st.tuples(st.just("added_word"), st.just("x"), st.lists(symbol, max_size=4), at, length),
    st.tuples(st.just("added_phone"), symbol, at, length),
    st.tuples(st.just("without_word"), number),
    st.tuples(st.just("without_phone"), number),
)


@given(st.lists(change, max_size=8))
def test_whatever_is_changed_stays_in_order_without_overlaps(changes):
    track = TRACK
    for name, *arguments in changes:
        if name.startswith(("placed", "added")):
            n = 2 if name == "added_word" else 1
            arguments[n + 1] = arguments[n] + arguments[n + 1]
        try:
            track = getattr(edits, name)(track, *arguments)
        except SettingsError as refused:
            assert "there is no" in str(refused) or "no room" in str(refused)
    assert from_plain(plain(Tweak(spoken=track))).spoken == track
    for one in track.words:
        ends = [edge for p in one.phones for edge in (p.first, p.last)]
        assert ends == sorted(ends) and all(one.first <= edge <= one.last for edge in ends)
    ends = [edge for one in track.words for edge in (one.first, one.last)]
    assert ends == sorted(ends)


def test_a_tweak_without_words_by_hand_is_written_as_ever():
    assert plain(Tweak()) == {} and from_plain({}).spoken is None
    assert from_plain(plain(Tweak(spoken=SpokenTrack()))) == Tweak(spoken=SpokenTrack())
    assert Tweak(spoken=TRACK).cleared("words") == Tweak()
