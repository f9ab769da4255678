"""A copy of a sound file whose samples are changed in place; everything else stays as it was.

A WAV of PCM is copied byte for byte, with its bext and iXML chunks, and only the samples that are
written change.  Any other file becomes a Broadcast Wave of 24 bits.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.media.files.container import opened
from dubsync.media.sound.gapless import native_runs
from dubsync.media.sound.tracks import opened_track

Samples = NDArray[np.float64]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_UNKNOWN = 0xFFFFFFFF  #: RF64 keeps the true size in ds64
_BEXT = 602  #: bytes of a bext chunk without a coding history (EBU Tech 3285)
_MOST_BYTES = 0xFFFFFFFF - 1024


@dataclass(frozen=True, slots=True)
class PcmCopy:
    """A WAV whose samples can be read and written in place.

    bits      of a sample; `floating`: as float
    data_at   place of the first sample in the file, bytes
    """

    path: Path
    sample_rate: int
    channels: int
    bits: int
    floating: bool
    data_at: int
    n_samples: int

    def read(self, first: int, count: int) -> Samples:
        """(count, channels) samples from `first` on, full scale 1; zeros outside the file."""
        begin, end = min(max(first, 0), self.n_samples), min(max(first + count, 0), self.n_samples)
        frame = self.channels * self.bits // 8
        with self.path.open("rb") as file:
            file.seek(self.data_at + begin * frame)
            data = file.read((end - begin) * frame)
        out = np.zeros((count, self.channels))
        if end > begin:
            out[begin - first : end - first] = self._numbers(data).reshape(-1, self.channels)
        return out

    def write(self, first: int, samples: Samples) -> None:
        """Replace the samples from `first` on; they must lie in the file and within full scale."""
        if first < 0 or first + len(samples) > self.n_samples:
            raise MediaError(f"samples {first} on are not in {self.path}", hint="report this")
        with self.path.open("r+b") as file:
            file.seek(self.data_at + first * self.channels * self.bits // 8)
            file.write(self._bytes(samples))

    def _numbers(self, data: bytes) -> Samples:
        if self.floating:
            return np.frombuffer(data, f"<f{self.bits // 8}").astype(np.float64)
        if self.bits == 24:
            raw = np.frombuffer(data, np.uint8).reshape(-1, 3)
            wide = np.zeros((len(raw), 4), np.uint8)
            wide[:, 1:] = raw
            return wide.view("<i4")[:, 0].astype(np.float64) / 2.0**31
        return np.frombuffer(data, f"<i{self.bits // 8}").astype(np.float64) / 2.0 ** (
            self.bits - 1
        )

    def _bytes(self, samples: Samples) -> bytes:
        flat = np.ascontiguousarray(samples, np.float64).reshape(-1)
        if self.floating:
            return flat.astype(f"<f{self.bits // 8}").tobytes()
        full = 2.0 ** (self.bits - 1)
        whole = np.rint(flat * full)
        if len(whole) and (whole.max() > full or whole.min() < -full):
            raise MediaError(f"samples for {self.path} are beyond full scale", hint="report this")
        whole = np.minimum(whole, full - 1)  # 1.0 itself has no number
        if self.bits == 24:
            wide = (whole.astype("<i4") << 8).view(np.uint8).reshape(-1, 4)
            return np.ascontiguousarray(wide[:, 1:]).tobytes()
        return whole.astype(f"<i{self.bits // 8}").tobytes()


def pcm_copy(source: Path, copy: Path, start: Fraction, *, track: int = 0) -> PcmCopy:
    """Copy a sound file to `copy`, to change its samples there.

    Args:
        start: record time of its first sample, seconds; the time stamp where it is not a WAV.
        track: the sound track of another file, from 1; 0: its own.

    Raises:
        MediaError: it cannot be read, or is too long for a WAV.
        OSError: `copy` cannot be written.
    """
    if _layout(source) is not None:
        shutil.copyfile(source, copy)
    else:
        _write_wave(source, copy, start, track)
    made = _layout(copy)
    if made is None:
        raise MediaError(f"{source} cannot be copied as a WAV", hint="export it as PCM WAV")
    return made


def _layout(path: Path) -> PcmCopy | None:
    """Where a WAV's samples are; None for other files and codecs."""
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
            return None
        size64, form = None, None
        end = path.stat().st_size
        while len(chunk := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", chunk)
            body = file.tell()
            if name == b"ds64":
                sizes = file.read(16)
                size64 = struct.unpack("<8xQ", sizes)[0] if len(sizes) == 16 else None
            elif name == b"fmt ":
                form = file.read(min(size, 40))
            elif name == b"data":
                if form is None or len(form) < 16:
                    return None
                known = size64 if size == _UNKNOWN and size64 is not None else size
                return _of_format(path, form, body, min(known, end - body))
            file.seek(body + size + size % 2)
    return None


def _of_format(path: Path, form: bytes, data_at: int, size: int) -> PcmCopy | None:
    kind, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", form)
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = struct.unpack_from("<H", form, 24)[0]
    fits = (kind == _PCM and bits in (16, 24, 32)) or (kind == _FLOAT and bits in (32, 64))
    if not fits or not channels or block != channels * bits // 8:
        return None
    return PcmCopy(path, rate, channels, bits, kind == _FLOAT, data_at, size // block)


def _write_wave(source: Path, copy: Path, start: Fraction, track: int) -> None:
    """Write a sound track as a Broadcast Wave of 24 bits (EBU Tech 3285)."""
    with opened(source) as container:
        chosen = opened_track(source, container, track)
        runs = [
            np.rint(np.clip(run, -1, 1 - 2.0**-23).astype(np.float64) * 2.0**23).astype("<i4")
            for run in native_runs(source, container, chosen, "flt", 0, None)
        ]
    numbers = np.concatenate(runs) if runs else np.zeros((0, chosen.channels), "<i4")
    wide = np.ascontiguousarray(numbers).view(np.uint8).reshape(-1, 4)
    data = np.ascontiguousarray(wide[:, :3]).tobytes()
    if len(data) > _MOST_BYTES:
        raise MediaError(f"{source} is too long for a WAV", hint="export it in parts")
    rate, channels = chosen.sample_rate, chosen.channels
    stamp = max(round(start * rate), 0)
    bext = bytearray(_BEXT)
    bext[:256] = f"from {source.name}".encode("ascii", "replace")[:256].ljust(256, b"\0")
    struct.pack_into("<IIH", bext, 338, stamp & 0xFFFFFFFF, stamp >> 32, 1)
    form = struct.pack("<HHIIHH", _PCM, channels, rate, rate * channels * 3, channels * 3, 24)
    body = b"WAVE" + _chunk(b"bext", bytes(bext)) + _chunk(b"fmt ", form) + _chunk(b"data", data)
    copy.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
