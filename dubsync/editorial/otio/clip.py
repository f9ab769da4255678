"""One clip of an OpenTimelineIO document as an Event: its place, its frames, its speed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, isfinite
from typing import Any

import opentimelineio as otio

from dubsync.core.shot import Event, ProjectWarning
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.otio.nodes import reel_of
from dubsync.editorial.otio.time import frames_of, known_rate, rate_of, snapped
from dubsync.editorial.timeline.shot_names import shot_name

Path = tuple[str | int, ...]
#: Under this in the metadata of a media reference stands what dubsync wrote.
NAMESPACE = "dubsync"
RENDER_SCHEMA = "dubsync.render/1"


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a composition's own time lies in record time: record = scale * time + shift.

    window   record seconds that show, (from, to); None: all
    number   place among its siblings, "2.1" inside the second
    path     keys that lead to it in the document
    """

    scale: Fraction
    shift: Fraction
    window: tuple[Fraction, Fraction] | None
    enabled: bool
    track: str
    where: str
    path: Path
    rate: Fraction
    number: str = ""

    def record(self, time: Fraction) -> Fraction:
        return self.scale * time + self.shift

    def visible(self, at: Fraction, length: Fraction) -> tuple[Fraction, Fraction]:
        """Record seconds (from, to) in which an item shows; empty when `to` <= `from`."""
        start, stop = self.record(at), self.record(at + length)
        if self.window:
            start, stop = max(start, self.window[0]), min(stop, self.window[1])
        return start, stop

    def inside(
        self, at: Fraction, start: Fraction, length: Fraction, speed: Fraction, enabled: bool
    ) -> Placing | None:
        """The placing of a compound's own time, which begins at `start` and runs at `speed`.

        None where its speed is no forward one, so that no affine map shows its clips.
        """
        if speed <= 0:
            return None
        scale = self.scale / speed
        shift = self.record(at) - scale * start
        window = self.visible(at, length)
        return replace(
            self, scale=scale, shift=shift, window=window, enabled=self.enabled and enabled
        )


@dataclass(frozen=True, slots=True)
class Retime:
    """The product of an item's speed effects; `reason` says why there is none."""

    speed: Fraction
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """An event, the path of its clip in the document, and what is doubtful about it."""

    event: Event
    path: Path
    warnings: tuple[ProjectWarning, ...] = ()


def retime_of(item: Any) -> Retime:
    """All speed effects of an item, multiplied."""
    speed = Fraction(1)
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            scalar = effect.time_scalar
            if not isfinite(scalar) or abs(scalar) > 1000:
                return Retime(speed, f"a speed of {scalar}")
            speed *= Fraction(scalar).limit_denominator(1_000_000)
        elif isinstance(effect, otio.schema.TimeEffect):
            return Retime(speed, f"a speed that changes ({effect.effect_name or 'TimeEffect'})")
    return Retime(speed)


def clip_event(
    clip: otio.schema.Clip,
    node: dict[str, Any],
    placing: Placing,
    at: Fraction,
    extent: tuple[Fraction, Fraction],
    fades: tuple[Fraction, Fraction],
) -> Placed | None:
    """The Event of a clip; None when it lies outside what its parents show.

    Args:
        node: the clip in the document, for its metadata.
        at: where it begins in its parent's time, seconds.
        extent: its source range in its own time, (start, length) in seconds.
        fades: by how much transitions carry it past its start and end, in its parent's seconds.
    """
    shown = placing.visible(at, extent[1])
    record, warnings = _on_grid(shown, placing)
    if record is None:
        return None
    media, media_node = _camera_media(clip, node)
    if isinstance(media, otio.schema.GeneratorReference):
        return None
    retime = retime_of(clip)
    if retime.reason:
        warnings.append(_blocking(placing, retime.reason, "bake it in, or split the clip"))
    span: Any = clip.source_range or (media.available_range if media else None)
    source_rate = rate_of(span.start_time.rate)
    if known_rate(span.start_time.rate) is None:
        message = f"{span.start_time.rate:g} fps is no rate we know"
        warnings.append(_blocking(placing, message, "conform the media to a rate in use"))
    per_record = retime.speed / placing.scale  # media seconds per record second
    first = _first_media(shown, placing, at, extent, retime.speed) * source_rate
    speed = per_record * source_rate / placing.rate
    source, off = _source(first, len(record), speed, source_rate)
    if off:
        message = f"starts {float(first - floor(first)):.3f} into source frame {floor(first)}"
        warnings.append(_mild(placing, message, "check its first frame"))
    if retime.speed < 0:
        message = "runs backwards; systems differ on which end its source range names"
        warnings.append(_mild(placing, message, "check its first and last frame"))
    path_or_url = _media_path(media)
    event = Event(
        number=placing.number,
        name=shot_name(clip.name, path_or_url.rsplit("/", 1)[-1], placing.track + placing.number),
        clip=clip.name,
        reel=reel_of(node, media_node),
        media=path_or_url,
        record=record,
        source=None if retime.reason else source,
        speed=speed,
        track=placing.track,
        enabled=placing.enabled and clip.enabled,
        where=placing.where,
        available=frames_of(media.available_range) if media and media.available_range else None,
        overlap=_overlap(placing, at, extent[1], fades),
    )
    return Placed(event, placing.path, tuple(warnings))


def compound_event(
    compound: Any, placing: Placing, at: Fraction, length: Fraction, reason: str
) -> Placed | None:
    """An Event that stands for a compound we cannot look into, and the warning saying why."""
    record, warnings = _on_grid(placing.visible(at, length), placing)
    if record is None:
        return None
    where = placing.where or placing.track
    event = Event(
        number=placing.number or "1",
        name=shot_name(compound.name, placing.track + placing.number),
        clip=compound.name,
        reel="",
        media="",
        record=record,
        source=None,
        track=placing.track,
        enabled=placing.enabled and compound.enabled,
        where=where,
    )
    message = f"{where}: a nested {type(compound).__name__.lower()} carries {reason}"
    warning = ProjectWarning("", message, "flatten it in the editing system", blocking=True)
    return Placed(event, placing.path, (*warnings, warning))


def _mild(placing: Placing, message: str, hint: str) -> ProjectWarning:
    return ProjectWarning("", f"{placing.where}: {message}", hint)


def _blocking(placing: Placing, message: str, hint: str) -> ProjectWarning:
    return ProjectWarning("", f"{placing.where}: carries {message}", hint, blocking=True)


def _on_grid(
    shown: tuple[Fraction, Fraction], placing: Placing
) -> tuple[FrameRange | None, list[ProjectWarning]]:
    """Shown record seconds as whole record frames; None when there are none."""
    if shown[1] <= shown[0]:
        return None, []
    (start, off_start), (stop, off_stop) = (snapped(s * placing.rate) for s in shown)
    if stop <= start:
        return None, []
    warnings = []
    if off_start or off_stop:
        message = f"begins or ends between frames at {placing.rate} fps; taken as {start}..{stop}"
        warnings.append(_mild(placing, message, "is every clip at the timeline's rate?"))
    return FrameRange(start, stop, placing.rate), warnings


def _overlap(
    placing: Placing, at: Fraction, length: Fraction, fades: tuple[Fraction, Fraction]
) -> tuple[int, int]:
    """Record frames past a clip's edges in which a transition shows it and its parents do."""
    head, tail = fades
    shown = placing.visible(at, length)
    wide = placing.visible(at - head, length + head + tail)
    before, after = shown[0] - wide[0], wide[1] - shown[1]
    return (
        snapped(before * placing.rate)[0] if placing.record(at) == shown[0] else 0,
        snapped(after * placing.rate)[0] if placing.record(at + length) == shown[1] else 0,
    )


def _first_media(
    shown: tuple[Fraction, Fraction],
    placing: Placing,
    at: Fraction,
    extent: tuple[Fraction, Fraction],
    speed: Fraction,
) -> Fraction:
    """Media time of the earliest frame shown, in seconds, after parents trimmed the clip.

    A source range covers the media used from its start; reversed clips play it from its end.
    """
    head = (shown[0] - placing.shift) / placing.scale - at
    tail = at + extent[1] - (shown[1] - placing.shift) / placing.scale
    return extent[0] + (head if speed >= 0 else tail) * abs(speed)


def _source(
    first: Fraction, record: int, speed: Fraction, rate: Fraction
) -> tuple[FrameRange, bool]:
    nearest, off = snapped(first)
    start = floor(first) if off else nearest
    return FrameRange(start, start + max(1, ceil(record * abs(speed))), rate), off


def _camera_media(clip: otio.schema.Clip, node: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The reference the cut was made with: the active one, or the one under our own render."""
    nodes = node.get("media_references")
    if not isinstance(nodes, dict):
        media_node = node.get("media_reference")
        return clip.media_reference, media_node if isinstance(media_node, dict) else {}
    key = camera_key(nodes, clip.active_media_reference_key)
    result = nodes.get(key)
    return clip.media_references().get(key), result if isinstance(result, dict) else {}


def camera_key(nodes: dict[str, Any], active: str) -> str:
    """The key active before any render of ours was laid over it."""
    key, seen = active, set()
    while key not in seen:
        seen.add(key)
        result = nodes.get(key)
        below = replaced_key(result) if isinstance(result, dict) else None
        if below is None or below not in nodes:
            return key
        key = below
    return active


def replaced_key(media_node: dict[str, Any]) -> str | None:
    """Which key was active before the render that `media_node` names; None if it is no render."""
    metadata = media_node.get("metadata")
    ours = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    if not isinstance(ours, dict) or ours.get("schema") != RENDER_SCHEMA:
        return None
    below = ours.get("replaces")
    return below if isinstance(below, str) else otio.schema.Clip.DEFAULT_MEDIA_KEY


def _media_path(media: Any) -> str:
    if isinstance(media, otio.schema.ExternalReference):
        return str(media.target_url or "")
    if isinstance(media, otio.schema.ImageSequenceReference):
        number = f"%0{media.frame_zero_padding}d" if media.frame_zero_padding else "%d"
        base = media.target_url_base
        slash = "/" if base and not base.endswith("/") else ""
        return f"{base}{slash}{media.name_prefix}{number}{media.name_suffix}"
    return ""
