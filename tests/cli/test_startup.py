"""Verbs that do no media work start without the libraries of those that do.

Modules are counted, not seconds: `python -m benchmarks.startup` measures.
"""

import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "sample_projects"
#: What takes longest to import.  SciPy's parts count, not `scipy` itself, which loads them when
#: they are used; the same goes for librosa.
HEAVY = {
    "torch", "numba", "scipy.ndimage", "scipy.optimize", "scipy.signal", "scipy.sparse",
    "librosa.filters", "pyannote", "cv2", "aaf2", "openpyxl", "jinja2", "ai_edge_litert",
    "faster_whisper", "ctranslate2",
}  # fmt: skip


def loaded(*arguments, code=""):
    """The modules in memory after `dubsync ARGUMENTS`, or after `code`."""
    script = code or (
        "from dubsync.cli.main import main\n"
        f"main({list(map(str, arguments))!r}, standalone_mode=False)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return set(process.stdout.splitlines()[-1].split())


def test_a_list_is_probed_with_nothing_but_its_reader():
    modules = loaded("probe", SAMPLES / "reel_change/new.edl", "--rate", "24")
    assert not modules & (HEAVY | {"av", "librosa", "scipy", "OpenEXR"})


@pytest.mark.parametrize("name", ["new.otio", "new.fcpxml", "new.xml"])
def test_a_timeline_is_probed_without_any_heavy_library(name):
    assert not loaded("probe", SAMPLES / "reel_change" / name) & HEAVY


def test_the_help_of_transcribe_needs_no_model():
    assert not loaded("transcribe", "--help") & HEAVY


def test_a_project_is_opened_without_any_heavy_library():
    modules = loaded(code="import dubsync\ndubsync.Project")
    assert not modules & HEAVY
    assert not {m for m in modules if m.startswith(("dubsync.engine", "dubsync.qc.report"))}


def test_a_tweak_is_shown_without_any_heavy_library(command, reel):
    command("tweak", reel, "a")  # the first time, its stems are analysed
    assert not loaded("tweak", reel, "a") & HEAVY
