"""[colour] of dubsync.toml: read, written, and refused by name."""

import pytest

from dubsync.core.colours.choice import ColourChoice
from dubsync.core.errors import SettingsError
from dubsync.service.settings.colour_setting import colour_text, parse_colour


def test_a_project_without_the_table_manages_no_colours(tmp_path):
    assert parse_colour(None, tmp_path, []) is None and colour_text(None, "") == []


def test_the_table_is_read_and_the_order_of_patterns_kept(tmp_path):
    table = {"config": "builtin studio", "working": "ACEScct",
             "spaces": {"B*": "ACEScg", "*": "ARRI LogC4"}}  # fmt: skip
    assert parse_colour(table, tmp_path, []) == ColourChoice(
        "builtin studio", "ACEScct", spaces=(("B*", "ACEScg"), ("*", "ARRI LogC4"))
    )


def test_a_config_may_lie_in_the_project_or_a_media_folder_and_nowhere_else(tmp_path):
    media = tmp_path / "media"
    here = parse_colour({"config": "ocio/config.ocio"}, tmp_path / "reel", [media])
    assert here.config == (tmp_path / "reel/ocio/config.ocio").resolve()
    there = parse_colour({"config": "../media/c.ocio"}, tmp_path / "reel", [media])
    assert there.config == (media / "c.ocio").resolve()
    with pytest.raises(SettingsError, match="outside the project"):
        parse_colour({"config": "../../c.ocio"}, tmp_path / "reel", [media])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("ACES", "must be a table"),
        ({}, "names no config"),
        ({"config": 3}, "colour.config must be text"),
        ({"config": "builtin studio", "veiw": "x"}, "colour.veiw"),
        ({"config": "builtin studio", "spaces": ["A*"]}, "must hold lines"),
        ({"config": "builtin studio", "spaces": {"A*": ""}}, "must hold lines"),
        ({"config": "builtin studio", "spaces": {f"{n}": "x" for n in range(501)}}, "501 patterns"),
    ],
)
def test_each_mistake_is_named(tmp_path, table, message):
    with pytest.raises(SettingsError, match=message) as refused:
        parse_colour(table, tmp_path, [])
    assert refused.value.hint
