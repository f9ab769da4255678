"""The part of a picture that faces are drawn in, and their mouths learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubsync.core.face import FaceTrack
from dubsync.core.picture import Region
from dubsync.media.plate import Where

#: Heights of a face round it: chin, throat, ears and what a crop of the engine holds are inside.
AROUND = 0.75


def faces_part(tracks: Sequence[FaceTrack]) -> Where:
    """Tells the part of each frame that holds the faces of `tracks`, in the tracks' own pixels.

    Of a frame that no track reaches it is empty.  A part may reach past the picture's edges.
    """
    boxes: dict[int, list[np.ndarray]] = {}
    for track in tracks:
        points = np.asarray(track.landmarks)[..., :2]
        low, high = points.min(axis=1), points.max(axis=1)
        wide = AROUND * (high[:, 1:] - low[:, 1:])
        for number, box in enumerate(np.hstack([low - wide, high + wide]), track.frames.start):
            boxes.setdefault(number, []).append(box)

    def part(number: int) -> Region:
        if number not in boxes:
            return Region(0, 0, 0, 0)
        around = np.stack(boxes[number])
        left, top = np.floor(around[:, :2].min(axis=0)).astype(int)
        right, bottom = np.ceil(around[:, 2:].max(axis=0)).astype(int)
        return Region(int(left), int(top), int(right), int(bottom))

    return part
