"""A voice and a picture for tests of the measures."""

import numpy as np
import pytest

from dubsync.core.sound.audio import AudioFeatures
from tests.qc.qc_synthesis import syllables


@pytest.fixture
def voice() -> AudioFeatures:
    """Eight seconds: silence, six seconds of uneven syllables, silence."""
    return syllables(8.0, seed=5)


@pytest.fixture
def texture() -> np.ndarray:
    """(240, 320) gray, 0..1: skin-like detail over a soft gradient of light."""
    rng = np.random.default_rng(1)
    fine = rng.normal(size=(240, 320))
    light = np.linspace(0.35, 0.55, 320)[None] + np.linspace(0, 0.05, 240)[:, None]
    return np.asarray(light + 0.02 * fine, np.float32)
