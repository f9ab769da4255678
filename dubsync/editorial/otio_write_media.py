"""Exact frames as OpenTimelineIO's floating times, and corrected files as its references."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio

from dubsync.core.corrected import Corrected
from dubsync.editorial.otio_clip import NAMESPACE, RENDER_SCHEMA
from dubsync.editorial.otio_nodes import DEFAULT_KEY
from dubsync.editorial.references import file_reference
from dubsync.editorial.xml_out import media_url


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
    made = file_reference(one.path, one.name, held, frames.start, media_url)
    ours = {"schema": RENDER_SCHEMA, "language": one.language, "shot": one.shot}
    made.metadata[NAMESPACE] = {**ours, "replaces": DEFAULT_KEY}
    if one.reel:
        made.metadata["reel"] = one.reel
    return made
