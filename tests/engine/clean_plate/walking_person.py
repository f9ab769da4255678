"""A drawn shot: a person before a figured wall, who moves; everything about it is known."""

import cv2
import numpy as np

from dubsync.core.picture import Region
from dubsync.engine.geometry.sampling import rgb_frame

HEIGHT, WIDTH = 120, 160
WHOLE = Region(0, 0, WIDTH, HEIGHT)


def figured_wall(height=HEIGHT, width=WIDTH, seed=3):
    """(height, width, 3) uint8: soft blots and hard-edged tiles, texture everywhere."""
    draw = np.random.default_rng(seed)
    soft = cv2.GaussianBlur(draw.standard_normal((height, width, 3)), (0, 0), 4)
    fine = cv2.GaussianBlur(draw.standard_normal((height, width)), (0, 0), 1)
    rows, columns = np.mgrid[:height, :width]
    tiles = ((rows // 16 + columns // 20) % 2) * 50.0
    wall = 95 + tiles[..., None] + 160 * soft + 30 * fine[..., None]
    return np.rint(np.clip(wall, 5, 250)).astype(np.uint8)


class WalkingPerson:
    """A dark person-like shape whose middle is at `where(number)`, before `wall`.

    gain   of the light, by frame number
    grain  standard deviation of each frame's noise, of 255
    """

    def __init__(self, where, *, wall=None, gain=lambda n: 1.0, grain=0.0, frames=24):
        self.where, self.gain, self.grain = where, gain, grain
        self.wall = figured_wall() if wall is None else wall
        self.numbers = list(range(100, 100 + frames))

    def background(self, number):
        """(HEIGHT, WIDTH, 3) uint8 what the frame would show without anybody."""
        return np.rint(np.clip(self.wall * self.gain(number), 0, 255)).astype(np.uint8)

    def matte(self, number):
        """(HEIGHT, WIDTH) bool the person."""
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        x, y = (round(float(v)) for v in self.where(number))
        cv2.ellipse(mask, (x, y), (16, 22), 0, 0, 360, 1, -1)
        cv2.rectangle(mask, (x - 24, y + 26), (x + 24, HEIGHT), 1, -1)
        cv2.rectangle(mask, (x - 8, y + 15), (x + 8, y + 30), 1, -1)
        return mask > 0

    def people(self, frame):
        """The matte as `clean_plate` asks for it."""
        return self.matte(frame.number).astype(np.float32)

    def read(self, numbers):
        """The shot's frames."""
        for number in numbers:
            picture = self.background(number).astype(np.float64)
            picture[self.matte(number)] = (40, 30, 25)
            if self.grain:
                noise = np.random.default_rng(number).standard_normal(picture.shape[:2])
                picture += self.grain * noise[..., None]
            yield rgb_frame(np.rint(np.clip(picture, 0, 255)).astype(np.uint8), number)
