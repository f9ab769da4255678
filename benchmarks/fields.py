"""Interlaced plates against progressive ones: how sharp and how steady what is drawn is.

    python -m benchmarks.fields [--clip CLIP] [--crop W:H:X:Y] [--dub WAV] [--frames N]
                                [--keep FOLDER] [--progressive] [--source | --cost]

A progressive clip is woven into fields (a scratch file, by ffmpeg): each of its frames gives one
field, at 25 frames a second.  So fields are twice as far apart in time as a camera's of 50 fields,
and everything moves twice as far from one to the next: the hard case.  The clip is learnt, dubbed
and checked as any; printed is what `check` measures, in both fields.  --progressive: the same
source frames as a progressive plate at 50, for comparison.

--source compares a field as it is seen whole with the frame that it was taken from: error of the
lines that it lacks, of 255, and fine detail, both for interpolated lines and as it is done.

--cost: CPU milliseconds of a field that is seen whole, decoding included, everywhere and in parts
of the picture as large as faces are.  Enlarge with --crop 1280:720:0:0,scale=1920:1080.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.pipeline import CLIP, DUB, reel_of
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import silent
from dubsync.core.reading.moments import by_moment
from dubsync.core.shot import Plate
from dubsync.media.pixels.square import squared
from dubsync.media.plate import open_plate, open_square
from dubsync.media.probe import probe_plate

CROP = "480:600:400:60"
#: Left out at the edges of pictures that are compared, pixels.
EDGE = 16
_WOVEN = "tinterlace=interleave_top,setfield=tff,setpts=N/(25*TB)"
_PLAIN = "setpts=N/(50*TB)"


def written(clip: Path, out: Path, crop: str, frames: int, *, fields: bool) -> None:
    """Write the first frames of `clip` as FFV1, woven into fields or as they are, `frames` of 25
    a second long."""
    way, rate = (_WOVEN, "25") if fields else (_PLAIN, "50")
    flags = ["-flags", "+ildct+ilme", "-field_order", "tt"] if fields else []
    command = [
        "ffmpeg", "-v", "error", "-y", "-i", str(clip), "-vf", f"trim=end_frame={2 * frames},"
        f"crop={crop},{way}", "-r", rate, "-an", "-c:v", "ffv1", *flags, str(out),
    ]  # fmt: skip
    subprocess.run(command, check=True)


def source(woven: Plate, plain: Plate) -> list[str]:
    """How a field seen whole differs from the frame that it was taken from."""
    sums: dict[str, list[tuple[float, float]]] = {"interpolated": [], "as it is seen": []}
    moments = by_moment(woven)
    with (
        open_plate(plain) as frames,
        open_plate(moments) as bare,
        open_square(moments, whole=True) as whole,
    ):
        each = zip(
            frames.frames(plain.frames), bare.frames(moments.frames),
            whole.frames(moments.frames), strict=True,
        )  # fmt: skip
        for truth, field, seen in islice(each, 2, len(moments.frames) - 2):
            for name, made in (("interpolated", squared(field)), ("as it is seen", seen)):
                sums[name].append(_against(_luma(truth), _luma(made), truth.number % 2))
    rows = ["| missing lines | error (of 255) | fine detail (of the frame's) |", "|---|---|---|"]
    for name, values in sums.items():
        error, detail = np.mean(values, axis=0)
        rows.append(f"| {name} | {np.sqrt(error):.2f} | {detail:.2f} |")
    return rows


def cost(woven: Plate) -> Iterator[str]:
    """What a field seen whole takes, by the part of it that is: a square of faces' size."""
    moments = by_moment(woven)
    width, height = moments.format.width, moments.format.height
    yield "| part | CPU ms a field |"
    yield "|---|---|"
    for side in (0, height // 3, 2 * height // 3, None):
        left, top = ((width - (side or 0)) // 2, (height - (side or 0)) // 2)
        part = None if side is None else Region(left, top, left + side, top + side)
        began, count = time.process_time(), 0
        with open_square(moments, whole=True, where=lambda _, part=part: part) as whole:
            for _ in islice(whole.frames(moments.frames), 24):
                count += 1
        name = "all" if side is None else f"{side} x {side} of {width} x {height}"
        yield f"| {name} | {1000 * (time.process_time() - began) / count:.0f} |"


def _luma(frame: Frame) -> NDArray[np.float32]:
    return np.asarray(frame.planes[0], np.float32)[EDGE:-EDGE, EDGE:-EDGE]


def _against(
    truth: NDArray[np.float32], made: NDArray[np.float32], own: int
) -> tuple[float, float]:
    """Mean squared error of the lines between a field's own, and Laplacian energy of all."""
    error = np.square(truth - made)[1 - own :: 2].mean()
    energy = [np.square(cv2.Laplacian(x, cv2.CV_32F)).mean() for x in (made, truth)]
    return float(error), float(energy[0] / energy[1])


def checked(clip: Path, dub: Path, folder: Path, frames: int) -> Iterator[str]:
    """What `check` finds in the clip, dubbed."""
    from dubsync.service.qc.check import check_reel
    from dubsync.service.render.sync import sync_shots

    reel = reel_of(clip, dub, folder, frames)
    (made,) = list(sync_shots(reel, ["SHOT"], silent))
    if made.status != "done":
        raise SystemExit(f"{made.status}: {made.reason}")
    report = check_reel(reel, ["SHOT"], name="fields", results=[made], progress=silent)
    yield "| measure | value | verdict |"
    yield "|---|---|---|"
    for found in report.findings:
        value = "-" if found.value is None else f"{found.value:.3f}"
        yield f"| {found.measure} | {value} | {found.verdict} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clip", type=Path, default=CLIP)
    options.add_argument("--crop", default=CROP)
    options.add_argument("--dub", type=Path, default=DUB)
    options.add_argument("--frames", type=int, default=60, help="interlaced frames")
    options.add_argument("--keep", type=Path, help="folder for what is made")
    options.add_argument("--progressive", action="store_true")
    options.add_argument("--source", action="store_true")
    options.add_argument("--cost", action="store_true")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        woven, plain = folder / "woven.mkv", folder / "plain.mkv"
        written(asked.clip, woven, asked.crop, asked.frames, fields=True)
        written(asked.clip, plain, asked.crop, asked.frames, fields=False)
        if asked.source:
            print("\n".join(source(probe_plate(woven), probe_plate(plain))))
            return
        if asked.cost:
            print("\n".join(cost(probe_plate(woven))))
            return
        clip, count = (plain, 2) if asked.progressive else (woven, 1)
        for row in checked(clip, asked.dub, folder, asked.frames * count):
            print(row, flush=True)


if __name__ == "__main__":
    main()
