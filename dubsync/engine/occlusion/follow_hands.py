"""Hands followed through the frames of one face: forwards in one pass, backwards from where found.

Palms are looked for in every PALM_EVERY-th frame only, and the detector needs a clear palm.  A hand
that is found is therefore followed back too, through blocks of frames that are read again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dubsync.core.face import FaceTrack
from dubsync.core.holdout import pack
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.steps import ReadFrames
from dubsync.engine.compositing.colour_match import LUMA
from dubsync.engine.geometry.sampling import Square, sample
from dubsync.engine.occlusion.face_crop import CROP_PX, EYES_PX, UNIT_PX, FaceCrop, crop_of
from dubsync.engine.occlusion.hand_matte import hand_matte, touches
from dubsync.engine.occlusion.hands import Hand, HandModels, hands_in, same_hand

#: Palms are looked for in every so many frames, in squares of these sides in turn, face units: a
#: palm that fills much of the square is missed more often.
PALM_EVERY, NEAR = 4, (9.0, 6.0)
#: Sides of the hands that are read, face units.
HAND_SIDES = (0.5, 12.0)
#: The square's middle lies this far below the eyes, face units.
BELOW_EYES = 1.2
#: The model loses a hand of which little more than fingertips is in the picture.  With this share
#: of its landmarks outside, it is moved on as it moved before, for so many frames at most.
MOSTLY_OUTSIDE, MOST_COASTED = 0.4, 6
#: A hand counts if it is followed through so many frames, with this median presence: part of a face
#: or of its clothes is taken for a hand now and then, but not surely, and not for long.
LEAST_FOLLOWED, LEAST_MEDIAN = 3, 0.85
#: Frames that are read at once when a hand is followed back.
BLOCK = 8
#: A matte smaller than this share of the lower face, where a face may be drawn, is dropped.
LEAST_SHARE = 0.004


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """A hand in one frame.

    chain    number of the hand, the same in every frame
    moved    how far since the frame read before, shown pixels
    coasted  frames for which it has only been moved on
    """

    hand: Hand
    chain: int
    moved: tuple[float, float] = (0.0, 0.0)
    coasted: int = 0

    def next_square(self) -> Square:
        """The square in which its landmarks are read next, if it keeps moving as it does."""
        square = self.hand.square()
        return Square(square.x + self.moved[0], square.y + self.moved[1], square.side, square.angle)

    def moved_on(self, form: PictureFormat) -> _Followed | None:
        """The hand moved on without being read; None where it ought to be seen."""
        points = self.hand.points + np.array(self.moved)
        size = (form.width, form.height)
        outside = ((points < 0) | (points > size)).any(axis=1).mean()
        if outside < MOSTLY_OUTSIDE or self.coasted == MOST_COASTED:
            return None
        return _Followed(Hand(points, self.hand.presence), self.chain, self.moved, self.coasted + 1)


class HandFollower:
    """Finds the hands before one face.  Holds one frame, and landmarks of the hands in each.

    Args:
        models: MediaPipe's.
        track: the face.
        read: reads the plate's frames.
    """

    def __init__(self, models: HandModels, track: FaceTrack, read: ReadFrames) -> None:
        self._models, self._track, self._read = models, track, read
        self._hands: list[list[_Followed]] = [[] for _ in range(len(track.frames))]
        self._pending: list[tuple[int, _Followed]] = []
        self._before: list[_Followed] = []
        self.format: PictureFormat | None = None

    def run(self, seen: Callable[[Frame], None]) -> None:
        """Both passes; `seen` is called with each frame of the first."""
        for frame in self._read(range(self._track.frames.start, self._track.frames.stop)):
            self.format = frame.format
            self._step(frame)
            seen(frame)
        for row, one in self._pending:
            self._follow_back(row, one)

    def mattes(self) -> list[bytes]:
        """A packed matte (CROP_PX, CROP_PX) of every frame; b"" where there is no hand."""
        sure, start = self._sure(), self._track.frames.start
        hands = [[one.hand for one in held if one.chain in sure] for held in self._hands]
        rows, result = [n for n, held in enumerate(hands) if held], [b""] * len(hands)
        for frame in self._read([start + row for row in rows]) if rows else ():
            row = frame.number - start
            result[row] = self._matte(frame, hands[row])
        return result

    def _sure(self) -> set[int]:
        """The chains that are hands beyond doubt."""
        presence: dict[int, list[float]] = {}
        for held in self._hands:
            for one in held:
                presence.setdefault(one.chain, []).append(one.hand.presence)
        return {
            chain for chain, values in presence.items()
            if len(values) >= LEAST_FOLLOWED and np.median(values) >= LEAST_MEDIAN
        }  # fmt: skip

    def _crop(self, frame: Frame) -> FaceCrop:
        row = frame.number - self._track.frames.start
        return crop_of(self._track.landmarks[row])

    def _step(self, frame: Frame) -> None:
        row, crop = frame.number - self._track.frames.start, self._crop(frame)
        held = self._followed(frame, crop, self._before)
        if row % PALM_EVERY == 0 or len(held) < len(self._before):
            side = NEAR[row // PALM_EVERY % len(NEAR)]
            for hand in self._detected(frame, crop, side):
                if not any(same_hand(hand, one.hand) for one in held):
                    one = _Followed(hand, len(self._pending))
                    held.append(one)
                    self._pending.append((row, one))
        self._before = [one for one in held if touches([one.hand], crop)]
        self._hands[row] = list(self._before)

    def _followed(self, frame: Frame, crop: FaceCrop, hands: list[_Followed]) -> list[_Followed]:
        """The hands of the frame read before, in this one."""
        result: list[_Followed] = []
        for one in hands:
            read = hands_in(self._models, frame, [one.next_square()], _sides(crop))
            after = one.moved_on(frame.format)
            for hand in read:
                x, y = (hand.points - one.hand.points).mean(axis=0)
                after = _Followed(hand, one.chain, (float(x), float(y)))
            if after and not any(same_hand(after.hand, other.hand) for other in result):
                result.append(after)
        return result

    def _detected(self, frame: Frame, crop: FaceCrop, side: float) -> list[Hand]:
        """Hands by their palms, in a square of `side` face units about the face."""
        matrix = crop.square.to_plate(CROP_PX)
        middle = np.array([CROP_PX / 2, EYES_PX + BELOW_EYES * UNIT_PX])
        x, y = matrix[:, :2] @ middle + matrix[:, 2]
        near = Square(float(x), float(y), side * crop.unit)
        return hands_in(self._models, frame, self._models.find(frame, near), _sides(crop))

    def _follow_back(self, row: int, one: _Followed) -> None:
        """Follow a hand back from frame `row`, as long as it is seen, touches and is new."""
        start = self._track.frames.start
        for stop in range(row, 0, -BLOCK):
            block = list(self._read(range(start + max(stop - BLOCK, 0), start + stop)))
            for frame in reversed(block):
                crop, at = self._crop(frame), frame.number - start
                again = self._followed(frame, crop, [one])
                known = self._hands[at]
                if not again or any(same_hand(again[0].hand, other.hand) for other in known):
                    return
                one = again[0]
                if not touches([one.hand], crop):
                    return
                known.append(one)

    def _matte(self, frame: Frame, hands: list[Hand]) -> bytes:
        crop = self._crop(frame)
        picture = sample(frame, crop.square, CROP_PX)
        matte = hand_matte(hands, crop, np.asarray(picture @ LUMA, np.float32))
        large = (matte & crop.drawable).sum() > LEAST_SHARE * crop.lower_face.sum()
        return pack(matte) if large else b""


def _sides(crop: FaceCrop) -> tuple[float, float]:
    return HAND_SIDES[0] * crop.unit, HAND_SIDES[1] * crop.unit
