"""Faces drawn at a crop: the whole of it, the network alone, and on the device against the CPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.gpu.footage import CloseUp, close_ups
from benchmarks.gpu.peaks import each_s
from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.core.steps import Patch
from dubsync.engine import actor as actors
from dubsync.engine.actor import LearntActor
from dubsync.engine.device import in_precision, settled
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.motion.fit import fit
from dubsync.engine.network.learned_renderer import LearnedRenderer
from dubsync.engine.network.mouth_net import INPUT_CHANNELS, TOGETHER, MouthNet, size_for
from dubsync.engine.render.renderer import NETWORK_FRAMES, FaceRenderer, prepare
from dubsync.engine.train import training

CPU = torch.device("cpu")
EXEMPLARS = 24
#: Deviation of the last weights of an untrained network, so that it changes the picture.
CHANGES = 0.3
#: Steps of drawing that are timed one by one: whose they are, and their names.
STEPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Layers, ("sheet", "exemplar", "fit", "patch")),
    (LearnedRenderer, ("begin", "finish_all", "end")),
    (FaceRenderer, ("_refined", "_unoccluded")),
)


def network_row(px: int, device: torch.device, half: bool, peak: dict[str, Any]) -> dict[str, Any]:
    """The network alone on whole crops: more than the part of the face that it really draws."""
    network = MouthNet(size_for(px)).eval().to(device)
    side = -(-px // network.step) * network.step
    count = 1 if device.type == "cpu" else max(1, TOGETHER // side**2)
    shown = torch.zeros(count, INPUT_CHANNELS, side, side, device=device)
    if device.type == "cuda":
        shown = shown.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode(), in_precision(device, half):
        with FlopCounterMode(display=False) as counter:
            network(shown)
        seconds = each_s(lambda: network(shown), device) / count
    flops, moved = counter.get_total_flops() / count, _bytes(network, shown, half) / count
    kind = "bfloat16" if half else "float32"
    return {
        "crop_px": px, "network": network.size, "precision": kind, "together": count,
        "frames_a_second": round(1 / seconds, 1), "gflop": round(flops / 1e9, 1),
        "of_peak_flops": round(flops / seconds / peak[kind], 3),
        "of_peak_bytes": round(moved / seconds / peak["bytes"], 3),
    }  # fmt: skip


def _bytes(network: MouthNet, shown: torch.Tensor, half: bool) -> float:
    """Bytes that the convolutions read and write at least: inputs, outputs and weights."""
    total = 0

    def count(layer: nn.Module, given: tuple[torch.Tensor, ...], made: torch.Tensor) -> None:
        nonlocal total
        weights = sum(part.numel() for part in layer.parameters())
        total += (given[0].numel() + made.numel() + weights) * (2 if half else 4)

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.inference_mode():
        network(shown)
    for hook in hooks:
        hook.remove()
    return float(total)


@cache
def actor_at(px: int, frames: int) -> tuple[LearntActor, CloseUp]:
    """An actor with a network that changes the picture, and the close-up it is drawn on."""
    plate = close_ups(px, frames=frames)[0]
    learnt = actors.learn(
        "x", [plate.footage()], most=EXEMPLARS, widest_px=px, refined=True, progress=silent
    )
    learnt = training.train(
        learnt, minutes=1, size=px, steps=1, kept=None, progress=silent, device=CPU
    )
    network = MouthNet(size_for(px)).eval()
    with torch.no_grad():
        network.answer.weight.normal_(0, CHANGES, generator=torch.Generator().manual_seed(7))
    if learnt.renderer is None:
        raise RuntimeError("the actor was not trained")
    return replace(learnt, renderer=replace(learnt.renderer, network=network)), plate


def renderer_of(
    actor: LearntActor, track: FaceTrack, device: torch.device, half: bool
) -> FaceRenderer:
    """A renderer that says the plate's own words three frames later."""
    if actor.renderer is None or actor.renderer.network is None:
        raise RuntimeError("no network to draw with")
    network = MouthNet.from_arrays(actor.renderer.network.arrays())  # it moves to the device
    actor = replace(actor, renderer=replace(actor.renderer, network=network))
    motion = fit(track, actor.model)
    moved = replace(motion, mouth=np.roll(motion.mouth, 3, axis=0))
    weight = np.ones(len(track.frames), np.float32)
    return prepare(
        actor, track, motion, moved, weight, renderer="actor", device=device, half=half
    )  # fmt: skip


def drawing_row(
    px: int, device: torch.device, half: bool, seconds: float, frames: int
) -> dict[str, Any]:
    """Frames a second of drawing whole faces in order, decoded beforehand; ms of each step."""
    actor, plate = actor_at(px, frames)
    span = plate.track.frames
    shown = list(plate.frames(range(span.start, min(span.stop, span.start + frames))))
    draw = renderer_of(actor, plate.track, device, half)
    draw(shown[: max(1, len(shown) // 4)])  # exemplars are chosen and brought to the device
    settled(device)
    done, began, busy = 0, time.perf_counter(), time.thread_time()
    with _timed(device) as spent:
        while not done or time.perf_counter() - began < seconds:
            part = shown[done % len(shown) :][:NETWORK_FRAMES]
            draw(part)
            done += len(part)
    settled(device)
    took, busy = time.perf_counter() - began, time.thread_time() - busy
    return {
        "crop_px": px, "frames": done, "frames_a_second": round(done / took, 2),
        "cpu_ms_a_frame": round(1000 * busy / done, 1),
        "ms_a_frame": {name: round(1000 * s / done, 2) for name, s in spent.items()},
    }  # fmt: skip


@contextmanager
def _timed(device: torch.device) -> Iterator[dict[str, float]]:
    """Seconds of each of STEPS while it is open; those within one another count twice.

    By the clock on a GPU, where a step waits for it; on a CPU those of this thread alone.
    """
    clock = time.thread_time if device.type == "cpu" else time.perf_counter
    spent: dict[str, float] = {}
    before = [(owner, name, getattr(owner, name)) for owner, names in STEPS for name in names]

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **more: Any) -> Any:
            began = clock()
            result = call(*args, **more)
            spent[name] = spent.get(name, 0.0) + clock() - began
            return result

        return run

    for owner, name, call in before:
        setattr(owner, name, counted(name.strip("_"), call))
    try:
        yield spent
    finally:
        for owner, name, call in before:
            setattr(owner, name, call)


def difference_rows(
    px: int, device: torch.device, frames: int, judged: int
) -> list[dict[str, Any]]:
    """What the device draws against a CPU in float32, in codes of 8 bits inside the matte."""
    actor, plate = actor_at(px, frames)
    shown = list(plate.frames(plate.track.frames.start + n for n in range(judged)))
    truth = _drawn(actor, plate, shown, CPU, False)
    rows = []
    for where, half in ((device, False), (device, True), (CPU, True)):
        if (where, half) == (CPU, False) or (where == CPU and half and device == CPU and rows):
            continue
        apart = [
            np.abs(a.rgb - b.rgb)[a.matte > 0] * 255
            for a, b in zip(truth, _drawn(actor, plate, shown, where, half), strict=True)
        ]
        codes = np.concatenate([one.ravel() for one in apart])
        rows.append({
            "crop_px": px, "device": where.type, "precision": "bfloat16" if half else "float32",
            "frames": judged, "most": round(float(codes.max()), 3),
            "p99_9": round(float(np.percentile(codes, 99.9)), 3),
            "mean": round(float(codes.mean()), 4),
        })  # fmt: skip
    return rows


def _drawn(
    actor: LearntActor, plate: CloseUp, shown: list[Any], device: torch.device, half: bool
) -> list[Patch]:
    drawn = renderer_of(actor, plate.track, device, half)(shown)
    return [patch for patch in drawn if patch is not None]
