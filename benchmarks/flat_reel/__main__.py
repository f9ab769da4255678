"""Cuts found in flat reels, against what the reels were made of.

    python -m benchmarks.flat_reel [--minutes 10] [--reel NAME ...] [--keep FOLDER]

A reel of real footage is made, with hard cuts (shot and reverse, punch-ins, jump cuts in one take),
dissolves of 6 to 48 frames, fades, flashes, whips, dark, grainy, hand-held and letterboxed shots.
The "troubled" reels have strobes, lamps, repeated and lost frames, things that pass by and a camera
that is thrown about besides, and are coded small.  Thresholds are set on the tuned reels alone; the
third reel needs footage of one's own (sources.py says which, and where).  A hard cut counts as
found on its exact first frame
only.  PySceneDetect's two usual detectors are measured on the same reel.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import scenedetect

from benchmarks.flat_reel.make import PLAIN, Recipe, Truth, make_reel
from benchmarks.flat_reel.sources import HELD_OUT, OTHER, TUNED, has_source, place_of
from dubsync.core.timeline.found_joins import FoundJoin
from dubsync.media.cut_detection.find_joins import find_joins
from dubsync.media.cut_detection.small_pictures import SmallPictures
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate

_TROUBLED = Recipe(troubled=0.5, crf=30, preset="veryfast")
#: Reel -> (sources, frames a second, seed, how it is made).
REELS = {
    "tuned": (TUNED, 24, 21, PLAIN),
    "tuned-troubled": (TUNED, 25, 101, _TROUBLED),
    "held-out": (HELD_OUT, 25, 11, PLAIN),
    "troubled": (OTHER, 25, 31, Recipe(0.45, 30, "veryfast")),
}
#: Real edited clips and their cuts, by looking at every frame.
LOOKED_AT = {
    "footage/chaplin_film_cuts_10s.mp4": (),
    "footage/whitehouse_stage_cuts_10s.mp4": (20, 82, 211),
    "bikes.mp4": (30, 76, 137, 187, 242),
    "big_buck_bunny_0_30.webm": (283, 376, 551),
    "bigbuckbunny.mp4": (),
    "fire2.mp4": (),
}


def found_in(path: Path) -> tuple[tuple[FoundJoin, ...], float, float, int]:
    """(joins counted from 0, seconds to find them, seconds to decode alone, frames)."""
    plate = probe_plate(path)
    began = time.perf_counter()
    with open_square(plate) as reader:
        for _ in reader.frames(plate.frames):
            pass
    decoded = time.perf_counter() - began
    began = time.perf_counter()
    pictures = SmallPictures()
    with open_square(plate) as reader:
        for frame in reader.frames(plate.frames):
            pictures.add(frame)
    joins = find_joins(pictures)
    return joins, time.perf_counter() - began, decoded, len(plate.frames)


def judged(truth: Truth, joins: tuple[FoundJoin, ...]) -> dict[str, Any]:
    """How the joins found compare with the truth."""
    cuts = {j.start for j in joins if j.kind == "cut" and j.listed}
    right = cuts & truth.cuts.keys()
    missed, false = truth.cuts.keys() - cuts, cuts - truth.cuts.keys()
    near = sum(any(abs(at - other) == 1 for other in false) for at in missed)
    by_kind = {
        kind: f"{sum(at in cuts for at, its in truth.cuts.items() if its == kind)} of "
        f"{sum(its == kind for its in truth.cuts.values())}"
        for kind in ("other", "reverse", "punch", "jump")
    }
    doubts = [j for j in joins if not j.sure]
    return {
        "hard cuts": len(truth.cuts), "found": len(right), "false": sorted(false),
        "missed": {at: truth.cuts[at] for at in sorted(missed)},
        **_rates(len(right), len(false), len(missed)), "off by one": near, "by kind": by_kind,
        "missed but named as doubtful": sum(any(j.start == at for j in doubts) for at in missed),
        "doubtful": len(doubts),
        "false at a flash": sum(_at(truth.flashes, at) for at in false),
        "false at a whip": sum(_at(truth.whips, at) for at in false),
        "false in a trouble": {
            kind: sum(_at(spans, at) for at in false) for kind, spans in truth.troubles.items()
        },
        "gradual": _gradual(truth, joins),
    }  # fmt: skip


def _rates(right: int, false: int, missed: int) -> dict[str, float]:
    precision, recall = right / max(right + false, 1), right / max(right + missed, 1)
    both = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"precision": precision, "recall": recall, "F1": both}


def _at(spans: list[tuple[int, int]], at: int) -> bool:
    return any(start - 1 <= at <= stop + 1 for start, stop in spans)


def _gradual(truth: Truth, joins: tuple[FoundJoin, ...]) -> dict[str, Any]:
    """Dissolves and fades: listed, doubtful, missed, false, and how far their ends are off."""
    mixed = [j for j in joins if j.kind != "cut"]
    result: dict[str, Any] = {"listed": 0, "doubtful": 0, "missed": [], "ends off": []}
    used = set()
    for start, stop in sorted(truth.dissolves + truth.fades):
        fitting = [j for j in mixed if j.start < stop and start < j.stop]
        best = max(fitting, key=lambda j: j.listed, default=None)
        used |= {j.start for j in fitting}
        if best is None:
            result["missed"].append((start, stop))
            continue
        result["listed" if best.listed else "doubtful"] += 1
        if best.listed:
            result["ends off"].append((best.start - start, best.stop - stop))
    result["of"] = len(truth.dissolves) + len(truth.fades)
    result["exact ends"] = sum(off == (0, 0) for off in result["ends off"])
    result["false, listed"] = [j.start for j in mixed if j.start not in used and j.listed]
    result["false, doubtful"] = [j.start for j in mixed if j.start not in used and not j.listed]
    return result


def _others(path: Path, truth: Truth) -> dict[str, Any]:
    """The same figures of PySceneDetect's detectors, on the exact frame and within one frame."""
    result = {}
    for detector in (scenedetect.AdaptiveDetector(), scenedetect.ContentDetector()):
        scenes = scenedetect.detect(str(path), detector)
        cuts = {start.frame_num for start, _ in scenes[1:]}
        right = cuts & truth.cuts.keys()
        result[type(detector).__name__] = _rates(
            len(right), len(cuts - right), len(truth.cuts) - len(right)
        )
    return result


def measured(name: str, minutes: float, folder: Path) -> dict[str, Any]:
    """One reel made, or taken from `folder`, and judged."""
    sources, rate, seed, recipe = REELS[name]
    path = folder / f"{name}_{minutes:g}.mov"
    facts = path.with_suffix(".json")
    if not facts.exists():
        made = make_reel(path, sources, round(minutes * 60 * rate), rate, seed, recipe)
        facts.write_text(json.dumps(asdict(made)))
    held = json.loads(facts.read_text())
    truth = Truth(**{**held, "cuts": {int(at): kind for at, kind in held["cuts"].items()}})
    joins, seconds, decoded, frames = found_in(path)
    return {
        "reel": name, "frames": frames, "rate": rate, **judged(truth, joins),
        "seconds": seconds, "decoding alone": decoded, "over decoding": seconds / decoded,
        "PySceneDetect": _others(path, truth),
    }  # fmt: skip


def looked_at() -> dict[str, Any]:
    """Real edited clips: cuts found against those that a person saw."""
    result = {}
    for name, cuts in LOOKED_AT.items():
        if not has_source(name):
            continue
        joins, *_ = found_in(place_of(name))
        listed = [j.start for j in joins if j.listed]
        doubts = [j.start for j in joins if not j.sure]
        result[name] = {"cuts": cuts, "listed": listed, "doubtful": doubts}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.flat_reel", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--reel", choices=REELS, nargs="+", default=["tuned", "held-out"])
    parser.add_argument("--keep", type=Path, help="folder of made reels, kept for the next run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        results = [measured(name, options.minutes, folder) for name in options.reel]
    body = {"reels": results, "looked at": looked_at()}
    if options.json:
        print(json.dumps(body))
        return
    for result in [*results, body["looked at"]]:
        for key, value in result.items():
            print(f"{key:30} {round(value, 4) if isinstance(value, float) else value}")
        print()


if __name__ == "__main__":
    main()
