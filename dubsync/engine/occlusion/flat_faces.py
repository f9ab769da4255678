"""The face of every frame of a track laid flat, and the frames in which all of it is hidden."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.engine.occlusion.face_crop import FaceCrop, crop_of
from dubsync.engine.occlusion.face_plane import FacePlane
from dubsync.engine.occlusion.shot_appearance import shot_scores

#: Frames whose flat faces are held and compared at once, 27 KB each.
BLOCK = 1500
#: A face is wholly hidden where this share of its lower part scores above this.
HIDDEN_SHARE, HIDDEN_SCORE = 0.7, 3.0
#: Frames that tell the median landmarks.
SAMPLED = 200


class FlatFaces:
    """Collects the flat face of each frame; holds at most BLOCK of them.

    Args:
        track: the face.
    """

    def __init__(self, track: FaceTrack) -> None:
        self._track = track
        self._plane: FacePlane | None = None
        self._flats: list[NDArray[np.uint8]] = []
        self._first = 0
        self._hidden: list[int] = []

    def add(self, crop: FaceCrop, picture: Array) -> None:
        """The next frame's crop, and its picture (CROP_PX, CROP_PX, 3), 0..1."""
        flat = self.plane.flatten(picture, crop.points)
        self._flats.append(np.rint(flat * 255).astype(np.uint8))
        if len(self._flats) == BLOCK:
            self._compare()

    def wholly_hidden(self) -> list[int]:
        """Rows of the frames in which something hides the whole lower face."""
        self._compare()
        return self._hidden

    def crop(self, row: int) -> FaceCrop:
        """The crop of the frame in that row of the track."""
        return crop_of(self._track.landmarks[row])

    @property
    def plane(self) -> FacePlane:
        """The plane of the track's median landmarks."""
        if self._plane is None:
            every = max(1, len(self._track.frames) // SAMPLED)
            points = [self.crop(row).points for row in range(0, len(self._track.frames), every)]
            self._plane = FacePlane(np.asarray(np.median(points, axis=0), np.float32))
        return self._plane

    def _compare(self) -> None:
        if self._flats:
            scores = shot_scores(self.plane, np.stack(self._flats))
            if scores is not None:
                self._hidden += [self._first + int(n) for n in _hidden(scores, self.plane)]
        self._first += len(self._flats)
        self._flats = []


def _hidden(scores: Array, plane: FacePlane) -> NDArray[np.intp]:
    share = (scores > HIDDEN_SCORE)[:, plane.lower].mean(axis=1)
    return np.flatnonzero(share > HIDDEN_SHARE)
