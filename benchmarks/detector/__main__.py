"""Does a detector taught on our own output tell drawn mouths from real ones?

    python -m benchmarks.detector --kept FOLDER --reel REEL [--shots woman,elise,...]
                                  [--by line|small] [--epochs 20] [--only drawn,control,marked]

REEL is the sample reel, rendered in it-IT without a house key.  The other renders are made once, by
`dubsync clip` to another dub, and kept in FOLDER.  A detector is taught on the mouths of everybody
but one, real and drawn in the same frames, and asked about that one.  Printed are areas under the
curve: .5 tells nothing, 1 tells all.  The detector is a straight line through the features of a
network that ships (--by line), or a small network from scratch (--by small).

  drawn    taught on drawn mouths without the mark, in copies at CRF 18 and at half size, CRF 23;
           asked about these, about the lossless render, about marked ones, and about real ones
           that went through H.264 once more
  marked   the same, taught on drawn mouths with the mark
  control  taught on real frames against other real frames, by five lots: must give .5
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.detector import borrowed
from benchmarks.detector.crops import COPIES, Mouths, mouths
from benchmarks.detector.figures import Judged, Scores, areas
from benchmarks.detector.network import scores, taught
from benchmarks.detector.renders import CLIPS, REEL, person_of, render

SECRET = b"the secret of the benchmark"
TAUGHT_ON = COPIES[1:]
FEWER = 5  #: one in so many crops taught on is asked about, to see whether enough was learnt
#: (version asked about, copy) for each way of teaching.
ASKED = {
    "drawn": [*(("drawn", way) for way in COPIES), *(("marked", way) for way in COPIES),
              ("again", "CRF 18")],
    "marked": [*(("marked", way) for way in COPIES), *(("drawn", way) for way in COPIES)],
}  # fmt: skip
LOTS = 5
Given = NDArray[Any]  #: crops, or their features, of one shot: (T, ...)
Pairs = Callable[[Mouths, str], tuple[Given, Given]]
Detector = Callable[[Given], Scores]


def trial(
    kind: str,
    shots: list[Mouths],
    learn: Callable[..., Detector],
    ways: Sequence[str],
    lot: int = 0,
) -> dict[str, dict[str, float]]:
    """Asked about -> areas of one way of teaching, everybody held out once."""
    pairs: Pairs = partial(_by_lot, lot) if kind == "control" else _of(kind)
    found: dict[str, list[Judged]] = {}
    names = list(dict.fromkeys(person_of(one.shot) for one in shots))
    for person in names:
        began = time.process_time()
        rest = [other for other in shots if person_of(other.shot) != person]
        together = [
            (np.concatenate([real for real, _ in parts]),
             np.concatenate([drawn for _, drawn in parts]))
            for parts in ([pairs(other, way) for other in rest] for way in ways)
        ]  # fmt: skip
        made = learn(together)
        known = Judged(person, *(made(part[::FEWER]) for part in together[0]))
        found.setdefault("those it was taught on", []).append(known)
        for one in (other for other in shots if person_of(other.shot) == person):
            for name, (real, drawn) in _asked(kind, one, lot).items():
                judged = Judged(one.shot, made(real), made(drawn))
                found.setdefault(name, []).append(judged)
            last = {name: round(areas(each[-1:])["mean"], 3) for name, each in found.items()}
            print(f"{kind} {one.shot} {time.process_time() - began:.0f} s {last}", flush=True)
    return {name: areas(judged) for name, judged in found.items()}


def _small(choices: list[tuple[Given, Given]], epochs: int) -> Detector:
    return partial(scores, taught(choices, epochs, seed=0))


def _asked(kind: str, one: Mouths, lot: int) -> dict[str, tuple[Given, Given]]:
    if kind == "control":
        return {f"control, {way}": _by_lot(lot, one, way) for way in TAUGHT_ON}
    return {f"{what}, {way}": _of(what)(one, way) for what, way in ASKED[kind]}


def _of(version: str) -> Pairs:
    return lambda one, way: (one.crops["real", way], one.crops[version, way])


def _by_lot(lot: int, one: Mouths, way: str) -> tuple[Given, Given]:
    """Real frames in two halves; the same halves in every copy."""
    order = np.random.default_rng([lot, *one.shot.encode()]).permutation(len(one))
    middle = len(one) // 2
    first, second = (np.sort(part) for part in (order[:middle], order[middle:]))
    crops = one.crops["real", way]
    return crops[first], crops[second]


def main() -> None:
    """Print every area, and one JSON object of all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--reel", type=Path, required=True)
    parser.add_argument("--shots", default=",".join([*REEL, *CLIPS]))
    parser.add_argument("--by", choices=("line", "small"), default="line")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--only", default="drawn,control,marked")
    given = parser.parse_args()
    torch.set_num_threads(1)
    shots = [
        mouths(render(shot, given.reel, given.kept), SECRET, given.kept)
        for shot in given.shots.split(",")
    ]
    print({one.shot: len(one) for one in shots}, flush=True)
    learn: Callable[..., Detector] = partial(_small, epochs=given.epochs)
    ways: Sequence[str] = TAUGHT_ON
    if given.by == "line":
        learn, ways, shots = borrowed.Line, borrowed.TAUGHT_ON, list(map(borrowed.described, shots))
    for kind in given.only.split(","):
        for lot in range(LOTS if kind == "control" else 1):
            for name, row in trial(kind, shots, learn, ways, lot).items():
                rounded = {key: round(value, 3) for key, value in row.items()}
                print(json.dumps({"taught on": kind, "asked about": name, **rounded}), flush=True)


if __name__ == "__main__":
    main()
