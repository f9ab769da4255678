"""What runs inside hosts is Python 3.7, of the standard library alone, in files one can read."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PLUGINS = ROOT / "plugins"
#: Packages that run in a host with an old Python.
OLD = (
    "link/dubsync_link",
    "resolve/dubsync_resolve",
    "hiero/dubsync_hiero",
    "nuke/dubsync_nuke",
    "rv/dubsync_rv",
)
FILES = sorted(path for name in OLD for path in (PLUGINS / name).glob("*.py"))
LINES = 300
#: The hosts' own modules, each imported where it is there.
OF_HOSTS = {"DaVinciResolveScript", "hiero", "PySide2", "PySide6", "rv"}
#: Names that came with Python 3.8 or later: methods, functions and modules.
NEWER = {
    "removeprefix", "removesuffix", "cached_property", "cache", "prod", "dist", "isqrt", "pairwise",
    "batched", "graphlib", "zoneinfo", "tomllib", "metadata", "is_relative_to", "readlink",
    "hardlink_to", "get_origin", "get_args", "Protocol", "TypedDict", "Literal", "Final", "UTC",
    "to_thread", "randbytes", "fromisocalendar", "stdlib_module_names", "unparse", "excepthook",
    "as_integer_ratio", "total_ordering_key", "singledispatchmethod", "Annotated",
}  # fmt: skip
#: Calls of the hosts' own APIs that have such a name.
OF_APIS = {"metadata"}
#: Keywords of calls that came later.
NEWER_KEYWORDS = {
    "missing_ok",
    "dirs_exist_ok",
    "strict",
    "kw_only",
    "slots",
    "ignore_cleanup_errors",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_python_3_7_of_the_standard_library(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 7))
    assert len(text.splitlines()) < LINES
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            continue  # of its own package: a host may keep the link inside another
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [
                alias.name for alias in node.names]  # fmt: skip
            for name in names:
                top = name.partition(".")[0]
                assert top in sys.stdlib_module_names | OF_HOSTS or top.startswith("dubsync_"), top
            used = {alias.name for alias in node.names} | set(names)
        elif isinstance(node, ast.Attribute):
            used = {node.attr} - OF_APIS
        elif isinstance(node, ast.Call):
            keywords = {word.arg for word in node.keywords}
            # shlex.join and shutil's copytree are 3.8's in part: named by their keywords above.
            assert not keywords & NEWER_KEYWORDS, f"line {node.lineno}: {keywords}"
            continue
        elif isinstance(node, ast.FormattedValue) and node.lineno:
            source = ast.get_source_segment(text, node) or ""
            assert "=}" not in source, f"line {node.lineno}: {source}"
            continue
        else:
            continue
        assert not used & NEWER, f"line {node.lineno}: {used & NEWER}"


#: A sitting in a host, without one: exports, matches, syncs and lays in over the scripted dubsync.
SITTING = """
import json, os, sys
link, here, python = sys.argv[1:4]
sys.path.insert(0, link)
from dubsync_link import frames, markers, words
from dubsync_link.client import Client
from dubsync_link.flow import Flow
from dubsync_link.host import EditorHost
from dubsync_link.memory import Memory

class Host(EditorHost):
    host_key = "test"
    def project_saved(self): return True
    def project_folder(self): return here
    def current_timeline(self):
        return {"id": "1", "name": "cut", "rate": frames.rate_text(frames.exact_rate("23.976")),
                "start": 0}
    def selected_clips(self):
        return [{"id": "1", "name": "A", "media": "A.mov", "source": [0, 9], "record": [0, 9]}]
    def export_timeline(self, path):
        open(path, "w").close()
        return path
    def media_roots(self): return [here]
    def add_results(self, results, timeline):
        return [{"name": r["name"], "placed": True, "how": "track", "message": ""} for r in results]
    def markers(self): return []

scene = os.path.join(here, "scene.json")
shots = [{"name": "A", "media": "A.mov", "source": [0, 9], "record": [0, 9]}]
with open(scene, "w") as file:
    json.dump({"rate": "24000/1001", "shots": shots, "behave": "done", "notes": []}, file)
client = Client([python, "-S", "-E", sys.argv[4], scene], "test")
flow = Flow(Host(), client, Memory(os.path.join(here, "memory.json")))
flow.choose(dub=["A.wav"], language="it-IT")
flow.sync()
flow.wait(20)
markers.exchange_notes(flow)
flow.close()
print(sys.version_info[:2], flow.state, words.status_of(flow), flow.problem and flow.problem.text())
"""


def test_a_sitting_runs_in_python_3_7(tmp_path: Path) -> None:
    own = sorted((Path.home() / ".pyenv" / "versions").glob("3.7.*/bin/python3.7"))
    old = str(own[-1]) if own else shutil.which("python3.7")
    if old is None:
        pytest.skip("there is no python3.7 on this machine")
    script = Path(__file__).with_name("scripted_rpc.py")
    done = subprocess.run(
        [old, "-c", SITTING, str(PLUGINS / "link"), str(tmp_path), sys.executable, str(script)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == "(3, 7) done 1 clip synced None", done.stdout + done.stderr
