"""The engine double, but a mouth is painted: a gray square as bright as the jaw is open."""

import time
from dataclasses import replace

import numpy as np

from dubsync.core.face import Performance, Stretch
from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.composite import composite
from tests.service import drawn_engine

#: Whose mouth was driven, in order, and over how many frames.
DRIVEN: list[tuple[str, int]] = []
#: Frames that were painted.
PAINTED: list[int] = []
#: Where the mouth is painted, pixels of the whole plate.
MOUTH = (48, 32, 80, 48)
#: Frames at either end of a track that nobody speaks in.
SILENT = 4


def drive(original, actor, dub, *, plate_audio, takes, tweak, speaking_style=None):
    """The jaw is the control of that name; the first and the last frames stay the plate's."""
    DRIVEN.append((actor.character, len(original.frames)))
    t = len(original.frames)
    jaw = tweak.at("jaw", original.frames)
    weight = np.ones(t)
    weight[:SILENT] = weight[t - SILENT :] = 0
    mouth = np.stack([jaw / 4, jaw / 4], axis=1)
    first = original.frames.start
    spoken = Stretch(first + SILENT, first + t - SILENT - 1, "sound")
    return Performance(
        "audio", "b", original.frames, mouth, weight, stretches=(spoken,) if t > 8 else ()
    )


def prepare(actor, seen, original, corrected, weight, *, renderer="warp"):
    """Paints as bright as `corrected` is open; slowly where the tweak asks for it."""

    def paint(frame):
        t = frame.number - seen.frames.start
        if weight[t] <= 0:
            return None
        PAINTED.append(frame.number)
        by = frame.format.width / 128
        region = Region(*(2 * round(edge * by / 2) for edge in MOUTH))
        size = region.height, region.width
        level = float(corrected.mouth[t, 0])
        if level > 0.49:
            time.sleep(0.4)
        return Patch(region, np.full((*size, 3), level, np.float32), np.full(size, 255, np.uint8))

    return lambda frames: [paint(frame) for frame in frames]


def retarget(original, performance, tweak):
    own = performance.weight[:, None] <= 0
    mouth = np.where(own, original.mouth, performance.mouth)
    return replace(original, mouth=np.asarray(mouth, np.float32))


def build(settings):
    DRIVEN.clear()
    return replace(
        drawn_engine.build(settings), drive=drive, retarget=retarget, prepare=prepare,
        composite=composite,
    )  # fmt: skip
