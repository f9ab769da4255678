"""Spoils a rendered shot in one known way, inside its matte, and writes it as a lossless movie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.qc.make import Measured, with_picture
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.qc.mouth import LIPS, eye_distance
from dubsync.service.qc.retrack import STILL, Face, joined_face

Plane = NDArray[np.float32]
#: (Y, U, V) at their own sizes, 0..255
Planes = tuple[Plane, Plane, Plane]


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """All frames of a rendered shot: (Y, U, V) of plate and render, the matte and landmarks."""

    plate: list[Planes]
    render: list[Planes]
    matte: list[Plane]
    face: Face

    @property
    def eyes(self) -> float:
        """Distance of the eyes, pixels."""
        return float(np.median(eye_distance(self.face.landmarks[self.face.seen])))


def pictures_of(measured: Measured) -> Pictures:
    """Read a rendered shot whole."""
    rendered = measured.rendered
    render, matte = (probe_plate(Path(p)) for p in (rendered.picture, rendered.matte))
    read = []
    for plate, span in (
        (rendered.shot.plate, rendered.frames),
        (render, render.frames),
        (matte, matte.frames),
    ):
        with open_plate(plate) as reader:
            read.append(
                [[np.asarray(p, np.float32) for p in f.planes] for f in reader.frames(span)]
            )
    plates, renders, mattes = read
    face = joined_face(measured.parts[0].character, measured.parts, rendered.frames)
    return Pictures(
        [(p[0], p[1], p[2]) for p in plates],
        [(p[0], p[1], p[2]) for p in renders],
        [m[0] for m in mattes],
        face,
    )


# -- the ways to spoil; each gives the planes of frame n, before they are put inside the matte

Spoil = Callable[[Pictures, int], Planes]


def blurred(px: float) -> Spoil:
    """Gaussian blur of `px` pixels at an eye distance of 60."""

    def spoil(shown: Pictures, n: int) -> Planes:
        sigma = px * shown.eyes / 60
        return planes_of(cv2.GaussianBlur(p, (0, 0), sigma / s) for p, s in sized(shown.render[n]))

    return spoil


def shifted(across: float, down: float) -> Spoil:
    """Moved by a share of the eye distance, at least 3 pixels."""

    def spoil(shown: Pictures, n: int) -> Planes:
        far = max(shown.eyes, 3 / max(abs(across), abs(down)))
        move = np.array([[1, 0, across * far], [0, 1, down * far]])
        return planes_of(warped(p, move, s) for p, s in sized(shown.render[n]))

    return spoil


def late(frames: int) -> Spoil:
    """The mouth of some frames ago, moved with the head."""
    return lambda shown, n: _from_frame(shown, shown.render, max(n - frames, 0), n)


def frozen(shown: Pictures, n: int) -> Planes:
    """The mouth of the frame in the middle."""
    return _from_frame(shown, shown.render, len(shown.render) // 2, n)


def original(shown: Pictures, n: int) -> Planes:
    """The plate's own mouth."""
    return shown.plate[n]


def flickering(share: float) -> Spoil:
    """Every second frame brighter by `share`."""
    return lambda shown, n: _brighter(shown.render[n], 1 + share * (n % 2))


def brighter(share: float) -> Spoil:
    """All frames brighter by `share`."""
    return lambda shown, n: _brighter(shown.render[n], 1 + share)


def lighter(levels: float) -> Spoil:
    """Brightness raised by so many of 255 levels, in the dark too."""
    return lambda shown, n: (shown.render[n][0] + np.float32(levels), *shown.render[n][1:])


def redder(levels: float) -> Spoil:
    """Red-difference raised by so many of 255 levels."""
    return lambda shown, n: (*shown.render[n][:2], shown.render[n][2] + np.float32(levels))


def teeth(shown: Pictures, n: int) -> Planes:
    """The plate's most open mouth in every frame."""
    points = shown.face.landmarks
    apart = np.linalg.norm(points[:, 13] - points[:, 14], axis=-1) * shown.face.seen
    return _from_frame(shown, shown.plate, int(np.argmax(apart)), n)


def stray(planes: Planes) -> Planes:
    """One pixel in the corner changed by one level."""
    y = planes[0].copy()
    y[1, 1] += 1 if y[1, 1] < 255 else -1
    return y, planes[1], planes[2]


def of_another(donor: Pictures) -> Spoil:
    """Another person's mouth, its lips laid on these and its light matched."""

    def spoil(shown: Pictures, n: int) -> Planes:
        source = n % len(donor.plate)
        ours, theirs = shown.face.landmarks[n], donor.face.landmarks[source]
        move = similarity(theirs[list(LIPS), :2], ours[list(LIPS), :2])
        oval = _oval(ours, shown.matte[n].shape)
        result = []
        for p, (own, step) in zip(donor.plate[source], sized(shown.render[n]), strict=True):
            other = warped(p, move, step, size=own.shape[::-1])
            weight = cv2.resize(oval, own.shape[::-1], interpolation=cv2.INTER_AREA)
            edge = (weight > 0.02) & (weight < 0.5)
            other = other + (own[edge].mean() - other[edge].mean())
            result.append(own + weight * (other - own))
        return planes_of(result)

    return spoil


def write_spoilt(
    measured: Measured, shown: Pictures, spoil: Spoil, folder: Path, *, box: bool = False
) -> Measured:
    """The shot spoilt, written to `folder`.

    Args:
        box: the matte becomes its bounding box, hard.
    """
    folder.mkdir(parents=True, exist_ok=True)
    planes, mattes = [], []
    for n, (render, matte) in enumerate(zip(shown.render, shown.matte, strict=True)):
        cover = _boxed(matte) if box else matte
        mattes.append(cover)
        planes.append(_inside(render, spoil(shown, n), cover) if cover.any() else render)
    return _written(measured, planes, mattes if box else None, folder)


def write_changed(
    measured: Measured, shown: Pictures, change: Callable[[Planes], Planes], folder: Path
) -> Measured:
    """The shot with its middle frame changed anywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    planes = list(shown.render)
    planes[len(planes) // 2] = change(planes[len(planes) // 2])
    return _written(measured, planes, None, folder)


def _written(
    measured: Measured, planes: Sequence[Planes], mattes: Sequence[Plane] | None, folder: Path
) -> Measured:
    rate = measured.rendered.frames.rate
    write_ffv1(folder / "picture.mkv", planes, rate)
    result = with_picture(measured, folder / "picture.mkv")
    if mattes is None:
        return result
    write_ffv1(folder / "matte.mkv", [(m,) for m in mattes], rate)
    return with_picture(result, folder / "picture.mkv", folder / "matte.mkv")


def write_ffv1(path: Path, frames: Sequence[tuple[Plane, ...]], rate: Fraction) -> None:
    """Frames of one plane (gray) or three (yuv420p) as lossless FFV1."""
    kind = "gray" if len(frames[0]) == 1 else "yuv420p"
    height, width = frames[0][0].shape
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, kind
        for n, planes in enumerate(frames):
            frame = av.VideoFrame(width, height, kind)
            for target, plane in zip(frame.planes, planes, strict=True):
                filled = np.zeros((target.height, target.line_size), np.uint8)
                filled[:, : target.width] = np.clip(np.rint(plane), 0, 255).astype(np.uint8)
                target.update(filled.tobytes())
            frame.pts, frame.time_base = n, 1 / rate
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _inside(render: Planes, spoilt: Planes, matte: Plane) -> Planes:
    """`spoilt` where the matte is, over `render`."""
    return planes_of(
        own + cv2.resize(matte, own.shape[::-1], interpolation=cv2.INTER_AREA) / 255 * (new - own)
        for own, new in zip(render, spoilt, strict=True)
    )


def _boxed(matte: Plane) -> Plane:
    if not matte.any():
        return matte
    rows, columns = (np.flatnonzero(matte.any(axis=a)) for a in (1, 0))
    box = np.zeros_like(matte)
    top, left = rows[0] // 2 * 2, columns[0] // 2 * 2
    box[top : rows[-1] // 2 * 2 + 2, left : columns[-1] // 2 * 2 + 2] = 255
    return box


def _from_frame(shown: Pictures, source: Sequence[Planes], at: int, n: int) -> Planes:
    """Frame `at` of `source`, moved as the head moved to frame `n`."""
    points = shown.face.landmarks
    move = similarity(points[at][STILL, :2], points[n][STILL, :2])
    return planes_of(warped(p, move, s) for p, s in sized(source[at]))


def similarity(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """(2, 3) the rotation, scale and move that bring `one` nearest to `other`."""
    a, b = one - one.mean(axis=0), other - other.mean(axis=0)
    power = float((a * a).sum())
    cos, sin = (
        float((a * b).sum()) / power,
        float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / power,
    )
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.concatenate([turn, (other.mean(axis=0) - turn @ one.mean(axis=0))[:, None]], axis=1)


def warped(
    plane: Plane, move: NDArray[np.float64], step: float, size: tuple[int, int] | None = None
) -> Plane:
    """`plane`, whose samples are `step` pixels apart, moved by `move` in pixels."""
    scaled = np.array(move, np.float64)
    # Landmarks count from the corner of the first pixel, cv2 from its centre.
    scaled[:, 2] = scaled[:, 2] / step + (scaled[:, :2].sum(axis=1) - 1) / 2
    return np.asarray(
        cv2.warpAffine(
            plane, scaled, size or plane.shape[::-1], flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )  # fmt: skip


def _oval(points: NDArray[np.floating], shape: tuple[int, ...]) -> Plane:
    """A soft oval over the lips, 0..1."""
    lips = points[list(LIPS), :2]
    filled = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(np.rint(lips).astype(np.int32)), 255)
    eyes = float(eye_distance(points[None])[0])
    side = 2 * max(1, round(0.12 * eyes)) + 1
    grown = cv2.dilate(filled, np.ones((side, side), np.uint8)).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), max(0.06 * eyes, 0.8)), np.float32)


def _brighter(planes: Planes, gain: float) -> Planes:
    return (np.asarray(16 + (planes[0] - 16) * gain, np.float32), planes[1], planes[2])


def sized(planes: Planes) -> list[tuple[Plane, float]]:
    """The planes, each with the pixels from one of its samples to the next."""
    return [(p, planes[0].shape[1] / p.shape[1]) for p in planes]


def planes_of(planes: Iterable[NDArray[Any]]) -> Planes:
    y, u, v = (np.asarray(plane, np.float32) for plane in planes)
    return y, u, v
