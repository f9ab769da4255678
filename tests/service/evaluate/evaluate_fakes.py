"""Engines for tests of `evaluate`: the real one, whose training only records its arguments."""

from dataclasses import replace

from dubsync.core.errors import EngineError
from dubsync.core.progress import Step
from dubsync.engine import build_held_out

#: (minutes, size) of every training asked for, and what was drawn by.
asked, drawn_by = [], []


def build(settings):
    """Trains nothing; draws as the warp does."""
    engine = build_held_out(settings)

    def train(actor, *, minutes, size, kept, progress, steps=0):
        asked.append((minutes, size))
        progress(Step("train", actor.character, 1, 1))
        return actor

    def prepare(*args, renderer="warp"):
        drawn_by.append(renderer)
        return engine.prepare(*args)

    return replace(engine, train=train, prepare=prepare)


def build_refusing(settings):
    """Refuses to train."""

    def train(actor, *, minutes, size, kept, progress, steps=0):
        raise EngineError("too few frames to train on")

    return replace(build(settings), train=train)


def build_shy(settings):
    """Leaves every other frame as it is."""
    engine = build(settings)

    def prepare(*args, renderer="warp"):
        draw = engine.prepare(*args)
        return lambda frames: [draw([f])[0] if f.number % 2 else None for f in frames]

    return replace(engine, prepare=prepare)
