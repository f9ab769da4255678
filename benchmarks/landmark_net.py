"""The landmark network in torch against the runtime's: agreement, and cost per face.

    python -m benchmarks.landmark_net [--device auto|cpu|cuda|mps] [--batch 1 --batch 8 ...]

On the faces of ../shared/portraits.  Times are process times on a CPU, which other work may share,
and wall-clock times on other devices; medians, after one run that is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import click
import cv2
import numpy as np
import torch

from dubsync.core.arrays import Array
from dubsync.engine.device import chosen_device
from dubsync.engine.geometry.sampling import rgb_frame, sample
from dubsync.engine.track.landmark_net import LandmarkNet
from dubsync.engine.track.landmarker import INPUT_PX, Landmarker, square_of

PORTRAITS = Path(__file__).parents[2] / "shared" / "portraits"
NAMES = ("astronaut_512.png", "woman_photo_512.jpg", "obama_official.jpg")
RUNS = 9


def squares(tracker: Landmarker) -> list[tuple[Array, Array]]:
    """Pictures (256, 256, 3) of faces, and the runtime's landmarks (478, 2) in them."""
    result = []
    for name in NAMES:
        picture = cv2.imread(str(PORTRAITS / name))
        if picture is None:
            raise click.ClickException(f"no {PORTRAITS} beside this checkout")
        frame = rgb_frame(np.ascontiguousarray(picture[..., ::-1]))
        square = square_of(tracker.find(frame)[0].points)
        matrix = square.to_plate(INPUT_PX)
        points = tracker.read(frame, square).points[:, :2] - matrix[:, 2]
        result.append((sample(frame, square, INPUT_PX), points @ np.linalg.inv(matrix[:, :2]).T))
    return result


def milliseconds(work: Callable[[], object], device: torch.device) -> float:
    """Median time of one run."""
    clock = process_time if device.type == "cpu" else perf_counter
    taken = []
    for _ in range(1 + RUNS):
        started = clock()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        taken.append(clock() - started)
    return 1e3 * float(np.median(taken[1:]))


@click.command()
@click.option("--device", "name", default="auto", type=click.Choice(["auto", "cpu", "cuda", "mps"]))
@click.option("--batch", "batches", multiple=True, default=(1, 8), help="Faces at once.")
def main(name: str, batches: tuple[int, ...]) -> None:
    """Measure both, as one JSON object."""
    device = chosen_device(name)
    tracker = Landmarker(threads=torch.get_num_threads())
    network = LandmarkNet.shipped().to(device, memory_format=torch.channels_last)
    faces = squares(tracker)
    together = torch.from_numpy(np.stack([picture for picture, _ in faces])).permute(0, 3, 1, 2)
    together = together.to(device)
    with torch.no_grad():
        points = network(together)[0][..., :2].cpu().numpy()
    apart = max(float(np.abs(points[n] - theirs).max()) for n, (_, theirs) in enumerate(faces))
    one = np.zeros((478, 3), np.float32)
    result = {
        "device": str(device),
        "threads": torch.get_num_threads(),
        "farthest_px": round(apart, 5),
        "runtime_and_expression_ms": milliseconds(
            lambda: tracker.run_bare(faces[0][0], one), torch.device("cpu")
        ),
    }
    for batch in batches:
        pictures = together[:1].repeat(batch, 1, 1, 1)

        def seen(pictures: torch.Tensor = pictures) -> None:
            with torch.no_grad():
                network(pictures)

        def back(pictures: torch.Tensor = pictures) -> None:
            wanted = pictures.clone().requires_grad_()
            network(wanted)[0].sum().backward()

        result[f"torch_{batch}_ms_a_face"] = milliseconds(seen, device) / batch
        result[f"torch_{batch}_and_back_ms_a_face"] = milliseconds(back, device) / batch
    click.echo(
        json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in result.items()})
    )


if __name__ == "__main__":
    main()
