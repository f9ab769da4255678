"""Plate frames at viewer size, decoded once and held in a bounded cache."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property

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
#: Frames before a frame that are held too after a jump, and the most bytes of them.
BACK, MOST_BEHIND = 12, 96 << 20
#: Widest and narrowest picture that a viewer may ask for, pixels.
WIDEST, NARROWEST = 8192, 16


class PlateFrame:
    """A plate frame at viewer size."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """(H, W, 3) what is shown of it; read-only."""
        rgb = rgb8(self.frame)
        rgb.flags.writeable = False
        return rgb

    @property
    def bytes(self) -> int:
        form = self.frame.format
        return 3 * form.width * form.height + sum(plane.nbytes for plane in self.frame.planes)


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
        self._last: int | None = None  # the frame decoded last
        self._behind: dict[int, Frame] = {}
        form = plate.format
        self._back = min(BACK, MOST_BEHIND // (form.width * form.height * 3 * form.bits // 8))

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
        made = PlateFrame(scaled(self._read(number), wide))
        self._hold(key, made)
        return made

    def close(self) -> None:
        """Close the file; what is held stays."""
        if self._reader is not None:
            reader, self._reader, self._last = self._reader, None, None
            self._behind = {}
            reader.__exit__(None, None, None)

    def _read(self, number: int) -> Frame:
        """Decode frame `number`; after a jump, those shortly before it are held as decoded.

        A movie decodes from a key frame on: who steps back from frame to frame would pay for that
        with every step.
        """
        if number in self._behind:
            return self._behind[number]
        if self._reader is None:
            self._reader = open_plate(self.plate)
        ahead = self._last is not None and 0 < number - self._last <= BACK
        first = number if ahead else max(number - self._back, self.plate.frames.start)
        try:
            read = list(self._reader.read(range(first, number + 1)))
        except MediaError:
            self.close()
            raise
        self._last = number
        if len(read) > 1:
            self._behind = {frame.number: frame for frame in read[:-1]}
        return read[-1]

    def _hold(self, key: tuple[int, int], made: PlateFrame) -> None:
        self._held[key] = made
        self._bytes += made.bytes
        while self._bytes > self._most_bytes and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self._bytes -= gone.bytes
