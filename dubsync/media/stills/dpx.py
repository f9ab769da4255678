"""Copy DPX headers from a plate to its render (SMPTE ST 268-1)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_GENERIC = 1664  #: bytes of file, image, orientation and film headers: what FFmpeg writes
_HEAD = 2048  #: with the television header, which holds the timecode
_OFFSET = slice(4, 8)  #: where the samples begin
_SIZE = slice(16, 20)  #: of the whole file
_SECTIONS = slice(24, 36)  #: sizes of generic, industry and user headers
_ELEMENT_OFFSET = slice(808, 812)
_PADDING = slice(812, 820)  #: at line and image end
_LAYOUT = (
    slice(770, 780),  # number of elements, width, lines
    slice(780, 784),  # signedness
    slice(800, 801),  # what the element holds: 50 is R, G, B
    slice(803, 804),  # bits
    slice(804, 808),  # packing and encoding
)


def with_header_of(like: Path, data: bytes) -> bytes:
    """The DPX file `data` with the header of the DPX file `like`.

    Timecode, film edge code, transfer characteristic and all other fields are then the plate's.
    `data` is returned unchanged if `like` has another byte order or layout.
    """
    with like.open("rb") as file:
        head = file.read(_HEAD)
    ours = data[:_GENERIC]
    order: Literal["big", "little"] = "big" if ours[:4] == b"SDPX" else "little"
    same = (
        len(head) == _HEAD
        and head[:4] == ours[:4]
        and all(head[part] == ours[part] for part in _LAYOUT)
    )
    if not same:
        return data
    whole = int.from_bytes(head[_OFFSET], order) >= _HEAD
    kept = bytearray(head if whole else head[:_GENERIC])
    samples = data[int.from_bytes(ours[_OFFSET], order) :]
    begin = len(kept).to_bytes(4, order)
    kept[_OFFSET] = kept[_ELEMENT_OFFSET] = begin
    kept[_SIZE] = (len(kept) + len(samples)).to_bytes(4, order)
    kept[_SECTIONS] = b"".join(
        n.to_bytes(4, order)
        for n in (_GENERIC, len(kept) - _GENERIC, 0)  # user data are not copied
    )
    kept[_PADDING] = ours[_PADDING]
    return bytes(kept) + samples
