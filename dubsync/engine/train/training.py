"""An actor given a renderer of its own: prediction solved, fusion weighed, a network trained.

The last stretch of every plate is held back from the network; on it warp, fused and finished
pictures are judged alike, and the network is kept only where it gained.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Actor, HeldOut, RendererName
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.bank import Bank
from dubsync.engine.exemplars.flat_face import Plane
from dubsync.engine.network import appearance_regression, fusion
from dubsync.engine.network.base_network import base_weights
from dubsync.engine.network.learned_renderer import LearnedRenderer
from dubsync.engine.network.mouth_net import Inputs, size_for
from dubsync.engine.train import make_pairs
from dubsync.engine.train.landmark_loss import View, view
from dubsync.engine.train.schedule import Course, trained
from dubsync.engine.train.training_pairs import TrainingPairs, follows
from dubsync.engine.train.validation import Judged, judged

#: Fewer frames than this teach nothing that the next would bear out.
LEAST_FRAMES = 12
#: Widest crop to train at where none is asked, by kind of device: a CPU has no more in minutes.
#: What is finer stays the exemplar's own.
WIDEST_PX = {"cpu": 192, "mps": 384, "cuda": 512}
#: The flat face has so many pixels to one of the picture's, and at most so many a side.
FINER, LEAST_PX, MOST_PX = 1.25, 96, 256
#: Eye distances over which trust in what is predicted ends.
SOFT = 0.12
#: The network is kept where it brings the perceptual distance under this share of what it was:
#: training pairs are a little unlike new frames, and a hair's breadth there is none here.
CLEARLY = 0.97
STRIP_COLUMNS, STRIP_PX = 6, (220, 200)
HELD_STRETCH = make_pairs.STRETCHES - 1


def train(
    actor: Actor,
    *,
    minutes: float,
    size: int,
    steps: int = 0,
    kept: Path | None,
    progress: Progress,
    device: torch.device,
) -> LearntActor:
    """Implements `core.steps.Train`."""
    learnt = ours(actor)
    bank = learnt.bank
    if len(bank) < LEAST_FRAMES:
        raise EngineError(
            f"{learnt.character}: {len(bank)} frames are too few to train on",
            hint=f"give footage of {LEAST_FRAMES} frames or more; the warp draws from fewer",
        )
    clock = time.perf_counter()
    unit = make_pairs.unit_within(bank, size or WIDEST_PX[device.type])

    def prepared_of(done: int) -> None:
        progress(Step("training pairs", learnt.character, done, len(bank), unit="pairs"))

    prepared = _prepared(bank, unit, device, prepared_of)
    asked = _asked(prepared, bank)
    network = size_for(size or WIDEST_PX[device.type])
    course = Course(
        network=network,
        seconds=max(0.0, minutes * 60 - (time.perf_counter() - clock)),
        name=learnt.character,
        key=f"{learnt.digest}/{size}",
        steps=steps,
        start=base_weights(network),
    )
    result = trained(course, asked, device=device, kept=kept, progress=progress)
    look = replace(prepared.look, network=result.network)
    held = _held_out(look, prepared, bank)
    gains = _total(held, "actor") < CLEARLY * _total(held, "fused")
    if not gains:
        look = replace(look, network=None)
    figures: dict[str, dict[RendererName, HeldOut]] = {
        plate: {
            "warp": by["warp"].held_out(),
            "actor": by["actor" if gains else "fused"].held_out(),
        }
        for plate, by in held.items()
    }
    training = {
        "frames": len(bank),
        "held_back": int((prepared.blocks == HELD_STRETCH).sum()),
        "unit_px": round(unit, 2),
        "network": course.network if gains else None,
        "steps": result.steps,
        "planned_steps": result.planned,
        "seconds": round(time.perf_counter() - clock, 1),
        "curve": [list(point) for point in result.curve],
        "strip": _strip(look, prepared),
    }
    return replace(learnt, look=look, held_out=figures, training=training, digest="")


def pairs_of(bank: Bank, size: int, device: torch.device) -> tuple[TrainingPairs, list[View]]:
    """What a network trained on the frames of `bank`, in crops `size` wide, is shown, and what
    the tracker sees of each training pair."""
    unit = make_pairs.unit_within(bank, size)
    prepared = _prepared(bank, unit, device, lambda done: None)
    seen = [view(bank.pictures[k.number], bank.points[k.number], k.sheet) for k in prepared.lessons]
    return _asked(prepared, bank), seen


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """training pairs and, by their number, what was predicted of them (px, px, 3)."""

    look: LearnedRenderer
    lessons: tuple[make_pairs.TrainingPair, ...]
    predicted: Mapping[int, Array]
    blocks: NDArray[np.intp]

    def inputs(self, lesson: make_pairs.TrainingPair) -> Inputs:
        """What the network is shown of a training pair."""
        pair = self.look.paired(lesson.sheet, lesson.exemplar, self.predicted[lesson.number])
        return self.look.inputs(lesson.sheet, pair)


def _prepared(
    bank: Bank, unit: float, device: torch.device, done: Callable[[int], None]
) -> _Prepared:
    """Regression and fusion, solved; and every frame re-made without its own moment."""
    pictures, points = make_pairs.scaled(bank, unit)
    plane = Plane.of(bank.model, _plane_px(bank, unit))
    flats, seen = make_pairs.flats(plane, pictures, points)
    blocks = make_pairs.stretches(bank)
    solved, apart = appearance_regression.solve(plane, flats, bank.looks.features, blocks)
    fits = [
        solved.lit(*plane.laid_flat(picture, marks))[1]
        for picture, marks in zip(pictures, points, strict=True)
    ]
    del flats
    taught = []
    for lesson in make_pairs.lessons(bank, pictures, points, device):
        taught.append(lesson)
        done(lesson.number + 1)
    done(len(bank))  # the last frames may have no training pair
    predicted = {k.number: solved.painted(apart[k.number], fits[k.number]) for k in taught}
    look = LearnedRenderer(solved, fusion.none(plane.px), unit)
    shares = fusion.learn(
        plane.px,
        fusion.trusted(seen, SOFT * plane.unit),
        (_example(look, k, predicted[k.number], seen[k.number]) for k in taught),
    )
    return _Prepared(replace(look, fusion=shares), tuple(taught), predicted, blocks)


def _example(
    look: LearnedRenderer, lesson: make_pairs.TrainingPair, predicted: Array, seen: fusion.Seen
) -> fusion.Example:
    pair = look.paired(lesson.sheet, lesson.exemplar, predicted)
    inputs = look.inputs(lesson.sheet, pair)
    corner = np.array([lesson.sheet.region.left, lesson.sheet.region.top], np.float32)
    at = look.regression.plane.to_picture(lesson.sheet.wanted[:, :2] - corner)
    return fusion.Example(inputs.plate, pair.exemplar, pair.predicted, pair.errors, at, seen)


def _asked(prepared: _Prepared, bank: Bank) -> TrainingPairs:
    inputs: list[Inputs] = []
    held: list[bool] = []
    for lesson in prepared.lessons:
        inputs.append(prepared.inputs(lesson))
        held.append(bool(prepared.blocks[lesson.number] == HELD_STRETCH))
    rows = np.array([lesson.number for lesson in prepared.lessons])
    following = follows(np.array(bank.plates)[rows], bank.seconds[rows])
    return TrainingPairs.of(inputs, np.array(held), _rarity(prepared, bank), following)


def _rarity(prepared: _Prepared, bank: Bank) -> Array:
    """(n,) how often each training pair is to be taken: rare mouths more."""
    rows = np.array([lesson.number for lesson in prepared.lessons])
    features = bank.looks.features[rows]
    usual = np.sort(selection.distances(features, features), axis=1)[:, : min(9, len(rows))]
    alone = usual.mean(axis=1)
    return np.asarray(np.clip(alone / max(float(np.median(alone)), 1e-6), 0.5, 3), np.float32)


def _held_out(
    look: LearnedRenderer, prepared: _Prepared, bank: Bank
) -> dict[str, dict[str, Judged]]:
    """plate -> way of drawing -> figures, over the training pairs held back."""
    rows: dict[str, list[tuple[Inputs, make_pairs.TrainingPair]]] = {}
    for lesson in prepared.lessons:
        if prepared.blocks[lesson.number] == HELD_STRETCH:
            plate = bank.plates[lesson.number]
            rows.setdefault(plate, []).append((prepared.inputs(lesson), lesson))
    return {plate: _compared(look, result) for plate, result in rows.items()}


def _compared(
    look: LearnedRenderer, result: list[tuple[Inputs, make_pairs.TrainingPair]]
) -> dict[str, Judged]:
    made: dict[str, list[Judged]] = {"warp": [], "fused": [], "actor": []}
    for inputs, lesson in result:
        pictures = {"warp": inputs.exemplar, "fused": inputs.fused, "actor": look.finished(inputs)}
        for name, picture in pictures.items():
            made[name].append(judged(inputs, picture, lesson.sheet))
    return {name: Judged.mean(figures) for name, figures in made.items()}


def _total(held: Mapping[str, Mapping[str, Judged]], way: str) -> float:
    """What is to be small: perceptual distance over all plates, and sharpness off 1 as dearly."""
    return sum(by[way].perceptual * by[way].frames for by in held.values())


def _strip(look: LearnedRenderer, prepared: _Prepared) -> NDArray[np.uint8]:
    """(h, w, 3) R'G'B': truth, warp and actor in rows; a column a held-out pair."""
    held = [k for k in prepared.lessons if prepared.blocks[k.number] == HELD_STRETCH]
    chosen = held[:: max(1, len(held) // STRIP_COLUMNS)][:STRIP_COLUMNS]
    columns = []
    for lesson in chosen:
        inputs = prepared.inputs(lesson)
        drawn = look.finished(inputs)
        truth, share = inputs.plate, inputs.matte[..., None]
        rows = [truth, *(truth + share * (p - truth) for p in (inputs.exemplar, drawn))]
        sized = [cv2.resize(row, STRIP_PX, interpolation=cv2.INTER_CUBIC) for row in rows]
        columns.append(np.concatenate(sized))
    together = np.concatenate(columns, axis=1) if columns else np.zeros((8, 8, 3), np.float32)
    return np.asarray(np.rint(np.clip(together, 0, 1) * 255), np.uint8)


def _plane_px(bank: Bank, unit: float) -> int:
    across = Plane.of(bank.model, 1000)
    px = 1000 * FINER * unit / across.unit
    return int(np.clip(round(px / 16) * 16, LEAST_PX, MOST_PX))
