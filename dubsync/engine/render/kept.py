"""What the drawings of one face share, whatever its target: exemplars and what the plate shows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.holdout import Mask
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.bank import Bank, Picture
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.exemplars.prepared import prepared
from dubsync.engine.exemplars.sheet import Source
from dubsync.engine.geometry import thin_plate

T = TypeVar("T")

#: Exemplars held on the device, in number and in bytes; those held by their low frequencies alone;
#: and frames whose landmarks and occlusion are held.
PICTURES_HELD, BYTES_HELD, LOWS_HELD, FRAMES_HELD = 48, 192 << 20, 450, 64


@dataclass(slots=True, eq=False)
class Kept:
    """Kept between the drawings of one actor's face on one plate.

    scale  of the plate that is drawn on, to the plate that its exemplars came from
    light  the light in which exemplars are selected; None until the first frame is drawn
    moved  (478, 3) corrections of landmarks by frame, and `front` their occlusion masks
    """

    scale: float = 1.0
    light: Array | None = None
    moved: OrderedDict[int, Array] = field(default_factory=OrderedDict)
    front: OrderedDict[int, Array] = field(default_factory=OrderedDict)
    _sources: OrderedDict[int, Source] = field(default_factory=OrderedDict)
    _lows: OrderedDict[int, Source] = field(default_factory=OrderedDict)
    _offered: list[tuple[Array, Array, selection.Costs]] = field(default_factory=list)

    def source(self, bank: Bank, n: int, layers: Layers) -> Source:
        """Exemplar `n` on the device, at the plate's scale; the most recently used are kept."""
        result = held(self._sources, n, lambda: self._made(bank, n, layers), PICTURES_HELD)
        while len(self._sources) > 1 and self._bytes() > BYTES_HELD:
            self._sources.popitem(last=False)
        return result

    def low(self, bank: Bank, n: int, layers: Layers) -> Source:
        """Exemplar `n` without its picture: only its low frequencies are read.

        Those of a large face are its half's, whatever else is held: the same each time.
        """

        def make() -> Source:
            known = None if bank.fine else self._sources.get(n)
            return (known or self._made(bank, n, layers, whole=False)).without_picture()

        return held(self._lows, n, make, LOWS_HELD)

    def _made(self, bank: Bank, n: int, layers: Layers, *, whole: bool = True) -> Source:
        hidden = bank.hidden[n] if bank.hidden else None
        picture: Picture | Array = bank.pictures[n]
        points, scale = bank.points[n], self.scale
        if bank.is_half(n):
            if whole and scale > 0.5:
                picture, points = bank.whole(n)
            else:
                scale = min(1.0, 2 * scale)
        if hidden is not None and hidden.shape != picture.shape[:2]:
            hidden = _sized(hidden, picture.shape[1], picture.shape[0])
        if scale < 1:
            small = thin_plate.downscaled(picture.astype(np.float32), 1 / scale)
            height, width = small.shape[:2]
            stretch = np.array([width / picture.shape[1], height / picture.shape[0]])
            points = np.asarray(points * stretch, np.float32)
            hidden = None if hidden is None else _sized(hidden, width, height)
            return prepared(small, points, layers.device, hidden, low_only=not whole)
        return prepared(picture, points, layers.device, hidden, low_only=not whole)

    def _bytes(self) -> int:
        return sum(one.picture.nbytes for one in self._sources.values())

    def offered(self, bank: Bank) -> tuple[Array, Array, selection.Costs]:
        """The bank's features (N, D), oddness (N,) and the exemplars' distances (N, N)."""
        if not self._offered:
            features = bank.features
            apart = selection.distances(features, features)
            self._offered.append((features, bank.oddness, apart))
        return self._offered[0]


def _sized(hidden: Mask, width: int, height: int) -> Mask:
    share = cv2.resize(hidden.astype(np.float32), (width, height))
    return np.asarray(share > 0, bool)


def held(known: OrderedDict[int, T], n: int, make: Callable[[], T], most: int) -> T:
    """The value of `n`, made if it is not held; the one unused for longest goes."""
    if n not in known:
        known[n] = make()
    known.move_to_end(n)
    while len(known) > most:
        known.popitem(last=False)
    return known[n]
