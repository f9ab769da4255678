"""A reel of one shot, synced in this process: what `clip` does with a movie, for a sequence.

python -m benchmarks.uhd.synced PLATE DUB FRAMES
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.pipeline import reel_of
from dubsync.core.progress import silent
from dubsync.service.render.sync import sync_shots


def main() -> None:
    """Sync; exit code 1 when the shot is not done."""
    plate, dub, frames = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        reel = reel_of(plate, dub, Path(folder), frames)
        (result,) = sync_shots(reel, ["SHOT"], silent)
    if result.status != "done":
        raise SystemExit(f"{result.status}: {result.reason}")


if __name__ == "__main__":
    main()
