"""The colour space that an EXR's header states, as a name of the Color Interop Forum.

Names: "Color Space Encodings for Texture Assets and CG Rendering" (ASWF Color Interop Forum 2024);
"ocio:" marks those of OpenColorIO 2.5's own.  Chromaticities: ITU-R BT.709-6, BT.2020-2, SMPTE
ST 2065-1, RP 431-2, S-2014-004 (ACEScg), and the cameras' makers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

#: Name -> x and y of red, green, blue and white.
_PRIMARIES = {
    "lin_ap0_scene": (0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767),
    "lin_ap1_scene": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
    "lin_rec709_scene": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329),
    "lin_rec2020_scene": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329),
    "lin_p3d65_scene": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329),
    "ocio:lin_awg3_scene": (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.329),
    "ocio:lin_awg4_scene": (0.7347, 0.2653, 0.1424, 0.8576, 0.0991, -0.0308, 0.3127, 0.329),
    "ocio:lin_sgamut3_scene": (0.73, 0.28, 0.14, 0.855, 0.1, -0.05, 0.3127, 0.329),
    "ocio:lin_sgamut3cine_scene": (0.766, 0.275, 0.225, 0.8, 0.089, -0.087, 0.3127, 0.329),
}
_SAME = 0.002
_LONGEST = 80  #: of what a file says, kept for messages


def stated_space(header: Mapping[str, Any]) -> str:
    """The name of the space, by colorInteropID or chromaticities; "" if it states neither.

    Of chromaticities that are no known space's the numbers are given.
    """
    named = header.get("colorInteropID", "")
    if isinstance(named, str) and named and named != "unknown":
        return named[:_LONGEST]
    if "chromaticities" not in header:
        return ""
    stated = np.asarray(header["chromaticities"], np.float64).ravel()
    for name, known in _PRIMARIES.items():
        if stated.shape == (8,) and np.abs(stated - known).max() < _SAME:
            return name
    return ("chromaticities " + " ".join(f"{value:.4g}" for value in stated))[:_LONGEST]
