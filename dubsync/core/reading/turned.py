"""Pictures that are stored turned or mirrored: a display matrix says how they are shown.

Source: ISO/IEC 14496-12, 8.3.2 (the matrix of a track): x' = ax + cy, y' = bx + dy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The one of a display matrix, 16.16, and that of its third column, 2.30.
_ONE, _ONE_OF_THIRD = 1 << 16, 1 << 30
Signs = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Turned:
    """How a stored picture is shown: mirrored left to right, if so, and then turned.

    quarters  quarter turns clockwise, 0 to 3
    mirrored  whether it is mirrored before that

    >>> Turned(1).size(1920, 1080), str(Turned(1))
    ((1080, 1920), 'turned by 90 degrees clockwise')
    """

    quarters: int = 0
    mirrored: bool = False

    def __bool__(self) -> bool:
        return self.quarters != 0 or self.mirrored

    def __str__(self) -> str:
        return _WORDS[self.quarters, self.mirrored]

    @property
    def sideways(self) -> bool:
        """Whether width and height change places."""
        return self.quarters % 2 == 1

    def size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) as shown, of a picture stored at that size."""
        return (height, width) if self.sideways else (width, height)

    def shown(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Stored samples (H, W, ...) as they are shown: a view."""
        seen = samples[:, ::-1] if self.mirrored else samples
        return np.rot90(seen, -self.quarters)

    def stored(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples as shown (H, W, ...), as they are stored: a view."""
        seen = np.rot90(samples, self.quarters)
        return seen[:, ::-1] if self.mirrored else seen

    def places_stored(self, places: NDArray[Any], width: float, height: float) -> NDArray[Any]:
        """Places (..., 2) x, y in the picture as shown, as those in the stored picture.

        Args:
            width, height: of the stored picture, in the same unit.
        """
        a, b, c, d = self._signs
        x, y = places[..., 0], places[..., 1]
        if self.sideways:
            x, y = (x if c > 0 else height - x), (y if b > 0 else width - y)
            return np.stack([y, x], axis=-1)
        x, y = (x if a > 0 else width - x), (y if d > 0 else height - y)
        return np.stack([x, y], axis=-1)

    @property
    def _signs(self) -> Signs:
        """(a, b, c, d) of the display matrix."""
        a, b, c, d = _QUARTERS[self.quarters]
        return (-a, -b, c, d) if self.mirrored else (a, b, c, d)

    def matrix(self, width: int, height: int) -> tuple[int, ...]:
        """The nine numbers of the display matrix of a picture stored at that size.

        It moves the turned picture back to the origin, as phones write it.
        """
        a, b, c, d = self._signs
        across = -min(0, a * width, c * height, a * width + c * height)
        down = -min(0, b * width, d * height, b * width + d * height)
        return (
            a * _ONE, b * _ONE, 0, c * _ONE, d * _ONE, 0, across * _ONE, down * _ONE, _ONE_OF_THIRD
        )  # fmt: skip


def turned_by(matrix: tuple[int, ...]) -> Turned | None:
    """What a display matrix of nine numbers does; None where it slants the picture."""
    a, b, _, c, d, *_ = matrix
    largest = max(map(abs, (a, b, c, d)), default=0) or 1
    found = tuple(round(value / largest) for value in (a, b, c, d))
    ways = (Turned(quarters, mirrored) for quarters in range(4) for mirrored in (False, True))
    return next((way for way in ways if way._signs == found), None)


#: The signs (a, b, c, d) of quarter turns clockwise.
_QUARTERS: tuple[Signs, ...] = ((1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0))
_WORDS = {
    (0, False): "as stored",
    (1, False): "turned by 90 degrees clockwise",
    (2, False): "turned by 180 degrees",
    (3, False): "turned by 90 degrees anticlockwise",
    (0, True): "mirrored left to right",
    (2, True): "flipped upside down",
    (1, True): "mirrored and turned by 90 degrees clockwise",
    (3, True): "mirrored and turned by 90 degrees anticlockwise",
}
AS_SHOWN = Turned()
