"""An engine whose live steps take a known time, and can be made to fail, for the pipeline's tests.

The photograph's first sample says what happens: 0 draws, 1 refuses, 2 has a fault, 3 dies.
"""

from __future__ import annotations

import os
import signal
import time

import numpy as np

from dubsync.core.driven.live import DriverSeen, Hold, LivePicture, LiveSteps
from dubsync.core.errors import NoFace

DRAW_S = 0.01
FIRST_FRAMES = 5


class Follow:
    def __init__(self):
        self.marker = 0.0

    def __call__(self, rgb):
        points = np.full((478, 3), self.marker, np.float32)
        points[0] = rgb[0, 0]
        return DriverSeen(points, np.zeros(52, np.float32), 1.0, others=1, same=True)

    def forget(self):
        self.marker = 7.0


class Draw:
    def __init__(self, what):
        self.what, self.neutral, self.made = what, 0, 0

    def take_neutral(self):
        self.neutral = FIRST_FRAMES

    def __call__(self, seen, rgb, at):
        self.made += 1
        if self.what == 2 and self.made > 3:
            raise ZeroDivisionError("the double divides")
        if self.what == 3 and self.made > 3:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(DRAW_S)
        self.neutral = max(self.neutral - 1, 0)
        picture = 255 - rgb
        picture[1, 1] = seen.landmarks[1, 0]
        return LivePicture(picture, Hold.STARTING if self.neutral else Hold.FOLLOWS)


def draw(subject, height):
    what = int(subject.pictures[0][0, 0, 0]) if subject.pictures else 0
    if what == 1:
        raise NoFace("the photograph shows no face", hint="give another")
    return Draw(what)


def build(settings):
    raise AssertionError("the live parts load the live steps alone")


def build_live(settings):
    return LiveSteps(follow=Follow, draw=draw)
