"""Open mouths of nobody: what shows between the lips of a still that has none of its own to show.

Five drawn mouths, from hardly open to wide, so that teeth keep about their size as lips part.
benchmarks/open_mouths.py draws them; nobody was filmed for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load

from dubsync.core.arrays import Array
from dubsync.core.face import BLENDSHAPES
from dubsync.core.shipped import shipped
from dubsync.engine.compositing.mouth_inside import SkinTone
from dubsync.engine.still.draw_still import DriverFrame
from dubsync.engine.still.driver_motion import DriverMove

SHIPPED = Path(__file__).parents[1] / "weights" / "open_mouths.safetensors"
#: SHA-256 of the shipped file; benchmarks/open_mouths.py prints this.
DIGEST = "5f81d7aa74f8828712c3efe584b3faf9b5232bea2a9ebde76c8b2444de2cb027"
#: Another mouth is chosen when it is nearer in opening by so much, as a natural logarithm.
NEARER = 0.18


@dataclass(frozen=True, slots=True, eq=False)
class OpenMouths:
    """The mouths, in rising order of `openings`, eye distances; ready to lend their inside."""

    openings: Array
    frames: tuple[DriverFrame, ...]


@cache
def shipped_mouths() -> OpenMouths:
    """The mouths that ship.

    Raises:
        ModelError: the file is missing, or not the one that ships.
    """
    held = load(shipped(SHIPPED, DIGEST, "file of open mouths"))
    frames = []
    for n, (points, tone) in enumerate(zip(held["points"], held["tones"], strict=True)):
        picture = np.asarray(held[f"picture{n}"] / np.float32(255), np.float32)
        frames.append(
            DriverFrame(picture, _move(points), tone=SkinTone(tone[:3], *map(float, tone[3:])))
        )
    return OpenMouths(held["openings"], tuple(frames))


def donors_for(openings: Array) -> tuple[DriverFrame, ...]:
    """For each opening (T,) of the lips, eye distances, the mouth that lends its inside.

    It changes only when another is clearly nearer, so that teeth do not flicker.
    """
    mouths = shipped_mouths()
    apart = np.abs(
        np.log(np.maximum(np.asarray(openings), 1e-3))[:, None]
        - np.log(np.asarray(mouths.openings))[None]
    )
    now, result = int(apart[0].argmin()), []
    for row in apart:
        best = int(row.argmin())
        if row[best] < row[now] - NEARER:
            now = best
        result.append(mouths.frames[now])
    return tuple(result)


def _move(points: Array) -> DriverMove:
    """A move that only says where the landmarks (478, 3) are in the picture."""
    still = np.zeros((len(points), 3), np.float32)
    return DriverMove(
        still, still, np.eye(3, dtype=np.float32), np.zeros(2, np.float32), 0.0,
        np.zeros(BLENDSHAPES, np.float32), np.asarray(points, np.float32),
    )  # fmt: skip
