"""Feet and frames are counted at the film rate that the markers of a session prove."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.timeline.losses import ASSUMED
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.protools.feet_frames import FILM_RATES, film_count, film_frames
from dubsync.editorial.protools.session import read_protools
from tests.editorial.editorial_making import FILM, FILM_NTSC, NTSC, PAL
from tests.editorial.probed_making import session


@given(
    film=st.sampled_from(FILM_RATES),
    zero=st.integers(0, 200_000),
    seconds=st.lists(st.fractions(0, 600), min_size=1, max_size=9),
    timecode=st.sampled_from([FILM, FILM_NTSC, PAL, NTSC]),
)
def test_markers_far_apart_prove_the_film_rate(
    film: Fraction, zero: int, seconds: list[Fraction], timecode: Fraction
) -> None:
    marks = [(at, Fraction((at * film).__floor__() + zero)) for at in [*seconds, Fraction(900)]]
    marks.append((Fraction(0), Fraction(zero)))
    count = film_count(timecode, marks)
    assert count.proved and count.rate == film
    assert abs(count.zero - zero) <= 1


@pytest.mark.parametrize(
    ("timecode", "film"),
    [(FILM, 24), (FILM_NTSC, FILM_NTSC), (PAL, 25), (NTSC, FILM_NTSC), (Fraction(30), 24)],
)
def test_without_markers_film_runs_with_the_picture(
    timecode: Fraction, film: Fraction | int
) -> None:
    count = film_count(timecode, [])
    assert (count.rate, count.zero, count.proved) == (film, 0, False)


def test_a_session_whose_markers_prove_the_film_rate_has_no_losses() -> None:
    text = session("15+00", "30+00")
    first = text.rindex("1   \t01:00:01:00")
    text = text[:first] + "1\t0+00\t0\tSamples\tpop\t\n2\t900+00\t28800000\tSamples\tend\t\n"
    result = read_protools(text)
    assert result.events[0].record is not None
    assert result.events[0].record.start == 90000 + 250  # 240 frames of film at 24 are 10 s
    assert not result.losses.of_kind(ASSUMED)


def test_a_real_session_is_the_same_in_feet_and_in_timecode(shared: Path) -> None:
    folder = shared / "timelines/protools"
    feet, code = (
        probe_cut(folder / f"Robin Hood Spotting{n}.txt").events[0].record for n in (2, 5)
    )
    assert feet is not None and code is not None and feet.start == code.start
    assert feet.stop is not None and code.stop is not None and abs(feet.stop - code.stop) < 1


def test_frame_16_of_a_foot_is_refused() -> None:
    assert film_frames("10+16") is None
    assert film_frames("10+15.99") == 175 + Fraction(99, 100)
