"""Teach the occluder network on faces with things pasted before them.

    python -m benchmarks.occluders.teach OUT.safetensors [--seconds N]

Only faces of ../shared that its SOURCES.md marks public domain are used (faces.py).
"""

from __future__ import annotations

from pathlib import Path
from time import process_time

import click
import cv2
import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional

from benchmarks.occluders.faces import Face, teaching_faces
from benchmarks.occluders.paste import Paster
from dubsync.core.arrays import Array
from dubsync.engine.geometry.mesh import FACE_OVAL, OUTER_LIPS
from dubsync.engine.occlusion.occluder_net import NET_PX, OccluderNet, guide, net_input

SHARED = Path(__file__).parents[3] / "shared"
N, BATCH, RATE, REPORT_EVERY = NET_PX, 12, 3e-3, 100
#: Share of the pictures with something in front; of these, with two things.
COVERED, TWO = 0.55, 0.2


@click.command()
@click.argument("out", type=Path)
@click.option("--seconds", default=600.0, help="Processor time to teach for.")
@click.option("--seed", default=7)
def main(out: Path, seconds: float, seed: int) -> None:
    """Teach, report the loss, and write the weights (float16)."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    faces = teaching_faces(SHARED)
    click.echo(f"{len(faces)} faces")
    net = OccluderNet().train()
    teach(net, faces, random, seconds, out)


def teach(
    net: OccluderNet, faces: list[Face], random: np.random.Generator, seconds: float, out: Path
) -> None:
    """Train `net` for so many seconds of processor time."""
    paster, losses = Paster(random, faces), []
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-4)
    began, step = process_time(), 0
    while (done := (process_time() - began) / seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, step / 50) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        batch = [example(random, paster, faces) for _ in range(BATCH)]
        x, matte, counted = (torch.from_numpy(np.stack(part)) for part in zip(*batch, strict=True))
        loss = _loss(net(x), matte, counted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        losses.append(float(loss.detach()))
        if step % REPORT_EVERY == 0:
            click.echo(f"{step} {np.mean(losses[-REPORT_EVERY:]):.3f} {done:.0%}")
            write(net, out)
    write(net, out)


def write(net: OccluderNet, out: Path) -> None:
    """Write the weights as float16."""
    arrays = {name: np.asarray(value.detach().numpy(), np.float16)
              for name, value in net.state_dict().items() if "num_batches" not in name}  # fmt: skip
    save_file(arrays, out)


def _loss(logits: torch.Tensor, matte: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Cross-entropy and Dice, over the face and a little round it."""
    each = functional.binary_cross_entropy_with_logits(logits, matte, reduction="none")
    share = torch.sigmoid(logits) * counted
    both = (share * matte).sum((1, 2))
    dice = 1 - (2 * both + 20) / (share.sum((1, 2)) + (matte * counted).sum((1, 2)) + 20)
    return (each * counted).sum() / counted.sum() + 0.5 * dice.mean()


def example(
    random: np.random.Generator, paster: Paster, faces: list[Face]
) -> tuple[Array, Array, Array]:
    """The network's input, the matte, and where it counts."""
    picture, points = varied(random, paster, *faces[random.integers(len(faces))])
    matte = np.zeros((N, N), np.float32)
    if random.random() < COVERED:
        for _ in range(1 + (random.random() < TWO)):
            picture, pasted = paster.paste(picture)
            matte = np.maximum(matte, pasted)
    picture, points, matte = _moved(random, picture, points, matte)
    points = points + random.normal(0, random.uniform(0, 1.2) * (1 + matte.max()), 2)
    counted = cv2.dilate((guide(points) > 0.2).astype(np.uint8), np.ones((9, 9)))
    x = net_input(_filmed(random, picture), np.asarray(points, np.float32))
    return x, matte, counted.astype(np.float32)


def varied(
    random: np.random.Generator, paster: Paster, picture: Array, points: Array
) -> tuple[Array, Array]:
    """The face as another person's: mirrored, of other skin, before other things, with a beard."""
    if random.random() < 0.5:
        picture, points = picture[:, ::-1].copy(), points * (-1, 1) + (N, 0)
    oval = cv2.convexHull(points[FACE_OVAL].astype(np.float32))[:, 0]
    inside = np.zeros((N, N), np.float32)
    cv2.fillPoly(inside, [np.rint(oval).astype(np.int32)], 1.0)
    if random.random() < 0.7:  # other skin: a power and a gain of each channel
        power = random.uniform(0.6, 1.7) * random.uniform(0.9, 1.12, 3)
        picture = np.clip(picture, 1e-3, 1) ** power * random.uniform(0.75, 1.3)
    if random.random() < 0.4:
        near = cv2.dilate(inside, np.ones((15, 15)))
        near[60:, 30:66] = 1
        kept = cv2.GaussianBlur(near, (0, 0), 2)[..., None]
        picture = picture * kept + np.clip(paster.texture(), 0, 1) * (1 - kept)
    if random.random() < 0.2:
        picture = _bearded(random, picture, points, inside)
    return np.asarray(np.clip(picture, 0, 1), np.float32), points


def _bearded(random: np.random.Generator, picture: Array, points: Array, inside: Array) -> Array:
    rows = np.arange(N)[:, None]
    beard = inside * (rows > points[4, 1] + random.uniform(1, 6))
    if random.random() < 0.5:  # moustache or goatee alone
        near = np.zeros((N, N), np.float32)
        centre = np.rint(points[13]).astype(int).tolist()
        cv2.ellipse(near, centre, (int(random.uniform(14, 22)), int(random.uniform(9, 20))), 0, 0,
                    360, 1.0, -1)  # fmt: skip
        beard = beard * near
    lips = np.zeros((N, N), np.float32)
    cv2.fillPoly(lips, [np.rint(points[OUTER_LIPS]).astype(np.int32)], 1.0)
    beard = cv2.GaussianBlur(beard, (0, 0), random.uniform(1.5, 4)) * (1 - lips)
    beard = (random.uniform(0.2, 0.85) * beard)[..., None]
    hair = random.uniform(0.03, 0.5) * np.array([1, 0.85, 0.75])
    noise = cv2.GaussianBlur(random.normal(0, 0.12, (N, N)), (0, 0), 0.6)[..., None]
    return np.asarray(picture * (1 - beard) + np.clip(hair + noise, 0, 1) * beard, np.float32)


def _moved(
    random: np.random.Generator, picture: Array, points: Array, matte: Array
) -> tuple[Array, Array, Array]:
    """Turned, moved, and stretched otherwise across than down, as other faces are."""
    move = cv2.getRotationMatrix2D((N / 2, 52), random.normal(0, 6), random.uniform(0.85, 1.15))
    move[:, :2] = move[:, :2] @ np.diag([random.uniform(0.88, 1.12), random.uniform(0.88, 1.12)])
    move[:, 2] = (N / 2, 52) - move[:, :2] @ (N / 2, 52) + random.normal(0, 2.5, 2)
    drawn = cv2.warpAffine(picture, move, (N, N), borderMode=cv2.BORDER_REPLICATE)
    return drawn, points @ move[:, :2].T + move[:, 2], cv2.warpAffine(matte, move, (N, N))


def _filmed(random: np.random.Generator, picture: Array) -> Array:
    """Other light, colour, focus, noise and coding."""
    slope = np.linspace(-1, 1, N) * random.uniform(-0.25, 0.25)
    picture = picture * (1 + (slope if random.random() < 0.5 else slope[:, None])[..., None])
    picture = picture * random.uniform(0.6, 1.35) * random.uniform(0.93, 1.07, 3)
    picture = picture + random.uniform(-0.05, 0.05)
    if random.random() < 0.25:
        grey = random.uniform(0.3, 1)
        picture = picture * (1 - grey) + picture.mean(axis=-1, keepdims=True) * grey
    if random.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.2))
    picture = np.clip(picture + random.normal(0, random.uniform(0, 0.02), picture.shape), 0, 1)
    if random.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(35, 95))]
        coded = cv2.imencode(".jpg", (picture * 255).astype(np.uint8), quality)[1]
        picture = cv2.imdecode(coded, cv2.IMREAD_COLOR) / 255
    return np.asarray(picture, np.float32)


if __name__ == "__main__":
    main()
