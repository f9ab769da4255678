"""Facts that FFmpeg leaves out of a QuickTime movie, added to the sample description.

Apple's QuickTime File Format: 'clap' (clean aperture), 'mdcv' (mastering display) and 'clli'
(content light level) are extensions of a video sample description.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.errors import MediaError
from dubsync.core.picture import FieldName, PictureFormat
from dubsync.media.pixels.hdr import content_light, mastering_display

#: Bytes of a video sample description before its extensions.
_DESCRIPTION = 8 + 78
#: One field a frame: progressive; or two, in alternate lines, by the earlier (Apple TN2162).
_FIELDS = {"": b"\x01\x00", "top": b"\x02\x09", "bottom": b"\x02\x0e"}
_PATH = (b"mdia", b"minf", b"stbl", b"stsd")


@dataclass(frozen=True, slots=True)
class _Atom:
    """An atom: its kind, and where it and its content begin and end."""

    kind: bytes
    start: int
    content: int
    stop: int


def add_picture_facts(
    path: Path, form: PictureFormat, *, quicktime: bool, flagged: FieldName = ""
) -> None:
    """Add clean aperture and HDR metadata to the movie at `path`, whose 'moov' is its last atom.

    Args:
        quicktime: whether it is .mov, which also states whether a frame is one field or two.
        flagged: the earlier of two fields; "": a frame is one.

    Raises:
        MediaError: the movie is not as FFmpeg writes it.
        OSError: the file cannot be written.
    """
    with path.open("r+b") as file:
        start, data = _moov(file)
        file.seek(start)
        file.write(_with_facts(data, _facts(form, quicktime, flagged), path))
        file.truncate()


def _facts(form: PictureFormat, quicktime: bool, flagged: FieldName) -> dict[bytes, bytes]:
    """The atoms by kind."""
    whole = struct.pack(">8I", form.width, 1, form.height, 1, 0, 1, 0, 1)
    result = {b"fiel": _FIELDS[flagged], b"clap": whole} if quicktime else {}
    if display := mastering_display(form.mastering_display):
        places = (*display.green, *display.blue, *display.red, *display.white)
        result[b"mdcv"] = struct.pack(">8H2I", *places, display.brightest, display.darkest)
    if light := content_light(form.content_light):
        result[b"clli"] = struct.pack(">2H", *(min(level, 0xFFFF) for level in light))
    return {kind: struct.pack(">I", 8 + len(fact)) + kind + fact for kind, fact in result.items()}


def _moov(file: object) -> tuple[int, bytes]:
    """Place and bytes of the last atom, which must be 'moov'."""
    read, seek = file.read, file.seek  # type: ignore[attr-defined]
    place = 0
    while True:
        seek(place)
        head = read(16)
        if len(head) < 8:
            raise MediaError("the movie has no 'moov' at its end")
        size, kind = struct.unpack(">I4s", head[:8])
        if size == 1:
            (size,) = struct.unpack(">Q", head[8:16])
        if size < 8:
            raise MediaError("the movie has an atom of no size")
        if kind == b"moov":
            seek(place)
            data = read()
            if len(data) != size:
                raise MediaError("'moov' is not the last atom of the movie")
            return place, data
        place += size


def _atoms(data: bytes, start: int, stop: int) -> Iterator[_Atom]:
    while start + 8 <= stop:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8 or start + size > stop:
            return
        yield _Atom(kind, start, start + 8, start + size)
        start += size


def _with_facts(data: bytes, facts: dict[bytes, bytes], path: Path) -> bytes:
    """`data`, a whole 'moov', with those facts that the picture's description lacks."""
    for track in _atoms(data, 8, len(data)):
        if track.kind != b"trak":
            continue
        parents = [_Atom(b"moov", 0, 8, len(data)), track]
        for kind in _PATH:
            inside = _atoms(data, parents[-1].content, parents[-1].stop)
            found = next((atom for atom in inside if atom.kind == kind), None)
            if found is None:
                break
            parents.append(found)
        if parents[-1].kind != b"stsd" or not _is_picture(data, parents[2]):
            continue
        first = next(_atoms(data, parents[-1].content + 8, parents[-1].stop))
        known = {atom.kind for atom in _atoms(data, first.start + _DESCRIPTION, first.stop)}
        added = b"".join(fact for kind, fact in facts.items() if kind not in known)
        return _grown(data, [*parents, first], added)
    raise MediaError(f"{path.name} has no picture track")


def _is_picture(data: bytes, media: _Atom) -> bool:
    """Whether a track's media handler is that of pictures."""
    handlers = (a for a in _atoms(data, media.content, media.stop) if a.kind == b"hdlr")
    return any(data[atom.content + 8 : atom.content + 12] == b"vide" for atom in handlers)


def _grown(data: bytes, parents: list[_Atom], added: bytes) -> bytes:
    """`data` with `added` at the end of the last of `parents`, each of which grows by it."""
    made = bytearray(data)
    for atom in parents:
        size = atom.stop - atom.start + len(added)
        made[atom.start : atom.start + 4] = struct.pack(">I", size)
    end = _end(data, parents[-1])
    made[end:end] = added
    return bytes(made)


def _end(data: bytes, description: _Atom) -> int:
    """Where the extensions end: before the four zero bytes with which QuickTime may close them."""
    end = description.start + _DESCRIPTION
    for atom in _atoms(data, end, description.stop):
        end = atom.stop
    return end
