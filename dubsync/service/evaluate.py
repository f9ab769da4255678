"""`dubsync evaluate`: a renderer judged on frames of a clip that it has not seen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import DeliveryError, NoFace, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Engine, Footage
from dubsync.core.timecode import FrameRange
from dubsync.media.probe import probe_plate
from dubsync.media.still import png
from dubsync.qc.likeness import Comparison, mouth_region
from dubsync.service.atomic import write_whole
from dubsync.service.heldout import Nearest, Square, picture_of, rgb_frame, square_of
from dubsync.service.plugins import load

#: Renderers by name: an engine that draws from what it learnt and never from the plate itself.
RENDERERS = {"warp": "dubsync.engine:build_held_out"}
#: Fewest frames to teach from, and to judge on.
LEAST_FRAMES = 3
COLUMNS, MOUTH_PX = 8, 176

RGB = NDArray[np.uint8]


def evaluate(
    clip: Path,
    *,
    renderer: str = "warp",
    size: int = 256,
    split: float = 0.8,
    out: Path,
    progress: Progress = silent,
    settings: EngineSettings | None = None,
) -> dict[str, Any]:
    """Teach from the first `split` of the clip, render the rest again, and compare.

    The clip's face is cut out as a steady square, `size` pixels wide.  Every later frame is drawn
    to its own tracked landmarks, from earlier frames alone; beside it stands "nearest", the
    earlier frame with the nearest landmarks, turned and scaled but not bent.  Both are judged in
    the same matte.  Landmark errors come from tracking the rendered frames again, over lips and
    jaw, in distances between the middles of the eyes.

    Returns:
        clip, frames, train_frames, test_frames, renderers (name -> figures), strip, frames_dir.

    Raises:
        SettingsError: no such renderer, or a split that leaves nothing to teach or to judge.
        DeliveryError: `out` holds something already, or cannot be written.
        NoFace: nobody is seen.
    """
    if renderer not in RENDERERS:
        raise SettingsError(f"no renderer is called {renderer!r}", hint=", ".join(RENDERERS))
    if out.exists() and any(out.iterdir()):
        raise DeliveryError(f"{out} is not empty", hint="choose another folder with -o")
    engine: Engine = load("dubsync.engines", RENDERERS[renderer])(settings or EngineSettings())
    square = square_of(probe_plate(clip), engine, size, progress)
    total = len(square.track.frames)
    cut = round(total * split)
    if cut < LEAST_FRAMES or total - cut < LEAST_FRAMES:
        raise SettingsError(
            f"{clip.name} shows a face in {total} frames: too few to split at {split}",
            hint="give a longer clip, or another --split",
        )
    taught, asked = square.part(0, cut), square.part(cut, total)
    if not (asked.confidence > 0).any():
        raise NoFace(f"no face is seen in the last part of {clip.name}", hint="another --split")
    made = _render(engine, square, taught, asked, renderer, out / "frames", progress)
    strip = out / "strip.png"
    write_whole(strip, png(_strip(made.columns)))
    again = _tracked_again(engine, made, asked, out / "frames", progress)
    return {
        "clip": str(clip),
        "frames": total,
        "train_frames": cut,
        "test_frames": total - cut,
        "renderers": {
            name: _figures(made, name, asked, again.get(name)) for name in ("nearest", renderer)
        },
        "strip": str(strip),
        "frames_dir": str(out / "frames"),
    }


@dataclass(slots=True)
class _Made:
    """What was rendered, as far as it is kept: measures, and the strip's few pictures."""

    comparisons: dict[str, Comparison] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    drawn: list[int] = field(default_factory=list)
    columns: list[tuple[RGB, ...]] = field(default_factory=list)


def _render(
    engine: Engine,
    square: Square,
    taught: FaceTrack,
    asked: FaceTrack,
    renderer: str,
    folder: Path,
    progress: Progress,
) -> _Made:
    name = Path(square.plate.path).name
    actor = engine.learn(name, [Footage(name, taught, square.read)], progress=progress)
    motion = engine.fit(asked, actor)
    weight = np.ones(len(asked.frames), np.float32)
    clock = time.perf_counter()
    draw = engine.prepare(actor, asked, motion, motion, weight)
    made = _Made({"nearest": Comparison(), renderer: Comparison()})
    made.seconds = {"nearest": 0.0, renderer: time.perf_counter() - clock}
    nearest = Nearest(square, taught, asked)
    numbers = [asked.frames.start + int(t) for t in np.flatnonzero(asked.confidence > 0)]
    shown = {numbers[int(n)] for n in np.linspace(0, len(numbers) - 1, COLUMNS)}
    for done, frame in enumerate(square.read(numbers), start=1):
        t = frame.number - asked.frames.start
        clock = time.perf_counter()
        patch = draw([frame])[0]
        composed = engine.composite(frame, [patch] if patch else [])
        made.seconds[renderer] += time.perf_counter() - clock
        if patch is not None:
            clock = time.perf_counter()
            placed = nearest.draw(t)
            made.seconds["nearest"] += time.perf_counter() - clock
            beside = rgb_frame(_laid(frame, placed, composed.matte), frame.number)
            frames = {"truth": frame, "nearest": beside, renderer: composed.frame}
            _compare(made, frames, composed.matte, asked.landmarks[t])
            _keep(folder, frames)
            if frame.number in shown:
                made.columns.append(_mouths(frames, asked.landmarks[t]))
            made.drawn.append(frame.number)
        progress(Step("render", name, done, len(numbers)))
    return made


def _laid(frame: Frame, placed: Array, matte: NDArray[np.uint8]) -> RGB:
    share = matte.astype(np.float32)[..., None] / 255
    plate = picture_of(frame)
    return np.asarray(np.rint((plate + share * (placed - plate)) * 255), np.uint8)


def _compare(
    made: _Made, frames: Mapping[str, Frame], matte: NDArray[np.uint8], landmarks: Array
) -> None:
    truth = picture_of(frames["truth"])
    mouth = mouth_region(landmarks, truth.shape[1], truth.shape[0])
    for name, comparison in made.comparisons.items():
        comparison.add(truth, picture_of(frames[name]), matte, mouth)


def _keep(folder: Path, frames: Mapping[str, Frame]) -> None:
    for name, frame in frames.items():
        write_whole(folder / name / f"{frame.number:06d}.png", png(_rgb(frame)))


def _tracked_again(
    engine: Engine, made: _Made, asked: FaceTrack, folder: Path, progress: Progress
) -> dict[str, dict[int, Array]]:
    """Landmarks found in each renderer's frames, by frame number."""
    found: dict[str, dict[int, Array]] = {}
    span = FrameRange(0, len(made.drawn), asked.frames.rate)
    for name in made.comparisons:
        pictures = (
            rgb_frame(_read_png(folder / name, number), n) for n, number in enumerate(made.drawn)
        )
        again = engine.track(pictures, span, shot=name, progress=progress)
        if again:
            best = max(again, key=lambda track: float((track.confidence > 0).sum()))
            found[name] = {
                made.drawn[best.frames.start + int(t)]: best.landmarks[t]
                for t in np.flatnonzero(best.confidence > 0)
            }
    return found


def _figures(
    made: _Made, name: str, asked: FaceTrack, again: Mapping[int, Array] | None
) -> dict[str, float | None]:
    comparison = made.comparisons[name]
    for number, landmarks in (again or {}).items():
        comparison.add_landmarks(asked.landmarks[number - asked.frames.start], landmarks)
    result = comparison.result()
    figures = {
        "psnr_matte_db": result.psnr_matte_db,
        "psnr_mouth_db": result.psnr_mouth_db,
        "ssim_matte": result.ssim_matte,
        "sharpness_mouth": result.sharpness_mouth,
        "landmark_error_iod": result.landmark_error_iod,
        "flicker_ratio": result.flicker_ratio,
        "ms_per_frame": 1000 * made.seconds[name] / max(result.frames, 1),
    }
    return {key: round(v, 4) if np.isfinite(v) else None for key, v in figures.items()}


def _mouths(frames: Mapping[str, Frame], landmarks: Array) -> tuple[RGB, ...]:
    """The mouth of each picture, enlarged, and the face below it."""
    width, height = frames["truth"].format.width, frames["truth"].format.height
    box = mouth_region(landmarks, width, height)
    half = max(8, round(0.62 * box.width))
    x, y = (box.left + box.right) // 2, (box.top + box.bottom) // 2
    found = []
    for frame in frames.values():
        rgb = cv2.copyMakeBorder(_rgb(frame), *(half,) * 4, cv2.BORDER_REPLICATE)
        part = rgb[y : y + 2 * half, x : x + 2 * half]
        found.append(np.asarray(_scaled(part, MOUTH_PX), np.uint8))
    return tuple(found)


def _scaled(picture: RGB, px: int) -> RGB:
    way = cv2.INTER_AREA if picture.shape[0] > px else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (px, px), interpolation=way), np.uint8)


def _strip(columns: Sequence[tuple[RGB, ...]]) -> RGB:
    """Rows truth, nearest, renderer; a column for each frame shown."""
    return np.concatenate([np.concatenate(row, axis=1) for row in zip(*columns, strict=True)])


def _rgb(frame: Frame) -> RGB:
    return np.stack([np.asarray(plane, np.uint8) for plane in frame.planes], axis=-1)


def _read_png(folder: Path, number: int) -> RGB:
    path = folder / f"{number:06d}.png"
    found = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if found is None:
        raise DeliveryError(f"{path} was not written as it should be", hint="run it again")
    return np.asarray(found[..., ::-1], np.uint8)
