"""Mattes of every frame of a shot, kept packed so that a long shot needs little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dubsync.core.holdout import Mask, pack, unpack
from dubsync.engine.occlusion.face_crop import CROP


class KeptMattes:
    """A matte (CROP_PX, CROP_PX) of each frame, in order; None where there is none.

    A matte takes 37 KB as it is, and a few hundred bytes packed.

    Args:
        packed: as `core.holdout.pack` returns them; b"" where there is none.
    """

    def __init__(self, packed: Iterable[bytes] = ()) -> None:
        self._packed = list(packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, row: int) -> Mask | None:
        data = self._packed[row]
        return unpack(data, CROP) if data else None

    def __setitem__(self, row: int, matte: Mask | None) -> None:
        self._packed[row] = b"" if matte is None else pack(matte)

    def __iter__(self) -> Iterator[Mask | None]:
        return (self[row] for row in range(len(self)))

    @classmethod
    def of(cls, mattes: Iterable[Mask | None]) -> KeptMattes:
        """`mattes`, packed one after the other."""
        return cls(b"" if matte is None else pack(matte) for matte in mattes)
