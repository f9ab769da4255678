"""A real Blender as a child process that runs functions of inside_blender.py, one at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.hosts.contract import Problem

#: Debian's Blender, and Blender as a Python module.
NAMES = ("blender", "bpy")
#: Where `make hosts` puts them, and what names others.
HOSTS = ROOT / "build" / "hosts"
ENVIRONMENT = {"blender": "DUBSYNC_BLENDER", "bpy": "DUBSYNC_BPY_PYTHON"}
SCRIPT = Path(__file__).with_name("inside_blender.py")
#: Begins each line that is an answer: Blender writes to its standard output too.
MARK = "@@answer "


@cache
def command_of(name: str) -> tuple[str, ...] | None:
    """What starts this Blender and runs a script; None where it is not here."""
    made = {"blender": HOSTS / "blender", "bpy": HOSTS / "bpy" / "bin" / "python"}[name]
    program = os.environ.get(ENVIRONMENT[name]) or (str(made) if made.exists() else "")
    if not program:
        return None
    if name == "bpy":
        return (program, str(SCRIPT))
    return (program, "-b", "--factory-startup", "--python-exit-code", "3", "--python", str(SCRIPT))


class BlenderProcess:
    """Calls run inside Blender; a Problem there is raised here."""

    def __init__(self, command: tuple[str, ...], home: Path) -> None:
        self.home = home
        packed = subprocess.run(
            [sys.executable, ROOT / "plugins" / "blender" / "pack.py", home],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        self._errors = (home / "errors.txt").open("wb")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env={**os.environ, "HOME": str(home), "BLENDER_USER_RESOURCES": str(home / "user")},
        )
        self.version = tuple(self.call("install", packed.stdout.strip()))

    def call(self, name: str, *arguments: Any, **options: Any) -> Any:
        """The result of a function of inside_blender.py, through JSON.  Raises Problem."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, arguments, options]) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            _, mark, answer = line.partition(MARK)
            if mark:
                return _given(json.loads(answer))
        raise AssertionError(f"Blender ended: {(self.home / 'errors.txt').read_text()[-3000:]}")

    def close(self) -> None:
        """End Blender."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)
        self._errors.close()


def _given(answer: dict[str, Any]) -> Any:
    if "problem" in answer:
        raise Problem(*answer["problem"])
    assert "error" not in answer, answer["error"]
    return answer["result"]
