"""Reads one clip of a document: its kind, source frames, speed and media."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.losses import ASSUMED, BLOCKS, LOST, ODD, REFUSES
from dubsync.core.timeline.probed import ClipIdentity, ProbedRange, probed_range
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.otio.nodes import (
    DAMAGED,
    Node,
    available_in,
    is_number,
    list_in,
    media_of,
    path_of,
    reel_of,
    schema_of,
    span_in,
    text_in,
    time_in,
)
from dubsync.editorial.otio.renders import camera_media
from dubsync.editorial.otio.time import known_rate, rate_of, snapped
from dubsync.editorial.otio.timelines import TRACKS
from dubsync.editorial.timeline.cut_builder import CutBuilder
from dubsync.editorial.timeline.nested_time import AffineTime
from dubsync.editorial.timeline.shot_names import shot_name

GAPS = ("Gap", "Filler")
_WARPS = ("LinearTimeWarp", "FreezeFrame")
#: The versions of Clip that OpenTimelineIO 0.18 writes.
_CLIPS = ("Clip", "Clip.1", "Clip.2")
#: Highest speed that is read; a higher one is damage.
FASTEST = 1000


@dataclass(frozen=True, slots=True)
class ItemSpan:
    """Position of an item, in seconds.

    at      its start in its parent's time
    start   start of its source range, in its own time
    length  length of that range
    shown   record seconds (from, to) in which it is visible
    """

    at: Fraction
    start: Fraction
    length: Fraction
    shown: tuple[Fraction, Fraction]


def kind_of(node: Node, where: str, sound: bool, builder: CutBuilder) -> str:
    """One of EVENT_KINDS for an item of a track."""
    schema = schema_of(node)
    if schema in GAPS:
        return "gap"
    if schema in ("Stack", *TRACKS):
        return "compound"
    label = str(node.get("OTIO_SCHEMA"))
    if schema != "Clip":
        what = f"{text_in(node, 'name')!r} is a {schema[:40]}, not a clip"
        builder.lose(where, what, LOST, "export it as an ordinary clip", _picture(sound, REFUSES))
        return "unknown"
    if label not in _CLIPS:
        what = (
            f"{text_in(node, 'name')!r} is a {label[:40]}, which is not supported; read as Clip.2"
        )
        hint = "export the timeline for OTIO 0.18 or older"
        builder.lose(where, what, ASSUMED, hint, _picture(sound, REFUSES))
    media = media_of(node)
    if schema_of(media) == "GeneratorReference":
        kind = text_in(media, "generator_kind")
        return kind if kind in ("title", "caption", "adjustment") else "generator"
    return "audio" if sound else "cut"


def _picture(sound: bool, turnover: str) -> str:
    """The effect of a loss on turnover: none for sound."""
    return "" if sound else turnover


def source_of(
    node: Node,
    span: ItemSpan,
    placing: AffineTime,
    drop: bool,
    speed: Fraction | None,
    where: str,
    builder: CutBuilder,
) -> ProbedRange | None:
    """The source frames that a clip shows, from the start of its source range.

    None if its speed varies, for the file does not state them then; or if they are damaged.
    """
    stated = node.get("source_range") or available_in(node)
    begin = time_in(stated.get("start_time"), where) if isinstance(stated, dict) else None
    if begin is None or speed is None or node.get(DAMAGED):
        return None
    rate = rate_of(begin[1])
    if known_rate(begin[1]) is None:
        message = f"has media at {begin[1]:g} fps, which is not a known frame rate"
        builder.lose(where, message, ODD, "conform the media to a standard rate", BLOCKS)
    own = placing.own(span.shown, span.at, Fraction(0))
    low, high = own if speed >= 0 else (span.length - own[1], span.length - own[0])
    first = span.start + low * abs(speed)
    last = span.start + high * abs(speed) if speed else first + 1 / rate
    return _on_frames(first * rate, last * rate, rate, drop and rate in DROP_RATES)


def _on_frames(first: Fraction, last: Fraction, rate: Fraction, drop: bool) -> ProbedRange:
    """A range in frames, with the rounding of floats removed."""
    edges = []
    for edge in (first, last):
        frame, off = snapped(edge)
        edges.append(edge if off else Fraction(frame))
    return probed_range(edges[0], edges[1], rate, drop)


def available_of(media: Any, source: ProbedRange | None, where: str) -> ProbedRange | None:
    """The available range of a media reference, at the rate of the clip's source."""
    stated = media.get("available_range") if isinstance(media, dict) else None
    span = span_in(stated, where)
    if span is None or source is None or source.rate is None or not span[1]:
        return None
    rate = source.rate
    return _on_frames(span[0] * rate, (span[0] + span[1]) * rate, rate, ";" in source.text[0])


def speed_of(node: Node, builder: CutBuilder, where: str, turnover: str = "") -> Fraction | None:
    """The product of all speed effects of an item; None if the speed varies.

    Args:
        turnover: effect of a varying speed on turnover, see Loss.

    Raises:
        TimecodeError: a speed that is not a number.
    """
    speed: Fraction | None = Fraction(1)
    for effect in list_in(node, "effects"):
        schema = schema_of(effect)
        if schema in _WARPS:
            scalar = effect.get("time_scalar", 1.0) if schema == "LinearTimeWarp" else 0.0
            if not is_number(scalar):
                name = text_in(node, "name")
                raise TimecodeError(f"{where}, {name!r}: a speed of {scalar!s:.40} is not valid")
            if abs(scalar) > FASTEST:
                speed = None
                builder.lose(
                    where, f"has a speed of {scalar:g}", ODD, "bake the retime in", turnover
                )
            if speed is not None:
                speed *= Fraction(scalar).limit_denominator(1_000_000)
        elif schema != "Effect" and any(w in schema for w in ("Time", "Speed", "Warp", "Freeze")):
            speed = None
            what = f"a varying speed ({schema[:40]}) is not listed"
            builder.lose(where, what, LOST, "bake the retime in, or split the clip", turnover)
        else:
            builder.effects[text_in(effect, "effect_name") or schema or "?"] += 1
    return speed


def identity_of(
    node: Node, source: ProbedRange | None, place: str, keys: tuple[str | int, ...], where: str
) -> ClipIdentity:
    """The names and media by which turnover links a clip: those of the plate, not of a render.

    Args:
        place: its track and number, used for a clip without a name.
    """
    media = camera_media(node) if schema_of(node) == "Clip" else None
    path = path_of(media)
    name = text_in(node, "name")
    return ClipIdentity(
        shot=shot_name(name, path.rsplit("/", 1)[-1], place),
        clip=name,
        media=path,
        reel=reel_of(node, media),
        available=available_of(media, source, where),
        keys=keys,
    )
