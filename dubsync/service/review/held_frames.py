"""Read the frames of a shot as the programme shows them: some repeated, some left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from dubsync.core.picture import Frame
from dubsync.core.shot import Plate
from dubsync.media.plate import open_square


def held_frames(file: Plate, numbers: Sequence[int], *, like: Plate) -> Iterator[Frame]:
    """The frames `numbers` of `file` in square pixels; one that is held is read once.

    Args:
        like: the plate whose pixel aspect counts.

    Raises:
        MediaError: as `PlateReader.read`.
    """
    runs = [(number, len(list(same))) for number, same in groupby(numbers)]
    with open_square(file, like=like) as reader:
        frames = reader.read([number for number, _ in runs])
        for (_, times), frame in zip(runs, frames, strict=True):
            for _ in range(times):
                yield frame
