"""What a GPU does, in one command on a machine that has nothing but this checkout.

    python -m benchmarks.gpu [--device cuda] [--precision float32] [--minutes 10] [--small] [--json]

Faces are the sample reel's close-ups, enlarged.  In order: peaks of the device; the network alone;
whole faces drawn at crops of 512 and 1024; device against CPU; whole shots in 1080p and UHD, from
H.264 to lossless; training to the plateau at 512.  Each part is told when it is done; what is not
done after `--minutes` is stopped and named, and the parts before it stand.

--small does all of it in a few seconds on a CPU, at a crop of 96: it measures nothing, and
shows that this still runs.  Exit code 3 when a goal is missed or a part was not reached.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: Goals: frames a second by what is measured, and seconds until the plateau.
GOALS = {"drawing 512": 300.0, "drawing 1024": 100.0, "1080p": 60.0, "UHD": 25.0}
PLATEAU_S = 300.0
#: Of the time, the parts before training take at most about so much each.
SHARE = 0.05


def parts(
    device: Any, half: bool, minutes: float, small: bool
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The parts in order, each to be called."""
    from benchmarks.gpu import drawing, peaks, plateau, shots

    began = time.perf_counter()
    peak = peaks.peaks(device, small=small)
    yield "peaks", lambda: peak
    low, high = (96, 96) if small else (512, 1024)
    seconds = 0.0 if small else 60 * minutes * SHARE
    frames = 14 if small else 48
    for px, goal in ((low, 512), (high, 1024)):
        for in_half in (False, True):
            yield (
                f"network {goal}, {'bfloat16' if in_half else 'float32'}",
                lambda p=px, h=in_half: drawing.network_row(p, device, h, peak["used"]),
            )
    for px, goal in ((low, 512), (high, 1024)):
        yield (
            f"drawing {goal}",
            lambda p=px: drawing.drawing_row(p, device, half, seconds, frames),
        )
    yield "difference", lambda: drawing.difference_rows(low, device, frames, 2 if small else 8)
    sizes = (("1080p", 144, low), ("UHD", 288, high)) if small else (
        ("1080p", 1080, low), ("UHD", 2160, high)
    )  # fmt: skip
    for name, height, px in sizes:
        yield name, lambda y=height, p=px: shots.shot_row(y, p, device, half, seconds, frames)

    def trained() -> Any:
        left = minutes - (time.perf_counter() - began) / 60 - 0.3
        if small:
            return plateau.training_row(low, device, half, 1, 16, 8, steps=2)
        return plateau.training_row(low, device, half, max(0.5, left), 450, 0)

    yield "training 512", trained


def missed(found: dict[str, Any]) -> list[str]:
    """Which goals are missed, and which parts were not reached."""
    short = [f"{name}: not reached" for name in (*GOALS, "training 512") if name not in found]
    for name, goal in GOALS.items():
        rate = found.get(name, {}).get("frames_a_second")
        if rate is not None and rate < goal:
            short.append(f"{name}: {rate} frames a second of {goal:g}")
    row = found.get("training 512")
    if row is not None:
        took = row["learnt_s"] + row["pairs_and_proof_s"] + row["plateau_s"]
        if took > PLATEAU_S:
            short.append(f"training: {took:.0f} s of {PLATEAU_S:g}")
    return short


def measure(options: argparse.Namespace) -> None:
    """In the child process: a JSON line for each part, at once."""
    from dubsync.engine.device import chosen_device, computes_in_half, one_thread

    one_thread()
    device = chosen_device(options.device)
    half = computes_in_half(options.precision, device)
    for name, work in parts(device, half, options.minutes, options.small):
        began = time.perf_counter()
        row = work()
        took = round(time.perf_counter() - began, 1)
        print(json.dumps({"part": name, "took_s": took, "row": row}), flush=True)


def told(options: argparse.Namespace, arguments: Sequence[str]) -> dict[str, Any]:
    """The parts that a child process finished within the time."""
    found: dict[str, Any] = {}
    command = [sys.executable, "-m", "benchmarks.gpu", "--child", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        stop = Stop(child, 60 * options.minutes)
        for line in child.stdout or ():
            try:
                done = json.loads(line)
            except json.JSONDecodeError:  # cut off
                break
            found[done["part"]] = done["row"]
            if not options.json:
                print(f"{done['part']} ({done['took_s']} s): {json.dumps(done['row'])}", flush=True)
        stop.cancel()
    return found


class Stop:
    """Kills a process after so many seconds, unless it is cancelled."""

    def __init__(self, process: subprocess.Popen[str], seconds: float) -> None:
        from threading import Timer

        self._timer = Timer(seconds, process.kill)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Let the process live."""
        self._timer.cancel()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--minutes", type=float, default=10.0, help="for everything, at most")
    parser.add_argument("--small", action="store_true", help="a few seconds on a CPU")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(given)
    if options.child:
        measure(options)
        return 0
    found = told(options, given)
    short = missed(found)
    if options.json:
        print(json.dumps({"parts": found, "missed": short}))
    else:
        print("missed: " + ("; ".join(short) or "nothing"))
    return 3 if short else 0


if __name__ == "__main__":
    sys.exit(main())
