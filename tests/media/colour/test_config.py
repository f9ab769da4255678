"""Colour configs that are missing, broken, or lead elsewhere."""

import pytest

from dubsync.core.errors import SettingsError
from dubsync.media.colour.bake import baked, working_in
from dubsync.media.colour.config import open_config
from tests.media.colour.colour_plates import house

_RISING = "Version 1\nFrom 0.0 1.0\nLength 5\nComponents 1\n{\n0\n.01\n.05\n.2\n1\n}\n"
_CUBE = "LUT_3D_SIZE 2\n" + "\n".join(
    f"{(r + g) / 2} {g} {b * r}" for b in (0, 1) for g in (0, 1) for r in (0, 1)
)


def test_a_house_s_own_config_is_used_with_its_luts(tmp_path):
    path = house(tmp_path)
    (tmp_path / "luts" / "curve.spi1d").write_text(_RISING)
    config = open_config(path)
    made = baked(config, "from lut", working_in(config))
    assert config.name == "house" and not config.builtin and len(config.digest) == 64
    assert made.working == "lg" and len(made.to_light) == 1


def test_a_3d_lut_is_refused_and_a_space_is_offered(tmp_path):
    path = house(tmp_path, "look.cube")
    (tmp_path / "luts" / "look.cube").write_text(_CUBE)
    config = open_config(path)
    with pytest.raises(
        SettingsError, match="'from lut' of house cannot be brought back"
    ) as refused:
        baked(config, "from lut", working_in(config))
    assert '"lin"' in refused.value.hint or '"lg"' in refused.value.hint


def test_a_missing_lut_is_named_when_its_space_is_used(tmp_path):
    config = open_config(house(tmp_path))
    working = working_in(config)
    with pytest.raises(SettingsError, match=r"'from lut' of house cannot be used.*curve\.spi1d"):
        baked(config, "from lut", working)
    assert baked(config, "lin", working).space == "lin"


@pytest.mark.parametrize("place", ["../../secret.cube", "/etc/passwd", "luts/../../../x.spi1d"])
def test_a_lut_outside_the_config_s_folder_is_refused(tmp_path, place):
    with pytest.raises(SettingsError, match="outside the config's folder"):
        open_config(house(tmp_path / "a" / "b", place))


def test_a_link_that_leads_out_of_the_config_s_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere.spi1d").write_text(_RISING)
    path = house(tmp_path / "config")
    (path.parent / "luts" / "curve.spi1d").symlink_to(tmp_path / "elsewhere.spi1d")
    with pytest.raises(SettingsError, match="outside the config's folder"):
        open_config(path)


@pytest.mark.parametrize(
    "text",
    ["", "not: [a config", "ocio_profile_version: 9\n", "\x00\x01", "ocio_profile_version: 2"],
)
def test_a_broken_config_is_refused(tmp_path, text):
    path = tmp_path / "config.ocio"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"config\.ocio is not a sound OpenColorIO config"):
        open_config(path)


def test_a_config_that_is_not_there_or_an_archive_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read") as refused:
        open_config(tmp_path / "none.ocio")
    assert "builtin studio" in refused.value.hint
    (tmp_path / "c.ocioz").write_bytes(b"PK")
    with pytest.raises(SettingsError, match="is an archive"):
        open_config(tmp_path / "c.ocioz")


def test_a_misspelt_built_in_config_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match="no built-in colour config 'studoi'") as refused:
        open_config("builtin studoi")
    assert '"builtin studio"' in refused.value.hint
