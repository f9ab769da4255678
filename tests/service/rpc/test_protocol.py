"""No line from a plugin ends dubsync, and each call has one answer."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.service.rpc import messages
from dubsync.service.rpc.asked import required
from dubsync.service.rpc.messages import BadCall, Call, call_in, lines
from dubsync.service.rpc.methods import METHODS
from tests.conftest import ROOT
from tests.service.rpc.talking import Talk


@pytest.fixture(scope="module")
def talk():
    made = Talk()
    yield made
    made.close()


@given(st.binary(max_size=80))
def test_any_bytes_are_a_call_or_a_bad_call(line):
    try:
        assert isinstance(call_in(line), Call)
    except BadCall as error:
        assert error.code in (-32700, -32600, -32602)


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just({}) | st.just([])


@given(st.dictionaries(st.sampled_from(["jsonrpc", "id", "method", "params"]), VALUES))
def test_any_json_is_a_call_or_a_bad_call(value):
    try:
        call_in(json.dumps(value).encode())
    except BadCall as error:
        assert error.code in (-32600, -32602, -32700)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"not json", -32700),
        (b"\xff\xfe", -32700),
        (b'{"jsonrpc":"2.0","id":7,"method":"open","params":[1]}', -32602),
        (b'{"id":7,"method":"open"}', -32600),
        (b"[]", -32600),
        (b'{"jsonrpc":"2.0","id":7,"method":"nothing_like_it"}', -32601),
        (b'{"jsonrpc":"2.0","id":7,"method":"open","params":{"reel":5}}', -32602),
        (b'{"jsonrpc":"2.0","id":7,"method":"open","params":{}}', -32602),
        (b'{"jsonrpc":"2.0","id":7,"method":"open","params":{"reel":"x","colour":1}}', -32602),
        (b'{"jsonrpc":"2.0","id":7,"method":"match","params":{"reel":"x","clips":[3]}}', -32602),
    ],
)  # fmt: skip
def test_a_wrong_line_is_answered_and_the_next_call_too(talk, line, code):
    talk.say(line)
    assert talk.hear()["error"]["code"] == code
    assert talk.result("hello", client="test", protocols=[1])["protocol"] == 1


def test_a_line_that_is_too_long_is_skipped_whole(monkeypatch):
    monkeypatch.setattr(messages, "LONGEST_LINE", 100)
    monkeypatch.setattr(messages, "_CHUNK", 64)
    stream = io.BytesIO(b"x" * 1000 + b"\nnext\n\n" + b"y" * 90 + b"\nlast")
    assert list(lines(stream)) == [None, b"next", b"y" * 90, b"last"]
    with pytest.raises(BadCall, match="longer"):
        call_in(None)


def test_a_refusal_says_what_where_and_what_to_try(talk, tmp_path):
    error = talk.error("open", reel=str(tmp_path))
    assert (error["code"], error["data"]["kind"]) == (-32000, "settings")
    assert str(tmp_path) in error["message"] and error["data"]["hint"]


def test_another_protocol_is_refused_with_the_side_to_update(talk):
    assert "update dubsync" in talk.error("hello", client="new", protocols=[2])["data"]["hint"]
    assert "plugins install" in talk.error("hello", client="old", protocols=[0])["data"]["hint"]


def test_a_notification_of_the_host_has_no_answer(talk):
    talk.say(b'{"jsonrpc":"2.0","method":"hello","params":{"client":"x","protocols":[1]}}')
    assert talk.result("controls")["controls"][0]["name"] == "intensity"


def test_the_controls_have_their_ranges_and_choices(talk):
    controls = {one["name"]: one for one in talk.result("controls")["controls"]}
    assert (controls["jaw"]["lowest"], controls["jaw"]["highest"]) == (0, 2)
    assert controls["region"]["choices"] == ["mouth", "face", "head"]


def test_the_reference_names_every_method_and_parameter():
    page = (ROOT / "docs" / "reference" / "rpc.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    assert list(rows) == list(METHODS)
    for name, method in METHODS.items():
        for parameter in required(method.form):
            assert f"`{parameter}`" in rows[name], f"{name}: {parameter}"


def test_standard_output_carries_the_protocol_alone():
    """A library that prints is heard on standard error; closing standard input ends it."""
    code = (
        "import dubsync.service.rpc.serve as s, sys\n"
        "from dubsync.service.rpc.methods import Methods\n"
        "told = Methods.hello\n"
        "def noisy(self, said):\n"
        "    print('a library prints'); return told(self, said)\n"
        "import dubsync.service.rpc.methods as m, dataclasses\n"
        "m.METHODS['hello'] = dataclasses.replace(m.METHODS['hello'], do=noisy)\n"
        "from dubsync.cli.main import main\n"
        "main(['rpc'])\n"
    )
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "hello",
        "params": {"client": "x", "protocols": [1]},
    }
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(call) + "\n", capture_output=True,
        text=True, check=True, timeout=60,
    )  # fmt: skip
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["result"]["protocol"] == 1
    assert "a library prints" in done.stderr
