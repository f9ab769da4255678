"""Digests of decoded frames: they tell a frame again in any file that holds it without loss."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np

from dubsync.core.picture import Frame
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate


def frame_digest(frame: Frame) -> str:
    """SHA-256 over the frame's samples: its planes in order, then further channels by name.

    The samples are the stored ones, as the bytes of each plane's rows, so that the digest does not
    depend on the file that holds them; nor on the frame's number.
    """
    hashed = hashlib.sha256()
    for plane in (*frame.planes, *(frame.extra[name] for name in sorted(frame.extra))):
        hashed.update(f"{plane.dtype.str}{plane.shape}".encode())
        hashed.update(np.ascontiguousarray(plane).data)
    return hashed.hexdigest()


def frame_digests_of(path: Path, rate: Fraction | None = None) -> tuple[str, ...]:
    """The digest of each frame of a movie or image sequence, in order.

    Args:
        rate: frames per second of an image sequence whose files do not state it.

    Raises:
        MediaError: it cannot be read or decoded.
    """
    plate = probe_plate(path, rate=rate)
    with open_plate(plate) as reader:
        return tuple(map(frame_digest, reader.frames(plate.frames)))
