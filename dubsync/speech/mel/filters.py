"""The mel filters of the features and of the states; `python -m benchmarks.mel_filters` makes them.

They are constants.  librosa, which works them out, brings numba and its compiler: 1.1 CPU seconds
in every process that hears a sound.  A test holds the file against librosa, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from dubsync.core.arrays import Array
from dubsync.core.shipped import shipped

FILE = Path(__file__).with_name("filters.safetensors")
FILE_SHA256 = "10e61e18daba5b0761d6217eaae35274a00366ed5eca839b313f21521c094170"


@dataclass(frozen=True, slots=True, eq=False)
class MelFilters:
    """Filters of power spectra at 16 kHz, float32.

    features  (40, 513)  triangles of height 1 from 60 to 7600 Hz, of 1024 samples
    centres   (40,)      the frequencies of their tips, Hz
    states    (80, 201)  triangles of area 1 from 0 to 8000 Hz, of 400 samples

    Source: Slaney 1998, "Auditory Toolbox, version 2": even up to 1 kHz, logarithmic above.
    """

    features: Array
    centres: NDArray[np.float64]
    states: Array


@cache
def mel_filters() -> MelFilters:
    """The filters that ship with the package.  Raises ModelError: missing or altered."""
    return MelFilters(**load(shipped(FILE, FILE_SHA256, "table of mel filters")))
