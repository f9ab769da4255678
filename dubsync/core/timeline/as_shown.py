"""A plate as a cut shows it, one picture for each record frame: a freeze, a reverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class AsShown:
    """Which frame of its file a plate shows in each of its own frames, which are record frames.

    A freeze shows one frame many times, a reverse its frames from the last to the first: a mouth
    that follows speech there needs a picture for each record frame, not for each frame of the file.

    file     every frame of the file, in its source timecode
    source   the frames of the file that the cut shows, from lowest to highest
    numbers  the frame of the file shown in each frame of the plate, in order
    drop     whether the file has drop-frame timecode
    reel     the file's reel; "" if not stated
    """

    file: FrameRange
    source: FrameRange
    numbers: tuple[int, ...]
    drop: bool = False
    reel: str = ""

    def __post_init__(self) -> None:
        outside = [n for n in self.numbers if n not in self.file]
        if outside or not self.numbers:
            raise TimecodeError(
                f"a plate of frames {self.file.start}..{self.file.stop} does not show "
                f"{outside[0] if outside else 'any frame'}"
            )

    @property
    def runs(self) -> tuple[tuple[int, int, int], ...]:
        """(first, step, count) of each run of frames a constant step apart, in order.

        >>> from fractions import Fraction
        >>> file = FrameRange(0, 9, Fraction(24))
        >>> AsShown(file, file, (3, 3, 3, 2, 1, 0)).runs
        ((3, 0, 3), (2, -1, 3))
        """
        result: list[tuple[int, int, int]] = []
        for number in self.numbers:
            if result:
                first, step, count = result[-1]
                if count == 1:
                    result[-1] = first, number - first, 2
                    continue
                if number == first + step * count:
                    result[-1] = first, step, count + 1
                    continue
            result.append((number, 0, 1))
        return tuple(result)


def numbers_of(runs: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The numbers of which `AsShown.runs` made runs.

    >>> numbers_of([(3, 0, 3), (2, -1, 2)])
    (3, 3, 3, 2, 1)
    """
    return tuple(first + step * n for first, step, count in runs for n in range(count))
