"""The network's training loop: steps, learning rate, validation and checkpoints.

The first steps are timed, and as many steps planned as the time allows; from there on nothing
depends on the clock, so the same number of steps gives the same network again, on one device.
The result is the running mean of the weights where the validation loss was least; with a
discriminator, the last.
Every half minute a checkpoint is written atomically; the same training, started again, resumes
from it.
Source: Loshchilov, Hutter 2019, "Decoupled Weight Decay Regularization" (AdamW); Izmailov et al.
2018, "Averaging Weights Leads to Wider Optima and Better Generalization" (running mean).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import nn

from dubsync.core.errors import EngineError
from dubsync.core.progress import Progress, Step
from dubsync.engine.device import in_precision, settled
from dubsync.engine.network.mouth_net import MouthNet, Size
from dubsync.engine.train import checkpoint, losses
from dubsync.engine.train.discriminator import (
    AdversarialConfig,
    DiscriminatorTraining,
    combined_gradient,
)
from dubsync.engine.train.training_pairs import (
    WINDOW,
    Batch,
    TrainingPairs,
    sample_batch,
    whole_batch,
)

_log = logging.getLogger(__name__)

#: An additional weighted loss of the composited pictures (B, 3, h, w) and their batch.
Term = Callable[[torch.Tensor, Batch], torch.Tensor]

BATCH = 4
RATE, LAST_RATE = 8e-4, 0.05
WARM_STEPS = 50
#: Weight of the texture term relative to the pyramid's.
TEXTURE = 1.5e-3
MEAN_DECAY = 0.998
KEEP_S = 30.0
#: Steps that are timed, after a slower first one, and the share of the time left that is planned.
TIMED_STEPS, PLANNED_SHARE = 12, 0.93
#: Validations in a training, and least number of steps between them.
VALIDATIONS, LEAST_STEPS = 24, 20
#: Validations without gain after which training stops, once half of its steps are done.
PATIENCE = 6
#: Held-out training pairs used for validation.
VALIDATION_PAIRS = 48


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One training of the network.

    seconds      at most
    steps        exactly this many, without a time limit; 0: as many as `seconds` allow
    start        initial weights; None: from scratch
    rate         highest learning rate
    window       side of the crops of training pairs, pixels
    name         of the character, for progress
    key          identifies the training: a checkpoint with another key is not resumed from
    seed         of weights and sampling
    adversarial  adversarial training; None: no discriminator
    half         the network is computed in bfloat16; its weights and the losses stay float32
    steady       gradient of `losses.steady` on the picture, relative to the base losses'
    terms        losses added to the base losses
    """

    network: Size
    seconds: float
    name: str
    key: str
    seed: int = 7
    steps: int = 0
    start: Mapping[str, torch.Tensor] | None = None
    rate: float = RATE
    window: int = WINDOW
    adversarial: AdversarialConfig | None = None
    half: bool = False
    steady: float = 0.0
    terms: tuple[Term, ...] = ()

    @property
    def clip(self) -> int:
        """How many consecutive training pairs are shown together."""
        return max(2 if self.steady else 1, self.adversarial.frames if self.adversarial else 1)

    @property
    def alone(self) -> int:
        """Initial steps in which only the discriminator is trained."""
        return self.adversarial.alone if self.adversarial else 0


@dataclass(frozen=True, slots=True, eq=False)
class TrainedNetwork:
    """A trained network.

    network  the network
    steps    taken
    planned  steps planned; 0: none were
    curve    (seconds, validation loss) over the training
    """

    network: MouthNet
    steps: int
    planned: int
    curve: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class _Run:
    """A training in progress."""

    net: MouthNet
    mean: MouthNet
    optimiser: torch.optim.Optimizer
    rng: torch.Generator
    discriminators: DiscriminatorTraining | None
    steps: int = 0
    planned: int = 0
    seconds: float = 0.0
    timed_from: float = 0.0
    best: float = math.inf
    best_weights: dict[str, torch.Tensor] = field(default_factory=dict)
    worse: int = 0
    curve: list[tuple[float, float]] = field(default_factory=list)


def train_network(
    config: TrainingConfig,
    pairs: TrainingPairs,
    *,
    device: torch.device,
    kept: Path | None,
    progress: Progress,
) -> TrainedNetwork:
    """Train a network as `config` says on `pairs`.

    Raises:
        EngineError: clips are needed, and no training pairs are consecutive.
    """
    run = _new_run(config, device)
    if kept is not None and not _resume(run, kept, config):
        run = _new_run(config, device)
    clips = pairs.clips(config.clip)
    if config.clip > 1 and not len(clips):
        raise EngineError(
            f"{config.name}: no {config.clip} training pairs follow each other",
            hint="train without clips, or from frames that are closer together",
        )
    validation_rows = np.flatnonzero(pairs.held_out)[
        :: max(1, int(pairs.held_out.sum()) // VALIDATION_PAIRS)
    ]
    pairs = pairs.near(device)
    started = time.perf_counter() - run.seconds
    saved_at = run.seconds
    if not run.curve:
        _validate(run, pairs, validation_rows, device)
    while not _over(run, config):
        _step(run, config, sample_batch(pairs, clips, BATCH, config.window, run.rng).on(device))
        if _timed(run, config):
            settled(device)
        run.seconds = time.perf_counter() - started
        _plan(run, config)
        if run.planned and run.steps % max(LEAST_STEPS, run.planned // VALIDATIONS) == 0:
            _validate(run, pairs, validation_rows, device)
            if run.worse >= PATIENCE and 2 * run.steps > run.planned:
                break
        if kept is not None and run.seconds - saved_at >= KEEP_S:
            saved_at = run.seconds
            _save_checkpoint(run, kept, config)
        note = f"%, validation loss {run.curve[0][1]:.4f} -> {run.best:.4f}"
        progress(Step("train", config.name, _percent(run, config), 100, note))
    _validate(run, pairs, validation_rows, device)
    run.mean.load_state_dict(run.best_weights)
    if kept is not None:
        _save_checkpoint(run, kept, config)
    progress(Step("train", config.name, 100, 100, unit=""))
    return TrainedNetwork(run.mean.cpu().eval(), run.steps, run.planned, tuple(run.curve))


def _new_run(config: TrainingConfig, device: torch.device) -> _Run:
    torch.manual_seed(config.seed)
    net, mean = MouthNet(config.network).to(device), MouthNet(config.network).to(device)
    net.in_half = mean.in_half = config.half
    if config.start is not None:
        net.load_state_dict(config.start)
    mean.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=1e-3)
    rng = torch.Generator().manual_seed(config.seed)
    discriminators = (
        DiscriminatorTraining(config.adversarial, device) if config.adversarial else None
    )
    return _Run(net, mean.eval(), optimiser, rng, discriminators, planned=config.steps)


def _over(run: _Run, config: TrainingConfig) -> bool:
    """Whether all steps are taken, or the time is up."""
    if config.steps:
        return run.steps >= config.steps
    return run.seconds >= config.seconds or (run.planned > 0 and run.steps >= run.planned)


def _timed(run: _Run, config: TrainingConfig) -> bool:
    """Whether the plan is made of when this step was done."""
    return run.steps - 1 - config.alone in (0, TIMED_STEPS)


def _plan(run: _Run, config: TrainingConfig) -> None:
    """Once enough steps are timed, plan how many the time allows."""
    if run.steps == 1 + config.alone:
        run.timed_from = run.seconds
    if run.planned or run.steps != 1 + config.alone + TIMED_STEPS:
        return
    _plan_on(run, config, (run.seconds - run.timed_from) / TIMED_STEPS)


def _plan_on(run: _Run, config: TrainingConfig, step_s: float) -> None:
    """Plan as many more steps, of `step_s` each, as the time left allows."""
    left = PLANNED_SHARE * (config.seconds - run.seconds) / max(step_s, 1e-6)
    run.planned = run.steps + max(0, int(left))


def _percent(run: _Run, config: TrainingConfig) -> int:
    share = run.steps / run.planned if run.planned else run.seconds / max(config.seconds, 1e-6)
    return min(99, int(100 * share))


def _step(run: _Run, config: TrainingConfig, batch: Batch) -> None:
    discriminators = run.discriminators
    if discriminators is not None and run.steps < config.alone:
        with torch.no_grad():
            made = _drawn_over_truth(run.net, batch)
        discriminators.learn(made, batch)
        run.steps += 1
        return
    made = _drawn_over_truth(run.net, batch)
    loss = _loss(made, batch)
    for term in config.terms:
        loss = loss + term(made, batch)
    shares = []
    if config.steady:
        shares.append((config.steady, losses.steady(made, batch.truth, batch.clip)))
    if discriminators is not None:
        discriminators.learn(made, batch)
        shares += discriminators.terms(made, batch)
    for group in run.optimiser.param_groups:
        group["lr"] = _rate(run, config)
    run.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(made, combined_gradient(loss, shares, made))
    nn.utils.clip_grad_norm_(run.net.parameters(), 1.0)
    run.optimiser.step()
    run.steps += 1
    decay = min(MEAN_DECAY, run.steps / (run.steps + 10))
    with torch.no_grad():
        for mean, now in zip(run.mean.parameters(), run.net.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)


def _rate(run: _Run, config: TrainingConfig) -> float:
    """The learning rate of the next step: warm-up over WARM_STEPS, then a cosine decay to the last
    step.

    During the warm-up it does not depend on the plan, which is made meanwhile.
    """
    gone, falls = run.steps - config.alone, max(1, run.planned - config.alone - WARM_STEPS)
    share = min(1.0, max(0, gone - WARM_STEPS) / falls)
    rate = config.rate * (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * share)))
    return rate * min(1.0, (gone + 1) / WARM_STEPS)


def _drawn_over_truth(net: MouthNet, batch: Batch) -> torch.Tensor:
    """The network's picture, composited over the truth by the matte."""
    with in_precision(batch.shown.device, net.in_half):
        drawn: torch.Tensor = net(batch.shown)
    return batch.truth + batch.matte * (drawn - batch.truth)


def _loss(made: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The base losses."""
    return losses.pyramid(made, batch.truth) + TEXTURE * losses.texture(made, batch.truth)


def _validate(
    run: _Run, pairs: TrainingPairs, validation_rows: NDArray[np.intp], device: torch.device
) -> None:
    """Record the mean network's validation loss, and keep its weights where the loss is least.

    Adversarial training does not minimise that loss: with it, the last weights are kept.
    """
    result = []
    with torch.no_grad():
        for start in range(0, len(validation_rows), BATCH):
            batch = whole_batch(pairs, validation_rows[start : start + BATCH]).on(device)
            result.append(_loss(_drawn_over_truth(run.mean, batch), batch))
    # One copy from the device, not one for each batch: each would wait for the device.
    loss = float(torch.stack(result).cpu().numpy().astype(np.float64).mean()) if result else 0.0
    run.curve.append((round(run.seconds, 1), round(loss, 6)))
    better = loss < run.best or run.discriminators is not None
    run.worse = 0 if better else run.worse + 1
    if better or not run.best_weights:
        run.best = loss
        run.best_weights = {n: v.detach().clone() for n, v in run.mean.state_dict().items()}


def _save_checkpoint(run: _Run, folder: Path, config: TrainingConfig) -> None:
    """Write the checkpoint."""
    facts = {
        "key": config.key,
        "network": config.network,
        "steps": run.steps,
        "planned": run.planned,
        "timed_from": run.timed_from,
        "limits": [config.seconds, config.steps],
        "seconds": run.seconds,
        "best": run.best,
        "worse": run.worse,
        "curve": run.curve,
    }
    parts = {
        "net": run.net.state_dict(),
        "mean": run.mean.state_dict(),
        "best": run.best_weights,
        "optimiser": checkpoint.optimiser_tensors(run.optimiser),
        "dice": {"state": run.rng.get_state()},
    }
    if run.discriminators is not None:
        parts |= run.discriminators.parts()
    checkpoint.write(folder, facts, parts)


def _resume(run: _Run, folder: Path, config: TrainingConfig) -> bool:
    """Resume from a checkpoint of this training, if there is one; False leaves `run` invalid."""
    path = folder / checkpoint.STATE
    if not path.exists():
        return True
    try:
        facts = checkpoint.facts_of(path)
        if facts["key"] != config.key or facts["network"] != config.network:
            return True
        parts = checkpoint.parts_of(path)
        run.net.load_state_dict(parts["net"])
        run.mean.load_state_dict(parts["best"])  # raises here when the checkpoint is incomplete
        run.mean.load_state_dict(parts["mean"])
        checkpoint.restore_optimiser(run.optimiser, parts.get("optimiser", {}))
        if run.discriminators is not None:
            run.discriminators.restore(parts)
        run.rng.set_state(parts["dice"]["state"])
        curve = [(float(s), float(v)) for s, v in facts["curve"]]
        numbers = int(facts["steps"]), float(facts["seconds"]), float(facts["best"])
        worse, planned = int(facts["worse"]), int(facts["planned"])
        timed_from, limits = float(facts["timed_from"]), facts["limits"]
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        _log.warning("the checkpoint %s cannot be resumed (%s): training starts again", path, error)
        return False
    run.best_weights = parts["best"]
    run.steps, run.seconds, run.best = numbers
    run.worse, run.curve = worse, curve
    run.planned, run.timed_from = planned, timed_from
    if config.steps:
        run.planned = config.steps
    elif run.planned and limits != [config.seconds, 0]:
        _plan_on(run, config, run.seconds / run.steps)
    return True
