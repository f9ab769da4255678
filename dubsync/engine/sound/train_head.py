"""Training of the sound head, which is the same for every actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.sound.sound_head import (
    BANDS,
    DILATIONS,
    LEAST_PHONE,
    SHAPES,
    STEPS,
    Head,
    named,
)

Values = NDArray[np.float64]

#: What a channel's miss weighs: opening, width and jaw are what is seen.
WEIGHING = tuple(1.0 if name in ("opening", "width", "jaw") else 0.5 for name in CHANNELS)
MOST = 4.0  #: deviations beyond which a mouth is a slip of the tracker
RUN_S = 2.0  #: of speech in each lesson
DECAY = 0.01
LEFT_OUT_HEARD, LEFT_OUT_HELD = 0.1, 0.15  #: shares of numbers dropped while teaching
PACE = 0.12  #: lessons are up to this much faster or slower (natural logarithm)
COLOUR, LOUDER = 0.3, 0.15  #: deviations of what is added to bands: microphones differ
UNHEARD = 0.2  #: share of lessons without phones, and of the rest without bands
WORDED = 0.4  #: share of lessons heard with their text's words, where it is known


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPair:
    """One clip of one person, STEPS a second.

    heard   (N, 86)  see `sound_head.heard_at`
    mouth   (N, 7)   channels in the person's own measure
    seen    (N,)     1 where the mouth is seen, else 0
    worded  (N, 86)  as `heard`, made surer by the words of a text; None where nobody knows it
    """

    heard: Values
    mouth: Values
    seen: Values
    worded: Values | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how hard to teach: steps of `at_once` runs, to a highest rate of `rate`."""

    steps: int
    rate: float
    at_once: int


FROM_NOTHING = Course(300, 3e-3, 16)


def taught_from_nothing(
    lessons: Sequence[TrainingPair], seeds: Sequence[int], course: Course = FROM_NOTHING
) -> Head:
    """A head for anybody, a network a seed."""
    heard = np.concatenate([lesson.heard for lesson in lessons])
    level, spread = heard.mean(axis=0), heard.std(axis=0) + 0.3
    weights = np.stack([_begun(seed) for seed in seeds])
    start = Head(*(np.asarray(v, np.float32) for v in (level, spread, weights)))
    return taught(start, lessons, course, seeds)


def taught(
    head: Head, lessons: Sequence[TrainingPair], course: Course, seeds: Sequence[int]
) -> Head:
    """`head` after more lessons, network by network; the same seeds give the same bits.

    Adam with decoupled decay, one cycle of its rate (Loshchilov, Hutter 2019; Smith, Topin 2018),
    on the squared miss of each channel.
    """
    guises = tuple(
        [TrainingPair(head.unit(h), np.clip(one.mouth, -MOST, MOST), one.seen) for h, one in pairs]
        for pairs in (
            [(one.heard, one) for one in lessons],
            [(without_phones(one.heard), one) for one in lessons],
            [(one.heard if one.worded is None else one.worded, one) for one in lessons],
        )
    )
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in another order would be other bits
    try:
        made = [
            _taught(weights, guises, course, seed)
            for weights, seed in zip(head.weights, seeds, strict=True)
        ]
    finally:
        torch.set_num_threads(threads)
    return Head(head.level, head.spread, np.stack(made))


def _begun(seed: int) -> Array:
    """Weights to begin with: deviation by the number of inputs, and the later layers weaker."""
    rng = np.random.default_rng(seed)
    parts = []
    for name, shape in SHAPES.items():
        size = 0.0 if name.endswith("bias") else (int(np.prod(shape[:-1])) * 3) ** -0.5
        size *= {"narrow": 0.5, "last": 0.3}.get(name.rstrip("0123456789"), 1.0)
        parts.append(rng.uniform(-1, 1, int(np.prod(shape))) * size)
    return np.asarray(np.concatenate(parts), np.float32)


def _taught(
    weights: Array, guises: tuple[Sequence[TrainingPair], ...], course: Course, seed: int
) -> Array:
    """One network after its lessons; guises: as they sound, without phones, with their words."""
    rng = np.random.default_rng(seed)
    dropping = torch.Generator().manual_seed(seed)
    held = {
        name: torch.tensor(part.copy(), requires_grad=True)
        for name, part in named(np.asarray(weights)).items()
    }
    taught_by = torch.optim.AdamW(held.values(), course.rate, weight_decay=DECAY)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        taught_by, course.rate, total_steps=course.steps, pct_start=0.15
    )
    weighing = torch.tensor(WEIGHING)
    often = np.array([len(lesson.heard) for lesson in guises[0]], np.float64) ** 0.7
    for _ in range(course.steps):
        drawn = rng.choice(len(often), course.at_once, p=often / often.sum())
        guise = rng.choice(3, course.at_once, p=(1 - UNHEARD - WORDED, UNHEARD, WORDED))
        heard, mouth, seen = (
            torch.from_numpy(np.stack(part).astype(np.float32))
            for part in zip(
                *(_run(guises[g][n], rng, g == 1) for n, g in zip(drawn, guise, strict=True)),
                strict=True,
            )
        )
        miss = (_forward(heard, held, dropping) - mouth).square() * weighing
        loss = (miss * seen[..., None]).sum() / (seen.sum() + 1) / len(CHANNELS)
        taught_by.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(held.values(), 1.0)
        taught_by.step()
        pace.step()
    return np.concatenate([part.detach().numpy().ravel() for part in held.values()])


def without_phones(heard: Values) -> Values:
    """(N, 86) what `sound_head.heard_at` gives for a AudioFeatures.of_level."""
    spoken = np.clip(heard[:, BANDS + 1] / 2, 0, 1)[:, None]
    others = heard.shape[1] - BANDS - 4
    phones = np.concatenate([1 - spoken, np.repeat(spoken / others, others, axis=1)], axis=1)
    closure = np.zeros_like(spoken)
    return np.concatenate(
        [heard[:, : BANDS + 2], closure, np.log(phones + LEAST_PHONE) / 3], axis=1
    )


def _run(
    lesson: TrainingPair, rng: np.random.Generator, unphoned: bool
) -> tuple[Values, Values, Values]:
    """A run of the lesson at another pace, through another microphone."""
    count = round(RUN_S * STEPS)
    speed = float(np.exp(rng.uniform(-PACE, PACE)))
    length = min(int(count * speed) + 2, len(lesson.heard))
    first = int(rng.integers(0, len(lesson.heard) - length + 1))
    at = np.minimum(np.arange(count) * speed, length - 1)
    low = at.astype(np.intp)
    high, share = np.minimum(low + 1, length - 1), (at - low)[:, None]
    cut = slice(first, first + length)
    heard, mouth = (
        part[cut][low] * (1 - share) + part[cut][high] * share
        for part in (lesson.heard, lesson.mouth)
    )
    seen = lesson.seen[cut][low] * lesson.seen[cut][high] * (np.arange(count) * speed < length - 1)
    keyframes = rng.normal(0, COLOUR, 5)
    colour = np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 5), keyframes)
    heard[:, :BANDS] += colour + rng.normal(0, LOUDER)
    if not unphoned and rng.random() < UNHEARD:
        heard[:, :BANDS] = 0
    return heard, mouth, seen


def _forward(heard: Tensor, held: dict[str, Tensor], dropping: torch.Generator) -> Tensor:
    """(B, T, 7) for (B, T, 86): as `sound_head` answers, with numbers left out."""
    now = _dropped(heard, LEFT_OUT_HEARD, dropping) @ held["first"] + held["first bias"]
    for n, dilation in enumerate(DILATIONS):
        inner = functional.conv1d(
            now.transpose(1, 2),
            held[f"wide{n}"].permute(2, 1, 0),
            held[f"wide{n} bias"],
            padding=dilation,
            dilation=dilation,
        ).transpose(1, 2)
        add = torch.relu(inner) @ held[f"narrow{n}"] + held[f"narrow{n} bias"]
        now = now + _dropped(add, LEFT_OUT_HELD, dropping)
    return torch.relu(now) @ held["last"] + held["last bias"]


def _dropped(values: Tensor, share: float, dropping: torch.Generator) -> Tensor:
    kept = torch.rand(values.shape, generator=dropping) >= share
    return values * kept / (1 - share)
