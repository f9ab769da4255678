"""Train an actor's renderer: appearance regression solved, fusion learnt, network trained.

The last block of time of every plate is held out; on it the warp, the fused and the network's
pictures are evaluated, and the network is kept only where it improves on the fused picture.
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
from dubsync.engine.network.mouth_net import Inputs, Size, size_for
from dubsync.engine.train import make_pairs
from dubsync.engine.train.landmark_loss import View, view
from dubsync.engine.train.schedule import TrainingConfig, train_network
from dubsync.engine.train.training_pairs import TrainingPairs, follows
from dubsync.engine.train.validation import ValidationMetrics, validate

#: Initial weights of a network of a size; None: from scratch.
Start = Callable[[Size], Mapping[str, torch.Tensor] | None]
#: Least number of frames to train on: fewer do not generalise.
LEAST_FRAMES = 12
#: Widest crop to train at unless a size is given, by device: a CPU cannot train more in minutes.
#: Finer detail stays the exemplar's own.
WIDEST_PX = {"cpu": 192, "mps": 384, "cuda": 512}
#: Resolution of the flattened face relative to the picture, and limits of its side, pixels.
FINER, LEAST_PX, MOST_PX = 1.25, 96, 256
#: Width of the soft edge of the trusted region, eye distances.
SOFT = 0.12
#: The network is kept if it brings the perceptual distance below this share of the fused picture's:
#: training pairs differ a little from new frames, so a smaller gain may not carry over.
CLEARLY = 0.97
STRIP_COLUMNS, STRIP_PX = 6, (220, 200)
VALIDATION_BLOCK = make_pairs.TIME_BLOCKS - 1


def train(
    actor: Actor,
    *,
    minutes: float,
    size: int,
    steps: int = 0,
    kept: Path | None,
    progress: Progress,
    device: torch.device,
    half: bool = False,
    start: Start = base_weights,
) -> LearntActor:
    """Implements `core.steps.Train`; `start` gives initial weights, `half` is as in the config."""
    learnt = ours(actor)
    bank = learnt.bank
    _check_frames(learnt)
    clock = time.perf_counter()
    unit = make_pairs.unit_within(bank, size or WIDEST_PX[device.type])

    def report_pairs(done: int) -> None:
        progress(Step("training pairs", learnt.character, done, len(bank), unit="pairs"))

    prepared = _prepared(bank, unit, device, report_pairs)
    pairs = _pairs(prepared, bank)
    network = size_for(size or WIDEST_PX[device.type])
    config = TrainingConfig(
        network=network,
        seconds=max(0.0, minutes * 60 - (time.perf_counter() - clock)),
        name=learnt.character,
        key=f"{learnt.digest}/{size}",
        steps=steps,
        start=start(network),
        half=half,
    )
    result = train_network(config, pairs, device=device, kept=kept, progress=progress)
    renderer = replace(prepared.renderer, network=result.network).on(device, half=half)
    held = _held_out(renderer, prepared, bank)
    gains = _total(held, "actor") < CLEARLY * _total(held, "fused")
    if not gains:
        renderer = replace(renderer, network=None)
    figures: dict[str, dict[RendererName, HeldOut]] = {
        plate: {
            "warp": by["warp"].held_out(),
            "actor": by["actor" if gains else "fused"].held_out(),
        }
        for plate, by in held.items()
    }
    training = {
        "frames": len(bank),
        "held_back": int((prepared.blocks == VALIDATION_BLOCK).sum()),
        "unit_px": round(unit, 2),
        "network": config.network if gains else None,
        "steps": result.steps,
        "planned_steps": result.planned,
        "seconds": round(time.perf_counter() - clock, 1),
        "curve": [list(point) for point in result.curve],
        "strip": _strip(renderer, prepared),
    }
    renderer = renderer.on(torch.device("cpu"))
    return replace(learnt, renderer=renderer, held_out=figures, training=training, digest="")


def pairs_of(bank: Bank, size: int, device: torch.device) -> tuple[TrainingPairs, list[View]]:
    """Training pairs of `bank`, in crops `size` wide, and the tracker's view of each."""
    unit = make_pairs.unit_within(bank, size)
    prepared = _prepared(bank, unit, device, lambda done: None)
    seen = [view(bank.pictures[k.number], bank.points[k.number], k.sheet) for k in prepared.pairs]
    return _pairs(prepared, bank), seen


def _check_frames(learnt: LearntActor) -> None:
    """Raises EngineError for too few frames, or for some that something covers in part."""
    covered = sum(mask is not None for mask in learnt.bank.hidden)
    if covered:
        raise EngineError(
            f"{learnt.character}: something covers the face in {covered} of {len(learnt.bank)} "
            "frames, and covered frames are not trained on",
            hint=f"give footage with {LEAST_FRAMES} free frames or more; the warp draws from fewer",
        )
    if len(learnt.bank) < LEAST_FRAMES:
        raise EngineError(
            f"{learnt.character}: {len(learnt.bank)} frames are too few to train on",
            hint=f"give footage of {LEAST_FRAMES} frames or more; the warp draws from fewer",
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """Training pairs, and by their number the predicted faces (px, px, 3)."""

    renderer: LearnedRenderer
    pairs: tuple[make_pairs.TrainingPair, ...]
    predicted: Mapping[int, Array]
    blocks: NDArray[np.intp]

    def inputs(self, pair: make_pairs.TrainingPair) -> Inputs:
        """The network's inputs for a training pair."""
        pictures = self.renderer.picture_pair(
            pair.sheet, pair.exemplar, self.predicted[pair.number]
        )
        return self.renderer.inputs(pair.sheet, pictures)


def _prepared(
    bank: Bank, unit: float, device: torch.device, done: Callable[[int], None]
) -> _Prepared:
    """Regression and fusion, solved; and every frame re-made without its own moment."""
    pictures, points = make_pairs.scaled(bank, unit)
    plane = Plane.of(bank.model, _plane_px(bank, unit))
    flats, seen = make_pairs.flats(plane, pictures, points)
    blocks = make_pairs.time_blocks(bank)
    solved, apart = appearance_regression.solve(plane, flats, bank.pose.features, blocks)
    fits = [
        solved.to_reference_light(*plane.flatten(picture, marks))[1]
        for picture, marks in zip(pictures, points, strict=True)
    ]
    del flats
    kept_pairs = []
    for pair in make_pairs.training_pairs(bank, pictures, points, device):
        kept_pairs.append(pair)
        done(pair.number + 1)
    done(len(bank))  # the last frames may have no training pair
    predicted = {k.number: solved.reconstruct(apart[k.number], fits[k.number]) for k in kept_pairs}
    renderer = LearnedRenderer(solved, fusion.exemplar_only(plane.px), unit)
    shares = fusion.learn(
        plane.px,
        fusion.trusted(seen, SOFT * plane.unit),
        (_example(renderer, k, predicted[k.number], seen[k.number]) for k in kept_pairs),
    )
    return _Prepared(replace(renderer, fusion=shares), tuple(kept_pairs), predicted, blocks)


def _example(
    renderer: LearnedRenderer, pair: make_pairs.TrainingPair, predicted: Array, seen: fusion.Mask
) -> fusion.Example:
    pictures = renderer.picture_pair(pair.sheet, pair.exemplar, predicted)
    inputs = renderer.inputs(pair.sheet, pictures)
    corner = np.array([pair.sheet.region.left, pair.sheet.region.top], np.float32)
    at = renderer.regression.plane.to_picture(pair.sheet.wanted[:, :2] - corner)
    return fusion.Example(
        inputs.plate, pictures.exemplar, pictures.predicted, pictures.errors, at, seen
    )


def _pairs(prepared: _Prepared, bank: Bank) -> TrainingPairs:
    inputs: list[Inputs] = []
    held: list[bool] = []
    for pair in prepared.pairs:
        inputs.append(prepared.inputs(pair))
        held.append(bool(prepared.blocks[pair.number] == VALIDATION_BLOCK))
    rows = np.array([pair.number for pair in prepared.pairs])
    following = follows(np.array(bank.plates)[rows], bank.seconds[rows])
    return TrainingPairs.of(inputs, np.array(held), _rarity(prepared, bank), following)


def _rarity(prepared: _Prepared, bank: Bank) -> Array:
    """(n,) sampling weight of each training pair: rare mouths are sampled more often."""
    rows = np.array([pair.number for pair in prepared.pairs])
    features = bank.pose.features[rows]
    usual = np.sort(selection.distances(features, features), axis=1)[:, : min(9, len(rows))]
    alone = usual.mean(axis=1)
    return np.asarray(np.clip(alone / max(float(np.median(alone)), 1e-6), 0.5, 3), np.float32)


def _held_out(
    renderer: LearnedRenderer, prepared: _Prepared, bank: Bank
) -> dict[str, dict[str, ValidationMetrics]]:
    """plate -> way of drawing -> metrics, over the held-out training pairs."""
    rows: dict[str, list[tuple[Inputs, make_pairs.TrainingPair]]] = {}
    for pair in prepared.pairs:
        if prepared.blocks[pair.number] == VALIDATION_BLOCK:
            plate = bank.plates[pair.number]
            rows.setdefault(plate, []).append((prepared.inputs(pair), pair))
    return {plate: _compared(renderer, result) for plate, result in rows.items()}


def _compared(
    renderer: LearnedRenderer, examples: list[tuple[Inputs, make_pairs.TrainingPair]]
) -> dict[str, ValidationMetrics]:
    made: dict[str, list[ValidationMetrics]] = {"warp": [], "fused": [], "actor": []}
    for inputs, pair in examples:
        pictures = {
            "warp": inputs.exemplar,
            "fused": inputs.fused,
            "actor": renderer.finish(inputs),
        }
        for name, picture in pictures.items():
            made[name].append(validate(inputs, picture, pair.sheet))
    return {name: ValidationMetrics.mean(figures) for name, figures in made.items()}


def _total(held: Mapping[str, Mapping[str, ValidationMetrics]], way: str) -> float:
    """Perceptual distance summed over all frames of all plates."""
    return sum(by[way].perceptual * by[way].frames for by in held.values())


def _strip(renderer: LearnedRenderer, prepared: _Prepared) -> NDArray[np.uint8]:
    """(h, w, 3) R'G'B': truth, warp and actor in rows; one column per held-out pair."""
    held = [k for k in prepared.pairs if prepared.blocks[k.number] == VALIDATION_BLOCK]
    chosen = held[:: max(1, len(held) // STRIP_COLUMNS)][:STRIP_COLUMNS]
    columns = []
    for pair in chosen:
        inputs = prepared.inputs(pair)
        drawn = renderer.finish(inputs)
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
