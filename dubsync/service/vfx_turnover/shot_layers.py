"""The layers of one shot: written, read back, and composited again to see that they give the
render's own samples."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import DeliveryError
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Plate
from dubsync.core.steps import Composite
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.vfx.layers import (
    LayerEncoding,
    alpha_of,
    count_differing,
    generated,
    layer_encoding,
    layer_rgb,
    over,
)
from dubsync.media.plate import PlateReader, open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.stills.sequence import still_path
from dubsync.media.vfx.layer_file import frame_timecode, read_layers, write_layers
from dubsync.service.store.atomic_write import sync_file, sync_folder
from dubsync.service.vfx_turnover.drawn_layers import drawn_channels
from dubsync.service.vfx_turnover.shot_folder import ShotFolder


@dataclass(frozen=True, slots=True)
class Comp:
    """What compositing the written layers again showed.

    frames     that were written
    changed    of them with a matte above 0
    differing  samples that are not the render's; only 32-bit float plates may have any
    rgb_error  the largest difference in R, G or B, in steps of the plate's depth; of float plates
               in their own units
    layer_bytes, plate_bytes  on disk
    """

    frames: int
    changed: int
    differing: int
    rgb_error: float
    layer_bytes: int
    plate_bytes: int


def write_shot_layers(
    folder: ShotFolder,
    rendered: RenderedShot,
    drawn: Iterator[Composite] | None,
    said: Mapping[str, str],
    progress: Progress,
) -> Comp:
    """Write plate and layers of every frame of `rendered`, and composite them again.

    Args:
        drawn: the shot drawn once more, for the raw render and the ST-map; None: without them.
        said: attributes of each file, as text.

    Raises:
        DeliveryError: what is drawn is not the render, or the layers do not give the render.
        MediaError: plate, picture or matte cannot be read.
    """
    plate, span = rendered.shot.plate, rendered.frames
    encoding = layer_encoding(plate.format)
    for made in ("layers", "plate"):
        (folder.folder / made).mkdir(parents=True)
    shown = (open_plate(plate), _open(rendered.picture, span), _open(rendered.matte, span))
    comps = []
    with shown[0] as before, shown[1] as after, shown[2] as mattes:
        rows = zip(_all(before, span), _all(after, span), _all(mattes, span), strict=True)
        for done, (old, new, matte) in enumerate(rows, 1):
            new = Frame(old.number, new.planes, plate.format)
            again = None if drawn is None else _same(next(drawn), new, matte, rendered)
            frame = _Written(folder, encoding, old, new, matte.planes[0], again, said)
            comps.append(_one(frame, rendered))
            progress(Step("turn over", rendered.shot.name, done, len(span)))
    for made in ("layers", "plate"):
        sync_folder(folder.folder / made)
    return Comp(
        frames=len(comps),
        changed=sum(one.changed for one in comps),
        differing=sum(one.differing for one in comps),
        rgb_error=max(one.rgb_error for one in comps),
        layer_bytes=sum(one.layer_bytes for one in comps),
        plate_bytes=sum(one.plate_bytes for one in comps),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """One frame to write: its plate, its render, its matte (H, W), and what was drawn of it."""

    folder: ShotFolder
    encoding: LayerEncoding
    plate: Frame
    render: Frame
    matte: np.ndarray[Any, np.dtype[np.uint8]]
    drawn: Composite | None
    said: Mapping[str, str]


def _one(frame: _Written, rendered: RenderedShot) -> Comp:
    """Write one frame's plate and layers, and composite what was written."""
    number, kind = frame.plate.number, frame.encoding.samples
    plate, path = _plate(frame), frame.folder.layers(frame.plate.number)
    wanted = layer_rgb(frame.render)
    colour = generated(plate, wanted, frame.matte, kind)
    alpha = alpha_of(frame.matte, kind).astype(kind)
    channels = dict(zip("RGB", np.moveaxis(colour, -1, 0), strict=True))
    channels |= {"A": alpha, "matte.A": alpha}
    if frame.drawn is not None:
        channels |= drawn_channels(frame.drawn, kind)
    _write(frame, path, channels)
    there = read_layers(path)
    result = over(plate, np.stack([there[c] for c in "RGB"], axis=-1), there["A"])
    differing = count_differing(result, frame.render)
    error = float(np.abs(result - wanted).max())
    form = frame.plate.format
    if differing and not (form.floating and form.bits == 32 and _last_place(result, wanted)):
        raise DeliveryError(
            f"{rendered.shot.name}: the layers of frame {number} give {differing:,} other samples "
            "than its render",
            hint="send us the shot's record",
        )
    return Comp(
        frames=1,
        changed=int(frame.matte.any()),
        differing=differing,
        rgb_error=error if form.floating else error * ((1 << form.bits) - 1),
        layer_bytes=path.stat().st_size,
        plate_bytes=frame.folder.plate_file(number).stat().st_size,
    )


def _last_place(result: Array, wanted: Array) -> bool:
    """Whether no value is off by more than one unit in its last place."""
    return bool((np.abs(result - wanted) <= np.spacing(np.abs(wanted))).all())


def _plate(frame: _Written) -> Array:
    """Copy or write the plate's frame; (H, W, 3) float32 as a compositor then reads it."""
    rgb, path = layer_rgb(frame.plate), frame.folder.plate_file(frame.plate.number)
    if frame.folder.copied:
        plate = frame.folder.plate
        number = plate.still_number(frame.plate.number)
        shutil.copyfile(still_path(Path(plate.path), number), path)
        sync_file(path)
        return rgb
    stored = rgb.astype(frame.encoding.samples)
    _write(frame, path, dict(zip("RGB", np.moveaxis(stored, -1, 0), strict=True)))
    return stored.astype(np.float32)


def _write(frame: _Written, path: Path, channels: Mapping[str, Any]) -> None:
    plate = frame.folder.plate
    write_layers(
        path,
        channels,
        timecode=frame_timecode(frame.plate.number, plate.frames.rate, plate.drop),
        rate=plate.frames.rate,
        pixel_aspect=plate.format.pixel_aspect,
        said=frame.said,
    )
    sync_file(path)


def _same(made: Composite, render: Frame, matte: Frame, rendered: RenderedShot) -> Composite:
    """What was drawn again, if it is the render, sample for sample; else raises DeliveryError."""
    pairs = zip(made.frame.planes, render.planes, strict=True)
    alike = made.frame.number == render.number and all(np.array_equal(a, b) for a, b in pairs)
    if alike and np.array_equal(made.matte, matte.planes[0]):
        return made
    raise DeliveryError(
        f"{rendered.shot.name}: frame {render.number}, drawn again, is not the picture that "
        f"v{rendered.version:03d} has, so its raw render and ST-map would be another picture's",
        hint="render it again on this machine: dubsync sync; or leave these layers out: "
        "[vfx] redraw = false",
    )


def _open(path: str, span: FrameRange) -> PlateReader:
    """A render's picture or matte, open for reading."""
    return open_plate(_counted(probe_plate(Path(path), rate=span.rate), span))


def _counted(made: Plate, span: FrameRange) -> Plate:
    """`made`, its frames counted as the plate's."""
    if len(made.frames) != len(span):
        raise DeliveryError(
            f"{made.path} holds {len(made.frames)} frames, not {len(span)}",
            hint="render the shot again",
        )
    return replace(made, frames=span)


def _all(reader: PlateReader, span: FrameRange) -> Iterator[Frame]:
    return reader.frames(span)
