"""Kdenlive opens what is delivered and what is synced: no dialog, nothing to repair.

The real Kdenlive on a screen of its own; where `make hosts` was run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.editorial.mlt import test_mlt_played as making
from tests.hosts.mlt.projects import Project

KDENLIVE = ROOT / "build" / "hosts" / "kdenlive"
NEEDED = ("Xvfb", "xvfb-run", "dbus-run-session", "xdotool")

pytestmark = pytest.mark.skipif(
    not KDENLIVE.exists() or not all(map(shutil.which, NEEDED)),
    reason="Kdenlive, Xvfb, dbus or xdotool is missing: make hosts",
)
#: Opens a project and prints the names of all windows, again and again.
WATCH = """
"$1" "$2" >/dev/null 2>&1 & opened=$!
for second in $(seq 1 60); do
    sleep 1
    for window in $(xdotool search --onlyvisible --class kdenlive 2>/dev/null); do
        xdotool getwindowname $window
    done
    echo --
done
"""


def windows(project: Path, folder: Path) -> list[str]:
    """The names of Kdenlive's windows once the project is open, or a dialog is."""
    home = folder / "home"
    for inner in (".config", "run", "tmp"):
        (home / inner).mkdir(parents=True)
    (home / "run").chmod(0o700)
    settings = "[unmanaged]\nfirstrun=false\n[version]\nversion=22.12.3\n"
    (home / ".config" / "kdenliverc").write_text(settings)
    env = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"),
           "XDG_CACHE_HOME": str(home / ".cache"), "XDG_DATA_HOME": str(home / ".data"),
           "XDG_RUNTIME_DIR": str(home / "run"), "TMPDIR": str(home / "tmp"),
           "LIBGL_ALWAYS_SOFTWARE": "1"}  # fmt: skip
    words = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "dbus-run-session", "--", "sh", "-c",
             WATCH, "watch", str(KDENLIVE), str(project)]  # fmt: skip
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True, start_new_session=True)  # fmt: skip
    assert process.stdout is not None
    found: list[str] = []
    try:
        ends, shown = time.monotonic() + 90, []
        for line in process.stdout:
            if line.strip() != "--":
                shown.append(line.strip())
                continue
            found, shown = shown, []
            titled = any("—" in name for name in found)
            if (titled and "kdenlive" not in found) or time.monotonic() > ends:
                break
    finally:
        os.killpg(process.pid, 15)
        process.stdout.close()
        process.wait(30)
    return found


@pytest.mark.parametrize("synced", [False, True])
def test_kdenlive_opens_a_project_and_has_nothing_to_repair(tmp_path: Path, synced: bool) -> None:
    cut, corrected = making.cut_and_render()
    for n, name in enumerate(("plate.mkv", "insert.mkv", "render.mkv")):
        making.movie(tmp_path / name, n)
    path = tmp_path / "delivered.kdenlive"
    path.write_bytes(making.write_mlt(cut, () if synced else corrected, kdenlive=True).data)
    if synced:
        project = Project(str(path))
        start = making.START
        project.lay("sh_v001", "render.mkv", (start, start + 10), 8, Fraction(1), 40, {"V1"})
        project.add_marker(start + 4, "closes late", "N0001")
        path.write_bytes(project.text())
    (title,) = windows(path, tmp_path)
    assert title.startswith("delivered / ") and "23.9" in title
