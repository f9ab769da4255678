"""Read rate, timecode and reel from the headers of EXR and DPX stills."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.errors import MediaError, TimecodeError
from dubsync.core.timeline.timecode import exact_rate
from dubsync.media.files.exr import open_exr

#: SMPTE ST 268-1, from the beginning of the file: film and television frame rate (float32),
#: television timecode (eight BCD digits).
_DPX_RATES, _DPX_TIMECODE, _DPX_HEAD = (1724, 1940), 1920, 2048
_UNSET = (0, 0xFFFFFFFF)
_FIRST_SAMPLE = slice(4, 8)


@dataclass(frozen=True, slots=True)
class StillSlate:
    """Rate (None: not stated), timecode as printed and reel ("": not stated) of one still."""

    rate: Fraction | None = None
    timecode: str = ""
    reel: str = ""


def slate_of(path: Path) -> StillSlate:
    """The slate in the header of `path`; empty for PNG and for unreadable files."""
    kind = path.suffix.lower()
    try:
        if kind == ".exr":
            header = open_exr(path, header_only=True).header()
            return _exr(header)
        if kind == ".dpx":
            with path.open("rb") as file:
                return _dpx(file.read(_DPX_HEAD))
    except (OSError, MediaError, RuntimeError, ValueError, TypeError, KeyError):
        pass  # reading the picture itself will report the error
    return StillSlate()


def _exr(header: dict[str, Any]) -> StillSlate:
    reel = header.get("reelName", "")
    return StillSlate(
        _rational(header.get("framesPerSecond")),
        _printed(header.get("timeCode")),
        reel if isinstance(reel, str) else "",
    )


def _rational(value: Any) -> Fraction | None:
    if isinstance(value, float):
        return _rate(value)
    try:
        rate = value if isinstance(value, Fraction) else Fraction(*(int(part) for part in value))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return rate if rate > 0 else None


def _printed(code: Any) -> str:
    if code is None or not hasattr(code, "dropFrame"):
        return ""
    parts = [_called(code, name) for name in ("hours", "minutes", "seconds", "frame")]
    mark = ";" if _called(code, "dropFrame") else ":"
    return "{:02d}:{:02d}:{:02d}".format(*parts[:3]) + f"{mark}{parts[3]:02d}"


def _called(code: Any, name: str) -> int:
    value = getattr(code, name)
    return int(value() if callable(value) else value)


def _dpx(head: bytes) -> StillSlate:
    order = {b"SDPX": ">", b"XPDS": "<"}.get(head[:4])
    if order is None or len(head) < _DPX_HEAD:
        return StillSlate()
    (first_sample,) = struct.unpack(f"{order}I", head[_FIRST_SAMPLE])
    if first_sample < _DPX_HEAD:  # no television header: the samples start there
        return StillSlate()
    rates = [_rate(struct.unpack_from(f"{order}f", head, at)[0]) for at in _DPX_RATES]
    (digits,) = struct.unpack_from(f"{order}I", head, _DPX_TIMECODE)
    text = f"{digits:08x}"
    known = digits not in _UNSET and text.isdigit()
    timecode = ":".join(text[n : n + 2] for n in (0, 2, 4, 6)) if known else ""
    return StillSlate(next((rate for rate in rates if rate), None), timecode)


def _rate(value: float) -> Fraction | None:
    try:
        return exact_rate(value)
    except TimecodeError:
        return None
