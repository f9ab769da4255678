"""Teach the voice network: hear made scenes, fit, write the package's weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.hearing.noises import NOISES, walla
from benchmarks.hearing.notes import MUSIC, Samples
from benchmarks.hearing.scenes import pooled, pooled_manners, scene
from benchmarks.phones.lines import read_lines
from dubsync.speech.sound_states import STATES, sound_states
from dubsync.speech.voice_presence import DILATIONS, EVERY, TAPS, WEIGHTS

SHARD = 50  #: scenes per file
PIECES = 16  #: of each kind of music and noise, from which scenes are mixed
LEAST_S = 0.5
KOKORO = 4
WIDTH = 32
STEPS, BATCH, RATE, DECAY = 1500, 24, 3e-3, 1e-2
DROPPED, SHAKEN = 0.25, 0.25  #: share of numbers left out, deviation of the noise on them
MISSED = 1.0  #: weight of a missed voice; a false one weighs 1


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Scenes as the network hears them: states (S, T, 64) and truth (S, T), 50 a second."""

    states: NDArray[np.float16]
    voice: NDArray[np.int8]


def made_lines(folder: Path, *, held_out: bool) -> list[Samples]:
    """Lines of benchmarks.phones under `folder`, by its held-out voices or by the others.

    Kokoro's lines come four times: Pico's, which are cheap, would be nearly all.
    """
    lines = [line for path in sorted(folder.glob("*.npz")) for line in read_lines(path)]
    return [
        np.asarray(line.samples, np.float64)
        for line in lines
        for _ in range(KOKORO if line.timed else 1)
        if line.test == held_out and len(line.samples) > LEAST_S * 16000
    ]


def hear(lines: Sequence[Samples], kept: Path, first: int, count: int) -> None:
    """Hear scenes `first` to `first + count` into files under `kept`; those there stay."""
    kept.mkdir(parents=True, exist_ok=True)
    music = pooled(MUSIC, PIECES)
    noises = pooled({**NOISES, "walla": partial(walla, lines=lines)}, PIECES)
    manners = pooled_manners(4 * PIECES)
    for begin in range(first, first + count, SHARD):
        path = kept / f"{begin:06d}.npz"
        if path.exists():
            continue
        scenes = [
            scene(seed, lines, music=music, noises=noises, manners=manners)
            for seed in range(begin, begin + SHARD)
        ]
        states = [sound_states(s.samples)[::EVERY].astype(np.float16) for s in scenes]
        np.savez(path, states=np.array(states), voice=np.array([s.voice[::EVERY] for s in scenes]))
        print(path.name, flush=True)


def heard(kept: Path) -> Heard:
    files = [np.load(path) for path in sorted(kept.glob("*.npz"))]
    return Heard(
        np.concatenate([f["states"] for f in files]), np.concatenate([f["voice"] for f in files])
    )


class Taught(nn.Module):
    """The network of dubsync/speech/voice_presence.py, in torch."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH if n else STATES, WIDTH, TAPS, dilation=d, padding=TAPS // 2 * d)
            for n, d in enumerate(DILATIONS)
        )
        self.answer = nn.Conv1d(WIDTH, 1, 1)
        self.dropped = nn.Dropout(DROPPED)

    def forward(self, states: Tensor) -> Tensor:
        """(B, T) log odds from (B, 64, T)."""
        held = states
        for n, layer in enumerate(self.layers):
            made = functional.gelu(layer(self.dropped(held)))
            held = held + made if n else made
        answer: Tensor = self.answer(held)[:, 0]
        return answer


def teach(data: Heard, seed: int, steps: int = STEPS) -> Taught:
    """A network fitted to scenes."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    states = torch.from_numpy(data.states.transpose(0, 2, 1).astype(np.float32))
    truth = torch.from_numpy(data.voice.astype(np.float32))
    network = Taught()
    fit = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(fit, RATE, total_steps=steps)
    for step in range(steps):
        some = torch.from_numpy(dice.choice(len(states), BATCH))
        shaken = states[some] + SHAKEN * torch.randn(states[some].shape)
        odds, wanted = network(shaken), truth[some]
        known = (wanted >= 0).float() * (1 + (MISSED - 1) * wanted.clamp(0))
        lost = functional.binary_cross_entropy_with_logits(odds, wanted.clamp(0), reduction="none")
        loss = (lost * known).sum() / known.sum()
        fit.zero_grad()
        loss.backward()
        fit.step()
        schedule.step()
        if step % 250 == 249:
            print(step + 1, round(float(loss.detach()), 4), flush=True)
    return network.eval()


def write(network: Taught, path: Path = WEIGHTS) -> None:
    """Write the weights as the package reads them, in half precision."""
    arrays = dict(_arrays(network))
    save_file(arrays, path)
    print(path.name, path.stat().st_size, sha256(path.read_bytes()).hexdigest())


def _arrays(network: Taught) -> Iterator[tuple[str, NDArray[np.float16]]]:
    for n, layer in enumerate(network.layers):
        weight = layer.weight.detach().numpy().transpose(2, 1, 0)
        yield f"{n}.weight", np.ascontiguousarray(weight, np.float16)
        yield f"{n}.bias", layer.bias.detach().numpy().astype(np.float16)
    yield "answer.weight", network.answer.weight.detach().numpy()[0, :, 0].astype(np.float16)
    yield "answer.bias", network.answer.bias.detach().numpy().astype(np.float16)
