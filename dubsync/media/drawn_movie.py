"""Write pictures that were drawn, as a movie or an image sequence: all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import OpenEXR

from dubsync.core.arrays import Array
from dubsync.core.colour import plane_values, stored
from dubsync.core.errors import DeliveryError
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.files.atomic_output import land, refuse_existing, sync_folder
from dubsync.media.files.cannot_write import cannot_write
from dubsync.media.files.exr import write_exr
from dubsync.media.movie.codecs import PRORES_4444, Codec, lossless
from dubsync.media.movie.playable import write_playable
from dubsync.media.movie.write import MovieWriter, landed, writing
from dubsync.media.pixels.formats import frame_of

MOVIES, SEQUENCES = (".mov", ".mkv", ".mp4"), (".png", ".exr")
#: Number in the name of a sequence's first file, as is usual for shots.
FIRST_FILE = 1001


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is written: its size, frames and rate, and what stands in the file about it.

    frames  numbered as the driver's are; from 0 where there is no driver
    alpha   whether each picture comes with a matte, which is kept where `keeps_alpha`
    made    how it was made, for the file's comment
    slate   the plate whose timecode is kept; None: none
    sound   the file whose sound is laid beside it; None: none
    """

    width: int
    height: int
    frames: FrameRange
    made: str
    alpha: bool = False
    slate: Plate | None = None
    sound: Path | None = None


class AddPicture(Protocol):
    """Appends one picture."""

    def __call__(self, rgb: Array, alpha: Array | None = None) -> None:
        """Args: rgb: (H, W, 3) working colour.  alpha: (H, W) 0..1; None: opaque."""


def keeps_alpha(out: Path) -> bool:
    """Whether a file of that suffix keeps transparency."""
    return out.suffix.lower() in (".mov", *SEQUENCES)


def files_of(out: Path) -> Path:
    """The movie, or the printf pattern of the sequence's files, that `drawing` writes for `out`."""
    if out.suffix.lower() in MOVIES:
        return out
    return (
        out if "%" in out.name else out.with_name(f"{out.stem.replace('%', '%%')}.%04d{out.suffix}")
    )


def check_free(out: Path) -> None:
    """Raises DeliveryError where `out`, or any file of its sequence, is there already."""
    if out.suffix.lower() in MOVIES:
        refuse_existing(out)
        return
    head = files_of(out).name.split("%", 1)[0]
    numbered = re.compile(rf"{re.escape(head)}\d+{re.escape(out.suffix)}")
    for path in sorted(out.parent.iterdir()) if out.parent.is_dir() else []:
        if numbered.fullmatch(path.name):
            raise DeliveryError(f"{path} exists", hint="choose another name, or move it away")


@contextmanager
def drawing(
    out: Path, drawn: Drawn, done: Callable[[int, int], None] = lambda n, total: None
) -> Iterator[AddPicture]:
    """A function that appends one picture to `out`; the file appears when the block succeeds.

    .mov is ProRes 4444, .mkv is FFV1 with 10 bits, .mp4 is H.264 that plays anywhere, .png and .exr
    are sequences from NAME.1001 on.  Pictures are BT.709 and sRGB; EXR is scene-linear.

    Args:
        done: called with (frames, of all) while an .mp4 is coded, after the last picture.

    Raises:
        DeliveryError: `out` exists, or cannot be written; nothing is left.
    """
    suffix = out.suffix.lower()
    check_free(out)
    if suffix in SEQUENCES:
        with _sequence(out, drawn) as add:
            yield add
    elif suffix == ".mp4":
        master = out.with_name(f".{out.stem}.master.mkv")
        master.unlink(missing_ok=True)
        try:
            with landed(master) as aside, _movie(aside, out, drawn, fast=True) as add:
                yield add
            write_playable(master, out, done=done, made=drawn.made)
        finally:
            master.unlink(missing_ok=True)
    else:
        with landed(out) as aside, _movie(aside, out, drawn) as add:
            yield add


@contextmanager
def _movie(aside: Path, out: Path, drawn: Drawn, *, fast: bool = False) -> Iterator[AddPicture]:
    form, codec = _coding(drawn, aside.suffix.lower(), fast)
    plate = drawn.slate or Plate(
        out.name, str(out), "", drawn.frames, form, has_sound=False, has_timecode=False
    )
    with writing(out):
        movie = MovieWriter(
            aside, codec, form, drawn.frames, plate, sound=drawn.sound, made=drawn.made
        )
    layered = form.storage.startswith("yuva")
    whole = np.ones((drawn.height, drawn.width), np.float32) if layered else None
    like = np.zeros(1, np.uint16)

    def add(rgb: Array, alpha: Array | None = None) -> None:
        planes = [stored(values, like, form) for values in plane_values(rgb, form)]
        if whole is not None:
            matte = whole if alpha is None else alpha
            planes.append(np.rint(np.clip(matte, 0, 1) * 1023).astype(np.uint16))
        with writing(out):
            movie.add(frame_of(tuple(planes), form))

    with ExitStack() as undo:
        undo.callback(movie.abandon)  # whatever ends the block
        yield add
        undo.pop_all()
        with writing(out):
            movie.close()


def _coding(drawn: Drawn, suffix: str, fast: bool) -> tuple[PictureFormat, Codec]:
    """Format and codec of a movie; `fast` ones are only read again, to be coded anew."""
    form = PictureFormat(
        drawn.width, drawn.height, "rgb", 10, matrix="rgb", full_range=True, primaries="1",
        transfer="1", storage="gbrp10le",
    )  # fmt: skip
    if suffix == ".mkv" and not fast:
        return form, lossless(form, suffix)
    pixel = "yuva444p10le" if drawn.alpha and not fast else "yuv444p10le"
    form = replace(form, model="yuv", matrix="bt709", full_range=False, storage=pixel)
    if fast:
        return form, lossless(form, ".mov")  # H.264, which is faster than FFV1
    options = {k: v for k, v in PRORES_4444.items() if drawn.alpha or k != "alpha_bits"}
    return form, Codec("prores_ks", pixel, options)


@contextmanager
def _sequence(out: Path, drawn: Drawn) -> Iterator[AddPicture]:
    pattern, written = files_of(out), [0]
    asides: list[tuple[Path, Path]] = []
    write = _write_exr if out.suffix.lower() == ".exr" else _write_png

    def add(rgb: Array, alpha: Array | None = None) -> None:
        path = pattern.with_name(pattern.name % (FIRST_FILE + written[0]))
        written[0] += 1
        aside = path.with_name(f".part.{path.name}")
        asides.append((aside, path))
        matte = np.ones(rgb.shape[:2], np.float32) if alpha is None and drawn.alpha else alpha
        try:
            write(aside, rgb, matte, drawn)
        except OSError as error:
            raise cannot_write(path, error) from error

    try:
        yield add
        with writing(out):
            for aside, path in asides:
                land(aside, path)
            sync_folder(out.parent)
    finally:
        for aside, _ in asides:
            aside.unlink(missing_ok=True)


def _write_png(path: Path, rgb: Array, alpha: Array | None, drawn: Drawn) -> None:
    shown = rgb[..., ::-1] if alpha is None else np.dstack([rgb[..., ::-1], alpha])
    samples = np.ascontiguousarray(np.rint(np.clip(shown, 0, 1) * 255), np.uint8)
    done, data = cv2.imencode(".png", samples)
    if not done:
        raise OSError("the picture cannot be encoded as PNG")
    path.write_bytes(data.tobytes())


def _write_exr(path: Path, rgb: Array, alpha: Array | None, drawn: Drawn) -> None:
    form = PictureFormat(drawn.width, drawn.height, "rgb", 16, floating=True, matrix="rgb",
                         full_range=True, storage="exr-half")  # fmt: skip
    share = 1 if alpha is None else alpha
    channels = {name: np.ascontiguousarray(plane * share, np.float16)
                for name, plane in zip("RGB", plane_values(rgb, form), strict=True)}  # fmt: skip
    if alpha is not None:
        channels["A"] = np.ascontiguousarray(alpha, np.float16)
    header: dict[str, Any] = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "comments": drawn.made,
    }
    write_exr(path, header, channels)
