"""The readings of a long sound on disk, of which a shot reads its part.

A safetensors file, as other derived data; written array by array, so that no second copy of it is
held, and read by rows.  Nothing is mapped into memory: a file on a share that vanishes is an error,
and no fault of the process.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from dubsync.core.arrays import Array
from dubsync.core.documents import parse_json
from dubsync.core.errors import DeliveryError, DubsyncError, MediaError
from dubsync.core.sound.audio import AudioFeatures, add_up
from dubsync.core.sound.long_rows import LongRows
from dubsync.service.store.atomic_write import written_aside

_log = logging.getLogger(__name__)
#: Readings of one number each are held whole: 4 bytes of each, 100 times a second.
CURVES = ("loudness", "speech", "closure")
#: Those of many numbers are read by rows: some 600 bytes a reading.
LONG = ("mel", "phones", "states")


@dataclass(frozen=True, slots=True)
class _Placed:
    """An array within a file: its shape, and the byte at which it begins."""

    shape: tuple[int, ...]
    begin: int


def kept_readings(path: Path, make: Callable[[], AudioFeatures]) -> AudioFeatures:
    """The features kept in `path`, whose long readings stay there; made and kept if there are none.

    A file that is damaged, or was deleted meanwhile, is made again when that is seen.  Where the
    disk refuses it, the features that were made are held as they are.
    """
    kept = _opened(path, make)
    if kept is not None:
        return kept
    made = make()
    try:
        write_readings(path, made)
    except DeliveryError as error:
        _log.info("not kept: %s", error)
        return made
    return _opened(path, make) or made


def write_readings(path: Path, features: AudioFeatures) -> None:
    """Keep `features` in `path`, in one step, as `safetensors.numpy.save` would.

    Raises:
        DeliveryError: the folder cannot be written, or the disk is full.
    """
    arrays = {name: np.asarray(getattr(features, name), "<f4") for name in sorted(CURVES + LONG)}
    header: dict[str, object] = {"__metadata__": {"facts": json.dumps(str(features.start))}}
    end = 0
    for name, array in arrays.items():
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with written_aside(path) as aside, aside.open("wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            if array.size:
                out.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def _opened(path: Path, make: Callable[[], AudioFeatures]) -> AudioFeatures | None:
    if not path.exists():
        return None
    try:
        placed, start = _placed(path)
        curves = {name: _rows(path, placed[name], 0, placed[name].shape[0]) for name in CURVES}
        long = {
            name: LongRows(
                (placed[name].shape[0], placed[name].shape[1]),
                partial(_read, path, name, placed[name].shape, make),
            )
            for name in LONG
        }
        given: Mapping[str, Any] = {**curves, **long}
        return AudioFeatures(start=start, **given)
    except (SafetensorError, DubsyncError, OSError, KeyError, ValueError, TypeError,
            IndexError) as error:  # fmt: skip
        _log.warning("derived data %s is damaged (%s): made again", path, error)
        return None


def _placed(path: Path) -> tuple[dict[str, _Placed], Fraction]:
    """Where each array is, and the sound's start.

    Raises:
        SafetensorError, OSError, ValueError, KeyError, TypeError: it is no such file.
    """
    with safe_open(path, framework="numpy") as whole:  # it checks places, shapes and the length
        start = Fraction(parse_json((whole.metadata() or {})["facts"]))
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = parse_json(file.read(length).decode())
    placed = {}
    for name in CURVES + LONG:
        one = header[name]
        shape, begin = tuple(map(int, one["shape"])), int(one["data_offsets"][0])
        if one["dtype"] != "F32" or len(shape) != 1 + (name in LONG):
            raise ValueError(f"{name} is {one['dtype']} {shape}")
        placed[name] = _Placed(shape, 8 + length + begin)
    return placed, start


def _rows(path: Path, placed: _Placed, first: int, stop: int) -> Array:
    """Rows `first` to `stop` of an array.  Raises OSError, and ValueError if they are not there."""
    width = int(np.prod(placed.shape[1:], dtype=np.int64))
    rows = np.empty((stop - first, *placed.shape[1:]), "<f4")
    if rows.size:
        with path.open("rb") as file:
            file.seek(placed.begin + 4 * width * first)
            if file.readinto(rows.reshape(-1).view(np.uint8).data) != rows.nbytes:
                raise ValueError("it ends too soon")
    rows.flags.writeable = False
    return rows


def _read(
    path: Path, name: str, shape: tuple[int, ...], make: Callable[[], AudioFeatures],
    first: int, stop: int,
) -> Array:  # fmt: skip
    """Those rows of the array `name`; from the file made again where it is gone or damaged."""
    for again in (False, True):
        try:
            placed, _ = _placed(path)
            rows = _rows(path, placed[name], first, stop)
            if placed[name].shape != shape or not np.isfinite(rows).all():
                raise ValueError(f"{name} is not what it was")
            if name == "phones" and not add_up(rows):
                raise ValueError("phones do not add up to 1")
        except (SafetensorError, DubsyncError, OSError, KeyError, ValueError, TypeError) as error:
            if again:
                raise MediaError(f"cannot read {path}: {error}", hint="run again") from error
            _log.warning("derived data %s is damaged (%s): made again", path, error)
            write_readings(path, make())
        else:
            return rows
    raise AssertionError  # the second time returns or raises
