"""Teach a base on several actors: the network that theirs start from, and a sound head.

Both go on from what ships.  A part of every actor's frames and speech is held out; the figures on
them, before and after, are told, and a head that did not gain is not kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save

from dubsync.core.errors import EngineError
from dubsync.core.learning.house_base import TaughtBase
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Actor, Footage
from dubsync.engine.actor import ours
from dubsync.engine.motion.motion_range import JAW, OPENING, WIDTH
from dubsync.engine.network.base_network import TRAINED_SIZE, base_weights
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.av_offset import likeness, sound_offset
from dubsync.engine.sound.head_pairs import tracked_channels, training_pair
from dubsync.engine.sound.known_heads import head_bytes
from dubsync.engine.sound.sound_head import STEPS, Head
from dubsync.engine.sound.train_head import TrainingConfig as HeadConfig
from dubsync.engine.sound.train_head import TrainingPair
from dubsync.engine.sound.train_head import train as train_head
from dubsync.engine.train.schedule import TrainingConfig, train_network
from dubsync.engine.train.training import pairs_of
from dubsync.engine.train.training_pairs import TrainingPairs

#: Side of the crops, pixels: the base that ships was taught at it.
SIZE = 160
#: Training pairs of one actor at most, so that much footage does not drown the others.
MOST = 240
#: A step changes what ships less than one of a training from scratch would.
RATE, HEAD = 8e-4, HeadConfig(150, 1e-3, 16)
#: Share of a recording that is held out, at its end; least seconds of speech that teach a head.
HELD_OUT, LEAST_SPEECH_S = 0.2, 4.0
SEEDS = (0, 1, 2)

Values = NDArray[np.float64]


def teach_base(
    actors: Sequence[tuple[Actor, Sequence[Footage]]],
    *,
    minutes: float,
    steps: int = 0,
    kept: Path | None,
    progress: Progress,
    device: torch.device,
) -> TaughtBase:
    """Implements `core.learning.house_base.TeachBase`."""
    if not actors:
        raise EngineError("a base needs an actor at least", hint="name reels with consented actors")
    clock = time.perf_counter()
    parts = []
    for number, (actor, _) in enumerate(actors):
        progress(Step("training pairs", actor.character, number, len(actors), unit="actors"))
        parts.append(thinned(pairs_of(ours(actor).bank, SIZE, device)[0]))
    key = sha256("/".join(sorted(actor.digest for actor, _ in actors)).encode()).hexdigest()
    left = max(0.0, minutes * 60 - (time.perf_counter() - clock))
    config = TrainingConfig(
        TRAINED_SIZE, left, "base", f"house base/{key}/{minutes}/{steps}", steps=steps,
        start=base_weights(TRAINED_SIZE), rate=RATE,
    )  # fmt: skip
    result = train_network(config, pooled(parts), device=device, kept=kept, progress=progress)
    weights = {
        name: part.half().cpu().contiguous() for name, part in result.network.state_dict().items()
    }
    head, spoken = _taught_head([one for _, footage in actors for one in footage])
    losses = [loss for _, loss in result.curve]
    facts: dict[str, Any] = {
        "actors": len(actors),
        "pairs": sum(len(part.held_out) for part in parts),
        "steps": result.steps,
        "seconds": round(time.perf_counter() - clock, 1),
        "held_out_loss": [round(losses[0], 5), round(min(losses), 5)] if losses else [],
        "speech": spoken,
    }
    return TaughtBase(save(weights), head_bytes(head) if head else b"", facts)


def thinned(pairs: TrainingPairs) -> TrainingPairs:
    """At most MOST of an actor's training pairs, evenly spread."""
    return pairs.thinned(max(1, -(-len(pairs.held_out) // MOST)))


def pooled(parts: Sequence[TrainingPairs]) -> TrainingPairs:
    """All training pairs, padded to one size; each part is sampled equally often."""
    height = max(part.shown.shape[2] for part in parts)
    width = max(part.shown.shape[3] for part in parts)

    def padded(picture: torch.Tensor) -> torch.Tensor:
        room = (0, width - picture.shape[3], 0, height - picture.shape[2])
        return torch.nn.functional.pad(picture, room)

    sampling_weight = [part.sampling_weight / part.sampling_weight.sum() * 100 for part in parts]
    return TrainingPairs(
        torch.cat([padded(part.shown) for part in parts]),
        torch.cat([padded(part.truth) for part in parts]),
        np.concatenate([part.held_out for part in parts]),
        np.concatenate(sampling_weight).astype(np.float32),
        np.concatenate([part.follows for part in parts]),
    )


def _taught_head(footage: Sequence[Footage]) -> tuple[Head | None, dict[str, Any]]:
    """The head that ships, trained further; None where it did not gain on speech held out.

    Also the facts: seconds of speech, correlation of the held-out mouths before and after.
    """
    pairs = [pair for one in footage if (pair := _pair(one)) is not None]
    taught, judged = (
        [_part(pair, 0.0, 1 - HELD_OUT) for pair in pairs],
        [_part(pair, 1 - HELD_OUT, 1.0) for pair in pairs],
    )
    seconds = sum(len(pair.mouth) for pair in taught) / STEPS
    if seconds < LEAST_SPEECH_S:
        return None, {"seconds": round(seconds, 1), "head": "ships"}
    shipped = sound_head.shipped_head()
    seeds = SEEDS[: len(shipped.weights)]
    after = train_head(shipped, taught, HEAD, seeds)
    alike = [_alike(head, judged) for head in (shipped, after)]
    gains = alike[1] > alike[0]
    facts = {
        "seconds": round(seconds, 1),
        "held_out_correlation": [round(value, 3) for value in alike],
        "head": "taught" if gains else "ships",
    }
    return (train_head(shipped, pairs, HEAD, seeds) if gains else None), facts


def _pair(one: Footage) -> TrainingPair | None:
    """A training pair of footage with sound in which somebody speaks; its A/V offset removed."""
    if one.audio is None or len(one.audio.times) != len(one.track.frames):
        return None
    seen = np.asarray(one.track.confidence) > 0
    if not seen.any():
        return None
    late = sound_offset(one.audio, tracked_channels(one.track), seen).seconds
    try:
        return training_pair(one.track, one.audio.features, one.audio.times, late)
    except ValueError:
        return None


def _part(pair: TrainingPair, begin: float, end: float) -> TrainingPair:
    cut = slice(int(begin * len(pair.mouth)), int(end * len(pair.mouth)))
    return TrainingPair(pair.inputs[cut], pair.mouth[cut], pair.seen[cut])


def _alike(head: Head, pairs: Sequence[TrainingPair]) -> float:
    """Mean correlation of opening, width and jaw with the real mouths; each pair by its length."""
    values, lengths = [], []
    for pair in pairs:
        use = pair.seen > 0
        if use.sum() < STEPS:
            continue
        told = head.predict(head.hidden_layers(pair.inputs))
        by_channel = [likeness(told[use, c], pair.mouth[use, c]) for c in (OPENING, WIDTH, JAW)]
        values.append(float(np.mean(by_channel)))
        lengths.append(int(use.sum()))
    return float(np.average(values, weights=lengths)) if values else 0.0
