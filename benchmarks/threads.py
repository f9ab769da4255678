"""Whether a shot is drawn with the same bits whatever number of threads computes it.

    python -m benchmarks.threads REEL SHOT [--language TAG] [--frames 8] [--threads 1 2 4] [--json]

REEL is a project whose actors are learnt, such as a copy of the sample reel after `make demo`.  The
engine limits torch, OpenCV and BLAS to one thread; here each number is forced in a process of its
own.  After every step that makes numbers or pictures their digest is kept, so that the first step
that differs is named; and how far apart samples are is measured against one thread.

Exit code 3 when a step differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from threadpoolctl import threadpool_limits

from dubsync.core.digest import digest
from dubsync.core.progress import silent
from dubsync.core.steps import Composite, Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import device
from dubsync.engine.track.landmarker import Landmarker
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.service.project import Project
from dubsync.service.reel.grain.plate_grain import plate_grain
from dubsync.service.reel.pipeline import Part, make_frames
from dubsync.service.reel.shot_plan import ShotPlan

#: Steps in the order of the pipeline.
STEPS = ("tracked", "fitted", "driven", "retargeted", "patches", "composites")


def forced(threads: int) -> None:
    """Let torch, OpenCV and BLAS compute in so many threads, in place of the engine's one."""

    def many() -> None:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
        threadpool_limits(threads)

    device.one_thread = many


def drawn(
    reel: Path, shot: str, language: str, frames: int, threads: int, out: Path
) -> dict[str, Any]:
    """Digests after each step for some frames of the shot; their samples go to `out`."""
    project = Project.open(reel)
    inputs = (project.into(language) if language else project).reel
    plan: ShotPlan = inputs.look(silent).plan(inputs.shot(shot))
    parts = plan.driven(silent).parts
    patches: list[str] = []

    def told(character: str, patch: Patch, frame: int) -> None:
        patches.append(digest(character, frame, patch.rgb, patch.matte))

    made = make_frames(
        plan.shot, parts, engine=inputs.engine, batch=inputs.settings.engine.batch,
        progress=silent, only=_wanted(parts, frames), told=told,
        grain=plate_grain(inputs, plan.shot),
    )  # fmt: skip
    pictures: list[Composite] = list(made)
    planes: dict[str, Any] = {
        f"{n}_{k}": plane
        for n, one in enumerate(pictures)
        for k, plane in enumerate(one.frame.planes)
    }
    np.savez(out, **planes)
    return {
        "threads": {"torch": torch.get_num_threads(), "cv2": cv2.getNumThreads()},
        "tracked": _tracked(plan, frames, threads),
        "fitted": [digest(part.original) for part in parts],
        "driven": [digest(part.performance) for part in parts],
        "retargeted": [digest(part.corrected) for part in parts],
        "patches": patches,
        "composites": [digest(one.frame.planes, one.matte) for one in pictures],
    }


def _tracked(plan: ShotPlan, frames: int, threads: int) -> list[str]:
    """Digests of the faces in the shot's first frames, tracked anew in so many threads."""
    start, rate = plan.shot.render.start, plan.shot.render.rate
    span = FrameRange(start, start + frames, rate)
    track = FaceTracker(Landmarker(threads=threads))
    with open_plate(plan.shot.plate) as reader:
        found = track(reader.frames(span), span, shot=plan.shot.name, progress=silent)
    return [digest(one.landmarks, one.blendshapes) for one in found]


def _wanted(parts: Sequence[Part], frames: int) -> list[int]:
    """Frames spread over those whose mouths are moved."""
    moved = sorted({
        part.track.frames.start + int(n)
        for part in parts for n in np.flatnonzero(part.performance.weight > 0)
    })  # fmt: skip
    count = min(frames, len(moved))
    return [moved[(2 * n + 1) * len(moved) // (2 * count)] for n in range(count)]


def compared(found: Sequence[dict[str, Any]], files: Sequence[Path]) -> list[dict[str, Any]]:
    """Each run against the first: steps that differ, and how far samples are apart."""
    rows = []
    with np.load(files[0]) as base:
        for one, path in zip(found, files, strict=True):
            with np.load(path) as other:
                gaps = [np.abs(base[k].astype(float) - other[k].astype(float)) for k in base.files]
            rows.append({
                "threads": one["threads"],
                "differ": [step for step in STEPS if one[step] != found[0][step]],
                "samples": int(sum(np.count_nonzero(gap) for gap in gaps)),
                "of": int(sum(gap.size for gap in gaps)),
                "most": float(max(gap.max() for gap in gaps)),
            })  # fmt: skip
    return rows


def _in_a_process(args: argparse.Namespace, threads: int, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.threads", str(args.reel), args.shot,
               "--language", args.language, "--frames", str(args.frames),
               "--child", str(threads), "--out", str(out)]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("reel", type=Path)
    parser.add_argument("shot")
    parser.add_argument("--language", default="")
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        forced(args.child)
        print(
            json.dumps(
                drawn(args.reel, args.shot, args.language, args.frames, args.child, args.out)
            )
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{n}_{threads}.npz" for n, threads in enumerate(args.threads)]
        found = [_in_a_process(args, threads, file)
                 for threads, file in zip(args.threads, files, strict=True)]  # fmt: skip
        rows = compared(found, files)
    if args.json:
        print(json.dumps(rows))
    else:
        for threads, row in zip(args.threads, rows, strict=True):
            first = row["differ"][0] if row["differ"] else "none"
            print(f"{threads} threads: first step that differs: {first}; {row['samples']:,} of "
                  f"{row['of']:,} samples differ, by at most {row['most']:.0f}")  # fmt: skip
    return 3 if any(row["differ"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
