"""What FFmpeg's MXF muxers leave to do: identities of our own, and the wrapping stated truly.

FFmpeg numbers its packages at random.  Its OP-Atom files hold the whole essence in one element, as
SMPTE ST 390 asks, but their labels say that each frame has its own; bmx then refuses to read them.
Both are set right in place, in the header and footer metadata; no essence is touched.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from dubsync.core.errors import MediaError

#: FFmpeg's UMIDs: this label, three bytes of instance, fifteen of a random number, and the package:
#: 0 material, 1 file, 2 tape.
_FFMPEG = bytes.fromhex("060a2b340101010501010d0013")
_UMID = 32
#: Track id of the essence in FFmpeg's packages: 1 is the timecode.
ESSENCE_TRACK = 2
_MATERIAL, _FILE, _TAPE = 0, 1, 2
#: Keys that begin so are partition packs, primer, index and metadata sets: SMPTE ST 377-1, table 2.
_METADATA = bytes.fromhex("060e2b340205"), bytes.fromhex("060e2b340253")
_SETS = _METADATA[1]
#: Local tag of a picture descriptor's aspect ratio (ST 377-1, annex F).
_ASPECT = 0x320E
#: Frame wrapping -> clip wrapping in labels of essence containers (ST 2019-4, ST 382), in the keys
#: of sound elements and in track numbers.
_CLIP_WRAPPED = {
    bytes.fromhex("0d01030102110100"): bytes.fromhex("0d01030102110200"),
    bytes.fromhex("0d01030102060100"): bytes.fromhex("0d01030102060200"),
    bytes.fromhex("4804000416010100"): bytes.fromhex("4804000416010200"),
}
_SOUND = bytes.fromhex("060e2b34010201010d01030116010100")
_SOUND_CLIP = bytes.fromhex("060e2b34010201010d01030116010200")


@dataclass(frozen=True, slots=True)
class Identities:
    """The packages' UMIDs, 32 bytes each."""

    material: bytes
    file: bytes
    tape: bytes


@dataclass(frozen=True, slots=True)
class Element:
    """One KLV element: its key, and where it, its value and the next one begin."""

    key: bytes
    start: int
    value: int
    stop: int


def finish_mxf(path: Path, identities: Identities, *, aspect: Fraction, atom: bool) -> None:
    """Give the MXF file at `path`, as FFmpeg wrote it, these identities.

    Args:
        aspect: width over height of the picture as it is shown, which FFmpeg takes from the number
            of samples alone.
        atom: whether it is OP-Atom, whose labels are corrected to clip wrapping.

    Raises:
        MediaError: the file is not as FFmpeg writes it.
        OSError: the file cannot be written.
    """
    ours = {_MATERIAL: identities.material, _FILE: identities.file, _TAPE: identities.tape}
    changed = 0
    with path.open("r+b") as file:
        for element in list(elements(file, path)):
            if element.key == _SOUND and atom:
                put(file, element.start, _SOUND_CLIP)
            if not element.key.startswith(_METADATA):
                continue
            file.seek(element.value)
            old = file.read(element.stop - element.value)
            new = _with_identities(old, ours)
            changed += new != old
            if element.key.startswith(_SETS):
                new = _with_aspect(new, aspect)
            if atom:
                for frame_wrapped, clip_wrapped in _CLIP_WRAPPED.items():
                    new = new.replace(frame_wrapped, clip_wrapped)
            if new != old:
                put(file, element.value, new)
    if not changed:
        raise MediaError(f"{path.name} holds no package identity as FFmpeg writes it",
                         hint="another FFmpeg is used than av's; install av again")  # fmt: skip


def put(file: BinaryIO, place: int, data: bytes) -> None:
    """Write `data` at byte `place`."""
    file.seek(place)
    file.write(data)


def _with_identities(data: bytes, ours: Mapping[int, bytes]) -> bytes:
    made, place = data, data.find(_FFMPEG)
    while place >= 0:
        kind = made[place + _UMID - 1]
        if kind in ours:
            made = made[:place] + ours[kind] + made[place + _UMID :]
        place = made.find(_FFMPEG, place + _UMID)
    return made


def _with_aspect(data: bytes, aspect: Fraction) -> bytes:
    """A metadata set with its aspect ratio, if it has one, replaced."""
    place = 0
    while place + 4 <= len(data):
        tag, length = struct.unpack_from(">2H", data, place)
        if tag == _ASPECT and length == 8:
            ratio = struct.pack(">2I", aspect.numerator, aspect.denominator)
            return data[: place + 4] + ratio + data[place + 12 :]
        place += 4 + length
    return data


def elements(file: BinaryIO, path: Path) -> Iterator[Element]:
    """Every KLV element of the file, essence skipped unread."""
    file.seek(0, 2)
    size, place = file.tell(), 0
    while place < size:
        file.seek(place)
        head = file.read(25)
        if len(head) < 17 or head[:4] != bytes.fromhex("060e2b34"):
            raise MediaError(f"{path.name} is no MXF file at byte {place}")
        length, begin = head[16], 17
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(head[17:begin], "big")
        stop = place + begin + length
        yield Element(head[:16], place, place + begin, stop)
        place = stop
