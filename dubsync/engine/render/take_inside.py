"""The voice actor's teeth and tongue between lips that open beyond what the actor's bank shows.

The bank's teeth would be stretched there.  What is between the lips in the take's own frame is laid
in instead, its colour met, from `mouth_inside.STRETCH` times the exemplar's opening on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.core.learning.take_mouth import TakeMouths
from dubsync.core.picture import Frame
from dubsync.core.steps import Patch
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.compositing.mouth_inside import (
    OpenMouth,
    inside_share,
    opening,
    skin_tone,
    with_inside,
)
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.exemplars.bank import face_region, finite_rgb

#: A mouth is within the footage up to this quantile of the openings that it shows.
REACH = 0.95
#: Frames of a take that are read at once, and held.
READ = 12
#: Standard deviation over which the share is averaged, frames: exemplars change in one frame.
STEADY_FRAMES = 1.2
#: Teeth of two people half and half look like neither's: shares up to this are not laid, and are
#: whole from so much more on.
HALF_FROM, HALF_OVER = 0.4, 0.2
LEAST = 0.02
#: A take this many times finer than the plate is scaled down first, so as not to alias.
FINER = 1.5


class TakeInside:
    """Lays the inside of the takes' mouths into one drawn face."""

    def __init__(self, mouths: TakeMouths) -> None:
        self._mouths = mouths
        self._read: OrderedDict[tuple[int, int], OpenMouth] = OrderedDict()

    def shares(self, wanted: Array, own: Array, seen: Sequence[float] = ()) -> Array:
        """(T,) 0..1 how much of the take's inside each frame shows.

        Args:
            wanted: (T, 478, 3) landmarks; `own` (T,) openings of the pictures that their mouths are
                drawn from, eye distances.
            seen: openings of all that could be drawn from: nothing is lacking up to there.
        """
        own = np.maximum(own, np.quantile(seen, REACH)) if len(seen) else own
        # A take that is hardly open itself would be stretched just as far: it lends nothing.
        known = [
            inside_share(points, float(ours)) * (1 - inside_share(points, theirs))
            for points, ours, theirs in zip(wanted, own, self._openings(), strict=True)
        ]
        result = smoothstep((np.asarray(known, np.float32) - HALF_FROM) / HALF_OVER)
        if len(result) > 2:
            result = gaussian_filter1d(result, STEADY_FRAMES, mode="nearest")
        result = result * self._mouths.share * (self._mouths.take >= 0)
        return np.asarray(np.where(result < LEAST, 0, result), np.float32)

    def _openings(self) -> list[float]:
        """Of the take's mouth that drives each of T frames, eye distances; 0 where none does."""
        mouths = self._mouths
        tracks = [take.track for take in mouths.takes]
        return [
            opening(tracks[n].landmarks[frame - tracks[n].frames.start]) if n >= 0 else 0.0
            for n, frame in zip(mouths.take.tolist(), mouths.frame.tolist(), strict=True)
        ]

    def name(self, t: int) -> str:
        """The take that drives frame `t`."""
        return self._mouths.takes[int(self._mouths.take[t])].name

    def laid(self, patch: Patch, t: int, wanted: Array, tracked: Array, frame: Frame,
             shares: Array) -> Patch:  # fmt: skip
        """`patch` of frame `t` with the take's inside between the lips at `wanted`.

        Args:
            wanted: (478, 3) landmarks of the drawn face, plate pixels; `tracked` those in `frame`.
            shares: see `shares`.
        """
        if shares[t] <= 0:
            return patch
        region = face_region(tracked, frame)
        if region is None:
            return patch
        source = self._source(t, shares, flat_eye_distance(wanted))
        tone = skin_tone(finite_rgb(frame, region), tracked[:, :2] - (region.left, region.top))
        local = np.asarray(wanted[:, :2] - (patch.region.left, patch.region.top), np.float32)
        rgb = with_inside(np.asarray(patch.rgb), local, source, tone, float(shares[t]))
        return replace(patch, rgb=rgb, inside=self.name(t))

    def _source(self, t: int, shares: Array, unit: float) -> OpenMouth:
        """The mouth of the take's frame that drives `t`; those that follow are read with it."""
        mouths, number = self._mouths, int(self._mouths.take[t])
        if (number, int(mouths.frame[t])) not in self._read:
            later = np.flatnonzero((shares[t:] > 0) & (mouths.take[t:] == number)) + t
            wanted = {int(n) for n in mouths.frame[later[:READ]]}
            take = mouths.takes[number]
            while len(self._read) + len(wanted) > 2 * READ and self._read:
                self._read.popitem(last=False)
            for frame in take.read(sorted(wanted)):
                points = take.track.landmarks[frame.number - take.track.frames.start]
                self._read[number, frame.number] = _open_mouth(frame, points, unit)
        return self._read[number, int(mouths.frame[t])]


def _open_mouth(frame: Frame, landmarks: Array, unit: float) -> OpenMouth:
    """The face of a take's frame, no finer than one whose eyes are `unit` apart needs."""
    points = np.asarray(landmarks[:, :2], np.float32)
    region = face_region(landmarks, frame)
    picture = finite_rgb(frame, region) if region is not None else np.zeros((8, 8, 3), np.float32)
    if region is not None:
        points = points - np.array([region.left, region.top], np.float32)
    finer = flat_eye_distance(points) / max(unit, 1.0)
    if finer > FINER:
        height, width = (max(8, round(side / finer)) for side in picture.shape[:2])
        stretch = np.array([width / picture.shape[1], height / picture.shape[0]], np.float32)
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        points = points * stretch
    return OpenMouth(picture, points, skin_tone(picture, points))
