"""One-frame preview: how soon a changed control is seen, and how like the render it is.

    python -m benchmarks.desk --part preview [--reel FOLDER] [--clip CLIP] [--json]

FOLDER is a finished project (default: the sample reel, after `make demo`), CLIP real footage in
1080p. Controls, values and frames are drawn at random from a seed. "as shown" is a change on a
frame that is on the screen already, "jump" a change on another frame, decoded anew. CPU time is
given too: it does not count what other programs take. The preview's mouth is compared with the
true render, scaled down to the same size.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.pipeline import DUB, SHARED, reel_of
from dubsync.core.progress import silent
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.stills.encode import rgb8
from dubsync.qc.mouth import LIPS
from dubsync.service.preview.previewed_shot import PreviewedShot, preview_of
from dubsync.service.project import Project
from dubsync.service.reel.pipeline import make_frames
from dubsync.service.reel.reel import Reel

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "two_hander"
CLIP = SHARED / "footage" / "man_black_sweater_1080x1920_20s.mp4"
CHANGED = ("jaw", "width", "protrusion", "intensity", "closure", "smoothing")
WIDTH, FRAMES, SEED = 960, 150, 16


def random_tweak(seed: random.Random, frame: int) -> Tweak:
    """Two controls changed: one held, one keyed near the frame."""
    tweak = Tweak()
    held, keyed = seed.sample(CHANGED, 2)
    for name, put in ((held, tweak.held), (keyed, None)):
        known = CONTROLS[name]
        value = round(seed.uniform(max(known.low, known.default - 0.5),
                                   min(known.high, known.default + 0.5)), 3)  # fmt: skip
        tweak = put(name, value) if put else tweak.keyed(name, frame + seed.randint(-3, 3), value)
    return tweak


def latencies(shown: PreviewedShot, count: int, *, stay: bool) -> dict[str, float]:
    """Milliseconds from a changed control to the picture, by wall and by CPU."""
    seed = random.Random(SEED)
    frames, character = shown.frames, shown.characters[0]
    driven = [f for f in range(frames.start, frames.stop) if shown.picture(
        f, width=64).matte is not None] or [frames.start]  # fmt: skip
    wall, cpu = [], []
    frame = seed.choice(driven)
    shown.picture(frame, width=WIDTH)
    for _ in range(count):
        frame = frame if stay else seed.choice(driven)
        tweak = {character: random_tweak(seed, frame)}
        began, spent = time.perf_counter(), time.process_time()
        shown.picture(frame, tweak, width=WIDTH)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - spent))
    return {
        "median_ms": float(np.median(wall)),
        "p95_ms": float(np.percentile(wall, 95)),
        "cpu_median_ms": float(np.median(cpu)),
        "cpu_p95_ms": float(np.percentile(cpu, 95)),
    }


def likeness(reel: Reel, shown: PreviewedShot) -> dict[str, float]:
    """PSNR, dB, of the preview's mouth against the render's, both at viewer size."""
    plan = reel.look(silent).plan(shown.shot)
    parts = plan.driven(silent).parts
    found: list[float] = []
    made = make_frames(shown.shot, parts, engine=reel.engine, batch=8, progress=silent)
    for composite in made:
        if not composite.changed:
            continue
        picture = shown.picture(composite.frame.number, width=WIDTH)
        height, width = picture.image.shape[:2]
        full = rgb8(composite.frame)
        true = cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA)
        for points in picture.landmarks.values():
            lips = points[list(LIPS)]
            middle, half = lips.mean(axis=0), np.ptp(lips[:, 0]) * 0.8
            left, top = np.maximum(middle - half, 0).astype(int)
            right, bottom = (middle + half).astype(int) + 1
            if picture.matte is None or not picture.matte[top:bottom, left:right].any():
                continue
            off = picture.image[top:bottom, left:right].astype(float)
            off -= true[top:bottom, left:right]
            found.append(10 * float(np.log10(255**2 / max(np.mean(off**2), 1e-3))))
    return {
        "frames": len(found),
        "median_db": float(np.median(found)),
        "p5_db": float(np.percentile(found, 5)),
    }


def measured(reel: Reel, name: str, count: int) -> dict[str, Any]:
    """Everything of one shot."""
    began = time.perf_counter()
    shown = preview_of(reel, name)
    opened = time.perf_counter() - began
    form = shown.shot.plate.format
    row = {
        "shot": name,
        "plate": f"{form.width}x{form.height}",
        "frames": len(shown.frames),
        "renderers": sorted({face.face.pick.renderer for face in shown.faces}),
        "open_s": opened,
        "as shown": latencies(shown, count, stay=True),
        "jump": latencies(shown, count, stay=False),
        "mouth": likeness(reel, shown),
        "load": os.getloadavg()[0],
    }
    shown.close()
    return row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reel", type=Path, default=SAMPLE)
    parser.add_argument("--language", default="it-IT")
    parser.add_argument("--clip", type=Path, default=CLIP)
    parser.add_argument("--kept", type=Path, help="folder in which the clip's analysis is kept")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--shots", type=int, default=3, help="of the reel, at most")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = []
    if (chosen.reel / "dubsync.toml").exists():
        reel = Project.open(chosen.reel).into(chosen.language).reel
        shots = [shot.name for shot in reel.turnover.shots][: chosen.shots]
        rows += [measured(reel, name, chosen.count) for name in shots]
    if chosen.clip.exists():
        with tempfile.TemporaryDirectory() as folder:
            real = reel_of(chosen.clip, DUB, chosen.kept or Path(folder), FRAMES)
            rows.append(measured(real, "SHOT", chosen.count))
    if chosen.json:
        print(json.dumps({"schema": "dubsync.bench.preview/1", "rows": rows}))
        return
    for row in rows:
        print(f"{row['shot']}  {row['plate']}, {row['frames']} frames, {row['renderers']}, "
              f"opened in {row['open_s']:.1f} s; load {row['load']:.1f}")  # fmt: skip
        for kind in ("as shown", "jump"):
            one = row[kind]
            print(f"  {kind:8}  median {one['median_ms']:.0f} ms, 95th {one['p95_ms']:.0f} ms; "
                  f"CPU {one['cpu_median_ms']:.0f} and {one['cpu_p95_ms']:.0f} ms")  # fmt: skip
        mouth = row["mouth"]
        print(f"  mouth against the render: median {mouth['median_db']:.1f} dB, 5th percentile "
              f"{mouth['p5_db']:.1f} dB, {mouth['frames']} frames")  # fmt: skip


if __name__ == "__main__":
    main()
