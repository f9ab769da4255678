"""What the mark survives, for shots of 48 frames: blind, and with the clean render at hand.

    python -m benchmarks.mark [--area PIXELS] [--ways "CRF 18;CRF 23"] PICTURE MATTE [...]

PICTURE and MATTE are a render's, as `dubsync` writes them, not marked.  --area scales the picture
so that its matte has about so many pixels in a frame.  For each copy: the score of each shot, and
whether the payload was read with a false alarm of at most 1e-6 (+).  Last, for each way, the shots
of all renders pooled, read with the payload that a record expects.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.mark.copies import WAYS, Pictures, copy, landmarks_at, mouth_in, read
from dubsync.core.face import FaceTrack
from dubsync.engine.mark.embed import Marker
from dubsync.engine.mark.flat_face import FlatFaces, flat_faces
from dubsync.engine.mark.informed import read_informed
from dubsync.engine.mark.pool import pooled
from dubsync.engine.mark.reader import read_mark
from dubsync.engine.mark.reading import Reading

SECRET, PAYLOAD = b"the secret of the benchmark", 0xC0FFEE42
FRAMES, SHOTS = 48, 2
#: Below this a render's matte is soft edge.
INSIDE = 127


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A marked render, the frames of it that have a mark, and its clean flat faces."""

    pictures: Pictures
    first: int
    clean: FlatFaces


def marked(picture: str, matte: str, area: float | None) -> Marked:
    """Mark a render; prints its size, noise and cost."""
    frames = 3 * FRAMES
    scale = 1.0
    if area is not None:
        whole = read(matte, frames).luma
        scale = float(np.sqrt(area / _area(whole)))
    clean, inside = read(picture, frames, scale), read(matte, frames, scale).luma
    inside = np.where(inside > 20, inside, 0).astype(np.uint8)
    track = max(clean.tracks(), key=lambda t: mouth_in(inside, t))
    marker, luma = Marker(SECRET, PAYLOAD), clean.luma.copy()
    began = time.process_time()
    for frame in clean.frames():
        points = landmarks_at(track, frame.number)
        if points is not None and inside[frame.number].any():
            luma[frame.number] = marker(frame, inside[frame.number], [points]).planes[0]
    cost = (time.process_time() - began) / len(luma) * 1000
    where = inside > INSIDE
    error = np.square(luma[where].astype(float) - clean.luma[where]).mean()
    print(
        f"{picture.rsplit('/', 1)[-1]}: {clean.luma.shape[2]}x{clean.luma.shape[1]}, matte "
        f"{_area(inside):.0f} px, PSNR in it {10 * np.log10(255**2 / error):.1f} dB, "
        f"{cost:.1f} ms a frame"
    )
    first = int(np.flatnonzero(inside.any(axis=(1, 2)))[0])
    return Marked(Pictures(luma, clean.chroma), first, flat_faces(clean.frames(), track))


def _area(matte: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    sizes = (matte > INSIDE).sum(axis=(1, 2))
    return float(sizes[sizes > 0].mean())


@dataclass(frozen=True, slots=True)
class Readings:
    """Of a copy's shots: blind, with the payload expected, with the clean render; ms a frame."""

    blind: list[Reading]
    known: list[Reading]
    informed: list[Reading]
    cost: float


def shot_readings(given: Marked, way: str) -> Readings:
    """All readings of one copy."""
    made = copy(given.pictures, way)
    tracks = made.tracks()
    blind, known, informed, spent = [], [], [], 0.0
    for n in range(SHOTS):
        start = given.first + n * FRAMES
        cut = [_cut(track, start, start + FRAMES) for track in tracks]
        faces = [track for track in cut if track is not None]
        began = time.process_time()
        blind.append(read_mark(made.frames(start, start + FRAMES), faces, SECRET))
        spent += time.process_time() - began
        known.append(
            read_mark(made.frames(start, start + FRAMES), faces, SECRET, expected=[PAYLOAD])
        )
        informed.append(
            read_informed(made.frames(start, start + FRAMES), faces, SECRET, given.clean)
        )
    return Readings(blind, known, informed, spent / (SHOTS * FRAMES) * 1000)


def _cut(track: FaceTrack, start: int, stop: int) -> FaceTrack | None:
    """The part of a track within a shot."""
    low, high = max(track.frames.start, start), min(track.frames.stop, stop)
    if high - low < FRAMES // 2:
        return None
    part = slice(low - track.frames.start, high - track.frames.start)
    return FaceTrack(
        track.face, type(track.frames)(low, high, track.frames.rate), track.landmarks[part],
        track.blendshapes[part], track.confidence[part], track.appearance,
    )  # fmt: skip


def main() -> None:
    """Print a line for each copy of each render."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--area", type=float)
    parser.add_argument("--ways", default=";".join(WAYS))
    parser.add_argument("files", nargs="+")
    given = parser.parse_args()
    together: dict[str, list[Reading]] = {}
    for picture, matte in zip(given.files[::2], given.files[1::2], strict=True):
        render = marked(picture, matte, given.area)
        for way in given.ways.split(";"):
            found = shot_readings(render, way)
            together.setdefault(way, []).extend(found.known)
            print(
                f"  {way:24s} blind {_said(found.blind)} | expected {_said(found.known)} | "
                f"informed {_said(found.informed)} | {found.cost:.0f} ms",
                flush=True,
            )
    for way, readings in together.items():
        weak = [r for r in readings if r.false_alarm > 1e-6]
        print(f"{way}: all {len(readings)} shots pooled {pooled(readings):.1e}; "
              f"the {len(weak)} that say nothing alone {pooled(weak):.1e}")  # fmt: skip


def _said(readings: list[Reading]) -> str:
    return " ".join(f"{r.score:5.1f}{'+' if r.payload == PAYLOAD else '-'}" for r in readings)


if __name__ == "__main__":
    main()
