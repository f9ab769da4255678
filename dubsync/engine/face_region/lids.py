"""Lids that neither cross nor are bent further than they must be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.engine.geometry.mesh import EYE_CORNERS, LEFT_EYE, RIGHT_EYE

Points = NDArray[Any]

#: Lids that meet (upper, lower), right eye and left, corner to corner.
LIDS = (
    ((246, 7), (161, 163), (160, 144), (159, 145), (158, 153), (157, 154), (173, 155)),
    ((466, 249), (388, 390), (387, 373), (386, 374), (385, 380), (384, 381), (398, 382)),
)
RINGS = (RIGHT_EYE, LEFT_EYE)
#: Least distance of the lids, eye distances.
SHUT = 0.006
#: Share of an exemplar's own lids in what is drawn: a photograph's shape is truer than a model's.
OWN_SHAPE = 0.4
#: As far as the two differ by this, eye distances, the exemplar's shape counts; beyond, less.
ALIKE = 0.04


def uncrossed(points: Points, eye: int, unit: float) -> Points:
    """`points` (478, 2) with the upper lid of one eye at least SHUT above the lower.

    Args:
        eye: 0 right, 1 left.
        unit: an eye distance, pixels.
    """
    result = np.array(points[:, :2], np.float64)
    ends = result[list(EYE_CORNERS[eye])]
    along = ends[1] - ends[0]
    down = np.array([-along[1], along[0]]) / max(float(np.linalg.norm(along)), 1e-6)
    for up, low in LIDS[eye]:
        lacking = SHUT * unit - float((result[low] - result[up]) @ down)
        if lacking > 0:
            result[up] -= lacking / 2 * down
            result[low] += lacking / 2 * down
    return result


def like_exemplar(wanted: Points, exemplar: Points, eye: int, unit: float) -> Points:
    """`wanted` (478, 2) with one eye's lids nearer to an exemplar's, laid on its corners."""
    result = np.array(wanted[:, :2], np.float64)
    ring, corners = RINGS[eye], list(EYE_CORNERS[eye])
    here, there = result[corners], np.asarray(exemplar[corners, :2], np.float64)
    grown = complex(*(here[1] - here[0])) / complex(*(there[1] - there[0]))
    turn = np.array([[grown.real, -grown.imag], [grown.imag, grown.real]])
    laid = (np.asarray(exemplar[ring, :2], np.float64) - there.mean(axis=0)) @ turn.T
    apart = laid + here.mean(axis=0) - result[ring]
    far = float(np.sqrt((apart**2).sum(axis=1).mean())) / unit
    result[ring] += OWN_SHAPE / (1 + (far / ALIKE) ** 2) * apart
    return result
