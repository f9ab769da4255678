"""Train the phone network: first on the voices' durations, then on its own alignment."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save, save_file
from safetensors.torch import load_model, save_model
from scipy.ndimage import binary_opening
from torch import Tensor, nn

from benchmarks.phones.lines import Line, aligned, first_labels
from benchmarks.phones.scenes import TAKES, Take, all_takes, scene
from dubsync.core.digest import file_digest
from dubsync.core.sound.phones import PHONES
from dubsync.speech.phones import (
    AT_ONCE,
    DILATIONS,
    Network,
    network_of,
    normalised,
    recognise_phones,
)

BANDS = 40
CODE = 64  #: numbers from which the phones of a reading are told
WIDTH = 160
SCENES = 5  #: batch size
RATE, DECAY = 2.5e-3, 1e-2
WARMING = 0.05  #: share of the time for warming up the learning rate
SMOOTH = 0.05  #: label smoothing
AVERAGED = 0.995  #: decay of the running average of the weights
TRAINABLE = ".trainable"  #: suffix of weights that training can continue from
PAUSE_DB, PAUSE_S = 42.0, 0.15  #: level re loud speech, and duration: longer than any stop's hold
REPORT_S = 60.0  #: interval of progress reports


class Listener(nn.Module):
    """The trainable form of the network in `speech.phones`."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.first = nn.Conv1d(AT_ONCE * BANDS, width, 3, padding=1)
        self.wide = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(width, width, 3, padding=d, dilation=d, bias=False),
                nn.BatchNorm1d(width, momentum=0.03),
            )
            for d in DILATIONS
        )
        self.narrow = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in DILATIONS)
        self.code = nn.Conv1d(width, AT_ONCE * CODE, 1)
        self.phones = nn.Linear(CODE, len(PHONES))
        self.drop = nn.Dropout(0.05)

    def forward(self, inputs: Tensor) -> Tensor:
        """(S, N, P) scores of (S, N, 40) normalised readings, N even."""
        scenes, count, _ = inputs.shape
        held = self.first(inputs.reshape(scenes, count // AT_ONCE, -1).transpose(1, 2))
        for wide, narrow in zip(self.wide, self.narrow, strict=True):
            held = held + self.drop(narrow(torch.relu(wide(held))))
        code = torch.tanh(self.code(held)).transpose(1, 2).reshape(scenes, count, CODE)
        return self.phones(code)


def weights_of(listener: Listener, usual: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays for `speech.phones.network_of`; batch normalisation is folded into weights."""
    out = {"usual": usual, "first.bias": listener.first.bias}
    out["first.weight"] = listener.first.weight.permute(2, 1, 0)
    for n, (wide, narrow) in enumerate(zip(listener.wide, listener.narrow, strict=True)):
        taps, norm = wide[0].weight, wide[1]
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        out[f"{n}.wide.weight"] = (taps * scale[:, None, None]).permute(2, 1, 0)
        out[f"{n}.wide.bias"] = norm.bias - norm.running_mean * scale
        out[f"{n}.narrow.weight"] = narrow.weight[:, :, 0].T
        out[f"{n}.narrow.bias"] = narrow.bias
    out["code.weight"], out["code.bias"] = listener.code.weight[:, :, 0].T, listener.code.bias
    out["phones.weight"], out["phones.bias"] = listener.phones.weight.T, listener.phones.bias
    return {name: np.ascontiguousarray(_array(value), np.float16) for name, value in out.items()}


def _array(value: Tensor | np.ndarray) -> np.ndarray:
    return value if isinstance(value, np.ndarray) else value.detach().numpy()


def network_from(listener: Listener, usual: np.ndarray) -> Network:
    return network_of(save(weights_of(listener, usual)))


def usual_colour(takes: Sequence[Take]) -> np.ndarray:
    """(40,) mean logarithm of the bands over speech, with loud speech at 0 dB."""
    none = np.zeros(BANDS)
    sums, count = np.zeros(BANDS), 0.0
    for take in takes[:: TAKES * 3]:
        level = 10 * np.log10(take.mel.sum(axis=1) + 1e-10)
        loud = np.percentile(level, 95)
        logs = np.log(take.mel / 10 ** (loud / 10) + 1e-5)
        spoken = level > loud - 20
        sums, count = sums + logs[spoken].sum(axis=0), count + spoken.sum()
    return (none + sums / max(count, 1)).astype(np.float32)


def labels_from_durations(lines: Sequence[Line], takes: Sequence[Take]) -> list[np.ndarray]:
    """Labels of each line from its voice's durations."""
    return [
        with_pauses(first_labels(line, len(take.mel)), take.mel)
        for line, take in zip(lines, takes[::TAKES], strict=True)
    ]


def labels_from_network(
    lines: Sequence[Line], takes: Sequence[Take], network: Network
) -> list[np.ndarray]:
    """Labels of each line from a network's alignment."""
    out = []
    for line, take in zip(lines, takes[::TAKES], strict=True):
        chances = recognise_phones(take.mel, network)
        out.append(with_pauses(aligned(line, np.log(chances + 1e-5)), take.mel))
    return out


def with_pauses(labels: np.ndarray, mel: np.ndarray) -> np.ndarray:
    """The labels of a clean line, with a pause wherever it is silent for PAUSE_S."""
    level = 10 * np.log10(mel.sum(axis=1) + 1e-10)
    still = level < np.percentile(level, 95) - PAUSE_DB
    least = round(PAUSE_S * 100)
    still = binary_opening(still, np.ones(least, bool))
    return np.where(still, 0, labels)


def train(
    listener: Listener,
    takes: Sequence[Take],
    labels: Sequence[np.ndarray],
    usual: np.ndarray,
    seconds: float,
    seed: int,
    highest: float = RATE,
) -> Listener:
    """The running average of the weights after `seconds` of training."""
    chance = np.random.default_rng(seed)
    torch.manual_seed(seed)
    average = copy.deepcopy(listener)
    optimiser = torch.optim.AdamW(listener.parameters(), highest, weight_decay=DECAY)
    listener.train()
    begun = reported = time.monotonic()
    losses, right, step = [], [], 0
    while (passed := (time.monotonic() - begun) / seconds) < 1:
        rate = min(passed / WARMING, 1) * 0.5 * (1 + np.cos(np.pi * passed)) * highest
        for group in optimiser.param_groups:
            group["lr"] = max(rate, highest / 100)
        inputs, targets = _batch(takes, labels, usual, chance)
        scores = listener(inputs)
        loss = nn.functional.cross_entropy(
            scores.flatten(0, 1), targets.flatten(), ignore_index=-1, label_smoothing=SMOOTH
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(listener.parameters(), 1.0)
        optimiser.step()
        step += 1
        _follow(average, listener, min(AVERAGED, 1 - 1 / step))
        known = targets >= 0
        losses.append(float(loss.detach()))
        right.append(float((scores.argmax(-1) == targets)[known].float().mean()))
        if time.monotonic() - reported > REPORT_S:
            reported = time.monotonic()
            print(
                f"{reported - begun:5.0f} s  {step} steps  loss {np.mean(losses):.3f}"
                f"  right {np.mean(right):.3f}",
                flush=True,
            )
            losses, right = [], []
    return average.eval()


def _follow(average: Listener, listener: Listener, keep: float) -> None:
    with torch.no_grad():
        held = listener.state_dict()
        for name, value in average.state_dict().items():
            if value.dtype.is_floating_point:
                value.lerp_(held[name], 1 - keep)


def _batch(
    takes: Sequence[Take],
    labels: Sequence[np.ndarray],
    usual: np.ndarray,
    chance: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    scenes = [scene(takes, labels, chance) for _ in range(SCENES)]
    inputs = np.stack([normalised(mel, usual) for mel, _ in scenes])
    for one in inputs:
        if chance.random() < 0.3:  # mask some bands
            band = int(chance.integers(0, 36))
            one[:, band : band + int(chance.integers(2, 8))] = 0
        if chance.random() < 0.3:  # mask some readings
            at = int(chance.integers(0, len(one) - 12))
            one[at : at + int(chance.integers(3, 10))] = 0
    return torch.from_numpy(inputs), torch.from_numpy(np.stack([labels for _, labels in scenes]))


def train_all(
    work: Path, out: Path, minutes: float, rounds: int, start: Path | None, seed: int
) -> None:
    """Train on the speech under `work`, aligning the phones again after each round.

    Args:
        out: weights for the package; a trainable copy is written beside it.
        rounds: number of rounds, which share the time.
        start: trainable weights to continue from.
    """
    torch.set_num_threads(1)
    lines, takes = all_takes(work / "speech", work / "heard")
    print(
        f"{len(lines)} lines, {sum(len(line.samples) for line in lines) / 16000:.0f} s", flush=True
    )
    usual = usual_colour(takes)
    listener = Listener()
    training = [take for n, take in enumerate(takes) if _is_trained_on(lines[take.line], n % TAKES)]
    labels = labels_from_durations(lines, takes)
    if start is not None:
        load_model(listener, start)
        listener.eval()
        labels = labels_from_network(lines, takes, network_from(listener, usual))
    for turn in range(rounds):
        highest = RATE if start is None and turn == 0 else RATE * 0.6
        share = minutes * 60 / rounds
        known = [take for take in training if (labels[take.line] >= 0).any()]
        listener = train(listener, known, labels, usual, share, seed + turn, highest)
        network = network_from(listener, usual)
        labels = labels_from_network(lines, takes, network)
        save_model(listener, out.with_suffix(TRAINABLE))
        save_file(weights_of(listener, usual), out)
        print(f"round {turn + 1}: held-out voices {right(lines, takes, labels, network):.3f}")
    print(f"sha256 for speech/phones.py and its card: {file_digest(out)}")


def blend(networks: Sequence[Path], out: Path) -> None:
    """Write the mean of networks of which each was trained from the one before.

    Source: Wortsman 2022, "Robust fine-tuning of zero-shot models", section 3: weights between
    those before and after more training are less overconfident on other sounds.
    """
    kept = [load_file(path) for path in networks]
    mean = {
        name: np.mean([one[name].astype(np.float32) for one in kept], axis=0).astype(part.dtype)
        for name, part in kept[0].items()
    }
    save_file(mean, out)
    print(f"sha256 for speech/phones.py and its card: {file_digest(out)}")


def _is_trained_on(line: Line, turn: int) -> bool:
    """Whether a take is used: none of held-out voices, and one of each line without times."""
    return not line.test and (line.timed or turn == 1)


def right(
    lines: Sequence[Line], takes: Sequence[Take], labels: Sequence[np.ndarray], network: Network
) -> float:
    """Share of held-out voices' frames whose phone is the likeliest."""
    hits = count = 0
    for line, take, truth in zip(lines, takes[::TAKES], labels, strict=True):
        if line.test:
            chances = recognise_phones(take.mel, network)
            known = truth >= 0
            hits += int((chances.argmax(axis=1) == truth)[known].sum())
            count += int(known.sum())
    return hits / max(count, 1)
