"""The network's training: what it is shown, for how long, and how it survives being cut off.

The first steps are timed, and so many planned as the time allows; from there on nothing hangs on
the clock, so that the same number of steps gives the same network again, on one device.
The answer is the running mean of the weights, taken where frames held back were drawn best.
Every half minute the whole state is written down, whole or not at all; the same training, asked
again, goes on from there.
Source: Loshchilov, Hutter 2019, "Decoupled Weight Decay Regularization" (AdamW); Izmailov et al.
2018, "Averaging Weights Leads to Wider Optima and Better Generalization" (running mean).
"""

from __future__ import annotations

import json
import logging
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from dubsync.core.arrays import Array
from dubsync.core.progress import Progress, Step
from dubsync.engine import losses
from dubsync.engine.network import SHOWN, Inputs, MouthNet, Size

_log = logging.getLogger(__name__)

BATCH = 4
RATE, LAST_RATE = 8e-4, 0.05
WARM_STEPS = 50
#: Weight of the texture term beside the pyramid's.
TEXTURE = 1.5e-3
#: Deviation of the light lessons are shown in: common gain, gain and offset of a channel.
GAIN, CHANNEL_GAIN, CHANNEL_OFFSET = 0.06, 0.03, 0.02
MEAN_DECAY = 0.998
KEEP_S = 30.0
#: Steps that are timed, after a first that is slower, and the share of the time left then planned.
TIMED_STEPS, PLANNED_SHARE = 12, 0.93
#: Judgings in a training, and steps between them at least.
JUDGINGS, LEAST_STEPS = 24, 20
#: Judgings without gain after which it stops, once half of its steps are taken.
PATIENCE = 6
#: Lessons held back that a judging looks at.
JUDGED = 48
#: Lessons are shown in windows of at most this side, pixels.
WINDOW = 192
STATE = "training.safetensors"


@dataclass(frozen=True, slots=True)
class Course:
    """What to train.

    seconds  at most
    steps    to take, whatever the time; 0: as many as `seconds` hold
    start    weights to begin from; None: from nothing
    name     whose, for progress
    key      tells one training from another: a state kept under another key is not taken up
    """

    network: Size
    seconds: float
    name: str
    key: str
    seed: int = 7
    steps: int = 0
    start: Mapping[str, torch.Tensor] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """n frames, padded to one size.

    shown  (n, SHOWN, h, w) float16;  truth (n, 3, h, w) float16
    held   (n,) whether a frame is kept back;  often (n,) how often it is taken, relatively
    """

    shown: torch.Tensor
    truth: torch.Tensor
    held: NDArray[np.bool_]
    often: Array

    @classmethod
    def of(cls, inputs: Sequence[Inputs], held: NDArray[np.bool_], often: Array) -> Lessons:
        """From the frames' Inputs, whose `plate` is the truth."""
        height = -(-max(i.matte.shape[0] for i in inputs) // 16) * 16
        width = -(-max(i.matte.shape[1] for i in inputs) // 16) * 16
        shown = torch.zeros((len(inputs), SHOWN, height, width), dtype=torch.float16)
        truth = torch.zeros((len(inputs), 3, height, width), dtype=torch.float16)
        for n, one in enumerate(inputs):
            h, w = one.matte.shape
            shown[n, :, :h, :w] = torch.from_numpy(one.stacked())
            truth[n, :, :h, :w] = torch.from_numpy(one.plate.transpose(2, 0, 1).copy())
        return cls(shown, truth, held, often)


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
    lessons: Lessons,
    *,
    device: torch.device,
    kept: Path | None,
    progress: Progress,
) -> Trained:
    """Train the network of `course` on `lessons`."""
    run = _begun(course, device)
    if kept is not None and not _take_up(run, kept, course):
        run = _begun(course, device)
    teach = np.flatnonzero(~lessons.held)
    judge = np.flatnonzero(lessons.held)[:: max(1, int(lessons.held.sum()) // JUDGED)]
    started = time.perf_counter() - run.seconds
    kept_at = run.seconds
    if not run.curve:
        _judge(run, lessons, judge, device)
    while not _over(run, course):
        _step(run, lessons, teach, device)
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
    progress(Step("train", course.name, 100, 100))
    return Trained(run.mean.cpu().eval(), run.steps, run.planned, tuple(run.curve))


def _begun(course: Course, device: torch.device) -> _Run:
    torch.manual_seed(course.seed)
    net, mean = MouthNet(course.network).to(device), MouthNet(course.network).to(device)
    if course.start is not None:
        net.load_state_dict(course.start)
    mean.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=1e-3)
    dice = torch.Generator().manual_seed(course.seed)
    return _Run(net, mean.eval(), optimiser, dice, planned=course.steps)


def _over(run: _Run, course: Course) -> bool:
    """Whether all steps are taken, or the time is up where it counts."""
    if course.steps:
        return run.steps >= course.steps
    return run.seconds >= course.seconds or (run.planned > 0 and run.steps >= run.planned)


def _plan(run: _Run, course: Course) -> None:
    """Once enough steps are timed, plan how many the time holds."""
    if run.steps == 1:
        run.timed_from = run.seconds
    if run.planned or run.steps != 1 + TIMED_STEPS:
        return
    _plan_on(run, course, (run.seconds - run.timed_from) / TIMED_STEPS)


def _plan_on(run: _Run, course: Course, step_s: float) -> None:
    """Plan as many steps more, of `step_s` each, as the time left holds."""
    left = PLANNED_SHARE * (course.seconds - run.seconds) / max(step_s, 1e-6)
    run.planned = run.steps + max(0, int(left))


def _percent(run: _Run, course: Course) -> int:
    share = run.steps / run.planned if run.planned else run.seconds / max(course.seconds, 1e-6)
    return min(99, int(100 * share))


def _step(run: _Run, lessons: Lessons, teach: NDArray[np.intp], device: torch.device) -> None:
    often = torch.from_numpy(lessons.often[teach])
    taken = teach[torch.multinomial(often, BATCH, True, generator=run.dice).numpy()]
    shown, truth = _window(lessons, taken, run.dice)
    shown, truth = _lit(shown.float(), truth.float(), run.dice)
    loss = _loss(run.net, shown.to(device), truth.to(device))
    for group in run.optimiser.param_groups:
        group["lr"] = _rate(run)
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(run.net.parameters(), 1.0)
    run.optimiser.step()
    run.steps += 1
    decay = min(MEAN_DECAY, run.steps / (run.steps + 10))
    with torch.no_grad():
        for mean, now in zip(run.mean.parameters(), run.net.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)


def _rate(run: _Run) -> float:
    """The rate of the next step: risen over WARM_STEPS, then fallen to the last one planned.

    While it rises it does not hang on the plan, which is made on the way.
    """
    falls = max(1, run.planned - WARM_STEPS)
    share = min(1.0, max(0, run.steps - WARM_STEPS) / falls)
    rate = RATE * (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * share)))
    return rate * min(1.0, (run.steps + 1) / WARM_STEPS)


def _loss(net: MouthNet, shown: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    matte = shown[:, 12:13]
    made = truth + matte * (net(shown) - truth)
    return losses.pyramid(made, truth) + TEXTURE * losses.texture(made, truth)


def _window(
    lessons: Lessons, taken: NDArray[np.intp], dice: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The frames taken, or a window of them where they are larger."""
    height, width = lessons.truth.shape[2:]
    top, left = (
        int(torch.randint(0, max(1, side - WINDOW + 1), (1,), generator=dice))
        for side in (height, width)
    )
    rows, columns = slice(top, top + WINDOW), slice(left, left + WINDOW)
    return lessons.shown[taken][..., rows, columns], lessons.truth[taken][..., rows, columns]


def _lit(
    shown: torch.Tensor, truth: torch.Tensor, dice: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The lessons in a little other light, all pictures alike."""
    count = len(shown)

    def drawn(channels: int, deviation: float) -> torch.Tensor:
        return deviation * torch.randn((count, channels, 1, 1), generator=dice)

    gain = 1 + drawn(1, GAIN) + drawn(3, CHANNEL_GAIN)
    offset = drawn(3, CHANNEL_OFFSET)
    shown = shown.clone()
    bare = (shown[:, 12:13] <= 0).float()
    shown[:, 0:3] = (shown[:, 0:3] + 1) * gain - 1 + 2 * offset
    shown[:, 3:6] *= gain
    shown[:, 6:9] *= gain
    shown[:, 9:12] = ((shown[:, 9:12] + 1) * gain - 1 + 2 * offset) * bare
    return shown, truth * gain + offset


def _judge(run: _Run, lessons: Lessons, judge: NDArray[np.intp], device: torch.device) -> None:
    """Note the mean network's loss on frames held back, and keep it where it is best."""
    losses_found = []
    with torch.no_grad():
        for start in range(0, len(judge), BATCH):
            part = judge[start : start + BATCH]
            shown, truth = lessons.shown[part].float(), lessons.truth[part].float()
            losses_found.append(float(_loss(run.mean, shown.to(device), truth.to(device))))
    found = float(np.mean(losses_found)) if losses_found else 0.0
    run.curve.append((round(run.seconds, 1), round(found, 6)))
    run.worse = 0 if found < run.best else run.worse + 1
    if found < run.best or not run.best_weights:
        run.best = found
        run.best_weights = {n: v.detach().clone() for n, v in run.mean.state_dict().items()}


def _keep(run: _Run, folder: Path, course: Course) -> None:
    """Write the state: weights and facts in one file, put in place whole."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"dice": run.dice.get_state()}
    for part, weights in (
        ("net", run.net.state_dict()),
        ("mean", run.mean.state_dict()),
        ("best", run.best_weights),
    ):
        tensors |= {f"{part}.{name}": value.contiguous() for name, value in weights.items()}
    for n, state in run.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{n}.{name}": value for name, value in state.items()}
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
    partial = folder / f".{STATE}.{os.getpid()}"
    try:
        save_file(tensors, partial, metadata={"facts": json.dumps(facts)})
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(partial, folder / STATE)
    finally:
        partial.unlink(missing_ok=True)


def _take_up(run: _Run, folder: Path, course: Course) -> bool:
    """Go on from a state of this very training, where one was kept; False leaves `run` spoilt."""
    path = folder / STATE
    if not path.exists():
        return True
    try:
        facts = _facts(path)
        if facts["key"] != course.key or facts["network"] != course.network:
            return True
        tensors = load_file(path)
        parts: dict[str, dict[str, Any]] = {"net": {}, "mean": {}, "best": {}, "optimiser": {}}
        for name, value in tensors.items():
            part, _, rest = name.partition(".")
            if part in parts:
                parts[part][rest] = value
        run.net.load_state_dict(parts["net"])
        run.mean.load_state_dict(parts["best"])  # refused here where it is not whole
        run.mean.load_state_dict(parts["mean"])
        _restore(run.optimiser, parts["optimiser"])
        run.dice.set_state(tensors["dice"])
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


def _restore(optimiser: torch.optim.Optimizer, found: dict[str, torch.Tensor]) -> None:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in found.items():
        number, _, part = name.partition(".")
        state.setdefault(int(number), {})[part] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})


def _facts(path: Path) -> dict[str, Any]:
    """The facts in a safetensors file's header."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(min(length, 1 << 24)))
    return dict(json.loads(header["__metadata__"]["facts"]))
