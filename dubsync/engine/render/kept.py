"""What the drawings of one face share, whatever its target: exemplars and what the plate shows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.bank import Bank
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.exemplars.sheet import Source
from dubsync.engine.geometry import thin_plate

T = TypeVar("T")

#: Exemplars held on the device, and frames whose landmarks and occlusion are held.
PICTURES_HELD, FRAMES_HELD = 48, 64


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
    _offered: list[tuple[Array, Array, selection.Costs]] = field(default_factory=list)

    def source(self, bank: Bank, n: int, layers: Layers) -> Source:
        """Exemplar `n` on the device, at the plate's scale; the most recently used are kept."""

        def make() -> Source:
            hidden = bank.hidden[n] if bank.hidden else None
            picture, points = bank.pictures[n], bank.points[n]
            if self.scale < 1:
                small = thin_plate.downscaled(picture.astype(np.float32), 1 / self.scale)
                height, width = small.shape[:2]
                stretch = np.array([width / picture.shape[1], height / picture.shape[0]])
                points = np.asarray(points * stretch, np.float32)
                if hidden is not None:
                    share = cv2.resize(hidden.astype(np.float32), (width, height))
                    hidden = np.asarray(share > 0, bool)
                return layers.source(small, points, hidden)
            return layers.source(picture, points, hidden)

        return held(self._sources, n, make, PICTURES_HELD)

    def offered(self, bank: Bank) -> tuple[Array, Array, selection.Costs]:
        """The bank's features (N, D), oddness (N,) and the exemplars' distances (N, N)."""
        if not self._offered:
            features = bank.features
            apart = selection.distances(features, features)
            self._offered.append((features, bank.oddness, apart))
        return self._offered[0]


def held(known: OrderedDict[int, T], n: int, make: Callable[[], T], most: int) -> T:
    """The value of `n`, made if it is not held; the one unused for longest goes."""
    if n not in known:
        known[n] = make()
    known.move_to_end(n)
    while len(known) > most:
        known.popitem(last=False)
    return known[n]
