"""The timecode of a QuickTime movie and of a Broadcast Wave: Blender does not tell either.

Reads the timecode track of QuickTime File Format (Apple, 2001), "Timecode Media": the sample
description says how it counts, the first sample is the number of the movie's first frame.  Of a
Broadcast Wave it reads TimeReference (EBU Tech 3285, 2.3): samples since midnight.
"""

import os
import re
import struct
from fractions import Fraction

#: Suffixes of files that are QuickTime, or its child MP4.
SUFFIXES = (".mov", ".mp4", ".m4v", ".qt")
#: Larger boxes are not read: a movie's header is far smaller.
LARGEST = 64 * 2**20
_HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def first_frame(path, rate):
    """The timecode of a movie's first frame, as frames since midnight; None if it states none.

    rate  of the picture, a Fraction: timecode that counts otherwise is not taken
    """
    if not path.lower().endswith(SUFFIXES):
        return None
    try:
        with open(path, "rb") as file:
            for track in _tracks(file, os.fstat(file.fileno()).st_size):
                frame = _timecode(file, track, rate)
                if frame is not None:
                    return frame
    except (OSError, struct.error, ValueError):
        return None
    return None


def sound_start(path):
    """Seconds since midnight at which a Broadcast Wave begins, exact; None if it states none."""
    rate = reference = None
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if file.read(4) not in (b"RIFF", b"RF64"):
                return None
            at = 12
            while at + 8 <= size and (rate is None or reference is None):
                file.seek(at)
                kind, length = struct.unpack("<4sI", file.read(8))
                if kind == b"fmt ":
                    (rate,) = struct.unpack("<4xI", file.read(8))
                elif kind == b"bext":
                    (reference,) = struct.unpack("<338xQ", file.read(346))
                at += 8 + length + length % 2
    except (OSError, struct.error):
        return None
    return Fraction(reference, rate) if rate and reference else None


def frames_in(text, rate):
    """Frames since midnight of a timecode HH:MM:SS:FF, without drop frame; None if it is none."""
    found = re.fullmatch(r"(\d\d):(\d\d):(\d\d):(\d\d+)", text.strip())
    counted = -int(-rate // 1)
    if not found or int(found.group(4)) >= counted:
        return None
    hours, minutes, seconds, frames = (int(part) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * counted + frames


def text_of(frame, rate):
    """A frame count as HH:MM:SS:FF, without drop frame."""
    counted = -int(-rate // 1)
    seconds, frames = divmod(frame, counted)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def _tracks(file, size):
    """The boxes of each track: {kind: bytes of the box}."""
    for kind, at, length in _boxes(file, 0, size):
        if kind == b"moov":
            for inner, start, long in _boxes(file, at, length):
                if inner == b"trak":
                    found = {}
                    _collect(file, start, long, found)
                    yield found


def _collect(file, at, length, found):
    for kind, start, long in _boxes(file, at, length):
        if kind in _HOLDERS:
            _collect(file, start, long, found)
        elif kind in (b"stsd", b"stco", b"co64") and long <= LARGEST:
            file.seek(start)
            found[kind] = file.read(long)


def _boxes(file, at, length):
    """(kind, start of the content, its length) of the boxes in a stretch of the file."""
    end = at + length
    while at + 8 <= end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            (size,), head = struct.unpack(">Q", file.read(8)), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise ValueError("a box is longer than what holds it")
        yield kind, at + head, size - head
        at += size


def _timecode(file, track, rate):
    """The number in the first sample of a timecode track; None of any other track."""
    described = track.get(b"stsd", b"")
    if described[12:16] != b"tmcd":
        return None
    # After the entry's size, kind, reserved and data reference: reserved, flags, scale, duration.
    _, _, scale, duration, counted = struct.unpack(">IIIIB", described[24:41])
    nearest = int(rate + 1) if rate.denominator != 1 else int(rate)
    if not duration or counted != nearest or abs(scale / duration - rate) > 0.01:
        return None
    if b"stco" in track:
        (offset,) = struct.unpack(">I", track[b"stco"][8:12])
    else:
        (offset,) = struct.unpack(">Q", track[b"co64"][8:16])
    file.seek(offset)
    (number,) = struct.unpack(">I", file.read(4))
    return number
