"""Faces of renders before they were marked, kept for the reader that compares.

.dubsync/tracks/clean/PAYLOAD/CHARACTER.N.npz    N: number of the face track

They lie among the face tracks, since they too show faces: a withdrawal deletes both.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.proof.mark_payload import payload_text
from dubsync.core.proof.marker import CleanFaces
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import TRACKS, Store

_log = logging.getLogger(__name__)
#: Most bytes of one file that are read: 3 hours of 128 x 128 faces, before they are packed.
MOST_BYTES = 1 << 32


def keep_clean_faces(store: Store, payload: int, faces: Mapping[str, CleanFaces]) -> None:
    """Keep the faces of the render that carries `payload`; a disk that refuses is no error."""
    for name, one in faces.items():
        packed = io.BytesIO()
        np.savez_compressed(packed, numbers=one.numbers, faces=one.faces)
        write_derived(_folder(store, payload) / f"{name}.npz", packed.getvalue())


def kept_clean_faces(store: Store, payload: int) -> tuple[CleanFaces, ...]:
    """The faces that are kept of that render; () where none are, or they are damaged."""
    result = []
    for path in sorted(_folder(store, payload).glob("*.npz")):
        try:
            with zipfile.ZipFile(path) as packed:
                if sum(one.file_size for one in packed.infolist()) > MOST_BYTES:
                    raise ValueError("it is larger than any render's faces")
            with np.load(path, allow_pickle=False) as held:
                result.append(_checked(held["numbers"], held["faces"]))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            _log.warning("%s is damaged (%s): it is not compared with", path, error)
    return tuple(result)


def _checked(numbers: np.ndarray[Any, Any], faces: np.ndarray[Any, Any]) -> CleanFaces:
    if numbers.dtype != np.int64 or faces.dtype != np.uint8 or faces.ndim != 3:
        raise ValueError("its arrays are of another kind")
    if numbers.shape != faces.shape[:1]:
        raise ValueError("its arrays are of different lengths")
    return CleanFaces(numbers, faces)


def _folder(store: Store, payload: int) -> Path:
    return store.derived / TRACKS / "clean" / payload_text(payload)
