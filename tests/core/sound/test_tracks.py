"""The track that fits a language is chosen, however the file spells it; else the file's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.sound.tracks import SoundTrack, own_track, same_language, track_for

LANGUAGES = [
    "de-DE",
    "de",
    "deu",
    "ger",
    "fr-CA",
    "fra",
    "fre",
    "en",
    "eng",
    "zh-Hans",
    "chi",
    "nob",
]


def _track(number: int, language: str = "", default: bool = False) -> SoundTrack:
    return SoundTrack(number, (number - 1,), 48000, 2, ("FL", "FR"), language, "", default)


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de-DE", "deu"), ("de-AT", "ger"), ("pt-BR", "por"), ("nb-NO", "nor"), ("zh-Hant-TW", "zho"),
     ("cmn", "chi"), ("fil", "tgl"), ("EN-gb", "eng"), ("sr-Latn", "srp"), ("mi", "mao")],
)  # fmt: skip
def test_tags_and_codes_of_one_language_are_the_same(tag: str, code: str) -> None:
    assert same_language(tag, code)


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de", "eng"), ("und", "und"), ("", ""), ("de", ""), ("und", "ger"), ("mul", "mul"),
     ("es", "est"), ("et", "spa")],
)  # fmt: skip
def test_other_languages_and_none_are_not(tag: str, code: str) -> None:
    assert not same_language(tag, code)


@given(
    languages=st.lists(st.sampled_from(["", *LANGUAGES]), min_size=1, max_size=6),
    marked=st.integers(0, 8),
    wanted=st.sampled_from(LANGUAGES),
)
def test_a_fitting_track_wins_then_the_marked_then_the_first(
    languages: list[str], marked: int, wanted: str
) -> None:
    tracks = [_track(n + 1, code, n == marked) for n, code in enumerate(languages)]
    chosen, by = track_for(tracks, wanted)
    fitting = [track for track in tracks if same_language(wanted, track.language)]
    if len(tracks) == 1:
        assert (chosen, by) == (tracks[0], "only")
    elif fitting:
        assert by == "language" and chosen in fitting
        assert chosen.default or not any(track.default for track in fitting)
    else:
        assert by == "default" and chosen == own_track(tracks)
        assert chosen.default or chosen.number == 1
