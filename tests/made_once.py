"""What takes seconds to make is made once for all tests, in all processes of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import pytest
from filelock import FileLock

#: The folder of this run, which its processes share; tests/conftest.py sets it.
_home: list[Path] = []


def shared_by_processes(basetemp: Path) -> None:
    """Say where what is made is kept: beside the folders of xdist's processes, else in the one."""
    several = "PYTEST_XDIST_WORKER" in os.environ
    _home[:] = [basetemp.parent if several else basetemp]


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, which `make` filled; nobody must change it.

    Whoever asks first makes it, without anybody's key; others wait for it.  Outside a test run it
    is made anew each time.
    """
    home = _home[0] if _home else Path(mkdtemp())
    made = home / f"made_{name}"
    with FileLock(f"{made}.lock"):
        if not made.is_dir():
            making = home / f"making_{name}"
            shutil.rmtree(making, ignore_errors=True)  # of one that failed
            making.mkdir()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("DUBSYNC_KEYS", str(home / "no keys"))
                make(making)
            os.rename(making, made)
    return made
