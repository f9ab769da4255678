"""A share that stops answering, for real: when is it told, and does the work go on?

    python -m benchmarks.faults.dead_share MOVIE [--seconds 20]

Mounts MOVIE in a file system of its own (FUSE, spoken directly; Linux, as root), lets it hang for
some seconds while `dubsync probe` opens it, and prints what was said and when.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, INIT, OPENDIR = 1, 2, 3, 14, 15, 17, 26, 27
QUIET = (18, 25, 29, 34)  # release, flush, releasedir, access: answered with nothing
_HEAD = struct.Struct("<IIQQIIII")


class Share:
    """One read-only file in a mounted folder; `hang` stops its reads, `answer` lets them go on."""

    def __init__(self, movie: Path, mount: Path) -> None:
        self._data, self._name, self.mount = movie.read_bytes(), movie.name, mount
        self._answers = threading.Event()
        self._answers.set()
        self._device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0"
        code = ctypes.CDLL(None, use_errno=True)
        if code.mount(b"dubsync", os.fsencode(mount), b"fuse", 7, options.encode()):
            raise OSError(ctypes.get_errno(), "FUSE cannot be mounted here")
        self._unmount = lambda: code.umount2(os.fsencode(mount), 2)
        threading.Thread(target=self._serve, daemon=True).start()

    def hang(self) -> None:
        self._answers.clear()

    def answer(self) -> None:
        self._answers.set()

    def close(self) -> None:
        self.answer()
        self._unmount()

    def _serve(self) -> None:
        while True:
            try:
                request = os.read(self._device, 1 << 20)
            except OSError:
                return  # unmounted
            threading.Thread(target=self._one, args=(request,), daemon=True).start()

    def _one(self, request: bytes) -> None:
        _, code, unique, node, *_ = _HEAD.unpack_from(request)
        body = request[_HEAD.size :]
        if code not in (INIT, FORGET):
            self._answers.wait()
        if code in (FORGET, 42, 36):  # these have no answer
            return
        error, reply = self._reply(code, node, body)
        os.write(self._device, struct.pack("<IiQ", 16 + len(reply), -error, unique) + reply)

    def _reply(self, code: int, node: int, body: bytes) -> tuple[int, bytes]:
        if code == INIT:
            facts = (7, 31, 0, 0, 8, 6, 1 << 16, 1, 0, 0, 0, *[0] * 7)
            return 0, struct.pack("<IIIIHHIIHHI7I", *facts)
        if code == LOOKUP:
            if os.fsdecode(body.rstrip(b"\0")) != self._name:
                return errno.ENOENT, b""
            return 0, struct.pack("<QQQQII", 2, 0, 0, 0, 0, 0) + self._attributes(2)
        if code == GETATTR:
            return 0, struct.pack("<QII", 0, 0, 0) + self._attributes(node)
        if code in (OPEN, OPENDIR):
            return 0, struct.pack("<QII", 1, 1, 0)
        if code == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return 0, self._data[offset : offset + size]
        if code == STATFS:
            return 0, struct.pack("<QQQQQIII6I", 0, 0, 0, 0, 0, 4096, 255, 4096, *[0] * 6)
        return (0 if code in QUIET else errno.ENOSYS), b""

    def _attributes(self, node: int) -> bytes:
        size, mode = (0, 0o40755) if node == 1 else (len(self._data), 0o100644)
        times = [1_700_000_000] * 3
        return struct.pack("<QQQQQQIIIIIIIIII", node, size, size // 512 + 1, *times, 0, 0, 0, mode,
                           1, 0, 0, 0, 4096, 0)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("movie", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long it hangs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dubsync-share-") as made:
        share = Share(given.movie, Path(made))
        share.hang()
        threading.Timer(given.seconds, share.answer).start()
        began = time.monotonic()
        command = [sys.executable, "-m", "dubsync", "probe", str(Path(made) / given.movie.name)]
        probe = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert probe.stderr is not None
        for line in probe.stderr:
            print(f"{time.monotonic() - began:6.1f} s  {line.decode().rstrip()}", flush=True)
        print(f"{time.monotonic() - began:6.1f} s  ended with code {probe.wait()}")
        share.close()


if __name__ == "__main__":
    main()
