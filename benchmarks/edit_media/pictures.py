"""Edit media of a render against the plate coded once by the same codec, outside the matte.

Blocks of the codec that the matte's edge cuts are counted, as they are outside in part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dubsync.core.colour import plane_values, working_rgb
from dubsync.core.edit.codec import EDIT_CODECS, EditCodec, check_edit_picture
from dubsync.core.errors import DeliveryError
from dubsync.core.picture import Frame
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Plate
from dubsync.core.steps import Composite
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.edit.samples import conversion, edit_format, full_chroma
from dubsync.media.edit.write import write_edit_media
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.write import ShotWriter

N_FRAMES, SHOTS = 8, 2
#: Luma samples that the filters of chroma reach, at most.
REACH = 8
BLOCK = 16  #: lines of a row of blocks
#: Footage, first frame, and where a mouth is taken from ten frames later: left, top, width and
#: height, as shares of the picture.
FOOTAGE = {
    "obama_2020_20s.mov": (40, (0.42, 0.45, 0.16, 0.12)),
    "andrew_a_25s.mov": (60, (0.42, 0.5, 0.16, 0.14)),
    "testsrc_h264_10bit.mp4": (0, (0.4, 0.4, 0.2, 0.2)),
}


@dataclass(frozen=True)
class Case:
    """A plate's frames as a lossless movie, a render of them, and its matte."""

    name: str
    plate: Plate
    once: Path
    render: Path
    matte: Path


def compare_pictures(folder: Path, project: Path | None, footage: Path | None) -> None:
    """Print the PSNR outside the matte of both, for each codec, and their difference."""
    print("| plate | codec | plate coded once, dB | render's edit media, dB | difference "
          "| samples that differ in rows of blocks without matte |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for case in (*_of_project(folder, project), *_of_footage(folder, footage)):
        for codec in EDIT_CODECS.values():
            try:
                check_edit_picture(codec, codec.usual, case.plate.format, case.plate.frames.rate)
            except DeliveryError as error:
                print(f"| {case.name} | {codec.name} | refused: {error} | | | |", flush=True)
                continue
            once, first = _psnr(folder, case, codec, case.once, "once")
            ours, second = _psnr(folder, case, codec, case.render, "render")
            apart = _differing(first, second, case.matte)
            less = "equal" if once == ours else f"{ours - once:+.3f}"
            print(f"| {case.name} | {codec.name} | {once:.2f} | {ours:.2f} | {less} "
                  f"| {apart} |", flush=True)  # fmt: skip


def _psnr(
    folder: Path, case: Case, codec: EditCodec, movie: Path, kind: str
) -> tuple[float, Plate]:
    """PSNR, dB, of all planes outside the matte, and the edit media.

    Against the plate in the codec's own format, before it is coded.
    """
    source = probe_plate(movie)
    out = folder / f"{case.name}_{codec.name}_{kind}"
    out.mkdir()
    media = write_edit_media(source, out, "m", codec, "", plate=case.plate, span=source.frames,
                             digest=kind)  # fmt: skip
    made = probe_plate(Path(media.picture), rate=source.frames.rate)
    target = made.format if codec.name == "exr" else edit_format(source.format, codec)
    error = count = 0.0
    plate, matte = probe_plate(case.once), probe_plate(case.matte)
    convert = conversion(plate.format, target)
    if target.floating:

        def convert(frame: Frame) -> tuple[np.ndarray, ...]:
            return plane_values(working_rgb(full_chroma(frame, plate.format)), target)

    with open_plate(plate) as a, open_plate(made) as b, open_plate(matte) as m:
        for before, after, cover in zip(
            a.frames(plate.frames), b.frames(made.frames), m.frames(matte.frames), strict=True
        ):
            wanted = convert(before)
            scale = 1 << (made.format.bits - target.bits)
            for n in range(3):
                outside = _outside(_reached(cover.planes[0]), wanted[n].shape)
                coded = np.asarray(after.planes[n], np.float64) / scale
                part = (coded - np.asarray(wanted[n], np.float64))[outside]
                error, count = error + float((part**2).sum()), count + part.size
    top = 1.0 if target.floating else float((1 << target.bits) - 1)
    return (10 * np.log10(top**2 * count / error) if error else float("inf")), made


def _differing(once: Plate, ours: Plate, matte: Path) -> int:
    """Samples that differ in rows of 16 lines that no part of the matte reaches."""
    count, cover = 0, probe_plate(matte)
    with open_plate(once) as a, open_plate(ours) as b, open_plate(cover) as m:
        for one, other, over in zip(
            a.frames(once.frames), b.frames(ours.frames), m.frames(cover.frames), strict=True
        ):
            reached = _reached(over.planes[0])
            for top in range(0, reached.shape[0] - BLOCK + 1, BLOCK):
                if reached[top : top + BLOCK].any():
                    continue
                for n in range(3):
                    down = one.format.chroma[1] if n and one.format.model == "yuv" else 0
                    rows = slice(top >> down, (top + BLOCK) >> down)
                    count += int((one.planes[n][rows] != other.planes[n][rows]).sum())
    return count


def _reached(matte: np.ndarray) -> np.ndarray:
    """The matte, and the samples whose chroma is filtered from samples under it."""
    return cv2.dilate(matte, np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8))


def _outside(matte: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Samples of a plane of `shape` that cover no luma sample under the matte."""
    down, across = -(-matte.shape[0] // shape[0]), -(-matte.shape[1] // shape[1])
    if (down, across) == (1, 1):
        return matte == 0
    grown = np.zeros((shape[0] * down, shape[1] * across), matte.dtype)
    grown[: matte.shape[0], : matte.shape[1]] = matte
    return grown.reshape(shape[0], down, shape[1], across).max(axis=(1, 3)) == 0


def _of_project(folder: Path, project: Path | None) -> Iterator[Case]:
    """Shots that dubsync rendered, in `project`: frames from their middle on."""
    if project is None:
        return
    for matte in sorted(project.glob("renders/**/*_matte.mkv"))[::2][:SHOTS]:
        made = probe_plate(matte.with_name(matte.name.replace("_matte", "")))
        cover = probe_plate(matte)
        name = matte.parent.parent.name
        plate = next(probe_plate(p) for p in sorted((project / "plates").iterdir())
                     if name.startswith(p.stem))  # fmt: skip
        start = made.frames.start + len(made.frames) // 2
        span = FrameRange(start, start + N_FRAMES, made.frames.rate)
        places = FrameRange(span.start, span.stop, cover.frames.rate)
        with open_plate(plate) as a, open_plate(made) as b, open_plate(cover) as m:
            once = _written(folder, f"{name}_once", plate, span, map(_kept, a.frames(span)))
            drawn = (
                Composite(frame, np.array(over.planes[0]), ())
                for frame, over in zip(b.frames(span), m.frames(places), strict=True)
            )
            render = _written(folder, f"{name}_render", plate, span, drawn)
        yield Case(name, plate, once, render, render.with_name(f"{render.stem}_matte.mkv"))


def _of_footage(folder: Path, footage: Path | None) -> Iterator[Case]:
    """Footage in which a mouth is replaced by that of another frame."""
    for name, (first, box) in FOOTAGE.items() if footage else ():
        plate = probe_plate(footage / name)  # type: ignore[operator]
        start = plate.frames.start + first
        span = FrameRange(start, start + N_FRAMES, plate.frames.rate)
        with open_plate(plate) as reader, open_plate(plate) as later:
            frames = list(reader.frames(span))
            moved = later.read(range(start + 10, start + 10 + N_FRAMES))
            stem = Path(name).stem
            once = _written(folder, f"{stem}_once", plate, span, map(_kept, frames))
            render = _written(
                folder, f"{stem}_render", plate, span,
                (_mixed(a, b, box) for a, b in zip(frames, moved, strict=True)),
            )  # fmt: skip
        yield Case(stem, plate, once, render, render.with_name(f"{render.stem}_matte.mkv"))


def _kept(frame: Frame) -> Composite:
    return Composite(frame, np.zeros((frame.format.height, frame.format.width), np.uint8), ())


def _mixed(frame: Frame, other: Frame, box: tuple[float, float, float, float]) -> Composite:
    """The frame with an upright ellipse of another."""
    form = frame.format
    y, x = np.mgrid[: form.height, : form.width]
    left, top, width, height = box
    across = (x / form.width - left - width / 2) / (width / 2)
    down = (y / form.height - top - height / 2) / (height / 2)
    matte = np.where(across**2 + down**2 < 1, 255, 0).astype(np.uint8)
    planes = []
    for plane, new in zip(frame.planes, other.planes, strict=True):
        planes.append(np.where(_outside(matte, plane.shape), plane, new))
    return Composite(Frame(frame.number, tuple(planes), form), matte, ())


def _written(
    folder: Path, name: str, plate: Plate, span: FrameRange, made: Iterator[Composite]
) -> Path:
    with ShotWriter(folder, name, plate, span, DeliverySettings()) as writer:
        for composite in made:
            writer.add(composite)
    return writer.picture
