"""Sync one reel from Python: open the project, look at its shots, render, check and deliver.

    python docs/examples/first_reel.py sample_projects/two_hander

The same as `dubsync run`, step by step.  Each step keeps its results in the project folder, so a
second run repeats only what changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dubsync


def main(folder: Path) -> int:
    """Sync the project in `folder`; the exit code."""
    try:
        project = dubsync.Project.open(folder)
        turnover = project.turnover()
        print(f"{turnover.cut.name}: {len(turnover.shots)} shots to sync")
        for warning in turnover.warnings:
            print(f"  warning: {warning.about}: {warning.message}")

        results = project.sync(finished=report)
        rendered = [result for result in results if result.rendered]
        if not rendered:
            print("No shot was rendered.")
            return 1

        quality = project.check()
        print(f"Report: {quality.html}")
        delivery = project.deliver(report=quality.html)
        for kind, path in delivery.files.items():
            print(f"Delivered {kind}: {path}")

        # Any cut can be read and written again, also without a project.
        cut = dubsync.probe_cut(Path(delivery.files["otio"]))
        print(f"{cut.name}: {len(cut.events)} events in the delivered {cut.format}")
    except dubsync.DubsyncError as error:
        print(f"{error}\n  Try: {error.hint}", file=sys.stderr)
        return 1
    return 0


def report(result: dubsync.ShotResult) -> None:
    """Print one line as each shot ends."""
    print(f"  {result.name}: {result.status} {result.reason}".rstrip())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
