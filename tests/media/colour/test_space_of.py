"""Which colour space a plate is in, what said so, and what is in doubt."""

from pathlib import Path

import pytest

from dubsync.core.colours.choice import ColourChoice
from dubsync.core.errors import SettingsError
from dubsync.media.colour.config import open_config
from dubsync.media.colour.doubts import stated_by_plates, unmanaged_doubts
from dubsync.media.colour.plate_colours import open_colours
from dubsync.media.colour.space_of import space_of
from tests.media.colour.colour_plates import house, plate


@pytest.fixture(scope="module")
def studio():
    return open_config("builtin studio")


def found(one, config, *spaces):
    return space_of(one, ColourChoice("builtin studio", spaces=spaces), config, [Path("/media")])


@pytest.mark.parametrize(
    ("facts", "space"),
    [
        ({"transfer": "1", "primaries": "1"}, "Rec.1886 Rec.709 - Display"),
        ({"transfer": "16", "primaries": "9"}, "Rec.2100-PQ - Display"),
        ({"transfer": "16", "primaries": "12"}, "ST2084-P3-D65 - Display"),
        ({"transfer": "18", "primaries": "9"}, "Rec.2100-HLG - Display"),
        ({"transfer": "13", "primaries": "1"}, "sRGB - Display"),
    ],
)
def test_a_movie_is_in_the_space_that_its_tags_say(studio, facts, space):
    one = found(plate("A001.mov", **facts), studio)
    assert (one.space, one.source, one.doubt) == (space, "tag", "")


@pytest.mark.parametrize(
    ("stated", "space"),
    [
        ("lin_ap1_scene", "ACEScg"),
        ("lin_ap0_scene", "ACES2065-1"),
        ("ocio:lin_awg4_scene", "Linear ARRI Wide Gamut 4"),
        ("srgb_rec709_scene", "sRGB Encoded Rec.709 (sRGB)"),
    ],
)
def test_an_exr_is_in_the_space_that_its_header_says(studio, stated, space):
    one = found(plate("A001.%04d.exr", stated_space=stated), studio)
    assert (one.space, one.source, one.doubt) == (space, "tag", "")


@pytest.mark.parametrize("stated", ["", "chromaticities 0.6 0.3 0.2 0.7 0.1 0.1 0.3 0.3"])
def test_a_linear_plate_of_unknown_primaries_is_a_doubt_and_never_the_config_s_guess(
    studio, stated
):
    one = found(plate("A001.%04d.exr", stated_space=stated), studio)
    assert one.source == "assumed" and one.space == "Linear Rec.709 (sRGB)"
    assert "not stated" in one.doubt and stated in one.doubt
    assert '"ACEScg"' in one.hint and "[colour.spaces]" in one.hint


def test_video_without_tags_is_a_doubt(studio):
    one = found(plate("A001.mov"), studio)
    assert one.source == "assumed" and "taken for Rec.1886 Rec.709" in one.doubt


@pytest.mark.parametrize("name", ["A001_LogC3.mov", "A001_slog3_01.mov", "day1-LOGC.mov"])
def test_footage_whose_name_speaks_of_log_and_whose_tags_say_video_is_a_doubt(studio, name):
    one = found(plate(name, transfer="1"), studio)
    assert "its name speaks of" in one.doubt and "[colour.spaces]" in one.hint
    assert ("ARRI LogC3" in one.hint) or ("S-Log3" in one.hint) or ("ARRI LogC" in one.hint)


@pytest.mark.parametrize("name", ["A001_dialogue.mov", "catalogue.mov", "blogger_01.mov"])
def test_a_name_that_only_holds_the_letters_is_none(studio, name):
    assert not found(plate(name, transfer="1"), studio).doubt


@pytest.mark.parametrize("pattern", ["a001*", "day1/*", "A001"])
def test_the_project_s_line_counts_first_by_name_path_or_reel(studio, pattern):
    one = found(plate("A001_logc3.mov", transfer="1"), studio, (pattern, "arri_logc3_ei800"))
    assert (one.space, one.source) == ("ARRI LogC3 (EI800)", "setting")
    assert not one.doubt and pattern in one.because


def test_a_misspelt_space_is_refused_with_those_it_is_near(studio):
    with pytest.raises(SettingsError, match="no colour space 'Arri LogC 3'") as refused:
        found(plate("A001.mov"), studio, ("*", "Arri LogC 3"))
    assert '"ARRI LogC3 (EI800)"' in refused.value.hint
    with pytest.raises(SettingsError, match="ASEScg"):
        open_colours(ColourChoice("builtin studio", spaces=(("never*", "ASEScg"),)))


def test_a_house_s_file_rules_count_before_tags_and_a_difference_is_said(tmp_path):
    config = open_config(house(tmp_path))
    ruled = found(plate("A001_graded.mov", transfer="16"), config)
    assert (ruled.space, ruled.source) == ("video", "file rule")
    by_suffix = found(plate("A001.%04d.exr"), config)
    assert (by_suffix.space, by_suffix.source, by_suffix.doubt) == ("lin", "file rule", "")
    assert found(plate("A001.mov"), config).source == "assumed", "the default rule knows nothing"


def test_without_colour_settings_linear_and_log_plates_are_doubts_and_video_is_none():
    plates = [plate("A001.mov"), plate("B_logc.mov", transfer="1"), plate("C.%04d.exr"),
              plate("D.%04d.exr")]  # fmt: skip
    log, linear = unmanaged_doubts(plates)
    assert log.about == "B_logc.mov" and "as if it were video" in log.message
    assert linear.about.startswith("2 plates") and "sRGB curve" in linear.message
    assert "builtin studio" in linear.hint and not linear.blocking
    assert stated_by_plates(plates) == (
        "2 plates linear, its primaries are not stated, 1 plate not stated, 1 plate tagged BT.709"
    )


def test_plates_of_one_space_share_one_colour_and_one_doubt(studio):
    colours = open_colours(ColourChoice("builtin studio"))
    plates = [plate(f"A00{n}.%04d.exr") for n in range(4)]
    coloured, warnings = colours.given_to(plates, [])
    assert len(warnings) == 1 and warnings[0].about.startswith("4 plates (A000")
    assert len({id(one.format.colour) for one in coloured}) == 1
    assert coloured[0].format.colour_key and coloured[0].space.source == "assumed"


def test_video_has_no_part_in_the_keys_of_what_is_made_of_it(studio):
    colours = open_colours(ColourChoice("builtin studio"))
    (video, pq), _ = colours.given_to(
        [plate("A.mov", transfer="1"), plate("B.mov", transfer="16", primaries="9")], []
    )
    assert video.format.colour_key == plate("A.mov").format.colour_key == ()
    assert pq.format.colour_key
