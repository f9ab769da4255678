"""Shot names are legal file names, unique on every file system, and stable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.editorial.timeline.shot_names import shot_name, unique_names

LEGAL = re.compile(r"[A-Za-z0-9._-]{1,64}")
HOSTILE = [
    "../../etc/passwd", "a\0b", "line\nbreak", "CON", "nul.mov", "trailing.", " spaces ", "-rf",
    "Élise 3/4", "дом 12", "映画", "x" * 300, "....", "", "a*b?c", "🎬 take", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_clip_name_becomes_a_legal_one(text: str) -> None:
    name = shot_name(text, "fallback")
    assert LEGAL.fullmatch(name)
    assert not name.startswith((".", "-")) and not name.endswith(".")
    assert name.split(".")[0].upper() not in {"CON", "NUL", "AUX", "PRN", "COM1", "LPT1"}


@given(st.lists(st.text(max_size=90), max_size=30))
def test_names_are_legal_unique_and_the_same_again(texts: list[str]) -> None:
    names = unique_names(shot_name(text) for text in texts)
    assert all(LEGAL.fullmatch(name) for name in names)
    assert len({name.lower() for name in names}) == len(texts)
    assert names == unique_names(shot_name(text) for text in texts)


def test_names_that_differ_in_case_only_are_made_unique() -> None:
    assert unique_names(["Sh010", "SH010", "sh010_2"]) == ("Sh010", "SH010_2", "sh010_2_2")


def test_long_names_that_begin_alike_stay_apart() -> None:
    assert shot_name("a" * 200 + "1") != shot_name("a" * 200 + "2")


def test_the_first_usable_name_is_used() -> None:
    assert shot_name("", "///", "A001_003") == "A001_003"
    assert shot_name("", "") == "event"
