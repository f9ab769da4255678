"""Media references as OpenTimelineIO writes them: of plates, and of our renders."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

import opentimelineio as otio

from dubsync.core.result import RenderedShot
from dubsync.core.shot import Plate
from dubsync.core.timecode import FrameRange
from dubsync.editorial.original import media_offset
from dubsync.editorial.otio_clip import NAMESPACE, RENDER_SCHEMA

_NUMBERED = re.compile(r"(?P<prefix>.*?)%(?:0(?P<padding>\d+))?d(?P<suffix>.*)")


def time_range(start: int, length: int, rate: Fraction) -> otio.opentime.TimeRange:
    """Frames as a TimeRange at the exact rate."""
    fps = float(rate)
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, fps), otio.opentime.RationalTime(length, fps)
    )


def plate_reference(plate: Plate, offset: int) -> otio.core.MediaReference:
    """The plate, its frames counted as the cut counts them."""
    return _reference(plate.path, plate.name, plate.frames, offset, plate.first_number)


def render_reference(
    render: RenderedShot, *, language: str, whole: FrameRange | None, was: dict[str, Any]
) -> dict[str, Any]:
    """A render as a media reference in the plate's own count, in the JSON of OpenTimelineIO.

    Args:
        whole: for a clip without a source range, which plays all its media has: that, as the
            plate's reference says it, so that the render's handles do not lengthen the clip.
        was: what of the clip is changed beside this, for whoever takes it out again.
    """
    name = PurePath(render.picture).name
    # Files of a rendered sequence are numbered as the plate's timecode counts its frames.
    number = render.frames.start
    reference = _reference(render.picture, name, render.frames, media_offset(render.shot), number)
    if whole is not None:
        reference.available_range = time_range(whole.start, len(whole), whole.rate)
    written: dict[str, Any] = json.loads(reference.to_json_string())
    written["metadata"] = {
        NAMESPACE: {
            "schema": RENDER_SCHEMA,
            "version": render.version,
            "language": language,
            "characters": list(render.characters),
            "matte": render.matte,
            "layer": render.layer,
            "record": render.record,
            "digest": render.digest,
            "touched_frames": render.touched,
            "samples_changed_outside_matte": render.samples_changed_outside_matte,
            **was,
        }
    }
    return written


def _reference(
    path: str, name: str, frames: FrameRange, offset: int, first_number: int | None
) -> otio.core.MediaReference:
    span = time_range(frames.start + offset, len(frames), frames.rate)
    folder, _, file = path.rpartition("/")
    numbered = _NUMBERED.fullmatch(file)
    if not numbered:
        return _named(
            otio.schema.ExternalReference(target_url=url(path), available_range=span), name
        )
    sequence = otio.schema.ImageSequenceReference(
        target_url_base=url(folder) + "/" if folder else "",
        name_prefix=numbered["prefix"],
        name_suffix=numbered["suffix"],
        start_frame=frames.start if first_number is None else first_number,
        frame_step=1,
        rate=float(frames.rate),
        frame_zero_padding=int(numbered["padding"] or 0),
        available_range=span,
    )
    return _named(sequence, name)


def _named(reference: otio.core.MediaReference, name: str) -> otio.core.MediaReference:
    reference.name = name
    return reference


def url(path: str) -> str:
    """A path as a percent-encoded URL: of a file if absolute, else relative to the timeline.

    >>> url("/plates/A 1.mov"), url("../renders/A#1.mov")
    ('file:///plates/A%201.mov', '../renders/A%231.mov')
    """
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path)
