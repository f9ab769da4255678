"""Mouths of one shot, real and drawn, cut alike from the same frames of three copies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.detector.renders import FRAMES, Render
from benchmarks.mark.copies import Pictures, copy, landmarks_at, mouth_in, read
from dubsync.core.face import FaceTrack
from dubsync.engine.mark.embed import Marker
from dubsync.qc.mouth import eye_distance

Bytes = NDArray[np.uint8]
SIDE = 104  #: of a crop, pixels; the network sees 96 of them
WIDE = 1.7  #: side of a crop in eye distances: mouth, chin, and the tip of the nose
LIPS = [13, 14]
INSIDE = 127
PAYLOAD = 0xC0FFEE42
#: Ways of benchmarks.mark.copies that real and drawn pictures go alike.
COPIES = ("none", "CRF 18", "half, CRF 23")
#: "again": the plate after one more generation of H.264, a control.
MADE = [(v, way) for v in ("real", "drawn", "marked") for way in COPIES] + [("again", "CRF 18")]


@dataclass(frozen=True, slots=True, eq=False)
class Mouths:
    """(version, copy) -> (T, SIDE, SIDE, 3) R'G'B' of one shot; the same T frames in all.

    `borrowed.described` has features (T, D) float32 in their place.
    """

    shot: str
    crops: dict[tuple[str, str], NDArray[Any]]

    def __len__(self) -> int:
        return len(self.crops["real", "none"])


def mouths(given: Render, secret: bytes, kept: Path) -> Mouths:
    """The crops of a render, cut once and kept as `kept`/crops_SHOT.npz."""
    at = kept / f"crops_{given.shot}.npz"
    if not at.exists():
        made = _cut_all(given, secret)
        np.savez(at, allow_pickle=False, **{"|".join(key): v for key, v in made.items()})
    with np.load(at) as found:
        crops = {(version, way): found[f"{version}|{way}"] for version, way in MADE}
    return Mouths(given.shot, crops)


def _cut_all(given: Render, secret: bytes) -> dict[tuple[str, str], Bytes]:
    plate, drawn = (read(str(path), FRAMES) for path in (given.plate, given.picture))
    matte = read(str(given.matte), FRAMES).luma
    matte = np.where(matte > 20, matte, 0).astype(np.uint8)
    track = max(plate.tracks(), key=lambda t: mouth_in(matte, t))
    versions = {
        "real": plate,
        "drawn": drawn,
        "marked": _marked(drawn, matte, track, secret),
        "again": copy(plate, "CRF 18"),
    }
    frames = [n for n in range(len(matte)) if _drawn_at(matte[n], landmarks_at(track, n))]
    size = plate.luma.shape[2]
    made = {}
    for version, way in MADE:
        seen = copy(versions[version], way)
        scale = seen.luma.shape[2] / size
        made[version, way] = np.stack([_crop(seen, n, track, scale) for n in frames])
    return made


def _marked(drawn: Pictures, matte: Bytes, track: FaceTrack, secret: bytes) -> Pictures:
    """The render with the house's mark, put in as a sync does: last, within the matte."""
    marker, luma = Marker(secret, PAYLOAD), drawn.luma.copy()
    for frame in drawn.frames():
        points = landmarks_at(track, frame.number)
        if points is not None and matte[frame.number].any():
            luma[frame.number] = marker(frame, matte[frame.number], [points]).planes[0]
    return Pictures(luma, drawn.chroma)


def _drawn_at(matte: Bytes, points: NDArray[np.float32] | None) -> bool:
    """Whether this frame's mouth was drawn."""
    if points is None:
        return False
    x, y = np.clip(points[LIPS, :2].mean(axis=0), 0, np.array(matte.shape[::-1]) - 1).astype(int)
    return bool(matte[y, x] > INSIDE)


def _crop(pictures: Pictures, n: int, track: FaceTrack, scale: float) -> Bytes:
    """The mouth of frame n, by the plate's own landmarks whatever was drawn there."""
    count, height, width = pictures.luma.shape
    planes = np.concatenate([pictures.luma[n].ravel(), pictures.chroma[n]])
    rgb = cv2.cvtColor(planes.reshape(height * 3 // 2, width), cv2.COLOR_YUV2RGB_I420)
    points = track.landmarks[n - track.frames.start]
    side = max(round(float(eye_distance(points[None])[0]) * WIDE * scale), 2)
    x, y = points[LIPS, :2].mean(axis=0) * scale
    move = np.array([[1, 0, side / 2 - x], [0, 1, side / 2 - y]], np.float64)
    cut = cv2.warpAffine(rgb, move, (side, side), borderMode=cv2.BORDER_REPLICATE)
    how = cv2.INTER_AREA if side > SIDE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, (SIDE, SIDE), interpolation=how), np.uint8)
