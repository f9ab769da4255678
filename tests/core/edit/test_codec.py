"""A codec of edit media refuses what it cannot hold, and names what is near."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.edit.codec import CONTAINERS, EDIT_CODECS, check_edit_picture, edit_codec
from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.core.picture import PictureFormat

FILM = Fraction(24000, 1001)


def form(width: int, height: int) -> PictureFormat:
    return PictureFormat(width, height, "yuv", 10, chroma=(1, 0), storage="yuv422p10le")


def refusal(name: str, width: int, height: int, rate: Fraction = FILM, container: str = "") -> str:
    codec = edit_codec(name)
    with pytest.raises(DeliveryError) as caught:
        check_edit_picture(codec, container or codec.usual, form(width, height), rate)
    assert caught.value.hint
    return f"{caught.value} {caught.value.hint}"


def test_every_codec_names_a_known_container_and_its_document():
    for name, codec in EDIT_CODECS.items():
        assert codec.name == name and codec.source
        assert codec.containers and set(codec.containers) <= set(CONTAINERS)
        assert codec.usual == codec.containers[0]


def test_dnxhd_at_another_size_names_the_nearest():
    assert "the nearest size is 1920x1080" in refusal("dnxhd", 1998, 1080)
    assert "dnxhr_hqx" in refusal("dnxhd", 1998, 1080)


def test_a_rate_that_the_codec_does_not_have_names_the_nearest():
    assert "the nearest rate is 50" in refusal("dnxhd", 1920, 1080, Fraction(48))
    assert "the nearest rate is 25" in refusal("xavc", 1920, 1080, Fraction(26))


def test_mxf_takes_the_rates_that_have_a_timecode():
    assert "the nearest rate is 24000/1001" in refusal("dnxhr_hqx", 1920, 1080, Fraction(15))
    check_edit_picture(edit_codec("dnxhr_hqx"), "mov", form(1920, 1080), Fraction(15))


def test_an_odd_width_has_no_half_of_its_chroma():
    assert "odd width of 1921x1080" in refusal("prores422hq", 1921, 1080)
    assert "odd height of 1920x1081" in refusal("h264", 1920, 1081)
    check_edit_picture(edit_codec("prores422hq"), "mov", form(1920, 1081), FILM)
    check_edit_picture(edit_codec("prores4444"), "mov", form(1921, 1081), FILM)


def test_prores_is_not_written_as_mxf():
    assert "choose edit_container: mov" in refusal("prores422hq", 1920, 1080, container="mxf")


def test_dnxhr_begins_at_256_by_120():
    assert "begins at 256x120" in refusal("dnxhr_hqx", 254, 120)


def test_an_unknown_codec_is_a_settings_error_that_lists_them():
    with pytest.raises(SettingsError) as caught:
        edit_codec("prores")
    assert "prores422hq" in caught.value.hint


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(EDIT_CODECS)),
    st.integers(1, 9000),
    st.integers(1, 9000),
    st.fractions(min_value=1, max_value=120, max_denominator=1001),
)
def test_a_picture_is_taken_or_refused_with_something_to_try(name, width, height, rate):
    codec = edit_codec(name)
    for container in codec.containers:
        try:
            check_edit_picture(codec, container, form(width, height), rate)
        except DeliveryError as error:
            assert error.hint
