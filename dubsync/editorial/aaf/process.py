"""Reads an AAF file in a process of its own, with limits of time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from dubsync.core.errors import TurnoverError

#: Limits of the process that reads the file: seconds, bytes.
MOST_SECONDS = 60
MOST_MEMORY = 1 << 30


def aaf_mobs(path: str, where: str) -> dict[str, Any]:
    """The output of `aaf.dump` for the file at `path`.

    Raises:
        TurnoverError: pyaaf2 is not installed, the file is damaged, or it exceeds the limits of
            time or memory.
    """
    if find_spec("aaf2") is None:
        raise TurnoverError(
            f"{where} is an AAF file, and pyaaf2, which reads AAF, is not installed",
            hint="pip install pyaaf2, or export the sequence as .otio or Final Cut Pro XML",
        )
    command = [sys.executable, "-m", "dubsync.editorial.aaf.dump", os.path.abspath(path)]
    refused = f"{where} cannot be read as AAF"
    hint = "export the sequence as AAF again, or as .otio or Final Cut Pro XML"
    try:
        run = subprocess.run(
            command,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            preexec_fn=limited,
        )
    except subprocess.TimeoutExpired as error:
        raise TurnoverError(
            f"{refused}: reading did not end after {MOST_SECONDS} s", hint=hint
        ) from error
    except OSError as error:
        raise TurnoverError(f"{refused}: {error}", hint=hint) from error
    if run.returncode != 0:
        words = run.stderr.decode("utf-8", "replace").strip().splitlines()
        raise TurnoverError(
            f"{refused}: {words[-1][:200] if words else 'the reader crashed'}", hint=hint
        )
    try:
        result: dict[str, Any] = json.loads(run.stdout)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TurnoverError(f"{refused}: {error}", hint=hint) from error
    return result


def limited() -> None:
    """Set the limits of the child process: MOST_MEMORY, and MOST_SECONDS of processor time."""
    try:
        import resource
    except ImportError:  # Windows: only the timeout limits it
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
