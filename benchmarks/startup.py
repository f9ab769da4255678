"""CPU seconds of the verbs that do no media work, start to end.

    python -m benchmarks.startup [--json]

Each is run in a process of its own, five times; the least is given, user and system time together.
The projects are copies of sample_projects/, whose stems are analysed before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import dubsync

SAMPLES = Path(__file__).parents[1] / "sample_projects"
MADE = ("make", ".dubsync", "renders", "reports", "delivery", "tweaks")
RUNS = 5
SHOT = "A001C003_251114_ELISE_CU"


def verbs(folder: Path) -> dict[str, tuple[str, ...]]:
    """Name -> arguments of `dubsync`, over copies of the samples in `folder`."""
    reel, change = folder / "two_hander", folder / "reel_change"
    shutil.copytree(SAMPLES / "two_hander", reel, ignore=shutil.ignore_patterns(*MADE))
    shutil.copytree(SAMPLES / "reel_change", change)
    aaf = folder / "new.aaf"
    dubsync.write_cut(dubsync.probe_cut(change / "new.otio"), aaf)
    cuts = {"EDL": change / "new.edl", ".otio": change / "new.otio", "AAF": aaf,
            "FCPXML": change / "new.fcpxml", "FCP7 XML": change / "new.xml"}  # fmt: skip
    return {
        "--help": ("--help",),
        "tweak": ("tweak", str(reel), SHOT),
        **{f"probe, {kind}": ("probe", str(path), "--rate", "24") for kind, path in cuts.items()},
        "turnover": ("turnover", str(reel), "--language", "it-IT"),
        "consent": ("consent", str(reel)),
        "cutdiff": ("cutdiff", str(change / "old.otio"), str(change / "new.otio")),
    }


def cpu_seconds(arguments: tuple[str, ...]) -> float:
    """User and system seconds of `dubsync ARGUMENTS` in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dubsync", *arguments], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"dubsync {' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a row for each verb."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        every = verbs(Path(folder))
        cpu_seconds(every["turnover"])  # stems are analysed here, once
        figures = {
            name: round(min(cpu_seconds(arguments) for _ in range(RUNS)), 2)
            for name, arguments in every.items()
        }
    if asked.json:
        print(json.dumps(figures))
        return
    print("| verb | CPU seconds |\n|---|---|")
    for name, seconds in figures.items():
        print(f"| {name} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
