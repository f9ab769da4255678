"""Runs the long reel in one go, and writes down time, memory and how right the time left was.

    python -m benchmarks.reel.unbroken FOLDER [--jobs N]

A reel that is run already is only looked at again.  What was measured goes to FOLDER.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

from benchmarks.reel.watched import Watched, seconds_in, start


def main() -> None:
    """Run it, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--nice", default=8, type=int)
    asked = parser.parse_args()
    run = start("run", str(asked.folder), "--jobs", asked.jobs, "--json", nice=asked.nice)
    assert run.process.stdout is not None
    answer = run.process.stdout.read()
    code, seconds = run.process.wait(), time.monotonic() - run.began
    told = measured(run, seconds) | {"exit_code": code, "jobs": asked.jobs}
    with asked.folder.with_suffix(".json").open("a") as out:
        out.write(json.dumps(told) + "\n")
    asked.folder.with_suffix(".answer.json").write_text(answer)
    print(json.dumps(told, indent=1))
    print("\n".join(run.log[-5:]))


def measured(run: Watched, seconds: float) -> dict[str, Any]:
    """The figures of one run that took so many seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = [sum(rss for rss, _ in seen.values()) for _, seen in run.memory]
    peaks = [max((most for _, most in seen.values()), default=0) for _, seen in run.memory]
    at = max(1, len(whole) // 10)
    return {
        "seconds": round(seconds),
        "cpu_seconds": round(used.ru_utime + used.ru_stime),
        "first_step_of": {name: round(when) for name, when in run.stages.items()},
        "memory_mb": {"all": max(whole, default=0), "one": max(peaks, default=0)},
        "memory_over_time": [max(whole[n : n + at]) for n in range(0, len(whole), at)],
        "time_left": _time_left(run, seconds),
    }


def _time_left(run: Watched, seconds: float) -> list[dict[str, float]]:
    """What was told at each twentieth of the time, and what it was."""
    result = []
    for n in range(1, 20):
        at = seconds * n / 20
        step = next((step for when, step in run.steps if when >= at), None)
        said = seconds_in(step["note"]) if step else None
        if said is not None:
            true = seconds - at
            result.append({"at": n / 20, "said": round(said), "was": round(true),
                           "off": round(said / true - 1, 2)})  # fmt: skip
    return result


if __name__ == "__main__":
    main()
