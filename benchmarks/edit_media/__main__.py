"""Every codec of edit media before independent readers; edit media against the plate coded once.

    python -m benchmarks.edit_media readers
    python -m benchmarks.edit_media psnr --project FOLDER [--footage FOLDER]
    python -m benchmarks.edit_media time

FOLDER of a project: a finished copy of the sample reel.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.edit_media.pictures import compare_pictures
from benchmarks.edit_media.readers import compare_readers
from benchmarks.edit_media.speed import compare_speed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("readers", "psnr", "time"))
    parser.add_argument("--project", type=Path)
    parser.add_argument("--footage", type=Path)
    given = parser.parse_args()
    with TemporaryDirectory() as scratch:
        if given.part == "readers":
            compare_readers(Path(scratch))
        elif given.part == "time":
            compare_speed(Path(scratch))
        else:
            compare_pictures(Path(scratch), given.project, given.footage)


if __name__ == "__main__":
    main()
