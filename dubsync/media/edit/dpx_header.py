"""The header of a DPX still: where its frame is from (SMPTE ST 268-1)."""

from __future__ import annotations

import struct
from fractions import Fraction

from dubsync.core.timeline.timecode import Timecode

#: Generic header as FFmpeg writes it, then the film and the television header.
_GENERIC, _HEAD = 1664, 2048
#: Transfer characteristic (801) and colorimetric specification (802) by H.273 code; 2 is linear,
#: 6 ITU-R BT.709, 7 and 8 BT.601; 4 is unspecified video.
_CHARACTERISTIC = {"1": 6, "5": 7, "6": 8, "8": 2}
_UNSPECIFIED = 4
_CREATOR = b"dubsync"


def dpx_header(
    data: bytes,
    *,
    name: str,
    reel: str,
    rate: Fraction,
    transfer: str,
    made: str,
    timecode: Timecode | None,
    place: int,
    length: int,
) -> bytes:
    """The 2048 bytes of header for `data`, a big-endian DPX file of FFmpeg's.

    Args:
        name: of the file.
        transfer: H.273 code of the samples' transfer characteristic; "" if not stated.
        made: when the master was written, "2026-11-30T10:00:00Z".
        timecode: of the frame; None: not stated.
        place, length: of the frame in the sequence, and of the sequence.
    """
    head = bytearray(data[:_GENERIC]) + b"\xff" * (_HEAD - _GENERIC)
    samples = len(data) - int.from_bytes(data[4:8], "big")
    struct.pack_into(">I", head, 4, _HEAD)
    struct.pack_into(">I", head, 16, _HEAD + samples)
    struct.pack_into(">3I", head, 24, _GENERIC, _HEAD - _GENERIC, 0)
    _text(head, 36, 100, name)
    _text(head, 136, 24, made.replace("-", ":").replace("T", ":"))
    _text(head, 160, 100, _CREATOR.decode())
    struct.pack_into(">I", head, 808, _HEAD)
    kind = _CHARACTERISTIC.get(transfer, _UNSPECIFIED)
    head[801], head[802] = kind, kind
    _text(head, 1556, 32, reel)  # input device: where programs look for the reel
    _film(head, rate, place, length)
    _television(head, rate, timecode)
    return bytes(head)


def _film(head: bytearray, rate: Fraction, place: int, length: int) -> None:
    for at, size in ((1664, 2), (1666, 2), (1668, 2), (1670, 6), (1676, 4), (1680, 32),
                     (1732, 32), (1764, 100), (1864, 56)):  # fmt: skip
        head[at : at + size] = bytes(size)
    struct.pack_into(">3I", head, 1712, place, length, 1)
    struct.pack_into(">f", head, 1724, float(rate))


def _television(head: bytearray, rate: Fraction, timecode: Timecode | None) -> None:
    if timecode is not None:
        digits = str(timecode).replace(";", "").replace(",", "").replace(":", "")
        struct.pack_into(">I", head, 1920, int(digits[-8:], 16))
        struct.pack_into(">I", head, 1924, 0)
    head[1928] = 0  # progressive
    struct.pack_into(">f", head, 1940, float(rate))
    head[1972:2048] = bytes(76)


def _text(head: bytearray, at: int, size: int, text: str) -> None:
    """ASCII, cut to leave a closing zero."""
    coded = text.encode("ascii", "replace")[: size - 1]
    head[at : at + size] = coded.ljust(size, b"\0")
