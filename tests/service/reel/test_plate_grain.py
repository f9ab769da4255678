"""A plate's grain is measured once, and only where there is any does a render depend on it."""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.learning.grain import BINS, Grain
from dubsync.core.picture import Region
from dubsync.core.steps import GrainSteps, Patch
from dubsync.service.project import Project

GIVEN: list[tuple[int, int]] = []
PATCH = Patch(Region(0, 0, 8, 8), np.zeros((8, 8, 3)), np.full((8, 8), 255, np.uint8))


@pytest.fixture
def with_grain(engine, monkeypatch):
    """Gives the engine double a grain step; `found[0]`: whether it finds any, and how often."""
    build, found = engine.build, [True, 0]

    def measure(pairs, frames):
        found[1] += 1
        assert all(b.number == a.number + 1 for a, b in pairs)
        ones = np.ones(len(frames), np.float32)
        made = Grain(frames, np.array([0.5]), np.full((1, 3), 0.01), np.eye(3),
                     np.ones((3, BINS)), ones)  # fmt: skip
        return made if found[0] else None

    def give(frame, patch, grain, seed):
        GIVEN.append((frame.number, seed))
        return patch

    GIVEN.clear()

    def prepare(*face, **how):
        return lambda frames: [PATCH for _ in frames]

    steps = GrainSteps("g1", measure, give)
    monkeypatch.setattr(
        engine, "build", lambda settings: replace(build(settings), grain=steps, prepare=prepare)
    )
    return found


def status_of(reel, name="a"):
    return Project.open(reel).sync([name])[0].status


def test_a_plate_without_grain_leaves_older_renders_current(reel, with_grain):
    toml = reel / "dubsync.toml"
    text = toml.read_text()
    toml.write_text(text + '\n[render]\ngrain = "off"\n')
    assert status_of(reel) == "done" and with_grain[1] == 0
    toml.write_text(text)
    with_grain[0] = False
    assert status_of(reel) == "unchanged" and not GIVEN
    assert status_of(reel) == "unchanged" and with_grain[1] == 1  # measured once


def test_a_plate_with_grain_makes_an_older_render_stale_and_is_measured_once(reel, with_grain):
    toml = reel / "dubsync.toml"
    text = toml.read_text()
    toml.write_text(text + '\n[render]\ngrain = "off"\n')
    assert status_of(reel) == "done" and not GIVEN
    toml.write_text(text)
    assert status_of(reel) == "done"
    numbers, seeds = zip(*GIVEN, strict=True)
    assert len(set(numbers)) == len(numbers) and len(set(seeds)) == 1
    assert status_of(reel) == "unchanged" and with_grain[1] == 1
