"""The matte of one person, head to shoulders: MediaPipe's selfie segmentation, on LiteRT.

The network sees the whole picture in 256 pixels, so its edge is coarse; a guided filter lets it
follow the picture's own, and only the person that the landmarks belong to is kept.
The weights and what is known of their origin: weights/README.md.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.shipped import shipped
from dubsync.engine.compositing.colour_match import LUMA
from dubsync.engine.compositing.guided_filter import guided
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.track.landmarker import TfliteNet, without_greeting

SEGMENTATION = Path(__file__).parents[1] / "weights" / "selfie_segmentation.tflite"
SEGMENTATION_SHA256 = "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c"
INPUT_PX = 256
#: Eye distance at which the filter's radius is meant, pixels: the head's working size.
WORKING_EYE_PX = 50.0
#: The guided filter's radius at that size, and its regularisation, squared luma.
GUIDE_PX, GUIDE_EPS = 4, 1e-3
#: Filtered values up to the first are background, from the second on person: the network is rarely
#: quite sure of either, and its doubt must not show as a haze.
SURE = (0.15, 0.85)
#: A pixel belongs to a component from this on; a component is kept with this much room round it, so
#: that its soft edge stays (working pixels).
IN_COMPONENT, ROOM_PX = 0.4, 3.0
#: Pixels by which two people who touch are worn down to part, at WORKING_EYE_PX; from this many
#: areas of the face on what is beside it is another person.
BODY_PX, OTHER_BODY = 9.0, 0.7


class PersonMatte:
    """The segmentation network, loaded once.  Not to be shared between threads.

    Raises:
        ModelError: the weight file is missing, altered, or does not load.
    """

    def __init__(self, weights: Path = SEGMENTATION) -> None:
        model = shipped(weights, SEGMENTATION_SHA256, "person segmentation model")
        with without_greeting():
            self._net = TfliteNet(model, 1)

    def __call__(self, rgb: Array, landmarks: Array | None = None) -> Array:
        """(h, w) float32, 0 background to 1 person.

        Args:
            rgb: (h, w, 3) display R'G'B' 0..1; best a head with its shoulders, some 250 to 700
                pixels high.
            landmarks: (478, 2 or 3) of the face whose person is wanted, pixels of `rgb`; None keeps
                the largest person.

        Raises:
            ShapeError: not such a picture.
        """
        scale = 1.0 if landmarks is None else flat_eye_distance(landmarks) / WORKING_EYE_PX
        return one_person(self._matte(rgb, scale), landmarks, max(1.0, ROOM_PX * scale))

    def everybody(self, rgb: Array, eye_distance: float) -> Array:
        """(h, w) float32 as above, of all people and of what they hold.

        Args:
            eye_distance: about, pixels of `rgb`.
        """
        return self._matte(rgb, eye_distance / WORKING_EYE_PX)

    def _matte(self, rgb: Array, scale: float) -> Array:
        if rgb.ndim != 3 or rgb.shape[2] != 3 or min(rgb.shape[:2]) < 2:
            raise ShapeError(f"a person is looked for in (h, w, 3), not {rgb.shape}")
        shown = np.clip(np.asarray(rgb, np.float32), 0, 1)
        soft = self._soft(shown)
        luma = shown @ LUMA
        radius = int(np.clip(round(GUIDE_PX * scale), 1, max(1, min(luma.shape) // 4)))
        low, high = SURE
        return smoothstep((guided(luma, soft, radius, GUIDE_EPS) - low) / (high - low))

    def _soft(self, shown: Array) -> Array:
        """(h, w) the network's own answer, enlarged."""
        height, width = shown.shape[:2]
        shrinks = height > INPUT_PX and width > INPUT_PX
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        small = cv2.resize(shown, (INPUT_PX, INPUT_PX), interpolation=how)
        seen = self._net(np.asarray(small, np.float32))[0].reshape(INPUT_PX, INPUT_PX)
        return np.asarray(cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR))


def one_person(matte: Array, landmarks: Array | None, room: float) -> Array:
    """`matte` (h, w) without other people's components.

    Args:
        landmarks: of the face whose person is kept; None: the largest.
        room: pixels round the component that stay as they are: its soft edge.
    """
    count, labels, facts, _ = cv2.connectedComponentsWithStats(
        (matte > IN_COMPONENT).astype(np.uint8)
    )
    if count <= 1:
        return matte
    areas = np.asarray(facts[1:, cv2.CC_STAT_AREA], np.int64)
    if landmarks is not None:
        in_face = _inside_face(matte.shape, landmarks)
        on_face = np.asarray(np.bincount(labels[in_face], minlength=count)[1:], np.int64)
        # No person found where the face is: the largest is as good a guess as before.
        areas = on_face if on_face.any() else areas
    size = 2 * round(room) + 1
    kept = (labels == 1 + int(np.argmax(areas))).astype(np.uint8)
    if landmarks is not None and in_face.any():
        kept = _apart(kept, in_face, 2 * round(BODY_PX / ROOM_PX * room) + 1)
    near = cv2.dilate(kept, np.ones((size, size), np.uint8)) > 0
    return np.asarray(np.where(near, matte, 0), np.float32)


def _apart(kept: NDArray[np.uint8], in_face: NDArray[np.bool_], size: int) -> NDArray[np.uint8]:
    """A component without another person who touches it, such as a shoulder in somebody's hair.

    Worn down by `size`, two bodies part where they only touch; each pixel then goes to the nearer
    of them.  Nothing is taken off where nobody as large as a face stands beside.
    """
    worn = cv2.erode(kept, np.ones((size, size), np.uint8), borderValue=1)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(worn)
    own = int(np.bincount(labels[in_face], minlength=count)[1:].argmax()) + 1 if count > 1 else 0
    large = [n for n in range(1, count) if n != own
             and facts[n, cv2.CC_STAT_AREA] >= OTHER_BODY * in_face.sum()]  # fmt: skip
    if not own or not (labels[in_face] == own).any() or not large:
        return kept
    away = cv2.distanceTransform((labels != own).astype(np.uint8), cv2.DIST_L2, 5)
    others = cv2.distanceTransform((~np.isin(labels, large)).astype(np.uint8), cv2.DIST_L2, 5)
    return np.where(others < away, 0, kept).astype(np.uint8)


def _inside_face(size: tuple[int, ...], landmarks: Array) -> NDArray[np.bool_]:
    mask = np.zeros(size, np.uint8)
    # Points far outside the picture would overflow the drawing's integers.
    outline = np.clip(landmarks[FACE_OVAL, :2], -1e4, 1e4)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 1)
    return mask > 0
