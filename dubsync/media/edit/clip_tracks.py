"""What the OP-Atom files of one clip say in common: its material package and its tape.

Avid's files of a clip (bmx's AvidClip shows how) carry one material package between them.  Each
file has it whole: a track for the picture and for every channel, whose source clip names that
file's own file package.  The tape is one package too, with the same tracks, and counts from
00:00:00:00; a file package says where on the tape it begins.  FFmpeg knows one file at a time, so
the tracks of the other files are written into the header here, and what follows is moved back.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from dubsync.core.errors import MediaError
from dubsync.media.edit.mxf import ESSENCE_TRACK, Element, elements, put

_SET = bytes.fromhex("060e2b34025301010d010101010100")[:14]
#: Byte 14 of a set's key: SMPTE ST 377-1, annexes A and B.
_MATERIAL, _SOURCE, _TRACK, _SEQUENCE, _CLIP, _TIMECODE = 0x36, 0x37, 0x3B, 0x0F, 0x11, 0x14
_TAPE = 0x2E  #: an Avid and AAF tape descriptor
_PACK, _RANDOM_INDEX = bytes.fromhex("060e2b34020501010d010201"), 0x11
_FILL = bytes.fromhex("060e2b34010101020301021001000000")
_PICTURE_LABEL = bytes.fromhex("060e2b34040101010103020201000000")
_SOUND_LABEL = bytes.fromhex("060e2b34040101010103020202000000")
#: Local tags.
_SELF, _TRACKS, _DESCRIPTOR, _NAMED_SEQUENCE, _PARTS = 0x3C0A, 0x4403, 0x4701, 0x4803, 0x1001
_TRACK_ID, _TRACK_NUMBER, _RATE, _KIND, _LENGTH = 0x4801, 0x4804, 0x4B01, 0x0201, 0x0202
_START, _PACKAGE, _PACKAGE_TRACK = 0x1201, 0x1101, 0x1102
_FIRST_TIMECODE = 0x1501
_GRID = 512  #: FFmpeg begins every partition on a multiple of it
_HOURS_OF_TAPE = 24
_COPY = 1 << 22
#: Where partition packs say their own, the last and the footer's offset (ST 377-1, table 5).
_OFFSETS, _HEADER_SIZE = (8, 16, 24), 32

Tags = dict[int, bytes]


@dataclass(frozen=True, slots=True)
class ClipTrack:
    """One file of the clip.

    channel   of sound, from 1; 0: the picture
    rate      edit units a second
    length    in edit units
    file      UMID of its file package
    """

    channel: int
    rate: Fraction
    length: int
    file: bytes

    @property
    def id(self) -> int:
        """Track id in the material package and on the tape; 1 is the timecode's."""
        return ESSENCE_TRACK + self.channel


@dataclass(frozen=True, slots=True)
class _Set:
    kind: int
    tags: Tags

    @property
    def id(self) -> bytes:
        return self.tags[_SELF]

    def encoded(self) -> bytes:
        body = b"".join(struct.pack(">2H", t, len(v)) + v for t, v in self.tags.items())
        return _SET + bytes((self.kind, 0, 0x83)) + len(body).to_bytes(3, "big") + body


def list_clip_tracks(path: Path, tracks: Sequence[ClipTrack], channel: int, start: int) -> None:
    """Write the tracks of a clip into one of its files, as `finish_mxf` left it.

    Args:
        tracks: of all files, the picture first.
        channel: which of them this file is.
        start: frame of the tape at which the picture begins.

    Raises:
        MediaError: the file is not as FFmpeg writes it.
        OSError: the file cannot be written.
    """
    with path.open("r+b") as file:
        found = list(elements(file, path))
        ends = [e.start for e in found if e.key.startswith(_PACK) and e.key[13] in (3, 4)]
        held = [e for e in found if e.start < ends[0]] if ends else []
        sets = [e for e in held if e.key.startswith(_SET)]
        try:
            made = _with_tracks([_read(file, e) for e in sets], tracks, channel, start)
        except (KeyError, ValueError, struct.error) as error:
            raise MediaError(
                f"{path.name} has no packages as FFmpeg writes them",
                hint="another FFmpeg is used than av's; install av again",
            ) from error
        body = b"".join(one.encoded() for one in made)
        end = -(-(sets[0].start + len(body) + 20) // _GRID) * _GRID  # 20: the least fill
        shift = max(end - ends[0], 0)
        _move_back(file, ends[0], shift)
        end = ends[0] + shift
        space = end - sets[0].start - len(body) - 20
        put(file, sets[0].start, body + _FILL + b"\x83" + space.to_bytes(3, "big") + bytes(space))
        for element in found:
            if element.key.startswith(_PACK) and element.key[13] in (2, 3, 4, _RANDOM_INDEX):
                _move_offsets(file, element, ends[0], shift)


def _read(file: BinaryIO, element: Element) -> _Set:
    file.seek(element.value)
    data, tags, place = file.read(element.stop - element.value), {}, 0
    while place < len(data):
        tag, length = struct.unpack_from(">2H", data, place)
        tags[tag] = data[place + 4 : place + 4 + length]
        place += 4 + length
    return _Set(element.key[14], tags)


def _with_tracks(
    sets: list[_Set], tracks: Sequence[ClipTrack], channel: int, start: int
) -> list[_Set]:
    """The header's sets with every track in its material package and on its tape."""
    by_id = {one.id: one for one in sets}
    packages = [one for one in sets if one.kind in (_MATERIAL, _SOURCE)]
    sources = [one for one in packages if one.kind == _SOURCE]
    tapes = [one for one in sources if by_id[one.tags[_DESCRIPTOR]].kind == _TAPE]
    (own,) = (one for one in tracks if one.channel == channel)
    for package in packages:
        code, template = _references(package.tags[_TRACKS])
        chain = _chain(by_id, template)
        if package.kind == _SOURCE and package not in tapes:
            if tapes:
                chain[2].tags[_START] = struct.pack(">q", _at(start, own, tracks[0]))
                chain[2].tags[_PACKAGE_TRACK] = struct.pack(">I", own.id)
            continue
        taped = package in tapes
        made = [_copied(chain, one, taped, tracks[0].rate) for one in tracks]
        package.tags[_TRACKS] = _batch([code, *(new[0].id for new in made)])
        place = sets.index(chain[0])
        sets = [one for one in sets if one not in chain]
        sets[place:place] = [one for new in made for one in new]
        if taped:
            _whole_tape(_chain(by_id, code), tracks[0].rate)
    return sets


def _whole_tape(code: list[_Set], rate: Fraction) -> None:
    """Let the tape's timecode count from zero, for as long as timecode counts."""
    for one in code[1:]:
        one.tags[_LENGTH] = struct.pack(">q", _tape_length(rate))
    code[2].tags[_FIRST_TIMECODE] = bytes(8)


def _tape_length(rate: Fraction) -> int:
    return int(_HOURS_OF_TAPE * 3600 * round(rate))


def _at(start: int, track: ClipTrack, picture: ClipTrack) -> int:
    return round(start * track.rate / picture.rate)


def _chain(by_id: dict[bytes, _Set], track: bytes) -> list[_Set]:
    """A track's set, its sequence and that one's only component."""
    first = by_id[track]
    sequence = by_id[first.tags[_NAMED_SEQUENCE]]
    (part,) = _references(sequence.tags[_PARTS])
    return [first, sequence, by_id[part]]


def _copied(
    chain: list[_Set], track: ClipTrack, taped: bool, frame_rate: Fraction
) -> tuple[_Set, _Set, _Set]:
    """A track of a package, like `chain`, for one file of the clip."""
    ids = [one.id[:-4] + _instance(one.id, track.channel) for one in chain]
    rate = frame_rate if taped else track.rate
    length = struct.pack(">q", _tape_length(frame_rate) if taped else track.length)
    kind = _SOUND_LABEL if track.channel else _PICTURE_LABEL
    ours: tuple[Tags, Tags, Tags] = (
        {
            _TRACK_ID: struct.pack(">I", track.id),
            _TRACK_NUMBER: struct.pack(">I", track.channel or 1),
            _RATE: struct.pack(">2I", rate.numerator, rate.denominator),
            _NAMED_SEQUENCE: ids[1],
        },
        {_KIND: kind, _LENGTH: length, _PARTS: _batch([ids[2]])},
        {_KIND: kind, _LENGTH: length, _START: bytes(8)}
        | ({} if taped else {_PACKAGE: track.file, _PACKAGE_TRACK: _ESSENCE}),
    )
    first, second, third = (
        _Set(one.kind, one.tags | {_SELF: id} | new)
        for one, id, new in zip(chain, ids, ours, strict=True)
    )
    return first, second, third


_ESSENCE = struct.pack(">I", ESSENCE_TRACK)


def _instance(id: bytes, channel: int) -> bytes:
    """The end of an instance id, which FFmpeg counts from 0, for that set's copy of a channel."""
    (number,) = struct.unpack(">I", id[-4:])
    return struct.pack(">I", number | (channel + 1) << 16)


def _references(batch: bytes) -> Iterator[bytes]:
    """The instance ids of a batch of references of 16 bytes, after its count and their size."""
    return iter([batch[n : n + 16] for n in range(8, len(batch), 16)])


def _batch(ids: Sequence[bytes]) -> bytes:
    return struct.pack(">2I", len(ids), 16) + b"".join(ids)


def _move_back(file: BinaryIO, start: int, shift: int) -> None:
    """Move all bytes from `start` on `shift` bytes towards the end."""
    if not shift:
        return
    place = file.seek(0, 2)
    while place > start:
        size = min(_COPY, place - start)
        place -= size
        file.seek(place)
        put(file, place + shift, file.read(size))


def _move_offsets(file: BinaryIO, pack: Element, moved: int, shift: int) -> None:
    """Set the offsets in a partition pack or the random index, which all point at partitions."""
    begin = pack.value + (shift if pack.start >= moved else 0)
    file.seek(begin)
    data = bytearray(file.read(pack.stop - pack.value))
    if pack.key[13] == _RANDOM_INDEX:
        places: Sequence[int] = range(4, len(data) - 4, 12)
    else:
        places = _OFFSETS
        if pack.start < moved:
            (size,) = struct.unpack_from(">Q", data, _HEADER_SIZE)
            struct.pack_into(">Q", data, _HEADER_SIZE, size + shift)
    for place in places:
        (offset,) = struct.unpack_from(">Q", data, place)
        struct.pack_into(">Q", data, place, offset + (shift if offset >= moved else 0))
    put(file, begin, bytes(data))
