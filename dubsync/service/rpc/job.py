"""The process that renders for a plugin; it stops cleanly when its input is closed.

    python -m dubsync.service.rpc.job REEL LANGUAGE HOST [ENGINE ...]

HOST opens the renders: where it does not open the master, or the project asks for edit media, they
are made of each.  The first line on its standard input is a JSON list of shots.  It writes one JSON
object a line on its standard output: {"step": ...}, {"result": ...}, and last {"end": ...}.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from dubsync.core.errors import Cancelled, DubsyncError
from dubsync.core.progress import Step
from dubsync.service.fault import bounded
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.rpc.host_media import make_host_media
from dubsync.service.rpc.messages import kind_of

#: Seconds between two reports of one step.
QUIET_S = 0.1


class Job:
    """Renders shots and tells of it on `output`."""

    def __init__(self, source: BinaryIO, output: BinaryIO) -> None:
        self._source, self._output = source, output
        self._stop = False
        self._stage: tuple[str, str] = ("", "")
        self._told = 0.0

    def run(self, reel: Path, language: str, host: str) -> None:
        """Render the shots that the first line names, for a host ("": for none in particular)."""
        shots = json.loads(self._source.readline() or b"[]")
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            bounded(lambda: self._render(reel, language, host, shots))
        except Cancelled:
            self._say({"end": {"state": "cancelled"}})
        except DubsyncError as error:
            told = {"message": str(error), "hint": error.hint, "kind": kind_of(error)}
            self._say({"end": {"state": "failed", **told}})
        else:
            self._say({"end": {"state": "done"}})

    def _render(self, reel: Path, language: str, host: str, shots: list[str]) -> None:
        project = Project.open(reel)
        project = project.into(language) if language else project

        def finished(result: ShotResult) -> None:
            self._finished(result, make_host_media(project, result, host, self._progress))

        project.sync(shots, progress=self._progress, finished=finished)

    def _watch(self) -> None:
        """Wait for the input to be closed: the plugin cancelled, or the host is gone."""
        while self._source.readline():
            pass
        self._stop = True

    def _progress(self, step: Step) -> None:
        if self._stop:
            raise Cancelled
        stage, now = (step.name, step.shot), time.monotonic()
        if stage == self._stage and now - self._told < QUIET_S and step.done < step.total:
            return
        self._stage, self._told = stage, now
        told = {"shot": step.shot, "step": step.name, "done": step.done, "of": step.total}
        self._say({"step": told})

    def _finished(self, result: ShotResult, lacking: str) -> None:
        told = {"name": result.name, "status": result.status,
                "message": result.reason, "hint": result.hint, "lacking": lacking}  # fmt: skip
        self._say({"result": told})

    def _say(self, body: Mapping[str, Any]) -> None:
        try:
            self._output.write(json.dumps(body).encode() + b"\n")
            self._output.flush()
        except (OSError, ValueError):
            self._stop = True  # nobody reads it any more


def main(arguments: list[str]) -> int:
    """Render for a plugin; `arguments`: the reel, the language, the host, allowed engines."""
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    for name in arguments[3:]:
        allow_engine(name)
    # What libraries print must not come among the lines.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Job(sys.stdin.buffer, output).run(Path(arguments[0]), arguments[1], arguments[2])
    output.close()
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # without what torch does at its end
