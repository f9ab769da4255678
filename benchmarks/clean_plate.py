"""How near a shot's clean plate comes to the background that really is there.

    python -m benchmarks.clean_plate [--json] [--clip NAME ...] [--frames 60] [--pictures FOLDER]

Real clips: the person's own matte is laid a second time, beside them, over background that every
frame shows; nothing under it is given to the plate, so the truth is each frame itself.  "Rim" is
what a head that turns uncovers: within REACH eye distances of the second matte's edge.  The
baseline fills each frame smoothly from round the hole (push-pull) and looks at no other frame.
Synthesis: a camera on a known path before a still picture, with people, light, grain and a caption.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time
from typing import Any

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import silent
from dubsync.engine.clean_plate.camera_motion import CameraFollower, moved
from dubsync.engine.clean_plate.clean_plate import INPAINTED, ROOM, SEEN, clean_plate, widened
from dubsync.engine.compositing.push_pull import push_pull
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.train.perceptual import perceptual_distance
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

SHARED = Path(__file__).parents[2] / "shared"
REACH = 0.5
#: Frames of each clip that are compared.
COMPARED = 5

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip: its eye distance, pixels, its rows that are used, and how far the second matte is
    from the first, eye distances (x, y)."""

    file: str
    eye_px: float
    rows: tuple[int, int]
    aside: tuple[float, float]


CLIPS = (
    Clip("man_black_sweater_1080x1920_20s.mp4", 75, (0, 900), (-4.2, 1.0)),
    Clip("obama_rosegarden_cctv_720p.mp4", 50, (0, 620), (6.4, 1.0)),
    Clip("biden_whitehouse_720p_7s.mp4", 40, (0, 720), (-8.5, 2.0)),
    Clip("obama_2020_20s.mov", 45, (0, 256), (3.4, 0.5)),
)


class HiddenBackground:
    """A clip of whose background a second, moved matte hides a part."""

    def __init__(self, clip: Clip, frames: int) -> None:
        self.clip = clip
        self._plate = probe_plate(SHARED / "footage" / clip.file)
        count = len(self._plate.frames)
        step = max(1, count // frames)
        self.numbers = list(range(0, min(count, step * frames), step))
        self._person = PersonMatte()
        self._mattes: dict[int, NDArray[np.uint8]] = {}

    def read(self, numbers: Sequence[int]) -> Iterator[Frame]:
        start = self._plate.frames.start
        with open_plate(self._plate) as reader:
            for number, frame in zip(
                numbers, reader.read([n + start for n in numbers]), strict=True
            ):
                yield Frame(number, frame.planes, frame.format)

    def matte(self, frame: Frame) -> NDArray[np.uint8]:
        """(H, W) the person who really is there."""
        if frame.number not in self._mattes:
            shown = np.clip(working_rgb(frame), 0, 1)
            self._mattes[frame.number] = np.rint(self._person(shown) * 255).astype(np.uint8)
        return self._mattes[frame.number]

    def second(self, frame: Frame) -> NDArray[np.uint8]:
        """(H, W) the person laid again, beside."""
        move = np.float32([[1, 0, 0], [0, 1, 0]])
        move[:, 2] = np.array(self.clip.aside) * self.clip.eye_px
        matte = self.matte(frame)
        return np.asarray(cv2.warpAffine(matte, move, matte.shape[::-1]))

    def people(self, frame: Frame) -> NDArray[np.uint8]:
        return np.maximum(self.matte(frame), self.second(frame))

    def region(self, frame: Frame) -> Region:
        top, bottom = self.clip.rows
        return Region(0, top, frame.format.width, min(bottom, frame.format.height))


@dataclass(frozen=True, slots=True)
class Row:
    """One clip: dB and LPIPS of the rim (ours, baseline), of what other frames show, and of what
    none does; sharpness of the fill against the truth's; shares of the rim; ms a frame."""

    clip: str
    camera: str
    rim_db: float
    rim_baseline_db: float
    seen_db: float
    inpainted_db: float
    lpips: float
    lpips_baseline: float
    sharpness: float
    sharpness_baseline: float
    seen: float
    inpainted: float
    learn_ms: float
    draw_ms: float


def measure(clip: Clip, frames: int, pictures: Path | None) -> Row:
    """Build the plate without what the second matte hides, and compare."""
    shot = HiddenBackground(clip, frames)
    shots = list(shot.read(shot.numbers))
    for frame in shots:
        shot.matte(frame)
    region = shot.region(shots[0])
    began = process_time()
    plate = clean_plate(
        shot.read, shot.numbers, shot.people, region, eye_px=clip.eye_px, shot="x", progress=silent
    )
    learn = 1000 * (process_time() - began) / len(shots)
    rows, draw = [], []
    for frame in shots[:: max(1, len(shots) // COMPARED)][:COMPARED]:
        began = process_time()
        made = plate.at(frame.number)
        draw.append(1000 * (process_time() - began))
        compared = _compared(shot, frame, region, made, plate.known(frame.number), pictures)
        if compared is not None:
            rows.append(compared)
    mean = np.nanmean(np.array(rows), axis=0)
    return Row(
        clip.file.split("_")[0] + " " + clip.file.split("_")[1],
        "still" if plate.canvas.still else "moving",
        *(round(float(value), 3) for value in mean),
        round(learn, 1),
        round(float(np.mean(draw)), 1),
    )


def _compared(
    shot: HiddenBackground, frame: Frame, region: Region, made: Array, known: NDArray[np.uint8],
    pictures: Path | None,
) -> list[float] | None:  # fmt: skip
    unit = shot.clip.eye_px
    part = (region.rows, region.columns)
    truth = working_rgb(frame)[part]
    hidden = widened(shot.second(frame), ROOM * unit)[part]
    hidden &= ~widened(shot.matte(frame), 2 * ROOM * unit)[part]
    deep = cv2.distanceTransform(hidden.astype(np.uint8), cv2.DIST_L2, 5)
    rim = hidden & (deep <= REACH * unit)
    if rim.sum() < 200:
        return None
    free = (~widened(shot.people(frame), ROOM * unit)[part]).astype(np.float32)
    smooth = push_pull(truth, free)
    ours, baseline = (np.where(rim[..., None], one, truth) for one in (made, smooth))
    rows, columns = np.nonzero(rim)
    box = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    if pictures is not None:
        sheet = np.concatenate([truth[box], ours[box], smooth[box]], axis=1)
        name = f"{shot.clip.file.split('.')[0]}_{frame.number}.png"
        cv2.imwrite(
            str(pictures / name), np.rint(np.clip(sheet, 0, 1)[..., ::-1] * 255).astype(np.uint8)
        )
    apart = [
        perceptual_distance(np.ascontiguousarray(truth[box]), np.ascontiguousarray(one[box]))
        for one in (ours.astype(np.float32), baseline.astype(np.float32))
    ]
    return [
        _db(made, truth, rim), _db(smooth, truth, rim), _db(made, truth, rim & (known == SEEN)),
        _db(made, truth, rim & (known == INPAINTED)), *apart,
        _sharp(made, rim) / _sharp(truth, rim), _sharp(smooth, rim) / _sharp(truth, rim),
        float((known[rim] == SEEN).mean()), float((known[rim] == INPAINTED).mean()),
    ]  # fmt: skip


def _db(made: Array, truth: Array, where: Mask) -> float:
    if not where.any():
        return float("nan")
    return float(-10 * np.log10(max(float(((made - truth)[where] ** 2).mean()), 1e-10)))


def _sharp(picture: Array, where: Mask) -> float:
    luma = np.ascontiguousarray(picture[..., 1], np.float32)
    return float((cv2.Laplacian(luma, cv2.CV_32F)[where] ** 2).mean())


#: Name of a camera, and its path: frame pixels to the scene's, by time 0..1.
def _path(name: str, t: float) -> NDArray[np.float64]:
    angle, zoom, x, y = 0.0, 1.0, 400.0, 250.0
    if name == "pan":
        x += 500 * t
    elif name == "handheld":
        x, y = x + 9 * np.sin(21 * t), y + 7 * np.sin(17 * t + 1)
        angle = 0.008 * np.sin(13 * t)
    elif name == "zoom":
        zoom, x, y = 1 - 0.35 * t, x + 90 * t, y + 60 * t
    elif name == "there and back":
        x, angle = x + 450 * np.sin(np.pi * t), 0.03 * np.sin(4 * t)
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    return np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1.0]])


def registration(name: str, frames: int = 60) -> dict[str, Any]:
    """Error of the registration on a known path, 960 x 540: pixels, and frames refused."""
    draw = np.random.default_rng(1)
    scene = np.zeros((1300, 2000, 3), np.float32)
    for size, strength in ((40, 90), (9, 50), (2, 14)):
        noise = cv2.GaussianBlur(draw.standard_normal(scene.shape).astype(np.float32), (0, 0), size)
        scene += strength * noise / noise.std() / 3
    for _ in range(70):
        x, y = draw.integers(0, 1900), draw.integers(0, 1200)
        w, h = draw.integers(20, 260, 2)
        cv2.rectangle(scene, (x, y), (x + w, y + h), [float(v) for v in draw.normal(0, 50, 3)], -1)
    scene = np.clip(120 + cv2.GaussianBlur(scene, (0, 0), 0.8), 0, 255)
    follower, errors, refused, taken = CameraFollower(), [], 0, 0.0
    grid = np.stack(np.meshgrid(np.linspace(40, 920, 7), np.linspace(40, 500, 5)), -1).reshape(
        -1, 2
    )
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    first = np.linalg.inv(_path(name, 0.0))
    for n in range(frames):
        t = n / (frames - 1)
        matrix = np.linalg.inv(half) @ _path(name, t) @ half
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        picture = cv2.warpPerspective(scene, matrix, (960, 540), flags=flags) * (1 - 0.2 * t)
        person = np.zeros((540, 960), np.uint8)
        cv2.ellipse(person, (480 + int(40 * np.sin(6 * t)), 230), (110, 150), 0, 0, 360, 1, -1)
        cv2.rectangle(person, (300, 360), (660, 540), 1, -1)
        picture[person > 0] = (60, 50, 45)
        picture = np.rint(picture).astype(np.uint8)
        cv2.putText(picture, "A CAPTION BURNT IN", (90, 500), 0, 1.2, (235, 235, 235), 2)
        grained = picture + 2.5 * draw.standard_normal(picture.shape[:2])[..., None]
        frame = rgb_frame(np.rint(np.clip(grained, 0, 255)).astype(np.uint8), n)
        began = process_time()
        found = follower.add(frame, widened(person.astype(np.float32), 8))
        taken += process_time() - began
        refused += bool(found.because)
        away = moved(found.to_reference, grid) - moved(first @ _path(name, t), grid)
        errors.append(float(np.linalg.norm(away, axis=1).mean()))
    return {
        "camera": name, "median_px": round(float(np.median(errors)), 3),
        "most_px": round(max(errors), 3), "refused": refused,
        "ms": round(1000 * taken / frames, 1),
    }  # fmt: skip


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--clip", "names", multiple=True, help="Part of a clip's file name.")
@click.option("--frames", default=60, show_default=True)
@click.option("--pictures", type=click.Path(path_type=Path), help="Folder for truth, ours, smooth.")
def main(as_json: bool, names: tuple[str, ...], frames: int, pictures: Path | None) -> None:
    """Measure, and print a table or JSON."""
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    clips = [c for c in CLIPS if not names or any(name in c.file for name in names)]
    rows = [asdict(measure(clip, frames, pictures)) for clip in clips]
    cameras = [registration(n) for n in ("still", "handheld", "pan", "zoom", "there and back")]
    if as_json:
        print(json.dumps({"clips": rows, "registration": cameras}))
        return
    for part in (rows, cameras):
        table = Table(*(part[0] if part else ()))
        for row in part:
            table.add_row(*(str(value) for value in row.values()))
        Console(width=200).print(table)


if __name__ == "__main__":
    main()
