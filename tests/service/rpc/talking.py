"""Talks to `serve` in this process, as a plugin talks to `dubsync rpc`."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

from dubsync.service.rpc.serve import serve


class Talk:
    """One conversation; `close` is the host closing its side."""

    def __init__(self) -> None:
        read, write = os.pipe()
        answers, output = os.pipe()
        self._in, self._out = os.fdopen(write, "wb"), os.fdopen(answers, "rb")
        self._source, self._sink = os.fdopen(read, "rb"), os.fdopen(output, "wb")
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self._number = 0
        self.told: list[dict[str, Any]] = []

    def _serve(self) -> None:
        with self._source, self._sink:
            serve(self._source, self._sink)

    def say(self, line: bytes) -> None:
        """Write one line, whatever it is."""
        self._in.write(line + b"\n")
        self._in.flush()

    def hear(self) -> dict[str, Any]:
        """The next line of the other side."""
        line = self._out.readline()
        assert line, "dubsync has gone"
        body = json.loads(line)
        assert body["jsonrpc"] == "2.0"
        return body

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer to one call; notifications are kept in `told`."""
        self._number += 1
        call = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self.say(json.dumps(call).encode())
        while "id" not in (body := self.hear()):
            self.told.append(body)
        assert body["id"] == self._number
        return body

    def result(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a call that is not refused."""
        body = self.ask(method, **params)
        assert "result" in body, body
        return body["result"]

    def error(self, method: str, **params: Any) -> dict[str, Any]:
        """The error of a call that is refused."""
        body = self.ask(method, **params)
        assert "error" in body, body
        return body["error"]

    def close(self) -> None:
        self._in.close()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._out.close()
