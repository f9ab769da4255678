"""The presentation time of each frame of a movie, without decoding it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av

from dubsync.core.errors import MediaError, TimecodeError
from dubsync.core.picture import FieldName, PictureFormat
from dubsync.core.reading.true_times import made_at
from dubsync.core.timeline.timecode import exact_rate
from dubsync.core.waiting.answering import answered
from dubsync.media.files.container import opened, picture_stream
from dubsync.media.movie.field_order import stated_fields
from dubsync.media.movie.refused import stated_turn, variable_rate
from dubsync.media.pixels.formats import picture_format
from dubsync.media.pixels.hdr import stated_hdr

#: Intra-only codecs: for these a MOV's sample table is all that is needed.
ALONE = frozenset({
    "prores", "dnxhd", "ffv1", "mjpeg", "png", "rawvideo", "v210", "v410", "r210", "cfhd", "qtrle",
    "huffyuv", "ffvhuff", "utvideo", "magicyuv", "hap", "jpeg2000", "dvvideo",
})  # fmt: skip
DAMAGED = "the file may be cut short or damaged; copy or export it again"
#: MPEG program streams have a time stamp on some packets only: FFmpeg extrapolates roughly, and
#: wrongly after a seek.  Their codecs support constant rates only.
_UNSURE = ("mpeg", "mpegvideo")
#: A longer gap between two frames, in seconds, is damage rather than a variable rate.
LONGEST_GAP_S = 60
#: Stated rates within this share of the measured one are taken for it.
_ALIKE = Fraction(2, 1000)
#: If no frame decodes within this many packets, the file is treated as damaged.
TRIED = 300


@dataclass(frozen=True, slots=True)
class MovieIndex:
    """Presentation times and properties of a movie.

    pts       presentation time of each frame, in stream ticks, rising
    keys      places of the key frames, rising
    counted   the container has no presentation times (H.264 in AVI): frames can only be counted
              from the beginning, and `pts` are places in that count
    rate      frames per second, exact
    timecode  start timecode as printed, "" if there is none
    flagged   the earlier of two fields by the file's flags; "" where it is flagged progressive
    times     of a variable rate: seconds of each frame from the first; () where they are even, and
              `rate` is then that of the commonest gap
    """

    pts: tuple[int, ...]
    keys: tuple[int, ...]
    rate: Fraction
    format: PictureFormat
    timecode: str
    reel: str
    has_sound: bool
    counted: bool = False
    flagged: FieldName = ""
    times: tuple[Fraction, ...] = ()


def index_movie(path: Path) -> MovieIndex:
    """Read the packet table of `path`; cached as long as the file does not change.

    Raises:
        MediaError: no picture, truncated, slanted, or a format that is not supported.
        VariableRate: frames not evenly spaced, at times that say nothing.
    """
    try:
        result = path.stat()
    except OSError as error:
        raise MediaError(f"{path} is not a file", hint="check the path") from error
    return _indexed(path.absolute(), result.st_ino, result.st_size, result.st_mtime_ns)


@lru_cache(maxsize=256)
def _indexed(path: Path, inode: int, size: int, changed: int) -> MovieIndex:
    """`inode`, `size` and `changed` identify the state of the file, for the cache."""
    first = _first_frame(path)
    with opened(path) as container:
        stream = picture_stream(path, container)
        form = _format(path, stream, first)
        packets = _table(stream, size) or list(_packets(path, container, stream))
        counted = _guessed(container, stream) or any(time is None for time, _ in packets)
        if counted:
            packets = [(n, False) for n in range(_count(path))]
        shown = sorted((time, key) for time, key in packets if time is not None)
        if not shown:
            raise MediaError(f"{path} has no frames", hint=DAMAGED)
        pts = tuple(time for time, _ in shown)
        unsure = container.format.name in _UNSURE
        rate = _stated_rate(path, stream) if counted else _even_rate(stream, pts, unsure)
        times: tuple[Fraction, ...] = ()
        if rate is None:
            rate, times = _uneven(path, stream, pts)
        else:
            _refuse_cut_short(path, container, stream, pts, rate)
        timecode, reel = _slate(container)
        return MovieIndex(
            pts=pts,
            keys=(0,)
            if container.format.name in _UNSURE
            else tuple(n for n, (_, key) in enumerate(shown) if key),
            rate=rate,
            format=form,
            timecode=timecode,
            reel=reel,
            has_sound=bool(container.streams.audio),
            counted=counted,
            flagged=stated_fields(stream, first, form.height),
            times=times,
        )


#: A packet: its presentation time (None: not stated), and whether it is a key frame.
_Packet = tuple[int | None, bool]


def _table(stream: Any, size: int) -> list[_Packet] | None:
    """Packets from a MOV's sample table, without reading them; None for other movies."""
    entries = stream.index_entries
    whole = stream.frames and len(entries) == stream.frames
    if stream.codec_context.name not in ALONE or not whole:
        return None
    if any(entry.pos + entry.size > size for entry in entries):
        return None  # truncated: the slow way finds where
    return [(entry.timestamp, True) for entry in entries if not entry.is_discard]


def _packets(path: Path, container: Any, stream: Any) -> Iterator[_Packet]:
    """Packets in file order, without those that an edit list hides."""
    result = shown = 0
    reorders = stream.codec_context.has_b_frames
    for packet in answered(container.demux(stream), path, "reading its index"):
        if packet.size == 0:
            continue
        result += 1
        if packet.is_corrupt:
            raise MediaError(f"{path} is cut short: frame {shown} is damaged", hint=DAMAGED)
        if not packet.is_discard:
            shown += 1
            time = packet.pts if packet.pts is not None or reorders else packet.dts
            yield time, packet.is_keyframe
    listed = len(stream.index_entries)  # a MOV's sample table; otherwise the packets read so far
    if "mov" in container.format.name and result < listed:
        raise MediaError(f"{path} is cut short: it lists {listed} frames and contains {result}",
                         hint=DAMAGED)  # fmt: skip


def _guessed(container: Any, stream: Any) -> bool:
    """Whether FFmpeg guessed the presentation times: AVI has none, and H.264 reorders frames."""
    context = stream.codec_context
    reorders = context.has_b_frames and context.name in ("h264", "hevc")
    return bool(container.format.name == "avi" and reorders)


def _count(path: Path) -> int:
    with opened(path) as container:
        return sum(1 for _ in container.decode(picture_stream(path, container)))


def _refuse_cut_short(
    path: Path, container: Any, stream: Any, pts: Sequence[int], rate: Fraction
) -> None:
    """Compare the number of frames with the length stated in the file's header."""
    expected = 0
    stated = stream.metadata.get("DURATION", "")  # Matroska, as FFmpeg and mkvmerge write it
    if stated:
        try:
            hours, minutes, seconds = stated.split(":")
            length = int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds.strip("\0 "))
        except ValueError:
            return
        first = max(pts[0], 0) * stream.time_base  # the tag includes the time before the picture
        expected = int((length - first) * rate + Fraction(1, 4))
    elif container.format.name == "avi":
        expected = stream.frames
    elif container.format.name.startswith("mxf") and stream.duration:
        expected = round(stream.duration * stream.time_base * rate)
    if len(pts) < expected:
        raise MediaError(
            f"{path} is cut short: frame {len(pts)} of {expected} is missing", hint=DAMAGED
        )


def _first_frame(path: Path) -> av.VideoFrame:
    """The first frame that decodes; it has the rotation, field and pixel format flags."""
    with opened(path) as container:
        for tried, packet in enumerate(container.demux(picture_stream(path, container))):
            try:
                for frame in packet.decode():
                    return frame
            except av.error.InvalidDataError:
                pass  # the rest of a group before the first key frame
            if tried > TRIED:
                break
    raise MediaError(f"frame 0 of {path} cannot be decoded", hint=DAMAGED)


def _format(path: Path, stream: Any, first: av.VideoFrame) -> PictureFormat:
    """The picture format.  Raises MediaError for slanted pictures."""
    turned = stated_turn(path, first)
    try:
        form = picture_format(stream, first.format.name)
    except MediaError as error:
        raise MediaError(f"{path}: {error}", hint=error.hint) from error
    display, light = stated_hdr(first)
    return replace(form, mastering_display=display, content_light=light, turned=turned)


def _rates(stream: Any) -> list[Fraction]:
    stated = [r for r in (stream.average_rate, stream.base_rate, stream.guessed_rate) if r]
    rates = [c for r in stated for c in (_in_use(Fraction(r)), Fraction(r)) if c > 0]
    return list(dict.fromkeys(rates))


def _stated_rate(path: Path, stream: Any) -> Fraction:
    for rate in _rates(stream):
        return rate
    raise MediaError(f"{path} does not state its frame rate", hint="export it again")


def _even_rate(stream: Any, pts: Sequence[int], unsure: bool) -> Fraction | None:
    """The rate at which frames are evenly spaced, to a tick's rounding; None: they are not."""
    for rate in _rates(stream):
        slack = 1 / (rate * stream.time_base) / 4 if unsure else Fraction(1)
        if _fits(pts, rate, stream.time_base, slack):
            return rate
    return None


def _uneven(path: Path, stream: Any, pts: Sequence[int]) -> tuple[Fraction, tuple[Fraction, ...]]:
    """The rate that frames of a variable rate are made at, and the time of each in seconds."""
    tick = Fraction(stream.time_base)
    times = tuple((time - pts[0]) * tick for time in pts)
    gaps = [b - a for a, b in zip(times, times[1:], strict=False)]
    if not gaps or min(gaps) <= 0 or max(gaps) > LONGEST_GAP_S:
        raise variable_rate(path, pts, tick)
    rate = made_at(pts, tick)
    near = (
        one for one in _rates(stream) if abs(one / rate - 1) < _ALIKE
    )  # milliseconds are coarse
    return next(near, rate), times


def _fits(pts: Sequence[int], rate: Fraction, tick: Fraction, slack: Fraction) -> bool:
    """Whether every frame is within `slack` ticks of its time at `rate`.

    Where a frame is a whole number of ticks there is no rounding; in AVI a tick is a frame, and
    one tick off means a dropped frame.
    """
    step = 1 / (rate * tick)
    over, under = step.numerator, step.denominator  # whole numbers: movies have many frames
    most = slack * under if under > 1 or slack > 1 else Fraction(1)
    return all(abs((time - pts[0]) * under - n * over) < most for n, time in enumerate(pts))


def _in_use(rate: Fraction) -> Fraction:
    """29.97 written as 2997/100 stands for 30000/1001."""
    try:
        return exact_rate(float(rate))
    except TimecodeError:
        return rate


def _slate(container: Any) -> tuple[str, str]:
    """Start timecode and reel from any stream or the file itself; "" where none states them."""
    timecode = reel = ""
    for source in (*container.streams, container):
        facts = {key.lower(): value for key, value in source.metadata.items()}
        timecode = timecode or facts.get("timecode", "")
        for key in ("reel_name", "com.apple.proapps.reel", "reel", "tape"):
            reel = reel or facts.get(key, "")
    return timecode, reel
