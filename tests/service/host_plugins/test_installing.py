"""Plugins go in and out of a host's folder, and nothing there that is not theirs is touched."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import DeliveryError, MissingMedia, SettingsError
from dubsync.service.host_plugins import catalogue, installing
from dubsync.service.host_plugins.catalogue import HostPlugin, Place, is_inside, known_plugins
from dubsync.service.host_plugins.installing import install, installed, manifest_name, remove
from tests.conftest import ROOT

PLUGINS = ROOT / "plugins"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of this test's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def plugin(tmp_path):
    """A small plugin beside a small link."""
    files = {"link/dubsync_link/client.py": "client", "host/script.py": "F = 'FOLDER_OF_DUBSYNC'",
             "host/part/one.py": "one", "host/part/two.py": "two"}  # fmt: skip
    for name, text in files.items():
        path = tmp_path / "plugins" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return HostPlugin(
        "host", tmp_path / "plugins" / "host", "Host", "1.0",
        {"linux": (Place("~/none"), Place("~/Host/*", "scripts"))},
        {"script.py": "Utility/script.py", "part": "dub/part"}, "dub/dubsync_link",
        "dub/dubsync_command.json", ("Utility/script.py",),
    )  # fmt: skip


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


def test_what_is_installed_is_removed_again_and_nothing_else(plugin, tmp_path):
    folder = tmp_path / "host"
    (folder / "Utility").mkdir(parents=True)
    (folder / "Utility" / "mine.py").write_text("mine")
    before = tree(folder)
    made = install(plugin, folder)
    now = tree(folder)
    assert set(made.written) | {manifest_name("host"), "Utility/mine.py"} == set(now)
    assert f"F = '{folder.as_posix()}'".encode() == now["Utility/script.py"]
    command = json.loads(now["dub/dubsync_command.json"])
    assert command["command"] == [sys.executable, "-m", "dubsync"]
    (folder / "dub" / "part" / "__pycache__").mkdir()
    (folder / "dub" / "part" / "__pycache__" / "one.cpython-37.pyc").touch()
    remove("host", folder)
    assert tree(folder) == before and not (folder / "dub").exists()


def test_a_dry_run_writes_and_removes_nothing(plugin, tmp_path):
    folder = tmp_path / "host"
    assert "dub/part/one.py" in install(plugin, folder, dry_run=True).written
    assert not folder.exists()
    install(plugin, folder)
    before = tree(folder)
    assert remove("host", folder, dry_run=True).removed
    assert tree(folder) == before


def test_a_foreign_file_is_never_replaced_and_nothing_is_written(plugin, tmp_path):
    folder = tmp_path / "host"
    (folder / "Utility").mkdir(parents=True)
    (folder / "Utility" / "script.py").write_text("another's")
    before = tree(folder)
    with pytest.raises(SettingsError, match="not dubsync's"):
        install(plugin, folder)
    assert tree(folder) == before


def test_a_link_in_a_files_place_is_not_followed(plugin, tmp_path):
    folder, outside = tmp_path / "host", tmp_path / "outside.py"
    (folder / "Utility").mkdir(parents=True)
    outside.write_text("outside")
    (folder / "Utility" / "script.py").symlink_to(outside)
    with pytest.raises(SettingsError):
        install(plugin, folder)
    assert outside.read_text() == "outside"


def test_what_the_user_changed_stays_and_is_named(plugin, tmp_path):
    folder = tmp_path / "host"
    install(plugin, folder)
    mine = '{"command": ["/opt/dubsync"]}'
    (folder / "dub" / "dubsync_command.json").write_text(mine)
    made = install(plugin, folder)
    assert made.kept == ("dub/dubsync_command.json",)
    assert (folder / "dub" / "dubsync_command.json").read_text() == mine
    gone = remove("host", folder)
    assert gone.kept == ("dub/dubsync_command.json",)
    assert set(tree(folder)) == {"dub/dubsync_command.json"}


def test_a_newer_plugin_replaces_the_older_and_takes_away_what_it_lacks(plugin, tmp_path):
    folder = tmp_path / "host"
    install(plugin, folder)
    (plugin.home / "part" / "two.py").unlink()
    (plugin.home / "part" / "one.py").write_text("newer")
    assert not installed(plugin, [folder])[0].current
    made = install(plugin, folder)
    assert made.removed == ("dub/part/two.py",)
    assert (folder / "dub" / "part" / "one.py").read_text() == "newer"
    assert installed(plugin, [folder])[0].current and not installed(plugin, [tmp_path])


def test_an_interrupted_installation_can_be_removed(plugin, tmp_path, monkeypatch):
    folder, wrote = tmp_path / "host", []

    def full(path, content):
        if len(wrote) == 3:
            raise DeliveryError("the disk is full")
        wrote.append(path)
        real(path, content)

    real = installing.write_whole
    monkeypatch.setattr(installing, "write_whole", full)
    with pytest.raises(DeliveryError):
        install(plugin, folder)
    monkeypatch.undo()
    remove("host", folder)
    assert not tree(folder)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\\..\\x"])
def test_no_path_leads_out_of_the_hosts_folder(name, tmp_path):
    assert not is_inside(name)
    body = {"schema": installing.SCHEMA, "version": "1", "files": {name: "0"}}
    (tmp_path / manifest_name("host")).write_text(json.dumps(body))
    with pytest.raises(SettingsError):
        remove("host", tmp_path)


def test_the_host_is_found_where_it_keeps_its_folder_in_each_version(plugin, home, monkeypatch):
    monkeypatch.setattr(catalogue, "_system", lambda: "linux")
    with pytest.raises(MissingMedia, match="Host was not found"):
        plugin.host_folders()
    for version in ("1.0", "2.0"):
        (home / "Host" / version).mkdir(parents=True)
    assert plugin.host_folders() == tuple(home / "Host" / v / "scripts" for v in ("1.0", "2.0"))


@pytest.mark.parametrize("name", sorted(path.parent.name for path in PLUGINS.glob("*/plugin.json")))
def test_every_plugin_goes_in_is_listed_and_goes_out(name, tmp_path):
    known = known_plugins()[name]
    assert known.label and known.then
    run, folder = CliRunner(), tmp_path / "host"
    into = ["--into", str(folder)]
    done = run.invoke(main, ["plugins", "install", name, *into, "--json"])
    assert done.exit_code == 0, done.output
    for path in folder.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
        assert "FOLDER_OF_DUBSYNC" not in path.read_text(encoding="utf-8")
    assert "installed" in run.invoke(main, ["plugins", "list"]).output
    assert run.invoke(main, ["plugins", "remove", name]).exit_code == 0
    assert not tree(folder)


def test_the_verb_says_what_it_would_do_and_refuses_an_unknown_host(tmp_path):
    run = CliRunner()
    dry = run.invoke(main, ["plugins", "install", "resolve", "--into", str(tmp_path), "--dry-run"])
    assert "Would copy" in dry.output and "Scripts/Utility/dubsync.py" in dry.output
    assert not tree(tmp_path)
    refused = run.invoke(main, ["plugins", "install", "nothing"])
    assert refused.exit_code == 1 and "there is no plugin" in refused.output
    assert run.invoke(main, ["plugins", "install"]).exit_code == 2


def test_a_wheel_holds_every_plugin(tmp_path):
    """What setup.py copies into the package is all that the catalogue reads there."""
    from setuptools import Distribution

    namespace: dict[str, object] = {"__file__": str(ROOT / "setup.py")}
    source = (ROOT / "setup.py").read_text(encoding="utf-8").partition("\nsetup(")[0]
    exec(compile(source, "setup.py", "exec"), namespace)
    build = namespace["WithPlugins"](Distribution())  # type: ignore[operator]
    build.initialize_options()
    build.finalize_options()
    build.build_lib, build.py_modules, build.packages, build.data_files = str(tmp_path), [], [], []
    build.run()
    built, home = tmp_path / "dubsync" / "hosts", PLUGINS
    wanted = {path.relative_to(home).as_posix() for path in home.rglob("*")
              if path.is_file() and "__pycache__" not in path.parts
              and path.relative_to(home).parts[0] != "otio"}  # fmt: skip
    assert {
        path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()
    } == wanted
    assert (built / catalogue.LINK).is_dir()
