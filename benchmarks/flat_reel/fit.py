"""Fits the odds of a hard cut to joins whose truth is known.

    python -m benchmarks.flat_reel.fit [--frames 4200] [--keep FOLDER]

Reels of jump cuts are made of the tuned takes, two plain and two troubled and coded small, and the
two tuned reels besides.  Every join in them that might be a cut is measured as `dubsync cut` does,
and a logistic model is fitted.  Printed are its odds, in the order of `hard_cuts._ODDS`, and what
it misses and takes falsely in reels that were left out of the fit.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.flat_reel.__main__ import REELS
from benchmarks.flat_reel.make import Recipe, Truth, make_reel
from benchmarks.flat_reel.sources import TUNED
from dubsync.media.cut_detection.distances import Distances
from dubsync.media.cut_detection.hard_cuts import joins
from dubsync.media.cut_detection.small_pictures import SmallPictures
from dubsync.media.cut_detection.steps import distinct
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate

#: Jump cuts of the reels made for the fit are more than films have: each weighs as much of a cut.
WEIGHT = 0.5
#: Inverse of the penalty on large odds.
C = 0.1
#: Reel -> (takes, frames a second, seed, how it is made); each has every other take.
JUMPS = {
    "jumps 1": (TUNED[0::2], 25, 201, Recipe(0.0, 20, "ultrafast", jumps=True)),
    "jumps 2": (TUNED[1::2], 25, 202, Recipe(0.0, 20, "ultrafast", jumps=True)),
    "jumps 3": (TUNED[0::2], 25, 203, Recipe(0.5, 30, "veryfast", jumps=True)),
    "jumps 4": (TUNED[1::2], 25, 204, Recipe(0.5, 30, "veryfast", jumps=True)),
}
ALL = JUMPS | {name: REELS[name] for name in ("tuned", "tuned-troubled")}


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The joins of one reel.

    measures  (N, M), as `Join.measures`
    cut       (N,) whether each is one
    weight    (N,) of each in the fit
    missed    cuts that no join is measured at
    """

    measures: NDArray[np.float64]
    cut: NDArray[np.bool_]
    weight: NDArray[np.float64]
    missed: int


def measured(path: Path, truth: Truth) -> Measured:
    """The joins of a reel, clear ones alone."""
    pictures, plate = SmallPictures(), probe_plate(path)
    with open_square(plate) as reader:
        for frame in reader.frames(plate.frames):
            pictures.add(frame)
    kept = distinct(pictures.steps)
    seen = Distances(pictures.luma[kept], pictures.colour[kept])
    found = [one for one in joins(seen, pictures.steps.joined(kept), kept) if one.clear]
    inside = [(a, b) for spans in (truth.dissolves, truth.fades) for a, b in spans]
    found = [one for one in found if not any(a - 2 <= one.at <= b + 2 for a, b in inside)]
    kinds = [truth.cuts.get(one.at, "") for one in found]
    weight = [WEIGHT if kind == "jump" and "jumps" in path.name else 1.0 for kind in kinds]
    return Measured(
        np.array([one.measures for one in found]), np.array([kind != "" for kind in kinds]),
        np.array(weight), len(truth.cuts.keys() - {one.at for one in found}),
    )  # fmt: skip


def fitted(reels: list[Measured]) -> Pipeline:
    """The model of some reels' joins."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=3000))
    weight = np.concatenate([one.weight for one in reels])
    return model.fit(
        np.concatenate([one.measures for one in reels]),
        np.concatenate([one.cut for one in reels]),
        logisticregression__sample_weight=weight,
    )


def odds(model: Pipeline) -> list[float]:
    """Constant and factors for measures as they are."""
    scale, line = model[0], model[1]
    factors = line.coef_[0] / scale.scale_
    constant = line.intercept_[0] - float(factors @ scale.mean_)
    return [round(float(one), 2) for one in (constant, *factors)]


def told(reels: dict[str, Measured]) -> Iterator[str]:
    """The odds, and how each reel is judged by a model that has not seen it."""
    yield f"odds: {tuple(odds(fitted([*reels.values()])))}"
    yield "| reel | cuts | missed | false |"
    yield "|---|---|---|---|"
    for name, one in reels.items():
        model = fitted([other for key, other in reels.items() if key != name])
        likely = model.predict_proba(one.measures)[:, 1] >= 0.5
        missed = one.missed + int((one.cut & ~likely).sum())
        total = one.missed + int(one.cut.sum())
        yield f"| {name} | {total} | {missed} | {int((likely & ~one.cut).sum())} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--frames", type=int, default=4200, help="of each reel, about")
    options.add_argument("--keep", type=Path, help="folder for the reels")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found = {}
        for name, (takes, rate, seed, recipe) in ALL.items():
            path = folder / f"{name}.mov"
            known = path.with_suffix(".json")
            if not known.exists():
                truth = make_reel(path, takes, asked.frames, rate, seed, recipe)
                known.write_text(json.dumps(asdict(truth)))
            held = json.loads(known.read_text())
            truth = Truth(**{**held, "cuts": {int(at): kind for at, kind in held["cuts"].items()}})
            found[name] = measured(path, truth)
            print(f"{name}: {len(found[name].cut)} joins, {int(found[name].cut.sum())} cuts")
        print("\n".join(told(found)))


if __name__ == "__main__":
    main()
