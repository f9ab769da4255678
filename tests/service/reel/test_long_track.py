"""A track that is too long to be fitted at once gets the same motion in pieces."""

import numpy as np

from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import actor as actors
from dubsync.engine.motion import fit
from dubsync.service.reel import pipeline
from tests.engine.exemplars.drawn_footage import drawn_track


class Fitting:
    """An engine that only fits, and counts how often."""

    def __init__(self, model):
        self.model, self.asked = model, []

    def fit(self, track, actor):
        self.asked.append(len(track.frames))
        return fit.fit(track, self.model)


def test_the_pieces_are_the_whole(monkeypatch):
    track = drawn_track(np.abs(np.sin(np.arange(50) / 4)), sway=0.04, start=700)
    engine = Fitting(actors.learn_basis([track]))
    whole = pipeline._fitted(engine, track, None)
    monkeypatch.setattr(pipeline, "FITTED", 20)
    pieces = pipeline._fitted(engine, track, None)

    assert engine.asked == [50, 20, 20, 10]
    assert pieces.frames == FrameRange(700, 750, track.frames.rate)
    for name in ("mouth", "upper", "head", "gaze", "blendshapes"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), atol=1e-5)
