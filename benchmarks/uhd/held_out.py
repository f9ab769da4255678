"""Held-out frames of a plate, drawn from the rest of it, against the truth."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.uhd.bands import Judged
from dubsync.core.colour import working_rgb
from dubsync.core.face import FaceTrack
from dubsync.core.learning.actor import Footage
from dubsync.core.learning.grain import Grain
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.progress import Progress, silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Plate
from dubsync.core.steps import Composite
from dubsync.engine import build
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.composite import composite
from dubsync.engine.compositing.grain import grained
from dubsync.engine.compositing.grain_measure import measure_grain
from dubsync.engine.compositing.matte import BORDER, mouth_box
from dubsync.engine.device import chosen_device
from dubsync.engine.render import renderer as faces
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.qc.likeness import Comparison

#: Room round the matte in which pictures are compared, pixels.
ROOM = 48


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A plate, its face and its grain; the last `judged` frames are held out."""

    plate: Plate
    track: FaceTrack
    grain: Grain | None
    judged: int

    @classmethod
    def of(cls, path: Path, judged: int, progress: Progress = silent) -> Seen:
        """Track the plate's face and measure its grain."""
        plate = probe_plate(path)
        engine = build(EngineSettings())
        with open_plate(plate) as reader:
            tracks = engine.track(
                reader.frames(plate.frames), plate.frames, shot=path.name, progress=progress
            )
        track = max(tracks, key=lambda one: len(one.frames))
        first = plate.frames.start
        pairs = [(first + n, first + n + 1) for n in range(1, len(plate.frames) - 2, 7)]
        with open_plate(plate) as reader:
            frames = {f.number: f for f in reader.read([n for pair in pairs for n in pair])}
        found = measure_grain([(frames[a], frames[b]) for a, b in pairs], plate.frames)
        return cls(plate, track, found, judged)

    @property
    def split(self) -> int:
        return len(self.track.frames) - self.judged

    def read(self, numbers: list[int] | range) -> Iterator[Frame]:
        with open_plate(self.plate) as reader:
            yield from reader.read(list(numbers))


def face_px(track: FaceTrack) -> int:
    """Height of the landmarks' box, pixels, the median."""
    return int(np.median(np.ptp(track.landmarks[..., 1], axis=1)))


def trial(
    seen: Seen, crop_px: int, *, minutes: float = 0.0, pictures: Path | None = None,
    exemplars: int = 450,
) -> dict[str, Any]:  # fmt: skip
    """The held-out frames drawn from the others; figures against the truth.

    Args:
        minutes: of training; 0: the warp renderer.
        pictures: folder for 1:1 crops of the mouth, truth above render.
    """
    engine = build(EngineSettings(crop_px=crop_px, exemplars=exemplars))
    began = time.perf_counter()
    actor = engine.learn(
        "x", [Footage("x", seen.track.part(0, seen.split), lambda n: seen.read(list(n)))],
        progress=silent,
    )  # fmt: skip
    learnt = time.perf_counter() - began
    if minutes:
        actor = engine.train(actor, minutes=minutes, size=0, kept=None, progress=silent)
    rest = seen.track.part(seen.split, len(seen.track.frames))
    motion, weight = engine.fit(rest, actor), np.ones(len(rest.frames), np.float32)
    draw = faces.prepare(
        actor, rest, motion, motion, weight, device=chosen_device("auto"), sources="bank",
        regrained=seen.grain is not None, renderer="actor" if minutes else "warp",
    )  # fmt: skip
    colour_match.SHUTTER = 0.0  # the scene's pictures are of a moment
    judged = Judged(Comparison(engine.perceive))
    region = _compared_in(rest, seen.plate.format)
    drawn = 0.0
    for frame in seen.read(range(rest.frames.start, rest.frames.stop)):
        began = time.perf_counter()
        patch = draw([frame])[0]
        if patch is None:
            continue
        if seen.grain is not None:
            patch = grained(frame, patch, seen.grain, 11)
        made = composite(frame, [patch])
        drawn += time.perf_counter() - began
        points = rest.landmarks[frame.number - rest.frames.start]
        _judge(judged, frame, made, points, region, pictures)
    bank = actor.bank  # type: ignore[attr-defined]
    return {
        "plate": Path(seen.plate.path).name, "crop_px": crop_px, "minutes": minutes,
        "face_px": face_px(seen.track), "exemplars": len(bank),
        "exemplar_px": list(bank.pictures[0].shape[:2]),
        "learn_s": round(learnt, 1), "ms_a_frame": round(1000 * drawn / max(1, len(rest.frames))),
        **judged.result(),
    }  # fmt: skip


def _compared_in(track: FaceTrack, form: PictureFormat) -> Region:
    """The part of every frame in which pictures are compared: the lower face, wherever it goes."""
    points = track.landmarks[:, BORDER, :2].reshape(-1, 2)
    low, high = points.min(axis=0) - ROOM, points.max(axis=0) + ROOM
    return Region(
        max(0, int(low[0])), max(0, int(low[1])),
        min(form.width, int(high[0])), min(form.height, int(high[1])),
    ).aligned(form)  # fmt: skip


def _judge(
    judged: Judged, plate: Frame, made: Composite, points: NDArray[np.float32], region: Region,
    pictures: Path | None,
) -> None:  # fmt: skip
    pair = [working_rgb(one, region) for one in (plate, made.frame)]
    inside = points[:, :2] - np.array([region.left, region.top], np.float32)
    mouth = mouth_box(inside, region.width, region.height)
    judged.add(pair[0], pair[1], made.matte[region.rows, region.columns], mouth)
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        cut = [one[mouth.rows, mouth.columns] for one in pair]
        both = np.clip(np.vstack(cut) * 255, 0, 255).astype(np.uint8)
        cv2.imwrite(str(pictures / f"{plate.number:06d}.png"), both[..., ::-1])
