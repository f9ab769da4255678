"""Renders as the benchmark takes them, and the copies that it makes of them with ffmpeg."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.track.tracker import FaceTracker

Bytes = NDArray[np.uint8]
PRORES = ["-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le"]
HALF = "scale=trunc(iw/4)*2:trunc(ih/4)*2:flags=bicubic"


def h264(crf: int) -> list[str]:
    """ffmpeg's arguments for H.264 at a constant rate factor."""
    return ["-c:v", "libx264", "-preset", "medium", "-crf", str(crf), "-pix_fmt", "yuv420p"]


#: What is done to a copy: steps of (filter, codec).
WAYS: dict[str, list[tuple[str, list[str]]]] = {
    "none": [],
    "ProRes": [("null", PRORES)],
    "CRF 18": [("null", h264(18))],
    "half, CRF 18": [(HALF, h264(18))],
    "crop, CRF 18": [("crop=trunc(iw*.45)*2:trunc(ih*.45)*2:iw*.06:ih*.07", h264(18))],
    "1.08, CRF 18": [("scale=trunc(iw*.54)*2:trunc(ih*.54)*2", h264(18))],
    "gamma, CRF 18": [("eq=gamma=1.1:contrast=1.05", h264(18))],
    "grain, CRF 18": [("noise=c0s=12:c0f=t", h264(18))],
    "24>25 repeated, CRF 18": [("fps=25", h264(18))],
    "24>25 blended, CRF 18": [("framerate=fps=25", h264(18))],
    "CRF 23": [("null", h264(23))],
    "CRF 28": [("null", h264(28))],
    "half, CRF 23": [(HALF, h264(23))],
    "ProRes, CRF 23 half": [("null", PRORES), (HALF, h264(23))],
}


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """8-bit 4:2:0 pictures: luma (T, H, W), chroma (T, H * W / 2), both planes in a row."""

    luma: Bytes
    chroma: Bytes

    def frames(self, first: int = 0, last: int | None = None) -> Iterator[Frame]:
        """Frames `first`..`last`, numbered as they are."""
        _, height, width = self.luma.shape
        form = PictureFormat(width, height, "yuv", 8, chroma=(1, 1), matrix="bt709")
        for n in range(first, len(self.luma) if last is None else min(last, len(self.luma))):
            blue, red = self.chroma[n].reshape(2, height // 2, width // 2)
            yield Frame(n, (self.luma[n], blue, red), form)

    def tracks(self) -> tuple[FaceTrack, ...]:
        """Every face."""
        span = FrameRange(0, len(self.luma), Fraction(24))
        return FaceTracker()(self.frames(), span, shot="copy", progress=silent)


def read(path: str, count: int, scale: float = 1.0) -> Pictures:
    """The first `count` frames of a movie."""
    parts = _size(path)
    width, height = (round(side * scale / 2) * 2 for side in parts)
    data = _ffmpeg([
        "-i", path, "-frames:v", str(count), "-fps_mode", "passthrough",
        "-vf", f"scale={width}:{height}", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-",
    ])  # fmt: skip
    return _split(data, width, height)


def copy(given: Pictures, way: str) -> Pictures:
    """What `WAYS[way]` makes of pictures."""
    if not WAYS[way]:
        return given
    count, height, width = given.luma.shape
    data = np.concatenate([given.luma.reshape(count, -1), given.chroma], axis=1).tobytes()
    source = [
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", "24", "-i", "-",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for n, (how, codec) in enumerate(WAYS[way]):
            out = str(Path(folder) / f"{n}.mov")
            _ffmpeg([*source, "-vf", how, *codec, out], data)
            source, data = ["-i", out], b""
        return read(out, 10 * count)


def mouth_in(matte: Bytes, track: FaceTrack) -> float:
    """How much of a face's mouth the matte holds: which of several was drawn."""
    height, width = matte.shape[1:]
    total = 0.0
    for n, points in zip(
        range(track.frames.start, track.frames.stop), track.landmarks, strict=True
    ):
        x, y = points[[0, 17, 152], :2].mean(axis=0).astype(int)
        if 0 <= x < width and 0 <= y < height:
            total += float(matte[n, y, x])
    return total


def landmarks_at(track: FaceTrack, number: int) -> Array | None:
    """The face's landmarks in a frame, if it is seen there."""
    at = number - track.frames.start
    seen = 0 <= at < len(track.frames) and track.confidence[at] > 0
    return track.landmarks[at] if seen else None


def _size(path: str) -> tuple[int, int]:
    command = [
        "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height",
        "-of", "csv=p=0", path,
    ]  # fmt: skip
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    width, height = out.strip().strip(",").split(",")[:2]
    return int(width), int(height)


def _ffmpeg(arguments: list[str], data: bytes = b"") -> bytes:
    command = ["ffmpeg", "-y", "-v", "error", "-threads", "1", *arguments]
    return subprocess.run(command, check=True, input=data, stdout=subprocess.PIPE).stdout


def _split(data: bytes, width: int, height: int) -> Pictures:
    each = width * height * 3 // 2
    rows = np.frombuffer(data, np.uint8)[: len(data) // each * each].reshape(-1, each)
    area = width * height
    return Pictures(rows[:, :area].reshape(-1, height, width), rows[:, area:])
