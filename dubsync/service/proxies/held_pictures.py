"""Pictures in memory, as many as fit: what was looked at longest ago goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

RGB = NDArray[np.uint8]
#: Bytes of pictures that a viewer keeps.
MOST_BYTES = 400 << 20
SourceKey = tuple[str, str, int]
_Key = tuple[SourceKey, int, int]  # source, frame, width


class HeldPictures:
    """(H, W, 3) uint8 pictures by source, frame and width; of use in several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._held: OrderedDict[_Key, RGB] = OrderedDict()
        self._widths: dict[tuple[SourceKey, int], set[int]] = {}
        self._frames: dict[tuple[SourceKey, int], set[int]] = {}
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """Of all pictures held."""
        return self._bytes

    @property
    def most_bytes(self) -> int:
        return self._most

    def get(self, source: SourceKey, frame: int, width: int) -> RGB | None:
        """The picture, which then is the last to go; None: it is not held."""
        with self._lock:
            picture = self._held.get((source, frame, width))
            if picture is not None:
                self._held.move_to_end((source, frame, width))
            return picture

    def has(self, source: SourceKey, frame: int, width: int) -> bool:
        """Whether the picture is held; the order in which pictures go stays."""
        return (source, frame, width) in self._held

    def frames(self, source: SourceKey, width: int) -> NDArray[np.int64]:
        """The frames of a source that are held at `width`, in no order."""
        with self._lock:
            found = self._frames.get((source, width), ())
            return np.fromiter(found, np.int64, len(found))

    def nearest(self, source: SourceKey, frame: int, width: int) -> RGB | None:
        """The picture at `width`, else at the width next to it; None: at no width."""
        with self._lock:
            widths = self._widths.get((source, frame))
            if not widths:
                return None
            key = source, frame, min(widths, key=lambda one: (abs(one - width), -one))
            self._held.move_to_end(key)
            return self._held[key]

    def put(self, source: SourceKey, frame: int, width: int, picture: RGB) -> None:
        """Hold a picture, and let others go where they no longer fit."""
        picture.flags.writeable = False
        key = source, frame, width
        with self._lock:
            self._drop(key)
            self._held[key] = picture
            self._widths.setdefault((source, frame), set()).add(width)
            self._frames.setdefault((source, width), set()).add(frame)
            self._bytes += picture.nbytes
            while self._bytes > self._most and len(self._held) > 1:
                self._drop(next(iter(self._held)))

    def forget(self, source: SourceKey) -> None:
        """Drop all pictures of one source: its file is another now."""
        with self._lock:
            for key in [key for key in self._held if key[0] == source]:
                self._drop(key)

    def _drop(self, key: _Key) -> None:
        picture = self._held.pop(key, None)
        if picture is None:
            return
        self._bytes -= picture.nbytes
        source, frame, width = key
        widths, frames = self._widths[source, frame], self._frames[source, width]
        widths.discard(width)
        frames.discard(frame)
        if not widths:
            del self._widths[source, frame]
        if not frames:
            del self._frames[source, width]
