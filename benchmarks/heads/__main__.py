"""How well whole heads are re-made from the actor's own frames, side by side in one run.

    python -m benchmarks.heads [--clip NAME ...] [--part self|few|window|gap|cross|time ...]
                               [--every 2]
                               [--judged 48] [--kept FOLDER] [--json]

self    the last fifth of a clip re-made from the first four (andrew: one take from the other), the
        frame's own parameters given, none of its pixels of the person drawn.  Rows: the nearest
        frame laid on by a similarity; the recipe of the trial of 2026-11-29; ours, hair and
        shoulders by pose alone, as in the trial; ours, as followed in the shot's own frames.
few     the same from 1, 8, 32 and all frames.
window  exemplars chosen by 11 frames of wanted motion, against one.
gap     frames at the ends of a clip's yaw, from a head that lacks all within a gap of degrees: by
        the warp alone, and by the shell that takes over from 5 degrees on.
cross   driven by the liveliest 60 frames of four takes of other people: correlations with the take,
        identity, cuts; first the takes themselves, mirrored: what the tracker's reading leaves.
time    CPU of a frame, step by step, at two sizes of head and at 720p; seconds of learning.
Clips are cropped and scaled to one size of head (clips.py).  Exit code 3 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.heads import cross, gap, timing
from benchmarks.heads.clips import SHARED, prepared
from benchmarks.heads.rows import OURS, drawn_by, judged, nearest, renderer
from benchmarks.heads.trial import JUDGED, TRIALS, trial
from benchmarks.heads.window import windowed
from dubsync.engine.device import one_thread

#: The trial's own figures, which are the goals: LPIPS of each clip.
GOALS = {
    "katiehill": 0.056, "woman_braids": 0.026, "man_black_sweater": 0.064,
    "obama_address": 0.020, "andrew": 0.095,
}  # fmt: skip
BETTER, FLICKER, SHARPNESS = 0.9, 1.1, (0.9, 1.1)
FEW = (1, 8, 32, 0)
FEW_CLIPS = ("katiehill", "woman_braids")
WINDOW = 11
TAKES = ("woman_grimaces", "woman_long_34s", "man_shout", "mead_happy")
DRIVEN = ("obama_address", "woman_braids", "katiehill", "man_black_sweater")
DRIVEN_FRAMES, TAKE_FRAMES = 60, 400
#: Goals of cross-drive: correlation, identity above the actor's own, cuts per 100 frames.
ALIKE, IDENTITY, CUTS = 0.9, 0.005, 5.0
ITSELF = "the take itself, mirrored"
PARTS = ("self", "few", "window", "gap", "cross", "time")
COLUMNS = ("lpips", "psnr_head", "psnr_face", "psnr_torso", "psnr_edge", "sharp_face", "sharp_hair",
           "flicker", "ms")  # fmt: skip
GAPPED = ("beyond", *(name for name in COLUMNS if name != "flicker"))
TIMED = ("ms", "goal", *timing.STEPS, "learn the actor, s", "learn the head, s",
         "clean plate, ms a frame")  # fmt: skip
CROSSED = (*cross.MEASURES, "identity", "own identity", "cuts", "mouth cuts", "eye cuts", "beyond",
           "shake", "own shake", *(f"wanted {name}" for name in cross.MEASURES))  # fmt: skip

Row = dict[str, Any]


def own_rows(name: str, options: argparse.Namespace) -> Iterable[Row]:
    """Nearest, the trial's figure, ours."""
    found = trial(name, options.kept, options.judged)
    ways = {
        "nearest aligned": nearest(found),
        "ours, outline foretold": drawn_by(renderer(found, OURS, followed=False)),
        "ours": drawn_by(renderer(found, OURS)),
    }
    yield {"clip": name, "row": "recipe (as the trial measured it)", "lpips": GOALS[name]}
    for way, draw in ways.items():
        yield {"clip": name, "row": way, **judged(found, draw, options.every)}


def few_rows(name: str, options: argparse.Namespace) -> Iterable[Row]:
    """Ours, from few frames."""
    for few in FEW:
        found = trial(name, options.kept, options.judged, few)
        figures = judged(found, drawn_by(renderer(found, OURS)), options.every)
        yield {"clip": name, "row": f"{few or 'all'} frames", **figures}


def window_rows(name: str, options: argparse.Namespace) -> Iterable[Row]:
    """Exemplars chosen by one frame and by a window."""
    found = trial(name, options.kept, options.judged)
    for frames in (1, WINDOW):
        draw = drawn_by(windowed(found, frames))
        yield {"clip": name, "row": f"window of {frames}", **judged(found, draw, options.every)}


def gap_rows(name: str, options: argparse.Namespace) -> Iterable[Row]:
    """Turned beyond the footage."""
    gaps = gap.gaps_of(name, options.kept)
    for degrees in gap.GAPS:
        yield from gap.gap_rows(gaps, degrees)


def cross_rows(name: str, options: argparse.Namespace) -> Iterable[Row]:
    """Driven by other people."""
    found = trial(name, options.kept, options.judged)
    for take in TAKES:
        clip = prepared(SHARED / "takes" / f"{take}.mp4", options.kept, TAKE_FRAMES)
        made = cross.driven(found, clip, DRIVEN_FRAMES)
        yield {"clip": name, "row": take, **cross.figures(found, clip, made)}


def time_rows(name: str, options: argparse.Namespace) -> Iterable[Row]:
    """What one size of head costs."""
    yield from map(dict, timing.timed(name, options.kept))


def floor_rows(options: argparse.Namespace) -> Iterable[Row]:
    """The takes themselves, mirrored."""
    for take in TAKES:
        clip = prepared(SHARED / "takes" / f"{take}.mp4", options.kept, TAKE_FRAMES)
        yield {"clip": ITSELF, "row": take, **cross.floor(clip, DRIVEN_FRAMES)}


def crossed_short(rows: Sequence[Row]) -> list[str]:
    """The targets that cross-drive misses.

    A measure counts where the tracker reads it in the mirrored take as in the take: elsewhere it
    moves too little to be read.
    """
    floors = {row["row"]: row for row in rows if row["clip"] == ITSELF}
    short = []
    for row in rows:
        if row["clip"] == ITSELF:
            continue
        floor = floors.get(row["row"], {})
        low = [
            f"{name} {row[name]:.2f}"
            for name in cross.MEASURES
            if row[name] < ALIKE <= floor.get(name, 1.0)
        ]
        if row["identity"] > row["own identity"] + IDENTITY:
            low.append(f"identity {row['identity']:.2f}")
        if row["cuts"] > CUTS:
            low.append(f"cuts {row['cuts']:.0f}")
        if low:
            short.append(f"{row['clip']} <- {row['row']}: {', '.join(low)}")
    return short


def missed(rows: Sequence[Row]) -> list[str]:
    """The targets that our rows miss."""
    ours = [row for row in rows if row.get("row") == "ours"]
    short = [
        f"{row['clip']}: LPIPS {row['lpips']:.4f}, not {GOALS[row['clip']]}"
        for row in ours
        if row["lpips"] > GOALS[row["clip"]]
    ]
    for row in rows:
        if row.get("ms", 0) > row.get("goal", math.inf):
            short.append(
                f"{row['clip']}, {row['row']}: {row['ms']:.0f} ms a frame, not {row['goal']:.0f}"
            )
    for row in ours:
        if row["flicker"] > FLICKER:
            short.append(f"{row['clip']}: flicker {row['flicker']:.2f}")
        for part in ("sharp_face", "sharp_hair"):
            if not SHARPNESS[0] <= row[part] <= SHARPNESS[1]:
                short.append(f"{row['clip']}: {part} {row[part]:.2f}")
    if len(ours) == len(GOALS):
        mean = sum(row["lpips"] for row in ours) / len(ours)
        goal = BETTER * sum(GOALS.values()) / len(GOALS)
        if mean > goal:
            short.append(f"mean LPIPS {mean:.4f}, not {goal:.4f}")
    return short


def markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """A table."""
    lines = [("clip", "row", *columns), ("---",) * (len(columns) + 2)]
    lines += [(row["clip"], row["row"], *(_cell(row, name) for name in columns)) for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    form = ".4f" if name == "lpips" else ".0f" if name == "ms" or "cuts" in name else ".2f"
    return "-" if value is None else format(value, form)


def main() -> None:
    """Measure and print."""
    options = _options()
    one_thread()
    rows: dict[str, list[Row]] = {}
    makers = {"self": own_rows, "few": few_rows, "window": window_rows, "gap": gap_rows,
              "cross": cross_rows, "time": time_rows}  # fmt: skip
    usual = {"self": TRIALS, "few": FEW_CLIPS, "window": FEW_CLIPS, "gap": gap.CLIPS,
             "cross": DRIVEN, "time": timing.SIZES}  # fmt: skip
    for part in options.part or PARTS:
        found = rows.setdefault(part, list(floor_rows(options)) if part == "cross" else [])
        for name in usual[part] if part == "time" else options.clip or usual[part]:
            for row in makers[part](name, options):
                found.append(row)
                print(json.dumps({"part": part, **row}), file=sys.stderr, flush=True)
    short = missed(rows.get("self", []) + rows.get("time", []))
    if options.json:
        print(json.dumps({"rows": rows, "missed": short}))
    else:
        for part, found in rows.items():
            columns = {"cross": CROSSED, "gap": GAPPED, "time": TIMED}.get(part, COLUMNS)
            print(markdown(found, columns), end="\n\n")
        print("missed: " + ("; ".join(short) or "nothing"))
    sys.exit(3 if short else 0)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clip", action="append", choices=sorted(TRIALS))
    options.add_argument("--part", action="append", choices=PARTS)
    options.add_argument("--every", type=int, default=2, help="judge every so manieth frame")
    options.add_argument("--judged", type=int, default=JUDGED, help="frames at most")
    options.add_argument("--kept", type=Path, default=Path("kept_heads"), help="folder of tracks")
    options.add_argument("--json", action="store_true")
    return options.parse_args()


if __name__ == "__main__":
    main()
