"""Runs the long reel and kills it with -9 at random moments, again and again, until it is done.

    python -m benchmarks.reel.killed FOLDER --like UNBROKEN [--kills 200] [--jobs N]

A kill is of all processes at once, of the parent alone, or of one worker.  Each is a line of
FOLDER.kills.jsonl, so that this can be stopped and goes on.  At the end the pictures are compared
with those of the reel UNBROKEN, that was run in one go; a reel that is done before all kills
loses the renders and pages of every second shot, and goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.reel.watched import Watched, descendants, start

#: Shares of the kinds of kills.
KINDS = {"all": 0.4, "parent": 0.2, "worker": 0.4}
#: Seconds within which the workers of a killed parent must have ended.
ORPHANS_S = 10.0


def main() -> None:
    """Kill it as often as asked, let it finish, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--like", type=Path, required=True)
    parser.add_argument("--kills", default=200, type=int)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--most", default=30.0, type=float, help="seconds between two kills")
    parser.add_argument("--nice", default=8, type=int)
    asked = parser.parse_args()
    journal = asked.folder.with_suffix(".kills.jsonl")
    done = len(journal.read_text().splitlines()) if journal.exists() else 0
    dice = random.Random(done + 1)
    while done < asked.kills:
        run = start("run", str(asked.folder), "--jobs", asked.jobs, "--json", nice=asked.nice)
        before = done
        for one in _kills(run, asked.folder, asked.most, asked.kills - done, dice):
            with journal.open("a") as out:
                out.write(json.dumps(one) + "\n")
            done += 1
        print(f"{done} kills; {len(renders(asked.folder))} renders; ended {run.process.poll()}",
              flush=True)  # fmt: skip
        if run.process.returncode >= 0 and done < asked.kills:  # it ended by itself
            if done == before and run.process.returncode not in (0, 1, 3):
                raise SystemExit("\n".join(run.log[-5:]))
            _forget_half(asked.folder)
    for _ in range(3):  # a shot whose process was killed twice in one run is done in the next
        left = _finish(asked)
        print(f"run to its end: exit code {left}", flush=True)
        if left in (0, 3):  # 3: a measure is past its limit, which is no matter here
            break
    print(json.dumps(compared(asked.folder, asked.like, journal), indent=1))


def _finish(asked: argparse.Namespace) -> int:
    run = start("run", str(asked.folder), "--jobs", asked.jobs, "--json", nice=asked.nice)
    assert run.process.stdout is not None
    asked.folder.with_suffix(".answer.json").write_text(run.process.stdout.read())
    return run.process.wait()


def _kills(
    run: Watched, folder: Path, most: float, kills: int, dice: random.Random
) -> Iterator[dict[str, Any]]:
    """Kill workers of one run until its parent is killed, or it has ended by itself."""
    for _ in range(kills):
        if dice.random() < 0.85:  # else at any moment, before its first word too
            _wait(run, lambda: bool(run.stages))
        until = time.monotonic() + dice.uniform(0.0, most)
        _wait(run, lambda until=until: time.monotonic() >= until)
        if run.process.poll() is not None:
            return
        kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
        yield _kill(run, kind, folder, dice)
        if kind != "worker":
            run.process.wait()
            return
    os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait()


def _kill(run: Watched, kind: str, folder: Path, dice: random.Random) -> dict[str, Any]:
    everyone = descendants(run.process.pid)
    workers = [pid for pid in everyone if "tasks.worker" in _command(pid)]
    victims = {
        "all": everyone,
        "parent": everyone[:1],
        "worker": workers and [dice.choice(workers)],
    }
    told: dict[str, Any] = {
        "at": round(time.monotonic() - run.began, 1), "kind": kind, "workers": len(workers),
        "stage": max(run.stages, key=run.stages.__getitem__, default=""),
        "memory_mb": max((max(m for _, m in seen.values()) for _, seen in run.memory if seen),
                         default=0),
        "begun_s_ago": round(time.monotonic() - run.began - min(
            (since for lane, (_, since) in run.lanes.items() if lane), default=0.0), 1),
        "renders": {name: digest for name, (_, digest) in renders(folder).items()},
    }  # fmt: skip
    if kind == "all":
        os.killpg(run.process.pid, signal.SIGKILL)
    for pid in victims[kind] if kind != "all" else ():
        os.kill(pid, signal.SIGKILL)
    if kind == "parent":
        began = time.monotonic()
        while any(map(_alive, workers)) and time.monotonic() - began < ORPHANS_S:
            time.sleep(0.05)
        told["orphans_ended_s"] = round(time.monotonic() - began, 2)
        told["orphans"] = sum(map(_alive, workers))
    return told


def renders(folder: Path) -> dict[str, tuple[Path, str]]:
    """Shot/version -> its record, and that one's digest."""
    found = sorted(folder.glob("renders/*/v*/*.record.json"))
    return {f"{path.parent.parent.name}/{path.parent.name}":
            (path, sha256(path.read_bytes()).hexdigest()) for path in found}  # fmt: skip


def compared(folder: Path, like: Path, journal: Path) -> dict[str, Any]:
    """What was lost, and whether the pictures are those of the unbroken run."""
    mine, theirs = pictures(folder), pictures(like)
    kills = [json.loads(line) for line in journal.read_text().splitlines()]
    now = {name: digest for name, (_, digest) in renders(folder).items()}
    lost = {name for one in kills for name, digest in one["renders"].items()
            if now.get(name) != digest} - _forgotten(folder)  # fmt: skip
    return {
        "kills": len(kills),
        "by_kind": {kind: sum(one["kind"] == kind for one in kills) for kind in KINDS},
        "shots": len(mine),
        "same_pictures": sum(mine.get(shot) == digests for shot, digests in theirs.items()),
        "other_pictures": sorted(s for s in theirs if mine.get(s) != theirs[s]),
        "finished_renders_lost": sorted(lost),
        "orphans_ended_s": max((one.get("orphans_ended_s", 0) for one in kills), default=0),
        "orphans": sum(one.get("orphans", 0) for one in kills),
        "memory_mb": max((one["memory_mb"] for one in kills), default=0),
        "begun_s_ago": max((one["begun_s_ago"] for one in kills if one["stage"]), default=0),
        "half_made": len(list(folder.glob("renders/*/.making-*"))),
    }


def pictures(folder: Path) -> dict[str, list[str]]:
    """Shot -> the digests of the frames of its newest render."""
    result = {}
    for path, _ in renders(folder).values():  # sorted: the newest last
        record = json.loads(path.read_text())
        result[path.parent.parent.name] = record["frame_digests"]
    return result


def _forget_half(folder: Path) -> None:
    """Take the renders and pages of every second shot away, so that there is work again."""
    forgotten = _forgotten(folder)
    for home in sorted(folder.glob("renders/*"))[::2]:
        forgotten |= {f"{home.name}/{version.name}" for version in home.glob("v*")}
        shutil.rmtree(home)
        shutil.rmtree(folder / ".dubsync" / "pages" / home.name, ignore_errors=True)
    (folder.with_suffix(".forgotten.json")).write_text(json.dumps(sorted(forgotten)))


def _forgotten(folder: Path) -> set[str]:
    path = folder.with_suffix(".forgotten.json")
    return set(json.loads(path.read_text())) if path.exists() else set()


def _wait(run: Watched, until: Any) -> None:
    while run.process.poll() is None and not until():
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    main()
