"""A house's own base: from consented actors only, signed, checked before use, refused later."""

import json
import re

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import ConsentMissing, HouseKeyError, ModelError, SettingsError
from dubsync.core.progress import silent
from dubsync.service.house_base.kept import kept_bases, read_base
from dubsync.service.house_base.places import base_folder
from dubsync.service.project import Project
from dubsync.service.teaching.teach_base import teach_house_base


@pytest.fixture
def bases(tmp_path, monkeypatch):
    """The folder of bases, empty."""
    monkeypatch.setenv("DUBSYNC_BASES", str(tmp_path / "bases"))
    return tmp_path / "bases"


@pytest.fixture
def agreed(reel):
    """The reel; ELISE's record allows a house base, MARC's does not."""
    path = reel / "consent/elise-m.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(operations = \[)", r'\1"house_base", ', text), encoding="utf-8")
    return reel


def taught(reel):
    return teach_house_base([Project.open(reel)], "nord", progress=silent)


def test_a_base_is_taught_on_those_alone_who_consented_to_it(agreed, bases, signing, engine):
    result = taught(agreed)

    assert [asked for asked in engine.ASKED if asked[0] == "teach"] == [("teach", ["ELISE"], 20.0)]
    assert [one.character for one in result.left_out] == ["MARC"]
    assert [one["id"] for one in result.card["consents"]] == ["elise-m-001"]
    assert read_base("nord/v001").network == b"network"
    assert taught(agreed).name == "nord/v002"


def test_training_consent_implies_no_house_base(reel, bases, signing, engine):
    with pytest.raises(ConsentMissing, match="no performer of these reels"):
        taught(reel)

    assert not [asked for asked in engine.ASKED if asked[0] in ("learn", "teach")]


def test_without_a_key_nothing_is_taught(agreed, bases):
    with pytest.raises(HouseKeyError, match="this machine has none"):
        taught(agreed)


def test_a_base_is_used_where_the_settings_name_it(agreed, bases, signing):
    name = taught(agreed).name
    settings = agreed / "dubsync.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[engine]", f'[engine]\nbase = "{name}"'), encoding="utf-8")

    assert Project.open(agreed).reel.engine.version.endswith("/nord/v001")


@pytest.mark.parametrize(
    "name", ["card.json", "base_network.safetensors", "sound_head.safetensors"]
)
def test_an_altered_base_is_refused(agreed, bases, signing, name):
    path = base_folder(taught(agreed).name) / name
    path.write_bytes(path.read_bytes().replace(b"e", b"a", 1))

    with pytest.raises(ModelError):
        read_base("nord/v001")


@pytest.mark.parametrize("name", ["nord", "nord/v001", "../nord/v001", "Nord/v001", "nord/v1/.."])
def test_a_base_that_is_not_there_is_named(bases, name):
    with pytest.raises(SettingsError, match="base"):
        read_base(name)


def test_withdrawal_names_the_bases_taught_on_somebody_and_refuses_them(agreed, bases, signing):
    taught(agreed)
    listed = CliRunner().invoke(main, ["consent", str(agreed), "--json"])
    assert [one["bases"] for one in json.loads(listed.stdout)["performers"]] == [["nord/v001"], []]

    done = CliRunner().invoke(main, ["consent", str(agreed), "elise-m", "--withdraw", "--yes"])

    assert "nord/v001" in done.output and done.exit_code == 0, done.output
    assert "withdrew" in next(iter(kept_bases())).refused
    with pytest.raises(ConsentMissing, match="used no more"):
        read_base("nord/v001")
