"""Exact frames as OpenTimelineIO's floating times, and corrected files as its references."""

from __future__ import annotations

import re
from fractions import Fraction

import opentimelineio as otio

from dubsync.core.corrected import Corrected
from dubsync.editorial.otio_clip import NAMESPACE, RENDER_SCHEMA
from dubsync.editorial.xml_out import media_url

PLATE_KEY = otio.schema.Clip.DEFAULT_MEDIA_KEY
_NUMBERED = re.compile(r"(?P<prefix>.*?)%(?:0(?P<padding>\d+))?d(?P<suffix>.*)")


def time(frames: Fraction | int, rate: Fraction) -> otio.opentime.RationalTime:
    """Frames at an exact rate, as near as a float is."""
    return otio.opentime.RationalTime(float(frames), float(rate))


def span(start: Fraction | int, length: Fraction | int, rate: Fraction) -> otio.opentime.TimeRange:
    """Frames from `start`, `length` of them."""
    return otio.opentime.TimeRange(time(start, rate), time(length, rate))


def corrected_reference(one: Corrected) -> otio.core.MediaReference:
    """A corrected file, in the plate's own count, marked as ours."""
    frames = one.frames
    held = span(frames.start, len(frames), frames.rate)
    folder, _, file = one.path.rpartition("/")
    numbered = _NUMBERED.fullmatch(file)
    made: otio.core.MediaReference
    if numbered:
        made = otio.schema.ImageSequenceReference(
            target_url_base=media_url(folder) + "/" if folder else "",
            name_prefix=numbered["prefix"],
            name_suffix=numbered["suffix"],
            start_frame=frames.start,
            frame_step=1,
            rate=float(frames.rate),
            frame_zero_padding=int(numbered["padding"] or 0),
            available_range=held,
        )
    else:
        made = otio.schema.ExternalReference(media_url(one.path), available_range=held)
    made.name = one.name
    ours = {"schema": RENDER_SCHEMA, "language": one.language, "shot": one.shot}
    made.metadata[NAMESPACE] = {**ours, "replaces": PLATE_KEY}
    if one.reel:
        made.metadata["reel"] = one.reel
    return made
