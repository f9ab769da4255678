"""How well the face region re-makes eyes that it has not seen.

    python -m benchmarks.eyes [--clip NAME ...] [--frames 48] [--tracks FOLDER] [--json]

The first four fifths of a clip are the bank; frames of the last fifth are re-made.  Two measures,
both on the boxes round the eyes, against the frame itself:

bank    each eye of the frame is drawn from the bank over the frame's own skin, none from the frame.
plate   the plate is another frame, half a second earlier, laid on this one's head; brows, lids and
        gaze are asked to be this frame's.  Rows: that plate, today's warp of it, the face region.
blinks  the same, of frames whose eyes are open where that plate's are shut, or the reverse; the
        plate is then the frame of the last fifth that differs most.

Columns: perceptual distance, PSNR, flicker (change from frame to frame beside the truth's), changes
of exemplar that are no run of footage per 100 frames, and milliseconds of one thread a frame.
--tracks keeps the tracks in a folder, for the next time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from time import thread_time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import silent
from dubsync.core.steps import Footage
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.compositing.matte import eye_distance_px, region_of
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.face_region.draw_face import BORDER, FaceDrawing
from dubsync.engine.face_region.eye_bank import EyeBank, EyeGatherer
from dubsync.engine.face_region.eye_choice import OWN
from dubsync.engine.face_region.face_controls import carried
from dubsync.engine.face_region.face_plan import FacePlan, face_plan
from dubsync.engine.face_region.skin_warp import skin_shift
from dubsync.engine.geometry.mesh import (
    EYE_RINGS,
    LEFT_BROW,
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_IRIS,
)
from dubsync.engine.motion.basis import Basis, learn_basis
from dubsync.engine.motion.fit import head_pose
from dubsync.engine.render.upper_face import BORDER as UPPER_BORDER
from dubsync.engine.track.tracker import FaceTracker
from dubsync.engine.train.perceptual import perceptual_distance
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

FOOTAGE = Path(__file__).parents[1].parent / "shared" / "footage"
CLIPS = {
    "woman_braids": "woman_braids_720p_24s.mp4",
    "obama": "obama_address_30s.mov",
    "katiehill": "katiehill_512_8s.mp4",
    "man_black_sweater": "man_black_sweater_1080x1920_20s.mp4",
    "andrew": "andrew_a_25s.mov",
    "woman_glasses": "woman_glasses_512_10s_silent.mp4",
}
BANK = 0.8
WIDEST_PX = 1024
#: Opening relative to the usual one below which an eye is shut, and above which it is open.
SHUT, OPEN = 0.35, 0.8
EYES = ((RIGHT_EYE, 33, 133, 159, 145), (LEFT_EYE, 362, 263, 386, 374))
#: What an expression moves; the rest of a plate's face stays where this frame's head is.
MOVED = np.unique([
    *RIGHT_EYE, *LEFT_EYE, *RIGHT_IRIS, *LEFT_IRIS, *RIGHT_BROW, *LEFT_BROW, *EYE_RINGS,
])  # fmt: skip

Rows = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Sums:
    """Of one row."""

    distance: list[float] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    moved_truth: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    def row(self, switches: float) -> dict[str, float]:
        return {
            "perceptual": float(np.mean(self.distance)),
            "psnr_db": float(-10 * np.log10(np.mean(self.error))),
            "flicker": float(np.sum(self.moved) / max(float(np.sum(self.moved_truth)), 1e-9)),
            "switches": switches,
            "ms": float(np.mean(self.ms)),
            "boxes": len(self.distance),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One clip."""

    track: FaceTrack
    basis: Basis
    bank: EyeBank
    footage: Footage
    first: int

    def frames(self, rows: Sequence[int]) -> dict[int, Frame]:
        start = self.track.frames.start
        numbers = sorted({int(row) + start for row in rows})
        return {frame.number - start: frame for frame in self.footage.read(numbers)}


def trial(name: str, tracks: Path | None) -> Trial:
    """The clip's track, and the bank of its first four fifths."""
    plate = probe_plate(FOOTAGE / CLIPS[name])
    track = _track(name, tracks)

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_plate(plate) as reader:
            yield from reader.read(numbers)

    first = int(len(track.frames) * BANK)
    part = track.part(0, first)
    basis = learn_basis([part])
    bank = EyeGatherer([Footage(name, part, read)], basis, WIDEST_PX).bank()
    if bank is None:
        raise SystemExit(f"{name}: no eyes")
    return Trial(track, basis, bank, Footage(name, track, read), first)


def measured(item: Trial, most: int) -> Rows:
    """The rows of one clip."""
    last = min(len(item.track.frames), item.first + most)
    rows = np.arange(item.first, last)
    half = round(float(item.track.frames.rate) / 2)
    tested = item.frames([*rows, *(rows - half)])
    result = {"bank": _from_bank(item, rows, tested)}
    result |= _on_plates(item, rows, rows - half, tested, "plate")
    pairs = _blinks(item)
    if len(pairs):
        shown = item.frames(pairs.ravel().tolist())
        result |= _on_plates(item, pairs[:, 0], pairs[:, 1], shown, "blinks")
    return result


def _from_bank(item: Trial, rows: NDArray[np.intp], tested: dict[int, Frame]) -> dict[str, float]:
    landmarks = item.track.landmarks[rows]
    every = np.ones(len(rows), bool)
    plan = face_plan(landmarks, landmarks, every, item.bank, item.basis, may_own=False)
    drawing, sums = FaceDrawing(landmarks, landmarks, plan, item.bank), Sums()
    before: tuple[Array, Array] | None = None
    for t, row in enumerate(rows):
        truth, region, unit = _region(item, tested[int(row)], int(row))
        made, ms = _timed(drawing, truth, region, t, unit)
        before = _add(sums, truth, made, item.track.landmarks[row], region, ms, before)
    return sums.row(_switches(item.bank, plan))


def _on_plates(
    item: Trial, rows: NDArray[np.intp], plates: NDArray[np.intp], frames: dict[int, Frame],
    name: str,
) -> Rows:  # fmt: skip
    """Rows re-made on other frames' eyes."""
    wanted = item.track.landmarks[rows]
    own = _with_expression(item, rows, plates)
    every = np.ones(len(rows), bool)
    plan = face_plan(own, wanted, every, item.bank, item.basis)
    drawing = FaceDrawing(own, wanted, plan, item.bank)
    sums = {title: Sums() for title in ("as it is", "today", "face region")}
    before: dict[str, tuple[Array, Array] | None] = dict.fromkeys(sums)
    for t, (row, other) in enumerate(zip(rows, plates, strict=True)):
        truth, region, unit = _region(item, frames[int(row)], int(row))
        plate = _laid(frames[int(other)], item.track.landmarks[other], own[t], region, unit)
        began = thread_time()
        shift = skin_shift(
            np.asarray(own[t], np.float64), np.asarray(wanted[t], np.float64), region, unit,
            UPPER_BORDER, irises=True,
        )  # fmt: skip
        y, x = np.mgrid[: region.height, : region.width].astype(np.float32)
        today = cv2.remap(plate, x + shift[..., 0], y + shift[..., 1], cv2.INTER_CUBIC,
                          borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
        today_ms = 1e3 * (thread_time() - began)
        made, ms = _timed(drawing, plate, region, t, unit)
        drawn = {"as it is": (plate, 0.0), "today": (today, today_ms), "face region": (made, ms)}
        for title, (picture, took) in drawn.items():
            before[title] = _add(
                sums[title], truth, picture, wanted[t], region, took, before[title]
            )
    switches = _switches(item.bank, plan)
    return {
        f"{name}: {title}": part.row(switches if title == "face region" else 0.0)
        for title, part in sums.items()
    }


def _with_expression(item: Trial, rows: NDArray[np.intp], plates: NDArray[np.intp]) -> Array:
    """(T, 478, 3) landmarks of `rows` with lids, brows and gaze of the frames `plates`."""
    heads = item.track.landmarks[rows]
    pose = head_pose(_some(item.track, rows), item.basis)
    other = head_pose(_some(item.track, plates), item.basis)
    faces = other.remove(item.track.landmarks[plates])
    result = np.array(heads, np.float32)
    result[:, MOVED] = pose.place(faces)[:, MOVED]
    return result


def _some(track: FaceTrack, rows: NDArray[np.intp]) -> FaceTrack:
    span = FrameRange(0, len(rows), track.frames.rate)
    return FaceTrack(
        1, span, track.landmarks[rows], track.blendshapes[rows], track.confidence[rows],
        track.appearance,
    )  # fmt: skip


def _laid(frame: Frame, points: Array, wanted: Array, region: Region, unit: float) -> Array:
    """Another frame's face bent to landmarks `wanted`, over `region`."""
    at = carried(wanted, points, region, unit)
    around = region_of([points[BORDER, :2]], 1.0 * unit).aligned(frame.format)
    picture = finite_rgb(frame, around)
    x, y = at[..., 0] - around.left - 0.5, at[..., 1] - around.top - 0.5
    read = cv2.remap(picture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LANCZOS4,
                     borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return np.asarray(read, np.float32)


def _blinks(item: Trial) -> NDArray[np.intp]:
    """(n, 2) frames of the last fifth whose eyes are open, with the nearest that are shut, and the
    reverse; at most 24."""
    points = item.track.landmarks
    opening = np.mean(
        [
            np.linalg.norm(points[:, up, :2] - points[:, low, :2], axis=1)
            / np.linalg.norm(points[:, a, :2] - points[:, b, :2], axis=1)
            for _, a, b, up, low in EYES
        ],
        axis=0,
    ) / 1.0  # fmt: skip
    usual = float(np.median(opening))
    late = np.arange(item.first, len(points))
    shut, wide = late[opening[late] < SHUT * usual], late[opening[late] > OPEN * usual]
    if not len(shut) or not len(wide):
        return np.zeros((0, 2), np.intp)
    shut = shut[np.linspace(0, len(shut) - 1, min(12, len(shut))).astype(np.intp)]
    near = np.array([wide[np.abs(wide - n).argmin()] for n in shut])
    return np.concatenate([np.stack([near, shut], 1), np.stack([shut, near], 1)])


def _region(item: Trial, frame: Frame, row: int) -> tuple[Array, Region, float]:
    points = item.track.landmarks[row]
    unit = eye_distance_px(points)
    region = region_of([points[BORDER, :2]], 0.1 * unit).aligned(frame.format)
    return finite_rgb(frame, region), region, unit


def _timed(
    drawing: FaceDrawing, picture: Array, region: Region, t: int, unit: float
) -> tuple[Array, float]:
    began = thread_time()
    drawn = drawing.draw(picture, region, t, unit)
    made = picture + drawn.matte[..., None] * (drawn.rgb - picture)
    return made, 1e3 * (thread_time() - began)


def _add(
    sums: Sums, truth: Array, made: Array, points: Array, region: Region, ms: float,
    before: tuple[Array, Array] | None,
) -> tuple[Array, Array]:  # fmt: skip
    unit = eye_distance_px(points)
    seen = []
    for ring, *_ in EYES:
        box = points[ring, :2] - np.array([region.left, region.top])
        low, high = box.min(axis=0) - 0.2 * unit, box.max(axis=0) + 0.2 * unit
        part = slice(max(int(low[1]), 0), int(high[1])), slice(max(int(low[0]), 0), int(high[0]))
        a, b = np.clip(truth[part], 0, 1), np.clip(made[part], 0, 1)
        scale = 64 / min(a.shape[:2])
        if scale > 1:
            size = (round(a.shape[1] * scale), round(a.shape[0] * scale))
            big = [np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_CUBIC)) for p in (a, b)]
        else:
            big = [a, b]
        sums.distance.append(perceptual_distance(big[0], big[1]))
        sums.error.append(float(np.mean((a - b) ** 2)))
        small = [cv2.resize(p, (64, 40), interpolation=cv2.INTER_AREA) for p in (a, b)]
        seen.append(small)
    sums.ms.append(ms)
    now = np.stack([s[0] for s in seen]), np.stack([s[1] for s in seen])
    if before is not None:
        sums.moved_truth.append(float(np.mean((now[0] - before[0]) ** 2)))
        sums.moved.append(float(np.mean((now[1] - before[1]) ** 2)))
    return now


def _switches(bank: EyeBank, plan: FacePlan) -> float:
    """Changes of an eye's exemplar that are no run of footage, per 100 frames."""
    count = 0
    for path in plan.eyes:
        for a, b in zip(path, path[1:], strict=False):
            runs = OWN not in (a, b) and bank.plates[a] == bank.plates[b]
            count += a != b and not (runs and 0 < bank.frames[b] - bank.frames[a] <= 2)
    return 100 * count / (2 * max(plan.eyes.shape[1] - 1, 1))


def _track(name: str, folder: Path | None) -> FaceTrack:
    """The clip's longest track, from `folder` if it is kept there."""
    kept = folder / f"{Path(CLIPS[name]).stem}.npz" if folder else None
    if kept is not None and kept.exists():
        with np.load(kept) as data:
            rate = Fraction(int(data["num"]), int(data["den"]))
            start = int(data["start"])
            span = FrameRange(start, start + int(data["n"]), rate)
            return FaceTrack(1, span, data["lm"], data["bs"], data["cf"], data["ap"])
    plate = probe_plate(FOOTAGE / CLIPS[name])
    with open_plate(plate) as reader:
        tracks = FaceTracker()(
            reader.frames(plate.frames), plate.frames, shot=name, progress=silent
        )
    track = max(tracks, key=lambda one: int((one.confidence > 0).sum()))
    if kept is not None:
        span = track.frames
        np.savez(
            kept, lm=track.landmarks, bs=track.blendshapes, cf=track.confidence,
            ap=track.appearance, start=span.start, n=len(span), num=span.rate.numerator,
            den=span.rate.denominator,
        )  # fmt: skip
    return track


def markdown(results: dict[str, Rows]) -> str:
    lines = [
        "| clip | row | perceptual | PSNR, dB | flicker | switches per 100 | ms a frame | boxes |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for clip, rows in results.items():
        for title, row in rows.items():
            lines.append(
                f"| {clip} | {title} | {row['perceptual']:.4f} | {row['psnr_db']:.2f} | "
                f"{row['flicker']:.2f} | {row['switches']:.0f} | {row['ms']:.0f} | {row['boxes']} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.eyes", description=__doc__)
    parser.add_argument("--clip", nargs="*", choices=CLIPS)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--tracks", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results: dict[str, Rows] = {}
    for name in options.clip or CLIPS:
        item = trial(name, options.tracks)
        results[name] = measured(item, options.frames)
        if not options.json:
            print(markdown({name: results[name]}), flush=True)
    if options.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
