"""What a clipitem plays: its file, the rate and origin of its in and out, its source frames.

Source: Apple, "Final Cut Pro XML Interchange Format", Elements Catalog (subclipinfo, stillframe,
multiclip, mediadelay); Premiere Pro's export (pproTicksIn).
"""

from __future__ import annotations

from fractions import Fraction

from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, BLOCKS, LOST, ODD, QUIET, WARNS
from dubsync.core.timeline.probed import ProbedRange, probed_range
from dubsync.core.timeline.runs import Keyframe
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import Source
from dubsync.editorial.timeline.time_maps import simplified, speeds_between
from dubsync.editorial.xmeml.items import Context, XmemlBuilder
from dubsync.editorial.xmeml.parts import File, TimeRemap, first_timecode, rate_in, whole_number

#: Premiere Pro counts time in ticks of 1/254016000000 s.
TICKS = 254_016_000_000
_STILLS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".psd", ".tga", ".bmp", ".gif", ".heic")
_LOOK = "compare a frame of it with the editing system"


def file_of(item: Element, sound: bool, builder: XmemlBuilder) -> tuple[File | None, int]:
    """(the file that an item plays, frames by which its media begins late in a multiclip)."""
    where, name = f"line {item.line}", item.text_at("name")
    reference, delay = item.first("file"), 0
    multiclip = item.first("multiclip")
    if multiclip is not None and not multiclip.children:
        multiclip = builder.multiclips.get(multiclip.get("id"), multiclip)
    if reference is None and multiclip is not None:
        tag = "activeaudioangle" if sound else "activevideoangle"
        angles = [a for a in multiclip.all("angle") if a.text_at(tag).upper() == "TRUE"]
        clip = angles[0].first("clip") if angles else None
        files = [e for e in clip.descendants() if e.tag == "file"] if clip is not None else []
        if clip is None or not files:
            what = f"multiclip {name!r} names no active angle with a file; its source is unknown"
            builder.lose(where, what, LOST, "collapse the multiclip, and export again", BLOCKS)
            return File("", "", None, None, picture=True, fault="no active angle"), 0
        reference, delay = files[0], whole_number(clip, "mediadelay") or 0
        others = len(multiclip.all("angle")) - 1
        what = f"multiclip {name!r}: its active angle is read; angles not listed: {others}"
        builder.lose(where, what, LOST, "", QUIET)
    if reference is None:
        return None, 0
    file = builder.files.get(reference.get("id"))
    if file is None:
        what = f"{name!r} plays file {reference.get('id')!r}, which is not in the document"
        builder.lose(where, what, ODD)
    elif file.fault:
        what = f"the file of {name!r} cannot be counted: {file.fault}; its source is unknown"
        builder.lose(where, what, ODD, "export the timeline again", BLOCKS)
    return file, delay


def counted_at(
    item: Element, edges: tuple[int, int], remap: TimeRemap | None, context: Context,
    builder: XmemlBuilder,
) -> Fraction:  # fmt: skip
    """The rate at which the in and out of an item count.

    Apple's text says the clip's own.  Premiere Pro and Resolve count in frames of the sequence;
    Premiere's ticks tell, or else the length that the item has in the record.

    Raises:
        TimecodeError: a rate or number of the item is not valid.
    """
    rate = rate_in(item) or context.own
    low, high = whole_number(item, "in"), whole_number(item, "out")
    if rate == context.own or low is None or low < 0 or high is None:
        return rate
    where, name = f"line {item.line}", item.text_at("name")
    frame = 1 / min(rate, context.own)
    ticks = item.text_at("pproTicksIn")
    if ticks.isdecimal() and len(ticks) < 20 and low > 0:
        at = Fraction(int(ticks), TICKS)
        fits = [r for r in (rate, context.own) if abs(low / r - at) <= frame]
        if len(fits) == 1:
            return fits[0]
    length = (edges[1] - edges[0]) / context.own
    own, sequence = (abs((high - low) / r - length) <= frame for r in (rate, context.own))
    still = item.text_at("stillframe").upper() == "TRUE"
    rates = f"{_printed(rate)} or {_printed(context.own)} fps"
    if sequence and not own and not still:
        if remap is None:
            what = (
                f"{name!r}: in and out count at the sequence's {_printed(context.own)} fps, by its "
                f"length, and not at the clip's {_printed(rate)} fps"
            )
            builder.lose(where, what, ASSUMED, _LOOK, WARNS)
            return context.own
        what = f"{name!r}: in and out of a retimed clip count at {rates}; the first is used"
        builder.lose(where, what, ASSUMED, _LOOK, WARNS)
    elif sequence and own and abs(low / rate - low / context.own) >= frame:
        what = f"{name!r}: in and out count at {rates}, which its length does not tell; "
        builder.lose(where, what + "the first is used", ASSUMED, _LOOK, WARNS)
    return rate


def source_of(
    item: Element, edges: tuple[int, int], record: ProbedRange, played: tuple[File | None, int],
    remap: TimeRemap | None, context: Context, builder: XmemlBuilder,
) -> Source:  # fmt: skip
    """Source frames and speed of the visible part of a clipitem.

    Args:
        played: see `file_of`.

    Raises:
        TimecodeError: a rate or number of the item is not valid.
    """
    file, delay = played
    counted = counted_at(item, edges, remap, context, builder)
    rate = rate_in(item) or context.own
    where, name = f"line {item.line}", item.text_at("name")
    low = whole_number(item, "in")
    unset = low is None or (low < 0 and file is not None)
    if unset and file is not None:
        builder.lose(where, f"{name!r} states no in; its source is unknown", ODD, _LOOK, BLOCKS)
    if low is None or low < 0 or record.start is None or record.stop is None:
        return Source(None, Fraction(1))
    if file is None and low == whole_number(item, "out"):
        return Source(None, Fraction(1))  # a placeholder
    if file is not None and file.fault:
        return Source(None, remap.speed if remap else Fraction(1))
    if item.text_at("stillframe").upper() == "TRUE":
        return _still(item, file, rate, builder)
    at = edges[0] / context.own
    first_own = low / counted
    own = context.time.own((record.start / context.rate, record.stop / context.rate), at, first_own)
    frames = own[0] * rate, own[1] * rate
    line, speed = frames_played(remap, frames)
    if remap and remap.curved:
        builder.lose(
            where, f"{name!r}: the curves of a speed ramp are read as straight lines", APPROXIMATE
        )
    line = line or _from_its_end(item, file, speed, frames, rate, builder)
    if not line:
        return Source(None, speed)
    drop, begin = _begin(item, file, rate, builder)
    offset = begin + _subclip(item, file, rate, builder) - delay
    start, stop = min(v for _, v in line), max(v for _, v in line)
    keyframes: tuple[Keyframe, ...] = ()
    if speed is None:
        pace = context.time.scale * context.rate / rate
        keyframes = simplified(
            tuple((record.start + (t - frames[0]) * pace, offset + v) for t, v in line)
        )
    if speed is not None:
        speed /= context.time.scale
    if speed == 0 or stop == start:
        stop = start + 1
    has = None
    if file and file.length:
        has = probed_range(begin, begin + file.length * rate / (file.rate or rate), rate)
    return Source(probed_range(offset + start, offset + stop, rate, drop), speed, has, keyframes)


def _from_its_end(
    item: Element, file: File | None, speed: Fraction | None,
    frames: tuple[Fraction, Fraction], rate: Fraction, builder: XmemlBuilder,
) -> list[Keyframe]:  # fmt: skip
    """(own, media) frames of a clip that runs backwards and states no keyframes.

    The own frames of such a clip count from the end of its media; [] if that is unknown.
    """
    where, name = f"line {item.line}", item.text_at("name")
    if file is None or file.length is None or not speed:
        what = f"{name!r} runs backwards without keyframes: its source frames are unknown"
        builder.lose(where, what, LOST, "state the length of its file", WARNS)
        return []
    last = file.length * rate / (file.rate or rate)
    if (info := item.first("subclipinfo")) is not None:
        last -= sum(whole_number(info, tag) or 0 for tag in ("startoffset", "endoffset"))
    what = f"{name!r} runs backwards: its in counts from the end of its media"
    builder.lose(where, what, ASSUMED, _LOOK, WARNS)
    return [(t, last - t * abs(speed)) for t in frames]


def _begin(
    item: Element, file: File | None, rate: Fraction, builder: XmemlBuilder
) -> tuple[bool, Fraction]:
    """(whether its timecode is drop-frame, the first frame of a file in frames at `rate`)."""
    first = (file.first if file else None) or first_timecode(item)
    if first is None:
        return False, Fraction(0)
    if first.warning:
        what = f"{item.text_at('name')!r}: {first.warning}; the frame number is used"
        builder.lose(f"line {item.line}", what, ODD)
    return first.drop, Fraction(first.frame) * rate / (first.rate or rate)


def _still(item: Element, file: File | None, rate: Fraction, builder: XmemlBuilder) -> Source:
    """The one frame that a freeze frame or a still picture shows."""
    offset = whole_number(item, "stillframeoffset")
    picture = file is None or file.still or file.path.lower().endswith(_STILLS)
    if offset is None and not picture:
        what = f"{item.text_at('name')!r} is a freeze frame without a stillframeoffset: "
        builder.lose(f"line {item.line}", what + "its frame is unknown", LOST, _LOOK, BLOCKS)
        return Source(None, Fraction(0))
    drop, begin = _begin(item, file, rate, builder)
    start = begin + (offset or 0)
    return Source(probed_range(start, start + 1, rate, drop), Fraction(0))


def _subclip(item: Element, file: File | None, rate: Fraction, builder: XmemlBuilder) -> int:
    """Frames of the media before the frame from which the in of a subclip counts."""
    info = item.first("subclipinfo")
    head = whole_number(info, "startoffset") if info is not None else None
    if info is None or not head:
        return 0
    length = whole_number(item, "duration")
    whole = None
    if file is not None and file.length is not None:
        whole = file.length * rate / (file.rate or rate)
    tail = whole_number(info, "endoffset") or 0
    if length is not None and whole is not None:
        if abs(length - (whole - head - tail)) <= 1:
            return head
        if abs(length - whole) <= 1:
            what = f"{item.text_at('name')!r} is a subclip, but has the length of its whole file: "
            what += "its in counts from the file's first frame"
            builder.lose(f"line {item.line}", what, ASSUMED, _LOOK, WARNS)
            return 0
    what = f"{item.text_at('name')!r} is a subclip: its in counts from frame {head} of its file"
    builder.lose(f"line {item.line}", what, ASSUMED, _LOOK, WARNS)
    return head


def frames_played(
    remap: TimeRemap | None, frames: tuple[Fraction, Fraction]
) -> tuple[list[Keyframe], Fraction | None]:
    """(keyframes, speed) of an item over its own `frames`.

    The keyframes are (own, media) frames, [] if the document does not define them; the speed is
    None if it varies.
    """
    if remap is None:
        return [(t, t) for t in frames], Fraction(1)
    speed = remap.speed
    if remap.map:
        speeds = speeds_between(remap.map, *frames)
        if speed is None and len(speeds) == 1:
            speed = speeds.pop()
        points = [t for t, _ in remap.map.keyframes if frames[0] < t < frames[1]]
        line = [(t, remap.map.at(t)) for t in (frames[0], *points, frames[1])]
    elif speed is not None and not remap.reverse:
        return [(t, t * speed) for t in frames], speed
    else:
        line = []
    if speed is not None and speed > 0 and (remap.reverse or not line):
        speed = -speed
    return line, speed


def _printed(rate: Fraction) -> str:
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.3f}"
