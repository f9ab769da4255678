"""The network's training: what it is shown, for how long, and how it survives being cut off.

The first steps are timed, and so many planned as the time allows; from there on nothing hangs on
the clock, so that the same number of steps gives the same network again, on one device.
The answer is the running mean of the weights, taken where frames held back were drawn best; with a
discriminator, the last.
Every half minute the whole state is written down, whole or not at all; the same training, asked
again, goes on from there.
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
from dubsync.engine.network.mouth_net import MouthNet, Size
from dubsync.engine.train import checkpoint, losses
from dubsync.engine.train.discriminator import Adversary, Opponent, slope
from dubsync.engine.train.training_pairs import WINDOW, Batch, TrainingPairs, plain, taken

_log = logging.getLogger(__name__)

#: One more loss: of what was made (B, 3, h, w), laid over the truth, and the batch; weighed.
Term = Callable[[torch.Tensor, Batch], torch.Tensor]

BATCH = 4
RATE, LAST_RATE = 8e-4, 0.05
WARM_STEPS = 50
#: Weight of the texture term beside the pyramid's.
TEXTURE = 1.5e-3
MEAN_DECAY = 0.998
KEEP_S = 30.0
#: Steps that are timed, after a first that is slower, and the share of the time left then planned.
TIMED_STEPS, PLANNED_SHARE = 12, 0.93
#: Judgings in a training, and steps between them at least.
JUDGINGS, LEAST_STEPS = 24, 20
#: Judgings without gain after which it stops, once half of its steps are taken.
PATIENCE = 6
#: Training pairs held back that a judging looks at.
JUDGED = 48


@dataclass(frozen=True, slots=True)
class Course:
    """What to train.

    seconds    at most
    steps      to take, whatever the time; 0: as many as `seconds` hold
    start      weights to begin from; None: from nothing
    rate       of the optimiser at its highest
    window     side of the part of a training pair that is shown at a time, pixels
    name       whose, for progress
    key        tells one training from another: a state kept under another key is not taken up
    seed       of weights and draws
    adversary  what a discriminator is asked; None: there is none
    steady     slope of `losses.steady` on the picture, as a share of the losses' always heard
    terms      losses added to those always heard
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
    adversary: Adversary | None = None
    steady: float = 0.0
    terms: tuple[Term, ...] = ()

    @property
    def clip(self) -> int:
        """How many training pairs that follow each other are shown together."""
        return max(2 if self.steady else 1, self.adversary.frames if self.adversary else 1)

    @property
    def alone(self) -> int:
        """Steps at first in which only the discriminator learns."""
        return self.adversary.alone if self.adversary else 0


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The network, how many steps it took of how many planned (0: never), and (seconds, loss held
    back) as it went."""

    network: MouthNet
    steps: int
    planned: int
    curve: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class _Run:
    """A training under way."""

    net: MouthNet
    mean: MouthNet
    optimiser: torch.optim.Optimizer
    dice: torch.Generator
    opponent: Opponent | None
    steps: int = 0
    planned: int = 0
    seconds: float = 0.0
    timed_from: float = 0.0
    best: float = math.inf
    best_weights: dict[str, torch.Tensor] = field(default_factory=dict)
    worse: int = 0
    curve: list[tuple[float, float]] = field(default_factory=list)


def trained(
    course: Course,
    lessons: TrainingPairs,
    *,
    device: torch.device,
    kept: Path | None,
    progress: Progress,
) -> Trained:
    """Train the network of `course` on `training pairs`.

    Raises:
        EngineError: clips are asked for, and no training pairs follow each other.
    """
    run = _begun(course, device)
    if kept is not None and not _take_up(run, kept, course):
        run = _begun(course, device)
    clips = lessons.clips(course.clip)
    if course.clip > 1 and not len(clips):
        raise EngineError(
            f"{course.name}: no {course.clip} training pairs follow each other",
            hint="teach without clips, or from frames that lie closer together",
        )
    judge = np.flatnonzero(lessons.held)[:: max(1, int(lessons.held.sum()) // JUDGED)]
    started = time.perf_counter() - run.seconds
    kept_at = run.seconds
    if not run.curve:
        _judge(run, lessons, judge, device)
    while not _over(run, course):
        _step(run, course, taken(lessons, clips, BATCH, course.window, run.dice).on(device))
        run.seconds = time.perf_counter() - started
        _plan(run, course)
        if run.planned and run.steps % max(LEAST_STEPS, run.planned // JUDGINGS) == 0:
            _judge(run, lessons, judge, device)
            if run.worse >= PATIENCE and 2 * run.steps > run.planned:
                break
        if kept is not None and run.seconds - kept_at >= KEEP_S:
            kept_at = run.seconds
            _keep(run, kept, course)
        note = f"%, loss held back {run.curve[0][1]:.4f} -> {run.best:.4f}"
        progress(Step("train", course.name, _percent(run, course), 100, note))
    _judge(run, lessons, judge, device)
    run.mean.load_state_dict(run.best_weights)
    if kept is not None:
        _keep(run, kept, course)
    progress(Step("train", course.name, 100, 100, unit=""))
    return Trained(run.mean.cpu().eval(), run.steps, run.planned, tuple(run.curve))


def _begun(course: Course, device: torch.device) -> _Run:
    torch.manual_seed(course.seed)
    net, mean = MouthNet(course.network).to(device), MouthNet(course.network).to(device)
    if course.start is not None:
        net.load_state_dict(course.start)
    mean.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=1e-3)
    dice = torch.Generator().manual_seed(course.seed)
    opponent = Opponent(course.adversary, device) if course.adversary else None
    return _Run(net, mean.eval(), optimiser, dice, opponent, planned=course.steps)


def _over(run: _Run, course: Course) -> bool:
    """Whether all steps are taken, or the time is up where it counts."""
    if course.steps:
        return run.steps >= course.steps
    return run.seconds >= course.seconds or (run.planned > 0 and run.steps >= run.planned)


def _plan(run: _Run, course: Course) -> None:
    """Once enough steps are timed, plan how many the time holds."""
    if run.steps == 1 + course.alone:
        run.timed_from = run.seconds
    if run.planned or run.steps != 1 + course.alone + TIMED_STEPS:
        return
    _plan_on(run, course, (run.seconds - run.timed_from) / TIMED_STEPS)


def _plan_on(run: _Run, course: Course, step_s: float) -> None:
    """Plan as many steps more, of `step_s` each, as the time left holds."""
    left = PLANNED_SHARE * (course.seconds - run.seconds) / max(step_s, 1e-6)
    run.planned = run.steps + max(0, int(left))


def _percent(run: _Run, course: Course) -> int:
    share = run.steps / run.planned if run.planned else run.seconds / max(course.seconds, 1e-6)
    return min(99, int(100 * share))


def _step(run: _Run, course: Course, batch: Batch) -> None:
    opponent = run.opponent
    if opponent is not None and run.steps < course.alone:
        with torch.no_grad():
            made = _made(run.net, batch)
        opponent.learn(made, batch)
        run.steps += 1
        return
    made = _made(run.net, batch)
    loss = _loss(made, batch)
    for term in course.terms:
        loss = loss + term(made, batch)
    shares = []
    if course.steady:
        shares.append((course.steady, losses.steady(made, batch.truth, batch.clip)))
    if opponent is not None:
        opponent.learn(made, batch)
        shares += opponent.terms(made, batch)
    for group in run.optimiser.param_groups:
        group["lr"] = _rate(run, course)
    run.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(made, slope(loss, shares, made))
    nn.utils.clip_grad_norm_(run.net.parameters(), 1.0)
    run.optimiser.step()
    run.steps += 1
    decay = min(MEAN_DECAY, run.steps / (run.steps + 10))
    with torch.no_grad():
        for mean, now in zip(run.mean.parameters(), run.net.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)


def _rate(run: _Run, course: Course) -> float:
    """The rate of the next step: risen over WARM_STEPS, then fallen to the last one planned.

    While it rises it does not hang on the plan, which is made on the way.
    """
    gone, falls = run.steps - course.alone, max(1, run.planned - course.alone - WARM_STEPS)
    share = min(1.0, max(0, gone - WARM_STEPS) / falls)
    rate = course.rate * (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * share)))
    return rate * min(1.0, (gone + 1) / WARM_STEPS)


def _made(net: MouthNet, batch: Batch) -> torch.Tensor:
    """What the network draws, laid over the truth by the matte."""
    drawn: torch.Tensor = net(batch.shown)
    return batch.truth + batch.matte * (drawn - batch.truth)


def _loss(made: torch.Tensor, batch: Batch) -> torch.Tensor:
    """What is always heard."""
    return losses.pyramid(made, batch.truth) + TEXTURE * losses.texture(made, batch.truth)


def _judge(
    run: _Run, lessons: TrainingPairs, judge: NDArray[np.intp], device: torch.device
) -> None:
    """Note the mean network's loss on frames held back, and keep it where it is best.

    An adversary leads away from what that loss likes: with one, the last is what is kept.
    """
    result = []
    with torch.no_grad():
        for start in range(0, len(judge), BATCH):
            batch = plain(lessons, judge[start : start + BATCH]).on(device)
            result.append(float(_loss(_made(run.mean, batch), batch)))
    loss = float(np.mean(result)) if result else 0.0
    run.curve.append((round(run.seconds, 1), round(loss, 6)))
    better = loss < run.best or run.opponent is not None
    run.worse = 0 if better else run.worse + 1
    if better or not run.best_weights:
        run.best = loss
        run.best_weights = {n: v.detach().clone() for n, v in run.mean.state_dict().items()}


def _keep(run: _Run, folder: Path, course: Course) -> None:
    """Write the state down."""
    facts = {
        "key": course.key,
        "network": course.network,
        "steps": run.steps,
        "planned": run.planned,
        "timed_from": run.timed_from,
        "asked": [course.seconds, course.steps],
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
        "dice": {"state": run.dice.get_state()},
    }
    if run.opponent is not None:
        parts |= run.opponent.parts()
    checkpoint.write(folder, facts, parts)


def _take_up(run: _Run, folder: Path, course: Course) -> bool:
    """Go on from a state of this very training, where one was kept; False leaves `run` spoilt."""
    path = folder / checkpoint.STATE
    if not path.exists():
        return True
    try:
        facts = checkpoint.facts_of(path)
        if facts["key"] != course.key or facts["network"] != course.network:
            return True
        parts = checkpoint.parts_of(path)
        run.net.load_state_dict(parts["net"])
        run.mean.load_state_dict(parts["best"])  # refused here where it is not whole
        run.mean.load_state_dict(parts["mean"])
        checkpoint.restore_optimiser(run.optimiser, parts.get("optimiser", {}))
        if run.opponent is not None:
            run.opponent.restore(parts)
        run.dice.set_state(parts["dice"]["state"])
        curve = [(float(s), float(v)) for s, v in facts["curve"]]
        numbers = int(facts["steps"]), float(facts["seconds"]), float(facts["best"])
        worse, planned = int(facts["worse"]), int(facts["planned"])
        timed_from = float(facts["timed_from"])
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        _log.warning("the training kept in %s cannot be taken up (%s): begun again", path, error)
        return False
    run.best_weights = parts["best"]
    run.steps, run.seconds, run.best = numbers
    run.worse, run.curve = worse, curve
    run.planned, run.timed_from = planned, timed_from
    if course.steps:
        run.planned = course.steps
    elif run.planned and facts["asked"] != [course.seconds, 0]:
        _plan_on(run, course, run.seconds / run.steps)
    return True
