"""Fail every write of a small run once, and see whether the reel goes on.

    python -m benchmarks.faults [--every K] [--from N] [--to N]

A reel of two shots is synced, judged, delivered and cleaned in one process, under a shim that fails
the Nth write below the project: open, write, fsync, rename, link, mkdir.  For each N, with one of
ENOSPC, EROFS (both stay), EIO and ESTALE (both once): the run ends by itself or with an error that
says what and what to do; every file that stands is whole; a second run finishes with the same bits.
The writes of each part of a run (turnover, sync, the rest) are failed on a project that an unbroken
run left just before it: what was done before is the same every time.
Needs a C compiler, on Linux.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

#: (error, whether it stays); the Nth failure takes the one in turn.
KINDS = ((errno.ENOSPC, True), (errno.EIO, False), (errno.EROFS, True), (errno.ESTALE, False))
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one failure: n, error, where it was met, and what is wrong; "": nothing."""

    n: int
    error: str
    where: str
    wrong: str


def compiled(folder: Path) -> Path:
    """The shim, compiled into `folder`."""
    made = folder / "shim.so"
    command = ["cc", "-O1", "-shared", "-fPIC", "-o", str(made), str(HERE / "shim.c"), "-ldl"]
    subprocess.run(command, check=True)
    return made


class Shim:
    """The shim in this process, which must have been started with it (LD_PRELOAD)."""

    def __init__(self) -> None:
        self._code = ctypes.CDLL(None)
        self._code.fault_where.restype = ctypes.c_char_p
        self._code.fault_count.restype = ctypes.c_long

    def arm(self, folder: Path, n: int, error: int = 0, *, stays: bool = False) -> None:
        self._code.fault_arm(os.fsencode(folder), ctypes.c_long(n), error, int(stays))

    @property
    def count(self) -> int:
        """How many calls there were since it was armed."""
        return int(self._code.fault_count())

    def disarm(self) -> tuple[int, str]:
        """How many calls there were, and which one failed."""
        self._code.fault_disarm()
        return self.count, os.fsdecode(self._code.fault_where())


def small_run(reel: Path, part_ends: Callable[[], object] = lambda: None) -> dict[str, str]:
    """Sync, judge, deliver and clean; shot -> status.  Raises DubsyncError.

    Args:
        part_ends: called after the turnover, after the sync, and at the end.
    """
    from dubsync.service.judge import Judging
    from dubsync.service.project import Project
    from dubsync.service.space.clean import clean, plan_clean

    project = Project.open(reel)
    project.turnover()
    part_ends()
    results = project.sync()
    part_ends()
    told = {one.name: one.status for one in results}
    if all(status in ("done", "unchanged") for status in told.values()):
        if not list((reel / "judgements").rglob("*.json")):
            # The newest: one that was not entered in the ledger is no version to approve.
            Judging(project).approve("a", "", by="Ann", why="", progress=lambda step: None)
        if project.store.latest("delivery") is None:
            project.deliver(formats=("otio", "edl"))
        clean(project, plan_clean(project))
    part_ends()
    for one in results:
        if one.status == "failed" and not (one.reason and one.hint):
            raise AssertionError(f"{one.name} failed without a word or a hint: {one.reason!r}")
    return told


def bits(reel: Path) -> dict[str, Any]:
    """Shot -> the digests of its newest render's frames."""
    found = {}
    for path in sorted(reel.glob("renders/*/v*/*.record.json")):
        found[path.parts[-3]] = json.loads(path.read_text())["frame_digests"]
    return found


def half_files(reel: Path) -> str:
    """What is not whole in a project; "": everything that has its final name is."""
    from dubsync.core.errors import DubsyncError
    from dubsync.service.project import Project
    from dubsync.service.render.provenance import whole_record
    from dubsync.service.render.verify_render import altered

    store = Project.open(reel).store
    for folder in sorted(reel.glob("renders/*/v*")):
        try:
            if why := altered(store, folder, whole_record(folder)):
                return f"{folder.name}: {why}"
        except DubsyncError as error:
            return f"{folder}: {error}"
    for path in reel.rglob("*.json"):
        if not any(part.startswith(".making") for part in path.parts):
            try:
                json.loads(path.read_text())
            except ValueError as error:
                return f"{path.relative_to(reel)} is half written: {error}"
    return ""


def one_failure(shim: Shim, base: Path, room: Path, n: int, wanted: dict[str, Any]) -> Outcome:
    """Fail the Nth write of a fresh copy of `base`, look at it, and run it again."""
    from dubsync.core.errors import DubsyncError

    error, stays = KINDS[n % len(KINDS)]
    shutil.rmtree(room, ignore_errors=True)
    shutil.copytree(base, room)
    reel = room / "REEL"
    shim.arm(reel, n, error, stays=stays)
    wrong = ""
    try:
        small_run(reel)
    except DubsyncError as refused:
        if not refused.hint:
            wrong = f"an error without a hint: {refused}"
    except AssertionError as said:
        wrong = str(said)
    except Exception as raised:
        wrong = f"{type(raised).__name__}: {raised}"
    _, where = shim.disarm()
    where = where.replace(str(reel), "REEL")
    wrong = wrong or half_files(reel)
    try:
        told = small_run(reel)
        if not wrong and set(told.values()) - {"done", "unchanged"}:
            wrong = f"the second run: {told}"
        if not wrong and bits(reel) != wanted:
            wrong = "the second run made other bits"
        if not wrong and not list(reel.glob("delivery/v*/*.otio")):
            wrong = "the second run delivered nothing"
    except Exception as raised:
        wrong = wrong or f"the second run: {type(raised).__name__}: {raised}"
    return Outcome(n, errno.errorcode[error], where, wrong)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a run: the folder of a project as it is before it, and its writes there."""

    base: Path
    writes: range


def parts_of(shim: Shim, base: Path, folder: Path) -> tuple[list[Part], dict[str, Any]]:
    """The parts of a run of the project in `base`, and the bits that it makes."""
    room, bases, found = folder / "room", [base], []

    def keep() -> None:
        bases.append(folder / f"after part {len(bases)}")
        shutil.copytree(room, bases[-1])

    shutil.copytree(base, room)
    small_run(room / "REEL", keep)
    wanted = bits(room / "REEL")
    for number, before in enumerate(bases[:-1]):
        ends: list[int] = [0]
        shutil.rmtree(room)
        shutil.copytree(before, room)
        shim.arm(room / "REEL", 0)
        small_run(room / "REEL", lambda ends=ends: ends.append(shim.count))  # type: ignore[misc]
        shim.disarm()
        found.append(Part(before, range(ends[number] + 1, ends[number + 1] + 1)))
    return found, wanted


def failures(shim: Shim, folder: Path, numbers: range) -> tuple[int, list[Outcome]]:
    """How many writes an unbroken run has, and what came of failing those of `numbers`."""
    from dubsync.service.keys.keyring import new_key
    from tests.service.reel_making import fresh_reel

    base = folder / "base"
    base.mkdir()
    os.environ["DUBSYNC_KEYS"] = str(folder / "keys")
    new_key("Studio Nord")
    fresh_reel(base, date.today())
    parts, wanted = parts_of(shim, base, folder)
    writes = [(part.base, n) for part in parts for n in part.writes]
    print(f"writes of turnover, sync, the rest: {[len(part.writes) for part in parts]}", flush=True)
    found: list[Outcome] = []
    for number in range(numbers.start, min(numbers.stop, len(writes) + 1), numbers.step):
        before, n = writes[number - 1]
        found.append(one_failure(shim, before, folder / "room", n, wanted))
        if found[-1].wrong:
            one = found[-1]
            print(f"  {number} {one.error} at {one.where}: {one.wrong}", flush=True)
        if len(found) % 10 == 0:
            print(f"  {len(found)} failed, up to {number}", flush=True)
    return len(writes), found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="only each Kth")
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--to", type=int, default=1_000_000, dest="last")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dubsync-faults-") as made:
        folder = Path(made)
        if "DUBSYNC_FAULT_SHIM" not in os.environ:
            shim = str(compiled(folder))
            again = os.environ | {"LD_PRELOAD": shim, "DUBSYNC_FAULT_SHIM": shim}
            sys.exit(subprocess.run([sys.executable, "-m", "benchmarks.faults", *sys.argv[1:]],
                                    env=again, check=False).returncode)  # fmt: skip
        began = time.monotonic()
        total, found = failures(Shim(), folder, range(given.first, given.last + 1, given.every))
    calls = Counter(one.where.partition(" ")[0] or "not met" for one in found)
    bad = [one for one in found if one.wrong]
    print(f"{total} writes in a run; {len(found)} failed once each, in "
          f"{time.monotonic() - began:.0f} s: {dict(calls)}; {len(bad)} went wrong")  # fmt: skip
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
