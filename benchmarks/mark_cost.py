"""What the invisible mark costs: its share of one sync, counted while that sync runs.

python -m benchmarks.mark_cost REEL [SHOT ...]

REEL must be a copy: it gets new versions.  A house key must be on this machine.  Times are CPU
seconds of the thread that marks against CPU seconds of the whole process, so that other work on the
machine does not matter.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time, thread_time

from dubsync.service.project import Project
from dubsync.service.render import marked_frames
from dubsync.service.render.marked_frames import RenderMark


def main(folder: str, *shots: str) -> None:
    """Print the mark's share of a sync of `shots` (none: all of them)."""
    spent = {"mark": 0.0, "keep": 0.0, "frames": 0.0}
    put, keep = RenderMark._marked, RenderMark.keep

    def timed_put(self: RenderMark, made: object) -> object:
        began = thread_time()
        result = put(self, made)  # type: ignore[arg-type]
        spent["mark"] += thread_time() - began
        spent["frames"] += 1
        return result

    def timed_keep(self: RenderMark, store: object) -> None:
        began = thread_time()
        keep(self, store)  # type: ignore[arg-type]
        spent["keep"] += thread_time() - began

    marked_frames.RenderMark._marked = timed_put  # type: ignore[assignment, method-assign]
    marked_frames.RenderMark.keep = timed_keep  # type: ignore[assignment, method-assign]
    project = Project.open(Path(folder))
    began = process_time()
    for result in project.sync(list(shots)):
        print(f"{result.name}: {result.status} {result.reason}")
    whole = process_time() - began
    marking = spent["mark"] + spent["keep"]
    frames = max(spent["frames"], 1)
    print(
        f"sync {whole:.1f} s of CPU, the mark {marking:.2f} s: {100 * marking / whole:.1f} %; "
        f"{1000 * spent['mark'] / frames:.1f} ms a marked frame, clean faces {spent['keep']:.2f} s"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
