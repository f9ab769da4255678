"""Answers a panel that cannot start processes: the same protocol over a WebSocket of this machine.

One JSON object a message, instead of one a line.  Adobe's UXP panels have WebSocket and no
processes.  Who may connect:

- programs of this machine: nothing but 127.0.0.1 is listened on;
- of this user: the address holds a token, which stands in a file that only the user can read;
- no web page: what has the Origin of one is refused, and so is another Host (DNS rebinding);
- one panel at a time.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from dubsync.core.errors import SettingsError
from dubsync.service.rpc.messages import LONGEST_LINE
from dubsync.service.rpc.serve import serve as answer
from dubsync.service.store.atomic_write import unwritable

HOST = "127.0.0.1"
PORT = 8722  #: the port that panels may connect to by their manifest
FILE = "rpc.json"  #: in the user's folder .dubsync: {"url": ...}
#: Origins of web pages, and of pages whose browser keeps them apart ("null").
_WEB = ("http:", "https:", "null")


class Listener:
    """Listens from its making until `close`; panels find it by `file`.

    Args:
        port: 0 is any that is free.
        file: where the address with the token is written.

    Raises:
        SettingsError: the port is taken.
        DeliveryError: the file cannot be written.
    """

    def __init__(self, port: int = PORT, file: Path | None = None) -> None:
        self.file = file or Path.home() / ".dubsync" / FILE
        self._token = secrets.token_urlsafe(32)
        self._busy = threading.Lock()
        try:
            self._server: Server = serve(
                self._answer, HOST, port, process_request=self._admit,
                max_size=LONGEST_LINE, compression=None, server_header=None,
            )  # fmt: skip
        except OSError as error:
            raise SettingsError(
                f"dubsync cannot listen on port {port}: {error.strerror or error}",
                hint="another `dubsync rpc --listen` may run: it serves the panel as well",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.port: int = self._server.socket.getsockname()[1]
        self.url = f"ws://{HOST}:{self.port}/{self._token}"
        try:
            _write_secret(self.file, json.dumps({"url": self.url}) + "\n")
        except OSError as error:
            self._server.shutdown()
            raise unwritable(self.file, error) from error

    def wait(self) -> None:
        """Answer panels, one after another, until `close` is called from another thread."""
        while self._thread.is_alive():
            self._thread.join(1.0)  # Windows hears Ctrl-C only between two waits

    def close(self) -> None:
        """Listen no longer, and take the file away unless a later dubsync has written it."""
        self._server.shutdown()
        with suppress(OSError, ValueError):
            if json.loads(self.file.read_text(encoding="utf-8")) == {"url": self.url}:
                self.file.unlink()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """None lets a panel in; anything else is the refusal that it gets."""
        ours = (f"{HOST}:{self.port}", f"localhost:{self.port}")
        hosts, origins = (request.headers.get_all(name) for name in ("Host", "Origin"))
        if len(hosts) != 1 or hosts[0] not in ours:
            return _refused(HTTPStatus.FORBIDDEN, "dubsync answers this machine alone")
        if any(origin.strip().lower().startswith(_WEB) for origin in origins):
            return _refused(HTTPStatus.FORBIDDEN, "dubsync does not answer web pages")
        told = urlsplit(request.path).path.removeprefix("/")
        if not hmac.compare_digest(told.encode(), self._token.encode()):
            return _refused(HTTPStatus.FORBIDDEN, f"the token is not that of {FILE}")
        if self._busy.locked():
            return _refused(HTTPStatus.CONFLICT, "another panel is connected")
        return None

    def _answer(self, connection: ServerConnection) -> None:
        if not self._busy.acquire(blocking=False):  # two came at once
            connection.close(1013, "another panel is connected")
            return
        try:
            answer(_Calls(connection), _Answers(connection))  # type: ignore[arg-type]
        finally:
            self._busy.release()


class _Calls:
    """The messages of a connection as lines of a stream; it ends where the panel has gone."""

    def __init__(self, connection: ServerConnection) -> None:
        self._receive: Callable[[], str | bytes] = connection.recv
        self._left = b""

    def readline(self, size: int = -1) -> bytes:
        if not self._left:
            try:
                told = self._receive()
            except ConnectionClosed:
                return b""
            whole = told if isinstance(told, bytes) else told.encode()
            # A line end within JSON is a space; without that one message would be several lines.
            self._left = whole.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"
        size = len(self._left) if size < 0 else size
        line, self._left = self._left[:size], self._left[size:]
        return line


class _Answers:
    """Sends each line that is written as a message."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def write(self, line: bytes) -> None:
        try:
            self._connection.send(line.decode().rstrip("\n"))
        except WebSocketException as error:
            raise OSError("the panel has gone") from error

    def flush(self) -> None:
        """Every message is sent at once."""


def _refused(status: HTTPStatus, why: str) -> Response:
    body = (why + "\n").encode()
    headers = Headers({"Content-Type": "text/plain", "Content-Length": str(len(body)),
                       "Connection": "close"})  # fmt: skip
    return Response(status.value, status.phrase, headers, body)


def _write_secret(path: Path, content: str) -> None:
    """Write a file that only its user can read, at no moment otherwise.  Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise
