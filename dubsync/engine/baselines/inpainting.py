"""Baseline: a plain U-Net that inpaints the mouth into an erased plate.

The usual open design: the plate with the mouth erased, the mask, one reference frame of the
actor, and an outline of the target lips and jaw go in; the picture comes out.  Trained for one
person, on the same frames and for the same time as our own renderer.
Source: after Prajwal, Mukhopadhyay, Namboodiri, Jawahar 2020, "A Lip Sync Expert Is All You Need
for Speech to Lip Generation In the Wild" (Wav2Lip), and Ronneberger, Fischer, Brox 2015, "U-Net".
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError, ModelError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Actor, Engine, HeldOut, Patch, Renderer, RendererName
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.baselines.unet import Crop, UNet, padded, whole
from dubsync.engine.compositing.matte import borders
from dubsync.engine.exemplars.bank import Bank
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.motion.fit import moved_landmarks
from dubsync.engine.train.make_pairs import unit_within

BATCH, RATE, WARM_STEPS, DECAY, SEED = 4, 2.5e-3, 20, 0.995, 0
#: A reference is at least this far from the frame it helps to paint, seconds.
APART_S = 1.0
WIDEST_PX = 512


@dataclass(frozen=True, slots=True, eq=False)
class UNetActor:
    """`learnt` with its U-Net.  Implements `core.steps.Actor`.

    unit       eye distance that the network was trained at, pixels
    reference  index of the reference exemplar
    """

    learnt: LearntActor
    net: UNet
    unit: float
    reference: int
    training: Mapping[str, Any]

    @property
    def character(self) -> str:
        return self.learnt.character

    @property
    def basis(self) -> str:
        return self.learnt.basis

    @property
    def digest(self) -> str:
        return self.learnt.digest

    @property
    def held_out(self) -> Mapping[str, Mapping[RendererName, HeldOut]]:
        return {}


def build_unet(settings: EngineSettings) -> Engine:
    """`dubsync.engine:build_held_out` with a U-Net renderer; call `train` before `prepare`."""
    from dubsync.engine import build_held_out
    from dubsync.engine.device import chosen_device

    engine = build_held_out(settings)
    device = chosen_device(settings.device)
    return replace(
        engine,
        version="unet-1",
        train=partial(train, device=device),
        fit=lambda track, actor: engine.fit(track, _trained(actor).learnt),
        prepare=partial(prepare, device=device),
    )


def train(
    actor: Actor,
    *,
    minutes: float,
    size: int,
    kept: Path | None,
    progress: Progress,
    device: torch.device,
) -> UNetActor:
    """Implements `core.steps.Train`; `kept` is not used."""
    began, learnt = time.monotonic(), ours(actor)
    bank, total = learnt.bank, max(minutes * 60, 1e-3)
    unit = unit_within(bank, size or WIDEST_PX)
    crops = _crops(bank, unit)
    chance = np.random.default_rng(SEED)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        net = UNet().to(device)
    mean = {name: value.clone() for name, value in net.state_dict().items()}
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-4)
    steps, share = 0, 0.0
    while steps == 0 or share < 1:
        rate = RATE * min(1.0, (steps + 1) / WARM_STEPS) * (1 + math.cos(math.pi * share)) / 2
        for group in optimizer.param_groups:
            group["lr"] = rate
        seen, truth, mask = (x.to(device) for x in _batch(bank, crops, chance))
        loss = ((net(seen) - truth).abs() * mask).sum() / (3 * mask.sum())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        steps += 1
        _follow(mean, net, min(DECAY, (1 + steps) / (10 + steps)))
        share = min(1.0, (time.monotonic() - began) / total)
        progress(Step("train", learnt.character, round(100 * share), 100, unit=""))
    net.load_state_dict(mean)
    features = bank.pose.features
    usual = int(((features - features.mean(axis=0)) ** 2).sum(axis=1).argmin())
    facts = {"steps": steps, "loss": float(loss.detach()), "unit_px": unit}
    return UNetActor(learnt, net.eval(), unit, usual, facts)


def prepare(
    actor: Actor,
    track: FaceTrack,
    original: MotionTrack,
    corrected: MotionTrack,
    weight: Array,
    *,
    renderer: RendererName = "warp",
    device: torch.device,
) -> Renderer:
    """Implements `core.steps.Prepare`; it has a single renderer and ignores `renderer`."""
    trained = _trained(actor)
    wanted = moved_landmarks(track, original, corrected, trained.learnt.model)
    edges = (borders(track.landmarks), borders(wanted))
    layers = Layers(device, keep_skin=False)
    bank = trained.learnt.bank
    picture = bank.pictures[trained.reference].astype(np.float32)
    points = bank.points[trained.reference]

    def draw(frame: Frame) -> Patch | None:
        t = frame.number - track.frames.start
        if weight[t] <= 0 or track.confidence[t] <= 0:
            return None
        edge = (edges[0][t], edges[1][t])
        sheet = layers.sheet(frame, track.landmarks[t], wanted[t], edge, 1.0)
        if sheet is None:
            return None
        crop = Crop.of(sheet, trained.unit)
        height, width = crop.mask.shape
        seen = padded(crop.net_input(picture, points), whole(height), whole(width))
        with torch.inference_mode():
            made = trained.net(torch.from_numpy(seen)[None].to(device))[0, :, :height, :width]
        drawn = np.ascontiguousarray(made.permute(1, 2, 0).cpu().numpy())
        if drawn.shape != sheet.plate.shape:
            full = (sheet.region.width, sheet.region.height)
            drawn = cv2.resize(drawn, full, interpolation=cv2.INTER_CUBIC)
        return Patch(sheet.region, np.asarray(drawn, np.float32), sheet.matte)

    def render(frames: Sequence[Frame]) -> list[Patch | None]:
        return [draw(frame) for frame in frames]

    return render


def _trained(actor: Actor) -> UNetActor:
    if not isinstance(actor, UNetActor):
        raise ModelError(f"{actor.character} has no U-Net", hint="train it first")
    return actor


def _crops(bank: Bank, unit: float) -> dict[int, Crop]:
    """By exemplar; those whose face lies outside the picture are left out."""
    layers = Layers(torch.device("cpu"), keep_skin=False)
    crops = {}
    for n, (picture, points) in enumerate(zip(bank.pictures, bank.points, strict=True)):
        sheet = layers.sheet_of_exemplar(picture, points)
        if sheet is not None:
            crops[n] = Crop.of(sheet, unit)
    if not crops:
        raise EngineError("no exemplar shows enough of the face to train on")
    return crops


def _batch(
    bank: Bank, crops: Mapping[int, Crop], chance: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The network's input, the truth, and the mask of the loss; (BATCH, c, h, w) each."""
    chosen = [list(crops)[n] for n in chance.integers(len(crops), size=BATCH)]
    height = whole(max(crop.mask.shape[0] for crop in crops.values()))
    width = whole(max(crop.mask.shape[1] for crop in crops.values()))
    rows = []
    for n in chosen:
        other, crop = int(chance.choice(_others(bank, n))), crops[n]
        seen = crop.net_input(bank.pictures[other].astype(np.float32), bank.points[other])
        mask = crop.mask[None].astype(np.float32)
        truth = crop.plate.transpose(2, 0, 1)
        rows.append([padded(part, height, width) for part in (seen, truth, mask)])
    parts = [torch.from_numpy(np.stack(part)) for part in zip(*rows, strict=True)]
    return parts[0], parts[1], parts[2]


def _others(bank: Bank, n: int) -> NDArray[np.intp]:
    """Exemplars far from exemplar `n` in time; otherwise any other; otherwise itself."""
    same = np.array(bank.plates) == bank.plates[n]
    far = np.flatnonzero(~same | (np.abs(bank.seconds - bank.seconds[n]) >= APART_S))
    if not len(far):
        far = np.delete(np.arange(len(bank)), n)
    return far if len(far) else np.array([n])


def _follow(mean: Mapping[str, torch.Tensor], net: nn.Module, decay: float) -> None:
    """Update the running mean of the network's weights."""
    for name, value in net.state_dict().items():
        mean[name].lerp_(value, 1 - decay)
