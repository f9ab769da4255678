"""The invisible mark of a portrait: every picture of it is drawn, so the whole face carries it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.digest import digest, file_digest
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.proof.mark_payload import payload_text
from dubsync.core.settings import ProofSettings
from dubsync.service.marking.house_mark import house_mark

#: Bits in which a picture is marked: far finer than any file that it is written to.
BITS = 16
_TOP = (1 << BITS) - 1


class PortraitMark:
    """Marks the pictures of one portrait; does nothing where no mark is made."""

    def __init__(
        self,
        proof: ProofSettings,
        landmarks: Callable[[int], Array] | None,
        made_from: Sequence[tuple[str, Path]],
        how: tuple[object, ...],
    ) -> None:
        """landmarks: of the drawn face in each picture; made_from, how: what it is made of.

        Raises:
            SettingsError: the marker is not installed.
            HouseKeyError: the house's key cannot be read.
        """
        self._proof, self._landmarks, self._frames = proof, landmarks, 0
        self._mark = house_mark(proof) if landmarks is not None else None
        if self._mark is not None:
            inputs = [(role, file_digest(path)) for role, path in made_from]
            self._payload = self._mark.payload(digest("portrait", inputs, *how))
            self._put = self._mark.marker.mark(self._mark.secret, self._payload)

    def __call__(self, number: int, rgb: Array) -> Array:
        """A picture (H, W, 3), working colour, with its mark; `number` counts as `draw` does."""
        if self._mark is None or self._landmarks is None:
            return rgb
        height, width = rgb.shape[:2]
        form = PictureFormat(width, height, "rgb", BITS, matrix="rgb", full_range=True)
        codes = np.rint(np.clip(rgb, 0, 1) * _TOP).astype(np.uint16)
        plain = Frame(number, tuple(np.ascontiguousarray(codes[..., c]) for c in range(3)), form)
        whole = np.full((height, width), 255, np.uint8)
        marked = self._put(plain, whole, [self._landmarks(number)])
        if marked is plain:
            return rgb
        self._frames += 1
        change = np.stack(marked.planes, axis=-1).astype(np.float32) - codes
        return np.asarray(rgb + change / _TOP, np.float32)

    def entry(self) -> dict[str, Any]:
        """{"mark": ...} for the record; {} where this machine has no key."""
        if not self._proof.mark:
            return {"mark": {"off_reason": self._proof.mark_off_reason}}
        if self._mark is None:
            return {}
        return {
            "mark": {
                "version": self._mark.marker.version,
                "marker": self._mark.name,
                "payload": payload_text(self._payload),
                "frames": self._frames,
            }
        }
