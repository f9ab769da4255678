"""A whole shot: decoded, drawn, composited, and coded without loss, all at once."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.gpu.drawing import actor_at, renderer_of
from benchmarks.gpu.footage import CloseUp
from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.settings import DeliverySettings
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.compositing.composite import composite
from dubsync.engine.device import settled
from dubsync.engine.render.renderer import NETWORK_FRAMES
from dubsync.media.movie.read_ahead import ReadAhead
from dubsync.media.pixels.display import display_rgb
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.write import ShotWriter


def shot_row(
    height: int, px: int, device: torch.device, half: bool, seconds: float, frames: int
) -> dict[str, Any]:
    """Frames a second of a shot `height` pixels high, its face's crop `px` wide.

    The shot is drawn again and again until `seconds` are over; its plate is H.264.
    """
    actor, plate = actor_at(px, frames)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plate.mov"
        track = _written(path, plate, height, frames)
        shot = probe_plate(path)
        draw = renderer_of(actor, track, device, half)
        done, began, busy = 0, time.perf_counter(), time.process_time()
        while not done or time.perf_counter() - began < seconds:
            draw.jump()
            writer = ShotWriter(
                Path(folder), f"render_{done}", shot, shot.frames, DeliverySettings()
            )
            with open_plate(shot) as reader, ReadAhead(reader.frames(shot.frames)) as read, writer:
                while held := [
                    frame for frame, _ in zip(read, range(NETWORK_FRAMES), strict=False)
                ]:
                    for frame, patch in zip(held, draw(held), strict=True):
                        writer.add(composite(frame, [patch] if patch else []))
                        done += 1
        settled(device)
        took, busy = time.perf_counter() - began, time.process_time() - busy
    return {
        "size": f"{shot.format.width}x{shot.format.height}", "crop_px": px, "frames": done,
        "frames_a_second": round(done / took, 2), "cpu_ms_a_frame": round(1000 * busy / done, 1),
    }  # fmt: skip


def _written(path: Path, plate: CloseUp, height: int, frames: int) -> FaceTrack:
    """The close-up in the middle of a frame `height` high, as a movie; its track there."""
    first, width = plate.track.frames.start, height * 16 // 9
    moved = np.zeros(2, np.float32)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=24, options={"preset": "ultrafast", "crf": "12"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.colorspace = 1
        for frame in plate.frames(range(first, first + frames)):
            picture, moved = _placed(display_rgb(frame), (height, width), plate.track.landmarks)
            shown = av.VideoFrame.from_ndarray(picture, format="rgb24")
            out.mux(video.encode(shown))
        out.mux(video.encode(None))
    span = probe_plate(path).frames
    track = plate.track.part(0, frames)
    landmarks = track.landmarks.copy()
    landmarks[..., :2] += moved
    where = FrameRange(span.start, span.start + frames, span.rate)
    return replace(track, landmarks=landmarks, frames=where)


def _placed(
    picture: NDArray[np.uint8], size: tuple[int, int], landmarks: Array
) -> tuple[NDArray[np.uint8], Array]:
    """The part of a picture, padded, of `size` round the face; by how much landmarks move."""
    height, width = size
    middle = landmarks[0, :, :2].mean(axis=0)
    left, top = (round(m - side / 2) for m, side in zip(middle, (width, height), strict=True))
    rows = np.clip(np.arange(top, top + height), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, picture.shape[1] - 1)
    part = np.ascontiguousarray(picture[rows][:, columns])
    return part, np.array([-left, -top], np.float32)
