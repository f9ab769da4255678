"""Stills against the truth: one frame of a clip, driven by the same clip, beside its real frames.

    python -m benchmarks.stills [--clip NAME ...] [--frames 14] [--stills 1 2 8] [--json]

The still is the calmest frame of the clip; the frames that it must become are spread over the clip,
with those in which the eyes are shut.  The driver is the person of the still, in the same light, so
what is borrowed from the driver (the mouth's inside, wrinkles) is flattered.  LPIPS is of the crop
round the face; pictures are scaled so that the eyes are about 50 pixels apart.

--stills: as many stills of the clip, the calmest first and then those least like the others, none
within three frames of a measured one; the best serves each frame.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import torch

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.face_region.wrinkles import Skin
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.still.draw_still import DriverFrame, Parts, StillRenderer
from dubsync.engine.still.driver_motion import DriverMotion, DriverMove
from dubsync.engine.still.lent import choose_lent
from dubsync.engine.still.still_model import StillModel, learn_still
from dubsync.engine.still.transfer import DrivenFace, seen_face
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, Landmarker
from dubsync.engine.track.tracker import FaceTracker
from dubsync.engine.train.perceptual import Perception

TAKES = Path(__file__).parents[1].parent / "shared" / "takes"
CLIPS = {
    "grimaces": ("woman_grimaces.mp4", 300),
    "shout": ("man_shout.mp4", 200),
    "long": ("woman_long_34s.mp4", 400),
    "happy": ("mead_happy.mp4", 140),
}
EYE_PX = 50.0
GOAL, BLINK_GOAL = 0.050, 0.060
SHUT = 0.5  #: score of eyeBlink above which a frame is a blink
ROWS = {
    "warp alone": Parts(inside=False, irises=False, wrinkles=False, lids=False),
    "+ mouth inside": Parts(irises=False, wrinkles=False, lids=False),
    "+ irises": Parts(wrinkles=False, lids=False),
    "+ wrinkles": Parts(lids=False),
    "+ lid skin": Parts(),
}
TURNS = (5.0, 10.0, 15.0, 90.0)
_BLINKS = [BLENDSHAPE_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A clip at the measuring size, its face track and its motion."""

    frames: tuple[Array, ...]
    track: FaceTrack
    motion: DriverMotion


@dataclass(slots=True)
class Figures:
    """What one row got, frame by frame."""

    lpips: list[float] = field(default_factory=list)
    square: list[float] = field(default_factory=list)
    sharp: list[float] = field(default_factory=list)
    blink: list[float] = field(default_factory=list)
    eyes: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    turn: list[float] = field(default_factory=list)


def read(name: str, landmarker: Landmarker) -> Clip:
    """A clip of CLIPS, tracked."""
    file, most = CLIPS[name]
    capture = cv2.VideoCapture(str(TAKES / file))
    pictures = []
    while len(pictures) < most:
        good, picture = capture.read()
        if not good:
            break
        pictures.append(np.ascontiguousarray(picture[..., ::-1]))
    first = landmarker.find(rgb_frame(pictures[0]))[0].points
    apart = float(np.linalg.norm(first[[33, 133]].mean(0) - first[[362, 263]].mean(0)))
    ratio = min(1.0, EYE_PX / apart)
    small = [
        cv2.resize(p, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA) for p in pictures
    ]
    tracker = FaceTracker(landmarker)
    span = FrameRange(0, len(small), Fraction(25))
    frames = (rgb_frame(p, n) for n, p in enumerate(small))
    track = max(tracker(frames, span, shot=name, progress=silent), key=lambda t: len(t.frames))
    kept = small[track.frames.start : track.frames.stop]
    floats = tuple(p.astype(np.float32) / np.float32(255) for p in kept)
    return Clip(floats, track, DriverMotion.of(track, landmarker.expression))


def chosen(clip: Clip, count: int) -> tuple[int, ...]:
    """Frames spread over the clip, and up to six with shut eyes."""
    spread = np.linspace(0, len(clip.frames) - 1, count).astype(int)
    shut = np.flatnonzero(clip.track.blendshapes[:, _BLINKS].min(axis=1) > SHUT)
    blinks = shut[np.linspace(0, len(shut) - 1, min(6, len(shut))).astype(int)]
    seen = [n for n in {*spread.tolist(), *blinks.tolist()} if clip.motion.moves[n] is not None]
    return tuple(sorted(seen))


def others(clip: Clip, frames: tuple[int, ...], count: int) -> list[int]:
    """The calmest frame, and `count` - 1 of those least like one another, none near `frames`."""
    moves = clip.motion.moves
    free = [
        n
        for n, move in enumerate(moves)
        if move is not None and min(abs(n - t) for t in frames) > 3
    ]
    look = {n: _look(move) for n, move in enumerate(moves) if move is not None}
    result = [clip.motion.neutral[0]]
    while len(result) < count and free:
        apart = [min(float(np.linalg.norm(look[n] - look[m])) for m in result) for n in free]
        result.append(free.pop(int(np.argmax(apart))))
    return result


def _look(move: DriverMove) -> Array:
    """What tells a still from another: lips, lids, brows."""
    ids = [13, 14, 61, 291, 159, 145, 386, 374, 105, 334]
    return np.asarray(move.offsets[ids, :2].ravel(), np.float32)


def measure(
    clip: Clip, still: StillModel, frames: tuple[int, ...], parts: dict[str, Parts] = ROWS
) -> dict[str, Figures]:
    """The rows' figures for one clip."""
    perception = Perception()
    renderer = StillRenderer(still)
    rows = {name: Figures() for name in parts}
    targets = [seen_face(still.key.face, _in_still(still, clip.track.landmarks[t])) for t in frames]
    for t, target, lent in zip(frames, targets, choose_lent(still, targets), strict=True):
        move = clip.motion.moves[t]
        assert move is not None
        calm = clip.motion.calm_like(t)
        rest = Skin(clip.frames[calm], clip.track.landmarks[calm])
        shown = DriverFrame(clip.frames[t], move, rest)
        shut = bool(clip.track.blendshapes[t, _BLINKS].min() > SHUT)
        for name, drawn in parts.items():
            begun = time.thread_time()
            made = renderer.draw(target, shown, drawn, lent)
            spent = (time.thread_time() - begun) * 1e3
            _add(rows[name], made, clip, t, target, perception, shut, spent)
    return rows


def _add(
    row: Figures, made: Array, clip: Clip, t: int, target: DrivenFace, perception: Perception,
    shut: bool, spent: float,
) -> None:  # fmt: skip
    truth = clip.frames[t]
    points = clip.track.landmarks[t]
    face = np.zeros(truth.shape[:2], np.uint8)
    cv2.fillPoly(face, [np.rint(points[FACE_OVAL, :2]).astype(np.int32)], 1)
    box = _box(cv2.dilate(face, np.ones((31, 31), np.uint8)) > 0)
    distance = _lpips(perception, made[box], truth[box])
    row.lpips.append(distance)
    row.square.append(float(((np.clip(made, 0, 1) - truth) ** 2)[face > 0].mean()))
    row.sharp.append(_detail(made)[face > 0].mean() / _detail(truth)[face > 0].mean())
    row.ms.append(spent)
    row.turn.append(float(np.linalg.norm(target.turned)))
    if shut:
        row.blink.append(distance)
        eyes = np.zeros(face.shape, bool)
        low = points[[33, 263, 70, 300, 23, 253], :2].min(axis=0).astype(int)
        high = points[[33, 263, 70, 300, 23, 253], :2].max(axis=0).astype(int)
        eyes[max(low[1] - 12, 0) : high[1] + 12, max(low[0] - 8, 0) : high[0] + 8] = True
        row.eyes.append(_lpips(perception, made[_box(eyes)], truth[_box(eyes)]))


def _in_still(still: StillModel, landmarks: Array) -> Array:
    """Landmarks in the picture as working pixels of the moving region."""
    key = still.key
    moved = np.array(landmarks, np.float64)
    moved[:, :2] -= (key.region.left, key.region.top)
    return np.asarray(moved / key.scale, np.float32)


def _box(mask: Array) -> tuple[slice, slice]:
    rows, columns = np.where(mask)
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


def _detail(picture: Array) -> Array:
    luma = np.clip(picture, 0, 1) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(cv2.Laplacian(np.asarray(luma, np.float32), cv2.CV_32F) ** 2)


def _lpips(perception: Perception, a: Array, b: Array) -> float:
    def ready(picture: Array) -> torch.Tensor:
        planes = np.ascontiguousarray(np.clip(picture, 0, 1).transpose(2, 0, 1))[None]
        return torch.from_numpy(planes)

    with torch.no_grad():
        return float(perception(ready(a), ready(b)))


def table(rows: dict[str, Figures]) -> Iterator[str]:
    """The page's rows."""
    yield "| row | frames | PSNR face | LPIPS | blink frames | their eyes | sharp | ms |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, f in rows.items():
        psnr = -10 * np.log10(np.mean(f.square))
        yield (
            f"| {name} | {len(f.lpips)} | {psnr:.2f} | {np.mean(f.lpips):.4f} | "
            f"{np.mean(f.blink):.4f} ({len(f.blink)}) | {np.mean(f.eyes):.4f} | "
            f"{np.mean(f.sharp):.2f} | {np.mean(f.ms):.0f} |"
        )
    last = rows.get("+ lid skin", next(iter(rows.values())))
    low = 0.0
    for high in TURNS:
        inside = [v for v, turn in zip(last.lpips, last.turn, strict=True) if low <= turn < high]
        if inside:
            turned = f"turned {low:.0f} to {high:.0f} degrees"
            yield f"| {turned} | {len(inside)} | | {np.mean(inside):.4f} |||||"
        low = high


def _rows(stills: int) -> dict[str, Parts]:
    return ROWS if stills == 1 else {f"{stills} stills": Parts()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Stills against the truth.")
    parser.add_argument("--clip", nargs="*", choices=list(CLIPS), default=list(CLIPS))
    parser.add_argument("--frames", type=int, default=14)
    parser.add_argument("--stills", type=int, nargs="*", default=[1])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    landmarker = Landmarker(threads=1)
    kinds = [(n, row, parts) for n in given.stills for row, parts in _rows(n).items()]
    total = {row: Figures() for _, row, _ in kinds}
    for name in given.clip:
        clip = read(name, landmarker)
        frames = chosen(clip, given.frames)
        for count in given.stills:
            used = others(clip, frames, count)
            still = learn_still(
                [clip.frames[n] for n in used], landmarker,
                [clip.track.landmarks[n] for n in used],
            )  # fmt: skip
            for row, figures in measure(clip, still, frames, _rows(count)).items():
                for key, values in asdict(figures).items():
                    getattr(total[row], key).extend(values)
    if given.json:
        print(json.dumps({name: asdict(figures) for name, figures in total.items()}))
    else:
        print("\n".join(table(total)))


if __name__ == "__main__":
    main()
