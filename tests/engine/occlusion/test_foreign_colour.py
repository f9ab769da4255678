"""Things of another colour before the lips are found in every frame; a face alone has none."""

import cv2
import numpy as np
import pytest

from dubsync.core.holdout import COVERED
from dubsync.core.progress import silent
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.occlusion.face_crop import crop_of
from dubsync.engine.occlusion.find_holdout import find_holdout
from tests.engine.exemplars.drawn_footage import DrawnPlate, drawn_track


class WithThing(DrawnPlate):
    """A drawn plate with a disc on a stick before the mouth."""

    def __init__(self, track, colour, *, down=14, frames=range(99)):
        super().__init__(track)
        self.colour, self.down, self.shown = colour, down, frames

    def thing(self, number):
        x, y = self.track.landmarks[number, 17, :2]
        mask = np.zeros((220, 240), np.uint8)
        cv2.circle(mask, [round(float(x)), round(float(y)) + self.down], 22, 1, -1)
        cv2.line(mask, [round(float(x)), round(float(y))], [round(float(x)), 219], 1, 7)
        return mask > 0

    def read(self, numbers):
        for frame in super().read(numbers):
            picture = np.stack(frame.planes, axis=-1)
            if frame.number in self.shown:
                picture[self.thing(frame.number)] = self.colour
            yield rgb_frame(picture, frame.number)


def found(plate):
    return find_holdout(plate.track, plate.read, matte=None, origin="", shot="x", progress=silent)


@pytest.mark.parametrize("colour", [(18, 18, 20), (30, 90, 160), (40, 130, 50)])
def test_a_thing_before_the_lips_is_found_in_every_frame(colour):
    plate = WithThing(drawn_track(np.full(6, 0.02)), colour)
    holdout = found(plate)
    for frame in plate.read(range(6)):
        truth = plate.thing(frame.number)
        crop = crop_of(plate.track.landmarks[frame.number])
        region, face = crop.on_plate(crop.lower_face, frame.format)
        mask = holdout.mask(frame.number, region) & face
        truth = truth[region.rows, region.columns] & face
        assert (truth & mask).sum() > 0.8 * (truth | mask).sum()
    assert (holdout.lower > 10 * COVERED).all()


def test_a_thing_that_leaves_the_lips_for_some_frames_is_followed():
    plate = WithThing(drawn_track(np.full(14, 0.2)), (18, 18, 20))
    track = plate.track
    drawn = plate.thing

    def lowered(number):
        plate.down = 14 + 3 * max(0, 4 - abs(number - 7))
        return drawn(number)

    plate.thing = lowered
    holdout = found(plate)
    assert (holdout.lower > COVERED).all() and len(holdout.lower) == len(track.frames)


@pytest.mark.parametrize("tint", [0.35, 1.0, 1.25])
def test_a_face_alone_has_nothing_of_another_colour(tint):
    plate = DrawnPlate(drawn_track(np.abs(np.sin(np.arange(8)))), tint=tint)
    assert not found(plate).covered.any()
