"""The host's side of `dubsync rpc`: a child process, JSON-RPC 2.0, one JSON object a line.

Nothing here touches the host.  `ask` returns at once; its answer is handed over in `poll`, which
the host's timer calls on the thread of its window.  `call` waits.
"""

import atexit
import collections
import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time

from . import VERSION, problems

PROTOCOL = 1
#: Seconds that `call` waits, and that dubsync gets to end by itself.
ANSWER_S, ENDS_S = 120.0, 5.0
#: What a host puts into its environment for its own Python, and would break ours.
OF_THE_HOST = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE")
COMMAND_FILE = "dubsync_command.json"
LAST_WORDS = 2000  #: bytes of the log that are shown


def read_command(folder):
    """(command, environment) from dubsync_command.json in `folder`: what starts dubsync.

    `dubsync plugins install` writes it; the user may change it.
    """
    path = os.path.join(folder, COMMAND_FILE)
    try:
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
        command, environment = told["command"], told.get("env", {})
        if not command or not all(isinstance(word, str) for word in command):
            raise ValueError("command must be a list of words")
        if not all(isinstance(word, str) for pair in environment.items() for word in pair):
            raise ValueError("env must hold texts")
    except FileNotFoundError:
        return ["dubsync"], {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise problems.Problem(
            f"The file that says how to start dubsync cannot be used: {error}.",
            where=path,
            hint="run dubsync plugins install again",
            kind="dubsync",
        ) from error
    return list(command), dict(environment)


class Client:
    """One `dubsync rpc`, started when it is first needed.

    Args:
        command: words that start dubsync, without "rpc".
        name, version: of the plugin, for the handshake.
        environment: variables for dubsync, on top of the host's.
    """

    def __init__(self, command, name, version=VERSION, environment=None):
        self.command, self.name, self.version = list(command), name, version
        self.methods, self.dubsync = (), ""
        self._environment = dict(environment or {})
        self._process = self._reader = self._log = None
        self._lock = threading.RLock()
        self._came = threading.Condition(self._lock)
        self._number = 0
        self._waiting = {}  # number -> (done, failed), or None for one that `call` waits for
        self._answers = {}  # number -> message, of those that `call` waits for
        self._told = collections.deque()  # what `poll` hands over
        self._gone = False

    @property
    def running(self):
        """Whether the child process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self):
        """Start dubsync and agree on a protocol.  Raises Problem."""
        if self.running and not self._gone:
            return
        self.close()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        hidden = {"creationflags": 0x08000000} if os.name == "nt" else {}  # CREATE_NO_WINDOW
        try:
            self._process = subprocess.Popen(
                self.command + ["rpc"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=self._clean_environment(),
                **hidden,
            )
        except OSError as error:
            self._log.close()
            raise problems.not_found(" ".join(self.command)) from error
        with self._lock:
            self._gone = False
            self._told.clear()
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        atexit.register(self.close)
        try:
            hello = self._exchange(
                "hello",
                {"client": self.name, "client_version": self.version, "protocols": [PROTOCOL]},
                ANSWER_S,
            )
        except problems.Problem:
            self.close()
            raise
        self.dubsync, self.methods = hello.get("dubsync", ""), tuple(hello.get("methods", ()))

    def call(self, method, timeout=ANSWER_S, **params):
        """The answer to a call; waits.  Raises Problem."""
        self.start()
        return self._exchange(method, params, timeout)

    def ask(self, method, params, done, failed):
        """Ask, and return at once; `poll` calls done(answer) or failed(problem)."""
        try:
            self.start()
        except problems.Problem as problem:
            with self._lock:
                self._told.append((failed, problem))
            return
        self._send(method, params, (done, failed))

    def poll(self, told=None):
        """Hand over what came since; told(method, params) gets each notification.

        Returns how many messages there were.
        """
        count = 0
        while True:
            with self._lock:
                if not self._told:
                    return count
                what, value = self._told.popleft()
            count += 1
            if callable(what):
                what(value)
            elif told is not None:
                told(what, value)

    def close(self):
        """End dubsync: a running job stops cleanly, finished shots stay."""
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.close)
        with contextlib.suppress(OSError, ValueError):
            process.stdin.close()
        for end in (process.terminate, process.kill):
            try:
                process.wait(ENDS_S)
                break
            except subprocess.TimeoutExpired:
                end()
        else:
            process.wait()
        if self._reader is not threading.current_thread():
            self._reader.join(ENDS_S)
        process.stdout.close()
        self._log.close()

    # -- internal -----------------------------------------------------------------------------

    def _clean_environment(self):
        environment = dict(os.environ)
        for name in OF_THE_HOST:
            environment.pop(name, None)
        environment.update(self._environment)
        environment["PYTHONIOENCODING"] = "utf-8"
        return environment

    def _exchange(self, method, params, timeout):
        number, ends = self._send(method, params, None), time.time() + timeout
        with self._came:
            while number not in self._answers:
                left = ends - time.time()
                if left <= 0:
                    self._waiting.pop(number, None)
                    raise problems.too_slow(method, timeout)
                self._came.wait(left)
            message = self._answers.pop(number)
        if isinstance(message, problems.Problem):
            raise message
        if "error" in message:
            raise problems.from_error(message["error"])
        return message.get("result")

    def _send(self, method, params, then):
        with self._lock:
            self._number += 1
            number = self._number
            self._waiting[number] = then
            message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            try:
                # JSON escapes what is not ASCII, so a line never depends on the host's encoding.
                self._process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
                self._process.stdin.flush()
            except (OSError, ValueError, AttributeError):
                self._answered(number, problems.ended(self._last_words()))
        return number

    def _read(self, process):
        """Take lines until dubsync ends; on a thread of its own."""
        for line in iter(process.stdout.readline, b""):
            try:
                message = json.loads(line.decode("utf-8"))
            except ValueError:
                continue  # no line of the protocol
            if not isinstance(message, dict):
                continue
            if "method" in message:
                with self._lock:
                    self._told.append((str(message["method"]), message.get("params") or {}))
            elif "id" in message:
                self._answered(message["id"], message)
        with self._lock:
            if process is not self._process:
                return  # closed by us
            self._gone, lost = True, list(self._waiting)
            problem = problems.ended(self._last_words())
            for number in lost:
                self._answered(number, problem)
            self._told.append(("ended", {"problem": problem}))

    def _answered(self, number, message):
        with self._came:
            if number not in self._waiting:
                return
            then = self._waiting.pop(number)
            if then is None:
                self._answers[number] = message
                self._came.notify_all()
                return
            done, failed = then
            if isinstance(message, problems.Problem):
                self._told.append((failed, message))
            elif "error" in message:
                self._told.append((failed, problems.from_error(message["error"])))
            else:
                self._told.append((done, message.get("result")))

    def _last_words(self):
        try:
            self._log.seek(0, os.SEEK_END)
            self._log.seek(max(0, self._log.tell() - LAST_WORDS))
            lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        except (OSError, ValueError):
            return ""
        return lines[-1] if lines else ""
