"""Facts of the picture that PyAV cannot pass to FFmpeg's Matroska muxer, written afterwards.

The muxer takes the display size and HDR10 static metadata from fields of the stream that PyAV does
not offer.  So a track is written with a name of known length, and when the file is finished the
name gives its room to the missing elements: nothing else in the file moves.
Source of the element numbers: RFC 9559 (Matroska), section 5.1.4.1.28; RFC 8794 (EBML).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from math import gcd
from pathlib import Path

from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat
from dubsync.media.pixels.hdr import CHROMATICITY, LUMINANCE, content_light, mastering_display

#: The track name that gives its room: the elements below take at most this much.
RESERVED = "." * 192
_SEGMENT, _TRACKS, _TRACK, _CLUSTER = 0x18538067, 0x1654AE6B, 0xAE, 0x1F43B675
_NAME, _VIDEO, _COLOUR, _VOID, _CRC = 0x536E, 0xE0, 0x55B0, 0xEC, 0xBF
_DISPLAY_WIDTH, _DISPLAY_HEIGHT, _DISPLAY_UNIT = 0x54B0, 0x54BA, 0x54B2
_DISPLAY = (_DISPLAY_WIDTH, _DISPLAY_HEIGHT, _DISPLAY_UNIT)
_AS_RATIO = 3  #: DisplayUnit: width and height are an aspect ratio
_MAX_CLL, _MAX_FALL, _MASTERING = 0x55BC, 0x55BD, 0x55D0


@dataclass(frozen=True, slots=True)
class _Element:
    """An element in a piece of a file: where it and its content begin, and where it ends."""

    number: int
    start: int
    content: int
    stop: int


def add_video_facts(path: Path, form: PictureFormat) -> None:
    """Write pixel aspect and HDR10 metadata of `form` into the one video track of `path`.

    Raises:
        MediaError: the file has no track with the name RESERVED: another program wrote it.
        OSError: the disk reports an error.
    """
    with path.open("r+b") as file:
        head = file.read(1 << 16)
        tracks = _tracks(head, path)
        result = _with_facts(head[tracks.content : tracks.stop], form, path)
        file.seek(tracks.content)
        file.write(result)


def _tracks(head: bytes, path: Path) -> _Element:
    at = 0
    while at < len(head):
        element = _element(head, at)
        if element.number == _TRACKS and element.stop <= len(head):
            return element
        if element.number == _CLUSTER:
            break
        at = element.content if element.number == _SEGMENT else element.stop
    raise _foreign(path)


def _foreign(path: Path) -> MediaError:
    return MediaError(f"{path} has no track list where dubsync writes it", hint="render it again")


def _with_facts(tracks: bytes, form: PictureFormat, path: Path) -> bytes:
    """The content of Tracks, of the same length, with the facts in the place of the name."""
    pieces = []
    done = False
    for element in _children(tracks, 0, len(tracks)):
        if element.number == _CRC:
            continue
        body = tracks[element.content : element.stop]
        if element.number == _TRACK and not done and RESERVED.encode() in body:
            body, done = _track(body, form), True
        pieces.append(_sized(element, body))
    if not done:
        raise _foreign(path)
    content = b"".join(pieces)
    if len(tracks) > len(content):  # FFmpeg begins the list with a checksum of the rest
        content = _encoded(_CRC, struct.pack("<I", zlib.crc32(content))) + content
    assert len(content) == len(tracks)
    return content


def _sized(element: _Element, body: bytes) -> bytes:
    """The element again, its length written in as many bytes as before."""
    number = element.number.to_bytes((element.number.bit_length() + 7) // 8)
    return number + _length(len(body), element.content - element.start - len(number)) + body


def _track(body: bytes, form: PictureFormat) -> bytes:
    """A TrackEntry of the same length, without its name, with the facts in its Video."""
    children = _children(body, 0, len(body))
    kept = []
    for child in children:
        part = body[child.start : child.stop]
        if child.number == _VIDEO:
            part = _encoded(_VIDEO, _video(body[child.content : child.stop], form))
        if child.number != _NAME:
            kept.append(part)
    room = len(body) - sum(map(len, kept))
    return b"".join(kept) + _padding(room)


def _video(body: bytes, form: PictureFormat) -> bytes:
    """The content of Video with the display size, and with HDR10 metadata in its Colour."""
    aspect, hdr = _display_size(form), _hdr(form)
    kept = []
    coloured = False
    for child in _children(body, 0, len(body)):
        part = body[child.start : child.stop]
        if child.number in _DISPLAY and aspect:
            continue
        if child.number == _COLOUR and hdr:
            part, coloured = _encoded(_COLOUR, body[child.content : child.stop] + hdr), True
        kept.append(part)
    if hdr and not coloured:
        kept.append(_encoded(_COLOUR, hdr))
    return b"".join(kept) + aspect


def _display_size(form: PictureFormat) -> bytes:
    """DisplayWidth and DisplayHeight; as a ratio where the width is no whole number."""
    if form.pixel_aspect == 1:
        return b""
    across, down = form.pixel_aspect.numerator, form.pixel_aspect.denominator
    width, height = form.width * across, form.height * down
    unit = b""
    if width % down == 0:
        width, height = width // down, form.height
    else:
        common = gcd(width, height)
        width, height = width // common, height // common
        unit = _encoded(_DISPLAY_UNIT, bytes([_AS_RATIO]))
    return _whole(_DISPLAY_WIDTH, width) + _whole(_DISPLAY_HEIGHT, height) + unit


def _hdr(form: PictureFormat) -> bytes:
    """MaxCLL, MaxFALL and MasteringMetadata."""
    result = b""
    light = content_light(form.content_light)
    if light is not None:
        result += _whole(_MAX_CLL, light[0]) + _whole(_MAX_FALL, light[1])
    display = mastering_display(form.mastering_display)
    if display is not None:
        points = (*display.red, *display.green, *display.blue, *display.white)
        values = [value / CHROMATICITY for value in points]
        values += [display.brightest / LUMINANCE, display.darkest / LUMINANCE]
        # R, G, B and white, x then y, then luminance: consecutive element numbers.
        numbers = range(_MASTERING + 1, _MASTERING + 1 + len(values))
        body = b"".join(
            _encoded(number, struct.pack(">d", value))
            for number, value in zip(numbers, values, strict=True)
        )
        result += _encoded(_MASTERING, body)
    return result


def _padding(room: int) -> bytes:
    """A Void element of `room` bytes in all; at least 2, or none."""
    if room == 0:
        return b""
    length = 1 if room < 2 + 127 else 2
    return bytes([_VOID]) + _length(room - 1 - length, length) + bytes(room - 1 - length)


def _whole(number: int, value: int) -> bytes:
    return _encoded(number, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def _encoded(number: int, body: bytes) -> bytes:
    length = 1 if len(body) < 127 else 2
    name = number.to_bytes((number.bit_length() + 7) // 8)
    return name + _length(len(body), length) + body


def _length(value: int, size: int) -> bytes:
    return (value | 1 << (7 * size)).to_bytes(size)


def _children(data: bytes, at: int, stop: int) -> list[_Element]:
    result = []
    while at < stop:
        result.append(_element(data, at))
        at = result[-1].stop
    return result


def _element(data: bytes, at: int) -> _Element:
    """The element that begins at `at`; one of unknown length ends with the data."""
    size = 9 - data[at].bit_length()
    number = int.from_bytes(data[at : at + size])
    first = at + size
    size = 9 - data[first].bit_length()
    length = int.from_bytes(data[first : first + size]) & ((1 << (7 * size)) - 1)
    content = first + size
    unknown = length == (1 << (7 * size)) - 1
    return _Element(number, at, content, len(data) if unknown else content + length)
