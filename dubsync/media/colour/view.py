"""Working colour as people see it: through the config's view, by a table of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import PyOpenColorIO

from dubsync.core.arrays import Array
from dubsync.core.colours.plate_colour import PlateColour


def seen(rgb: Array, colour: PlateColour) -> Array:
    """Working colour (..., 3) as R'G'B' of the config's display, 0..1, float32.

    Colours without a view are seen as they are.
    """
    if colour.view is None:
        return np.clip(rgb, 0, 1)
    shown = np.array(rgb.reshape(-1, 3), np.float32, order="C")
    _table(colour.key, colour.view.tobytes(), colour.view_top).applyRGB(shown)
    return shown.reshape(rgb.shape)


@lru_cache(maxsize=8)
def _table(key: str, view: bytes, top: float) -> Any:
    """OpenColorIO's processor of the table: tetrahedra between its samples."""
    values = np.frombuffer(view, np.float32)
    size = round((len(values) / 3) ** (1 / 3))
    cube = PyOpenColorIO.Lut3DTransform(size)
    cube.setInterpolation(PyOpenColorIO.INTERP_TETRAHEDRAL)
    cube.setData(np.array(values))
    fitted = PyOpenColorIO.MatrixTransform(
        matrix=[1 / top, 0, 0, 0, 0, 1 / top, 0, 0, 0, 0, 1 / top, 0, 0, 0, 0, 1]
    )
    both = PyOpenColorIO.GroupTransform([fitted, cube])
    return PyOpenColorIO.Config.CreateRaw().getProcessor(both).getDefaultCPUProcessor()
