"""Premiere's panel is JavaScript: its tests run in Node, over a fake of Premiere's published API.

What needs both sides is tested here: the socket, and the timeline that the panel writes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dubsync.cli.hosts import rpc
from dubsync.core.version import __version__
from dubsync.editorial.read_cut import read_cut
from dubsync.service.host_plugins.catalogue import plugin
from dubsync.service.host_plugins.installing import install
from dubsync.service.rpc import listen
from tests.conftest import ROOT
from tests.hosts.contract import HostContract

PANEL = ROOT / "plugins" / "premiere" / "dubsync_premiere"
TESTS = Path(__file__).parent / "premiere"
LINES = 300


def node_major() -> int:
    """The main version of Node; 0 where it is not there."""
    if shutil.which("node") is None:
        return 0
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", told.stdout)
    return int(found.group(1)) if found else 0


needs_node = pytest.mark.skipif(node_major() < 20, reason="Node 20 or later is not installed")


def node(*arguments: str | Path, **environment: str) -> str:
    """What Node says; it must end well."""
    done = subprocess.run(
        ["node", *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "DUBSYNC_PYTHON": sys.executable, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_node
def test_the_panel_passes_its_own_tests() -> None:
    assert "# fail 0" in node("--test", "--test-reporter=tap", TESTS)


def test_every_case_of_the_contract_has_its_equal() -> None:
    ours = {name.removeprefix("test_") for name in vars(HostContract) if name.startswith("test_")}
    theirs = re.findall(r'^contract\("(\w+)"', (TESTS / "contract.test.js").read_text(), re.M)
    assert ours <= set(theirs)


@needs_node
def test_the_panel_reaches_dubsync_over_its_socket(tmp_path: Path) -> None:
    # Node 20 has a browser's WebSocket behind a flag.
    flags = ["--experimental-websocket"] if node_major() < 22 else []
    listener = listen.Listener(0, tmp_path / ".dubsync" / listen.FILE)
    try:
        told = node(*flags, TESTS / "say_hello.js", HOME=str(tmp_path)).splitlines()
    finally:
        listener.close()
    hello, refused = map(json.loads, told)
    assert hello == {"dubsync": __version__}
    assert refused["kind"] == "settings" and "no such job" in refused["text"]


@needs_node
def test_the_timeline_that_the_panel_writes_is_a_cut(tmp_path: Path) -> None:
    node(TESTS / "write_cut.js", tmp_path / "cut")
    cut = read_cut(tmp_path / "cut.otio", rate=None)
    assert cut.rate == 24
    found = [
        (one.track, one.record.start - 86400, one.source.start, len(one.source), one.speed)
        for one in cut.events
    ]
    assert found == [("V1", 0, 1000, 48, 1), ("V2", 10, 1000, 20, 2), ("V1", 72, 1100, 24, 1)]
    assert {Path(one.media).name for one in cut.events} == {"A001.mov"}


def test_port_and_version_are_the_same_on_both_sides() -> None:
    manifest = json.loads((PANEL / "manifest.json").read_text())
    assert manifest["requiredPermissions"]["network"]["domains"] == [
        f"ws://{listen.HOST}:{listen.PORT}"
    ]
    assert rpc.PORT == listen.PORT
    client = (PANEL / "client.js").read_text()
    assert f'const VERSION = "{manifest["version"]}"' in client
    assert plugin("premiere").version == manifest["version"]


@pytest.mark.parametrize("path", sorted(PANEL.iterdir()), ids=lambda path: path.name)
def test_a_file_of_the_panel_can_be_read_through(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < LINES and max(map(len, lines)) <= 160


def test_the_panel_is_installed_with_every_file_that_it_loads(tmp_path: Path) -> None:
    install(plugin("premiere"), tmp_path)
    there = tmp_path / "dubsync_premiere"
    assert (there / "manifest.json").is_file()
    for path in there.glob("*.js"):
        for name in re.findall(r'require\("\./([^"]+)"\)', path.read_text()):
            assert (there / name).is_file()
    assert 'src="index.js"' in (there / "index.html").read_text()
