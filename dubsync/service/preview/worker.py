"""The preview worker: a process that draws frames for a window, and may die without it.

    python -m dubsync.service.preview.worker REEL LANGUAGE [ENGINE ...]

It answers the requests on its standard input (`messages`, `requests`) on its standard output, each
once: done, dropped or failed.  It ends when its input is closed.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from dubsync.core.errors import Cancelled, DubsyncError
from dubsync.core.progress import Step
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.fault import bounded
from dubsync.service.plugins import allow_engine
from dubsync.service.preview.curves import shot_curves
from dubsync.service.preview.messages import BrokenMessage, receive, send
from dubsync.service.preview.packed import Packing, packed_curves, packed_picture
from dubsync.service.preview.plates import PlateFrames
from dubsync.service.preview.previewed_shot import PreviewedShot, open_preview, shot_of
from dubsync.service.preview.reach import packed_reach, shot_reach
from dubsync.service.preview.requests import Request, Waiting, request_of
from dubsync.service.preview.shot_sound import HeardShot, heard_shot
from dubsync.service.preview.shown_expressions import packed_expressions, shown_expressions
from dubsync.service.project import Project
from dubsync.service.settings.answers import FACES_FILE, RENDERERS_FILE
from dubsync.service.settings.toml_fields import FILE_NAME

#: Shots that are held open, and plates whose frames are held.
SHOTS_HELD, PLATES_HELD = 2, 2
#: Seconds that the work in hand may take after the input was closed.
LAST_WORDS_S = 0.2

T = TypeVar("T")
Reply = tuple[dict[str, Any], bytes]


class Worker:
    """Answers requests about one reel in one language."""

    def __init__(self, reel: Path, language: str, output: BinaryIO) -> None:
        self._folder, self._language, self._output = reel, language, output
        self._project: Project | None = None
        self._state: tuple[tuple[int, int], ...] = ()
        self._shots: OrderedDict[str, PreviewedShot] = OrderedDict()
        self._plates: OrderedDict[str, PlateFrames] = OrderedDict()
        self._heard: dict[str, HeardShot] = {}
        self._waiting = Waiting()
        self._came = threading.Condition()
        self._closed = False
        self._in_hand = 0  # number of the request that is worked on
        self._answers: queue.Queue[Reply] = queue.Queue()

    def read(self, source: BinaryIO) -> None:
        """Take requests from `source` until it is closed; runs in its own thread."""
        try:
            while (message := receive(source)) is not None:
                self._take(message[0])
        except (BrokenMessage, OSError):
            pass  # nothing after it can be read
        with self._came:
            self._closed = True
            self._came.notify()
        # The answer to what is in hand would not be read: it is not waited for.
        timer = threading.Timer(LAST_WORDS_S, os._exit, (0,))
        timer.daemon = True
        timer.start()

    def write(self) -> None:
        """Write answers as they are made; runs in its own thread, so that no reader waits."""
        while True:
            body, data = self._answers.get()
            try:
                send(self._output, body, data)
            except (OSError, ValueError):
                self._closed = True  # the window has gone
            self._answers.task_done()

    def run(self) -> None:
        """Answer until the input is closed."""
        while True:
            with self._came:
                while not len(self._waiting) and not self._closed:
                    self._came.wait()
                if self._closed:
                    break
                request = self._waiting.next()
            self._answer(request)
            self._answers.join()  # no more than one answer is held
        for shown in self._shots.values():
            shown.close()

    # -- internal --------------------------------------------------------------------------------

    def _take(self, body: dict[str, Any]) -> None:
        try:
            request = request_of(body)
        except DubsyncError as error:
            number = body.get("number")
            self._send(_failed(number if isinstance(number, int) else 0, error), b"")
            return
        with self._came:
            gone = self._waiting.add(request)
            self._came.notify()
        for one in gone:
            self._send({"number": one.number, "status": "dropped"}, b"")

    def _answer(self, request: Request) -> None:
        self._in_hand = request.number
        try:
            body, data = bounded(lambda: self._work(request))
        except DubsyncError as error:
            self._send(_failed(request.number, error), b"")
        except Cancelled:
            self._send({"number": request.number, "status": "dropped"}, b"")
        else:
            self._send({"number": request.number, "status": "done", **body}, data)

    def _send(self, body: dict[str, Any], data: bytes) -> None:
        self._answers.put((body, data))

    def _work(self, request: Request) -> Reply:
        if request.kind == "reread" or self._changed():
            self._forget()
        if request.kind == "reread":
            return {}, b""
        if request.kind == "plate":
            packing = Packing()
            held = self._plate(request.shot).at(request.frame, request.width)
            return {"image": packing.add(held.rgb)}, packing.bytes
        shown = self._shown(request.shot)
        tweaks = request.tweaks
        if tweaks is not None:
            tweaks = {**dict.fromkeys(shown.characters, Tweak()), **tweaks}
        if request.kind == "picture":
            return packed_picture(shown.picture(request.frame, tweaks, width=request.width))
        if request.kind == "curves":
            if request.shot not in self._heard:
                self._heard[request.shot] = heard_shot(shown.reel, shown.shot)
            return packed_curves(shot_curves(shown, tweaks, self._heard[request.shot]))
        if request.kind == "reach":
            return packed_reach(shot_reach(shown, tweaks))
        if request.kind == "expressions":
            found = shown_expressions(shown, request.width, self._tell)
            return packed_expressions(found)
        frames = shown.frames
        return {
            "frames": [frames.start, frames.stop, str(frames.rate)],
            "characters": list(shown.characters),
            "warnings": [[one.about, one.message, one.hint] for one in shown.warnings],
        }, b""

    def _opened(self) -> Project:
        if self._project is None:
            self._project = Project.open(self._folder).into(self._language)
            self._state = _state(self._project)
        return self._project

    def _changed(self) -> bool:
        """Whether a file that the project is read from is another than when it was opened."""
        return self._project is not None and _state(self._project) != self._state

    def _forget(self) -> None:
        """The project changed on disk: everything is read again when it is asked for."""
        for plates in self._plates.values():
            plates.close()
        self._shots.clear()
        self._plates.clear()
        self._heard.clear()
        self._project = None

    def _plate(self, name: str) -> PlateFrames:
        def make() -> PlateFrames:
            return PlateFrames(shot_of(self._opened(), name).plate)

        return _held(self._plates, name, make, PLATES_HELD, PlateFrames.close)

    def _shown(self, name: str) -> PreviewedShot:
        def make() -> PreviewedShot:
            return open_preview(
                self._opened(), name, progress=self._tell, plates=self._plate(name)
            )  # fmt: skip

        def close(gone: PreviewedShot) -> None:
            self._heard.pop(gone.shot.name, None)

        return _held(self._shots, name, make, SHOTS_HELD, close)

    def _tell(self, step: Step) -> None:
        """Progress of the request in hand: a shot that is held may work long for a later one."""
        if self._closed:
            raise Cancelled
        note = {"step": step.name, "about": step.shot, "done": step.done, "total": step.total}
        self._send({"number": self._in_hand, "status": "working", **note}, b"")


def _held(
    known: OrderedDict[str, T],
    name: str,
    make: Callable[[], T],
    most: int,
    close: Callable[[T], None],
) -> T:
    """The value of `name`, made if it is not held; the one unused for longest is closed."""
    if name not in known:
        known[name] = make()
    known.move_to_end(name)
    while len(known) > most:
        close(known.popitem(last=False)[1])
    return known[name]


def _state(project: Project) -> tuple[tuple[int, int], ...]:
    """Modification time and size of the project's files, its cut and its stems; 0s: missing."""
    file = project.file
    own = (file.folder / name for name in (FILE_NAME, FACES_FILE, RENDERERS_FILE))
    result = []
    for path in (*own, file.cut, *(role.dub for role in file.roles)):
        try:
            stat = path.stat()
        except OSError:
            result.append((0, 0))
        else:
            result.append((stat.st_mtime_ns, stat.st_size))
    return tuple(result)


def _failed(number: int, error: DubsyncError) -> dict[str, Any]:
    kind = type(error).__name__
    return {"number": number, "status": "failed", "message": str(error), "hint": error.hint,
            "kind": kind}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Serve one reel; `arguments`: its folder, the language, engines that the user allowed."""
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    for name in arguments[2:]:
        allow_engine(name)
    # What libraries print must not come among the answers.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker = Worker(Path(arguments[0]), arguments[1], output)
    threading.Thread(target=worker.read, args=(sys.stdin.buffer,), daemon=True).start()
    threading.Thread(target=worker.write, daemon=True).start()
    worker.run()
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # without what torch does at its end, for which a window would wait
