"""A panel that cannot start processes talks to dubsync over a WebSocket of this machine."""

from __future__ import annotations

import json
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as dial

from dubsync.core.errors import SettingsError
from dubsync.service.rpc.listen import Listener


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    """One that listens on a free port."""
    made = Listener(0, tmp_path / "rpc.json")
    yield made
    made.close()
    made.wait()


def connect(url: str, **options: Any) -> ClientConnection:
    """A panel's connection, past any proxy of the environment."""
    return dial(url, proxy=None, **options)


def ask(panel: ClientConnection, message: str | bytes) -> dict[str, Any]:
    """The answer to one message."""
    panel.send(message)
    return dict(json.loads(panel.recv(10)))


def call(method: str, **params: Any) -> dict[str, Any]:
    """A call as the protocol has it."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


HELLO = call("hello", client="premiere", protocols=[1])


def test_each_message_is_one_object_whatever_its_line_ends(listener: Listener) -> None:
    with connect(listener.url) as panel:
        assert ask(panel, json.dumps(HELLO, indent=2))["result"]["protocol"] == 1
        assert ask(panel, json.dumps(HELLO).encode())["result"]["protocol"] == 1
        assert ask(panel, "{no JSON")["error"]["code"] == -32700
        long = {**HELLO, "params": {**HELLO["params"], "client": "é" * 200_000}}
        assert ask(panel, json.dumps(long, ensure_ascii=False))["result"]["protocol"] == 1
        assert ask(panel, json.dumps(call("no")))["error"]["code"] == -32601


def test_the_address_is_for_this_user_on_this_machine_alone(listener: Listener) -> None:
    told = json.loads(listener.file.read_text())
    assert told == {"url": listener.url}
    assert told["url"].startswith(f"ws://127.0.0.1:{listener.port}/")
    if sys.platform != "win32":
        assert stat.S_IMODE(listener.file.stat().st_mode) == 0o600


@pytest.mark.parametrize("path", ["", "/", "/wrong", "/é", "/a?token"])
def test_who_has_not_the_token_is_refused(listener: Listener, path: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"ws://127.0.0.1:{listener.port}{path}")


@pytest.mark.parametrize("origin", ["https://example.com", "http://localhost:8000", "null"])
def test_a_web_page_is_refused_even_with_the_token(listener: Listener, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(listener.url, additional_headers={"Origin": origin})


def test_another_name_for_this_machine_is_refused(listener: Listener) -> None:
    # As a web page's own name, made to point here, would send it.
    there = listener.url.replace("127.0.0.1", "example.com")
    with pytest.raises(InvalidStatus, match="403"):
        connect(there, sock=socket.create_connection(("127.0.0.1", listener.port)))


def test_one_panel_at_a_time_and_the_next_after_it_starts_anew(listener: Listener) -> None:
    with connect(listener.url) as panel:
        ask(panel, json.dumps(HELLO))
        with pytest.raises(InvalidStatus, match="409"):
            connect(listener.url)
        ask(panel, json.dumps(call("bye")))
        with pytest.raises(ConnectionClosed):
            panel.recv(10)
    with connect(listener.url) as panel:
        assert ask(panel, json.dumps(HELLO))["id"] == 1


def test_a_taken_port_is_said_and_the_first_keeps_its_file(
    listener: Listener, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=str(listener.port)) as refused:
        Listener(listener.port, listener.file)
    assert "--listen" in refused.value.hint
    assert json.loads(listener.file.read_text()) == {"url": listener.url}


def test_the_file_goes_with_its_listener_and_not_with_another(tmp_path: Path) -> None:
    file = tmp_path / "rpc.json"
    one, other = Listener(0, file), Listener(0, file)
    one.close()
    assert json.loads(file.read_text()) == {"url": other.url}
    other.close()
    assert not file.exists()
