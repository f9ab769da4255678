"""A project file may choose an installed engine, and run no other module."""

import sys

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import SettingsError
from dubsync.core.settings import EngineSettings
from dubsync.service import plugins
from dubsync.service.plugins import allow_engine, load_engine
from dubsync.service.project import Project
from tests.service.reel_making import ENGINE


@pytest.fixture(autouse=True)
def nothing_allowed(monkeypatch):
    monkeypatch.setattr(plugins, "_allowed", set())


@pytest.mark.parametrize(
    "name",
    ["os:system", "subprocess:call", "antigravity:x", "tests.service.drawn_engine:build", "mine",
     "", ":", "os", "os.path:join", "builtins:exec", "dubsync.engine:build_held_out", "../x:y"],
)  # fmt: skip
def test_a_module_that_is_no_installed_engine_is_refused_and_not_imported(name):
    sys.modules.pop("antigravity", None)
    with pytest.raises(SettingsError, match="is not an installed engine") as refused:
        load_engine(EngineSettings(engine=name))
    assert "antigravity" not in sys.modules
    assert "installed engines: dubsync" in refused.value.hint


def test_the_hint_is_an_option_that_lets_an_author_try_their_engine(reel):
    plugins._allowed.clear()
    ran = CliRunner().invoke(main, ["sync", str(reel)])
    assert ran.exit_code == 1
    assert f"--allow-engine {ENGINE}" in ran.output and "is not an installed engine" in ran.output
    allowed = CliRunner().invoke(main, ["sync", str(reel), "--allow-engine", ENGINE])
    assert allowed.exit_code == 0, allowed.output


def test_an_installed_engine_is_chosen_by_name_or_value(monkeypatch):
    from importlib.metadata import EntryPoint

    mine = EntryPoint("drawn", ENGINE, plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: (mine,))
    for name in ("drawn", ENGINE):
        assert load_engine(EngineSettings(engine=name)).version.startswith("drawn-1")


def test_what_builds_no_engine_is_refused():
    allow_engine("tests.service.test_plugins:builds_text")
    with pytest.raises(SettingsError, match="built no dubsync engine, but str"):
        load_engine(EngineSettings(engine="tests.service.test_plugins:builds_text"))
    allow_engine("tests.service.test_plugins:absent")
    with pytest.raises(SettingsError, match="cannot be loaded"):
        load_engine(EngineSettings(engine="tests.service.test_plugins:absent"))
    allow_engine("tests.service.no_such_module:build")
    with pytest.raises(SettingsError, match="cannot be loaded"):
        load_engine(EngineSettings(engine="tests.service.no_such_module:build"))


def builds_text(settings):
    return "no engine"


@pytest.mark.parametrize("name", ["", "os", "os:", ":system", "a b:c", "os:system()"])
def test_what_names_no_engine_cannot_be_allowed(reel, name):
    ran = CliRunner().invoke(main, ["sync", str(reel), "--allow-engine", name])
    assert ran.exit_code == 2 and "MODULE:ATTRIBUTE" in ran.output


def test_a_foreign_engine_does_not_stand_in_the_way_of_a_withdrawal(reel):
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace(ENGINE, "os:system"))
    ran = CliRunner().invoke(main, ["consent", str(reel), "elise-m", "--withdraw", "--yes"])
    assert ran.exit_code == 0, ran.output
    assert Project.open(reel).turnover().shots
