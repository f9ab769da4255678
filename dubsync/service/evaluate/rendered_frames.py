"""Frames rendered from one clip, kept in a folder so that none stays in memory."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import DeliveryError
from dubsync.core.picture import Frame
from dubsync.media.stills.encode import png
from dubsync.service.evaluate.held_out import rgb_frame
from dubsync.service.store.atomic_write import unwritable

RGB = NDArray[np.uint8]
Matte = NDArray[np.uint8]


class Rendered:
    """`folder`/frames/NAME/NUMBER.png and `folder`/mattes/NAME/NUMBER.png, 8 bits.

    Files are not synced to disk one by one: after a crash the trial is run again.
    """

    def __init__(self, folder: Path) -> None:
        self._frames, self._mattes = folder / "frames", folder / "mattes"

    @property
    def frames(self) -> Path:
        """Where the pictures are."""
        return self._frames

    def keep(self, name: str, number: int, rgb: RGB, matte: Matte | None = None) -> None:
        """Write one frame of renderer `name`, and its matte if it has one.

        Raises:
            DeliveryError: the folder cannot be written.
        """
        _write(_file(self._frames, name, number), png(rgb))
        if matte is not None:
            _write(_file(self._mattes, name, number), png(np.repeat(matte[..., None], 3, axis=2)))

    def numbers(self, name: str) -> list[int]:
        """Numbers of the frames of renderer `name`, rising."""
        return sorted(int(path.stem) for path in (self._frames / name).glob("*.png"))

    def frame(self, name: str, number: int) -> Frame:
        """One frame.  Raises DeliveryError if it is missing."""
        return rgb_frame(_read(_file(self._frames, name, number)), number)

    def rgb(self, name: str, number: int) -> RGB:
        """One frame's picture, (H, W, 3).  Raises DeliveryError if it is missing."""
        return _read(_file(self._frames, name, number))

    def matte(self, name: str, number: int) -> Matte:
        """One frame's matte, (H, W).  Raises DeliveryError if it is missing."""
        return np.ascontiguousarray(_read(_file(self._mattes, name, number))[..., 0])


def _file(folder: Path, name: str, number: int) -> Path:
    return folder / name / f"{number:06d}.png"


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise unwritable(path, error) from error


def _read(path: Path) -> RGB:
    result = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if result is None:
        raise DeliveryError(f"{path} is missing or damaged", hint="run it again")
    return np.asarray(result[..., ::-1], np.uint8)
