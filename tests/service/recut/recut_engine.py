"""The drawn engine with pictures: squares whose brightness is the frame number; it counts calls."""

from dataclasses import replace

import numpy as np

from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.composite import composite
from tests.service import drawn_engine

#: Every plate frame drawn since the last look, in order: (character, frame).
DRAWN: list[tuple[str, int]] = []
#: What tests set: how far smoothing reaches, and how bright the square is beside its frame.
REACH, BRIGHTER = [0], [0.0]


def prepare(actor, seen, original, corrected, weight, *, renderer="warp"):
    def draw(frames):
        return [_patch(actor.character, frame) for frame in frames]

    return draw


def _patch(character, frame):
    DRAWN.append((character, frame.number))
    value = 0.2 + 0.003 * (frame.number % 200) + BRIGHTER[0]
    matte = np.full((32, 32), 255, np.uint8)
    return Patch(Region(16, 16, 48, 48), np.full((32, 32, 3), value), matte)


def track(frames, span, *, shot, progress):
    """One face at a fixed place in the plate, in every frame that is analysed."""
    result = drawn_engine.track(frames, span, shot="a", progress=progress)
    return result


def build(settings):
    engine = drawn_engine.build(settings)
    return replace(
        engine, track=track, prepare=prepare, composite=composite, context_frames=REACH[0]
    )
