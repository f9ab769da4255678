"""Builds the time ranges and media references of plates and renders."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import PurePath
from typing import Any

import opentimelineio as otio

from dubsync.core.result import RenderedShot
from dubsync.core.shot import Plate
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.otio.nodes import DEFAULT_KEY
from dubsync.editorial.otio.renders import NAMESPACE, RENDER_SCHEMA
from dubsync.editorial.timeline.media_paths import media_url
from dubsync.editorial.tracks.corrected_clips import media_offset

_NUMBERED = re.compile(r"(?P<prefix>.*?)%(?:0(?P<padding>\d+))?d(?P<suffix>.*)")


def time(frames: Fraction | int, rate: Fraction) -> otio.opentime.RationalTime:
    """Frames at an exact rate, rounded to floats."""
    return otio.opentime.RationalTime(float(frames), float(rate))


def span(start: Fraction | int, length: Fraction | int, rate: Fraction) -> otio.opentime.TimeRange:
    """`length` frames from `start`."""
    return otio.opentime.TimeRange(time(start, rate), time(length, rate))


def plate_reference(plate: Plate, offset: int) -> otio.core.MediaReference:
    """The plate, in the cut's numbering: shifted by `offset` frames."""
    frames = plate.file_frames
    first = frames.start if plate.first_number is None else plate.first_number
    held = span(frames.start + offset, len(frames), frames.rate)
    return file_reference(plate.path, plate.name, held, first)


def render_reference(
    render: RenderedShot,
    *,
    language: str,
    whole: FrameRange | None,
    was: dict[str, Any],
    master: bool = False,
) -> dict[str, Any]:
    """A render as a media reference in the plate's numbering, as OpenTimelineIO's JSON.

    Args:
        whole: the plate's available range, for a clip without a source range.  Such a clip plays
            all of its media, and the render's handles must not lengthen it.
        was: the clip's state before, so that `without_renders` can restore it.
        master: refer to the lossless master, not to the edit media beside it.
    """
    picture = render.picture if master else render.in_cut
    frames = render.frames
    held = span(frames.start + media_offset(render.shot), len(frames), frames.rate)
    first = replace(render, edit=None).first_number if master else render.first_number
    reference = file_reference(picture, PurePath(picture).name, held, first)
    if whole is not None:
        reference.available_range = span(whole.start, len(whole), whole.rate)
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
            "frames_changed": render.frames_changed,
            "samples_changed_outside_matte": render.samples_changed_outside_matte,
            **was,
        }
    }
    return written


def corrected_reference(one: Corrected) -> otio.core.MediaReference:
    """A corrected file in the plate's numbering, marked as a render of dubsync."""
    frames = one.frames
    held = span(frames.start, len(frames), frames.rate)
    number = frames.start if one.first_number is None else one.first_number
    made = file_reference(one.path, one.name, held, number)
    ours = {"schema": RENDER_SCHEMA, "language": one.language, "shot": one.shot}
    made.metadata[NAMESPACE] = {**ours, "replaces": DEFAULT_KEY}
    if one.reel:
        made.metadata["reel"] = one.reel
    return made


def file_reference(
    path: str, name: str, held: otio.opentime.TimeRange, first: int
) -> otio.core.MediaReference:
    """A file or a numbered sequence as a reference.

    Args:
        held: the frames it has, in the cut's numbering.
        first: the number in the name of a sequence's first file.
    """
    folder, _, file = path.rpartition("/")
    numbered = _NUMBERED.fullmatch(file)
    made: otio.core.MediaReference
    if numbered:
        made = otio.schema.ImageSequenceReference(
            target_url_base=media_url(folder) + "/" if folder else "",
            name_prefix=numbered["prefix"],
            name_suffix=numbered["suffix"],
            start_frame=first,
            frame_step=1,
            rate=held.start_time.rate,
            frame_zero_padding=int(numbered["padding"] or 0),
            available_range=held,
        )
    else:
        made = otio.schema.ExternalReference(target_url=media_url(path), available_range=held)
    made.name = name
    return made
