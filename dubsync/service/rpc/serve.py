"""Answers a plugin until it closes its side.

One thread reads calls and answers those that need nothing; another does the rest in turn, so that
`cancel` is answered while a reel is opened.  Renders are processes of their own (`jobs`).
"""

from __future__ import annotations

import queue
import threading
import time
from typing import BinaryIO

from dubsync.core.errors import Cancelled, DubsyncError
from dubsync.core.progress import Step
from dubsync.service.fault import bounded
from dubsync.service.rpc.asked import asked
from dubsync.service.rpc.messages import NO_METHOD, Answers, BadCall, Call, call_in, lines
from dubsync.service.rpc.methods import METHODS, Methods

#: Seconds between two reports of a long answer.
QUIET_S = 0.2


def serve(source: BinaryIO, output: BinaryIO) -> None:
    """Answer the calls on `source` on `output`; returns when the host has closed or said bye."""
    server = _Server(output)
    try:
        server.read(source)
    finally:
        server.close()


class _Server:
    def __init__(self, output: BinaryIO) -> None:
        self._answers = Answers(output)
        self._methods = Methods(self._answers.notify, self._progress)
        self._calls: queue.Queue[Call | None] = queue.Queue()
        self._closing, self._told = False, 0.0
        self._thread = threading.Thread(target=self._work, name="calls", daemon=True)
        self._thread.start()

    def read(self, source: BinaryIO) -> None:
        for line in lines(source):
            try:
                call = call_in(line)
            except BadCall as error:
                self._answers.error(error.number, error)
                continue
            method = METHODS.get(call.method)
            if method is None or method.at_once:
                self._answer(call)
            else:
                self._calls.put(call)
            if call.method == "bye" or self._answers.closed:
                return

    def close(self) -> None:
        self._closing = True
        self._methods.jobs.close()
        self._calls.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            if call is None or self._closing:
                return
            self._answer(call)

    def _answer(self, call: Call) -> None:
        try:
            value = bounded(lambda: self._value(call))
        except (DubsyncError, Cancelled) as error:
            self._answers.error(call.number, error)
            return
        if call.number is not None:
            self._answers.result(call.number, value)

    def _value(self, call: Call) -> object:
        method = METHODS.get(call.method)
        if method is None:
            raise BadCall(NO_METHOD, f"there is no method {call.method!r}",
                          hint="methods: " + ", ".join(METHODS))  # fmt: skip
        return method.do(self._methods, asked(call, method.form))

    def _progress(self, step: Step) -> None:
        """Tell of a long answer, which stops when the host has gone."""
        if self._closing or self._answers.closed:
            raise Cancelled
        now = time.monotonic()
        if now - self._told < QUIET_S:
            return
        self._told = now
        told = {"shot": step.shot, "step": step.name, "done": step.done, "of": step.total}
        self._answers.notify("progress", {"job": "", **told, "shots_done": 0, "shots": 0})
