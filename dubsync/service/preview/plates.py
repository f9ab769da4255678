"""Plate frames at viewer size, decoded once and held in a bounded cache."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError, SettingsError
from dubsync.core.picture import Frame
from dubsync.core.shot import Plate
from dubsync.media.pixels.scale import scaled, viewer_format
from dubsync.media.plate import PlateReader, open_plate
from dubsync.media.stills.encode import rgb8

#: Bytes of scaled frames that one plate holds.
MOST_BYTES = 128 << 20
#: Widest and narrowest picture that a viewer may ask for, pixels.
WIDEST, NARROWEST = 8192, 16


@dataclass(frozen=True, slots=True, eq=False)
class PlateFrame:
    """A plate frame at viewer size: its samples, and (H, W, 3) what is shown of it."""

    frame: Frame
    rgb: NDArray[np.uint8]

    @property
    def bytes(self) -> int:
        return self.rgb.nbytes + sum(plane.nbytes for plane in self.frame.planes)


class PlateFrames:
    """The frames of one plate; use it in one thread.

    A plate that cannot be read is opened again at the next question: it may have come back.
    """

    def __init__(self, plate: Plate, most_bytes: int = MOST_BYTES) -> None:
        self.plate = plate
        self._most_bytes = most_bytes
        self._held: OrderedDict[tuple[int, int], PlateFrame] = OrderedDict()
        self._bytes = 0
        self._reader: PlateReader | None = None

    def size(self, width: int) -> tuple[int, int]:
        """(width, height) of pictures asked for at `width`: never wider than the plate."""
        if not NARROWEST <= width <= WIDEST:
            raise SettingsError(
                f"a picture {width} pixels wide cannot be shown",
                hint=f"ask for {NARROWEST} to {WIDEST}",
            )
        form = viewer_format(self.plate.format, width)
        return form.width, form.height

    def at(self, number: int, width: int) -> PlateFrame:
        """Frame `number` at most `width` pixels wide.

        Raises:
            MediaError: the plate is missing, has changed, or does not decode there.
            SettingsError: no such width.
        """
        wide, _ = self.size(width)
        key = number, wide
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        frame = scaled(self._read(number), wide)
        made = PlateFrame(frame, rgb8(frame))
        made.rgb.flags.writeable = False
        self._hold(key, made)
        return made

    def close(self) -> None:
        """Close the file; what is held stays."""
        if self._reader is not None:
            reader, self._reader = self._reader, None
            reader.__exit__(None, None, None)

    def _read(self, number: int) -> Frame:
        if self._reader is None:
            self._reader = open_plate(self.plate)
        try:
            return next(iter(self._reader.read([number])))
        except MediaError:
            self.close()
            raise

    def _hold(self, key: tuple[int, int], made: PlateFrame) -> None:
        self._held[key] = made
        self._bytes += made.bytes
        while self._bytes > self._most_bytes and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self._bytes -= gone.bytes
