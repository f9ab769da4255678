"""Things of another colour that reach from the face's outline to the lips: microphones, cups.

Skin, beard and lips share their hue with the upper face; a thing of another hue, or grey, that is
connected from the lower outline to the lips stands in front.  No frame without it is needed, so a
thing that is there throughout a shot is found too.  Source: ours.
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.holdout import Mask, pack, unpack
from dubsync.engine.geometry.mesh import INNER_LIPS
from dubsync.engine.occlusion.face_crop import CROP, FaceCrop, filled
from dubsync.engine.occlusion.kept_mattes import KeptMattes

#: Chroma of the upper face below which colour tells nothing: black and white, or dark.
LEAST_CHROMA = 8.0
#: Shares of the skin's lightness and chroma.  A pixel is foreign if it is grey and dark; if its
#: colour lies this far beside the skin's hue; or as far on the other side of grey.
GREY, DARK, OTHER, OPPOSITE = 0.5, 0.6, 0.8, 0.15
#: Red pixels within this many crop pixels of the lips are lips.
LIP_EDGE_PX = 6
#: The blur that takes noise off colours also takes this much off a part's edge, crop pixels.
EDGE_PX = 2
BLUR_PX, CORE_PX, RIM_PX, CLOSED_PX = 1.5, 9, 9, 7
#: Pixels of the lower outline that a part must touch, and its least share of the lower face.
LEAST_RIM, LEAST_AREA = 20, 0.02
#: Share of the lips' red that a part must hide.  Of 20 clean clips, beards among them, the most
#: was .03; a microphone before the lower lip hides .28 to .74.
LEAST_LIPS = 0.15
#: A thing goes on in the next frame where this share of it is seen again, at most so many crop
#: pixels away; for so many frames at most without hiding lips.
SAME_PART, MOVED_PX, MOST_CARRIED = 0.5, 4, 12


class ForeignColour:
    """Collects, frame by frame, the pixels of another colour and the parts that hide lips."""

    def __init__(self) -> None:
        self._foreign: list[bytes] = []
        self._sure: list[bytes] = []
        self._outside: list[bytes] = []

    def add(self, crop: FaceCrop, picture: Array) -> None:
        """The next frame's crop, and its picture (CROP_PX, CROP_PX, 3), 0..1."""
        foreign = _foreign(crop, picture)
        if foreign is None:
            self._foreign.append(b"")
            self._sure.append(b"")
            self._outside.append(b"")
            return
        ring = crop.lips & ~filled(crop.points[INNER_LIPS])
        sure = [
            part for part in _parts(crop, foreign)
            if (part & ring).sum() >= LEAST_LIPS * ring.sum()
        ]  # fmt: skip
        self._foreign.append(pack(foreign & crop.face))
        self._outside.append(pack(foreign & crop.drawable & ~crop.face))
        self._sure.append(pack(np.logical_or.reduce(sure)) if sure else b"")

    def mattes(self) -> KeptMattes:
        """What stands in front, in each frame.

        What one frame shows of a thing is completed from the frames beside it, and goes on where it
        leaves the lips.
        """
        result = KeptMattes(self._sure)
        for rows in (range(len(result)), range(len(result) - 1, -1, -1)):
            known: Mask | None = None
            carried = 0
            for row in rows:
                seen = result[row]
                again = None if known is None else self._again(row, known)
                carried = 0 if self._sure[row] else carried + 1
                if carried > MOST_CARRIED and seen is None:
                    again = None
                known = seen if again is None else again if seen is None else seen | again
                if known is not seen:
                    result[row] = known
        return KeptMattes.of(self._whole(row, matte) for row, matte in enumerate(result))

    def _whole(self, row: int, matte: Mask | None) -> Mask | None:
        """`matte` to its edge, and beyond the face's outline as far as a face may be drawn."""
        if matte is None:
            return None
        outside = unpack(self._outside[row], CROP) if self._outside[row] else np.zeros_like(matte)
        whole = _grown(matte)
        _, labels = cv2.connectedComponents((whole | outside).astype(np.uint8))
        touched = np.unique(labels[matte])
        return np.asarray(whole | (outside & np.isin(labels, touched)), bool)

    def _again(self, row: int, known: Mask) -> Mask | None:
        """What of that frame is `known` again; None where too little is."""
        if not self._foreign[row]:
            return None
        near = cv2.dilate(known.astype(np.uint8), np.ones((2 * MOVED_PX + 1,) * 2)) > 0
        part = _closed(np.asarray(unpack(self._foreign[row], CROP) & near, bool))
        return part if (part & known).sum() >= SAME_PART * known.sum() else None


def _parts(crop: FaceCrop, foreign: Mask) -> list[Mask]:
    """The connected parts of another colour that touch the face's lower outline."""
    outline = crop.face & ~_eroded(crop.face, RIM_PX) & crop.lower_face
    least = LEAST_AREA * crop.lower_face.sum()
    count, labels = cv2.connectedComponents((foreign & crop.face).astype(np.uint8))
    result = []
    for n in range(1, count):
        part = labels == n
        if part.sum() >= least and (part & outline).sum() >= LEAST_RIM:
            result.append(_closed(part) & crop.face)
    return result


def _foreign(crop: FaceCrop, picture: Array) -> Mask | None:
    """(CROP_PX, CROP_PX) pixels of another colour than the upper face.

    None where colour tells nothing.
    """
    lab = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), (0, 0), BLUR_PX)
    skin = lab[_eroded(crop.face & ~crop.lower_face, CORE_PX)]
    if len(skin) < 100:
        return None
    light, *colour = np.median(skin, axis=0)
    chroma = float(np.hypot(*colour))
    if chroma < LEAST_CHROMA:
        return None
    # Along the skin's hue lie its own light and shade; highlights are grey too, but not dark.
    along, across = np.array(colour) / chroma, np.array([-colour[1], colour[0]]) / chroma
    beside = lab[..., 1:] @ across
    near = cv2.dilate(crop.lips.astype(np.uint8), np.ones((2 * LIP_EDGE_PX + 1,) * 2)) > 0
    red = beside < 0  # lips and lipstick: redder than skin
    hue = (np.abs(beside) > OTHER * chroma) & ~(red & near)
    grey = np.hypot(lab[..., 1], lab[..., 2]) < GREY * chroma
    opposite = lab[..., 1:] @ along < -OPPOSITE * chroma
    dark = lab[..., 0] < DARK * light
    return np.asarray((grey & dark) | hue | opposite, bool)


def _eroded(mask: Mask, px: int) -> Mask:
    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((px, px))) > 0, bool)


def _closed(part: Mask) -> Mask:
    """`part` with gaps closed and holes filled: highlights have the colour of skin, or none."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (CLOSED_PX, CLOSED_PX))
    whole = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
    return np.asarray(whole > 0, bool)


def _grown(part: Mask) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * EDGE_PX + 1,) * 2)
    return np.asarray(cv2.dilate(part.astype(np.uint8), kernel) > 0, bool)
