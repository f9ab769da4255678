"""Finds what stands in front of a face, or follows an artist's matte (`core.steps.FindHoldout`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.face import FaceTrack
from dubsync.core.holdout import Holdout, Mask, pack
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import ReadFrames
from dubsync.engine.geometry.sampling import sample
from dubsync.engine.occlusion.face_crop import CROP_PX, crop_of, trimmed
from dubsync.engine.occlusion.flat_faces import FlatFaces
from dubsync.engine.occlusion.follow_hands import HandFollower
from dubsync.engine.occlusion.foreign_colour import ForeignColour
from dubsync.engine.occlusion.hands import HandModels
from dubsync.engine.occlusion.kept_mattes import KeptMattes

#: Value of an artist's matte, 0..1, above which a sample is in front: above a codec's noise in
#: black, so that soft edges count as in front.
IN_FRONT = 0.04
#: A matte counts where the frame before or after has it within this many crop pixels.
NEAR_PX = 3


def find_holdout(
    track: FaceTrack,
    read: ReadFrames,
    *,
    matte: ReadFrames | None,
    origin: str,
    shot: str,
    progress: Progress,
) -> Holdout:
    """Implements `core.steps.FindHoldout`.

    Raises:
        ModelError: the hand models are missing or altered.
        MediaError: the plate or the matte cannot be read.
    """
    numbers = range(track.frames.start, track.frames.stop)
    if matte is not None:
        return _followed(track, matte(numbers), origin, shot, progress)
    follower = HandFollower(hand_models(), track, read)
    faces, colour = FlatFaces(track), ForeignColour()

    def seen(frame: Frame) -> None:
        landmarks = track.landmarks[frame.number - numbers.start]
        crop = crop_of(landmarks)
        picture = sample(frame, crop.square, CROP_PX)
        faces.add(crop, picture)
        colour.add(crop, picture)
        progress(Step("holdout", shot, frame.number - numbers.start + 1, len(numbers)))

    follower.run(seen)
    both = zip(KeptMattes(follower.mattes()), colour.mattes(), strict=True)
    mattes = KeptMattes.of(_joined(*pair) for pair in both)
    for row in faces.wholly_hidden():
        mattes[row] = faces.crop(row).drawable | faces.crop(row).face
    return _of_mattes(track, steadied(mattes), follower.format)


def _joined(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return one if other is None else other
    return np.asarray(one | other, bool)


@cache
def hand_models() -> HandModels:
    """The hand models, loaded at the first call."""
    return HandModels()


def steadied(opened: KeptMattes) -> KeptMattes:
    """Mattes without what one frame alone shows, and with what one frame alone lacks."""
    return KeptMattes.of(_steadied(opened, n) for n in range(len(opened)))


def _steadied(opened: KeptMattes, n: int) -> Mask | None:
    """The steadied matte of frame `n`, by those of the frames before and after."""
    matte = opened[n]
    around = [opened[k] for k in (n - 1, n + 1) if 0 <= k < len(opened)]
    known = [other for other in around if other is not None]
    if not around:
        return matte
    kept = np.zeros((CROP_PX, CROP_PX), bool)
    if matte is not None and known:
        near = np.logical_or.reduce(known).astype(np.uint8)
        kept |= matte & (cv2.dilate(near, np.ones((2 * NEAR_PX + 1,) * 2)) > 0)
    if len(known) == 2:
        kept |= known[0] & known[1]
    return kept if kept.any() else None


def _of_mattes(track: FaceTrack, mattes: KeptMattes, form: PictureFormat | None) -> Holdout:
    """The Holdout of mattes (CROP_PX, CROP_PX) in the crops of the track's frames."""
    collected = _Collected()
    for row, matte in enumerate(mattes):
        if matte is None or form is None:
            collected.add(None, (0.0, 0.0))
            continue
        crop = crop_of(track.landmarks[row])
        collected.add(crop.on_plate(matte, form), crop.hidden(matte))
    return collected.holdout(track, "")


def _followed(
    track: FaceTrack, frames: Iterable[Frame], origin: str, shot: str, progress: Progress
) -> Holdout:
    """The Holdout that an artist's mattes state."""
    collected = _Collected()
    for done, frame in enumerate(frames, start=1):
        crop = crop_of(track.landmarks[frame.number - track.frames.start])
        region = crop.region(frame.format)
        held = None
        if region.width > 0 and region.height > 0:
            region = region.aligned(frame.format)
            held = trimmed(_white(working_rgb(frame, region)), region)
        hidden = crop.hidden(_white(sample(frame, crop.square, CROP_PX))) if held else (0.0, 0.0)
        collected.add(held, hidden)
        progress(Step("holdout", shot, done, len(track.frames)))
    return collected.holdout(track, origin)


def _white(picture: Array) -> Mask:
    """(h, w) where an artist's matte (h, w, 3) says that something is in front."""
    return np.asarray(picture.mean(axis=-1) > IN_FRONT, bool)


class _Collected:
    """A Holdout in the making, frame after frame."""

    def __init__(self) -> None:
        self._regions: list[Region | None] = []
        self._packed: list[bytes] = []
        self._hidden: list[tuple[float, float]] = []

    def add(self, held: tuple[Region, Mask] | None, hidden: tuple[float, float]) -> None:
        """The next frame's matte on the plate, and the shares of lower face and lips it hides."""
        self._regions.append(held[0] if held else None)
        self._packed.append(pack(held[1]) if held else b"")
        self._hidden.append(hidden if held else (0.0, 0.0))

    def holdout(self, track: FaceTrack, origin: str) -> Holdout:
        """The finished value."""
        lower, lips = np.asarray(self._hidden, np.float32).reshape(-1, 2).T
        return Holdout(track.frames, tuple(self._regions), tuple(self._packed), lower, lips, origin)
