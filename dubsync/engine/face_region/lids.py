"""Lids that neither cross nor are bent further than they must be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.engine.geometry.mesh import EYE_CORNERS, LEFT_EYE, RIGHT_EYE, indices

Points = NDArray[Any]

#: Lids that meet (upper, lower), right eye and left, corner to corner.
LIDS = (
    ((246, 7), (161, 163), (160, 144), (159, 145), (158, 153), (157, 154), (173, 155)),
    ((466, 249), (388, 390), (387, 373), (386, 374), (385, 380), (384, 381), (398, 382)),
)
RINGS = (RIGHT_EYE, LEFT_EYE)
#: Skin that goes with the lids: two rings above each eye and one below.
ROUND = (
    indices("247 30 29 27 28 56 190 225 224 223 222 221 110 24 23 22 26 112 113 130"),
    indices("467 260 259 257 258 286 414 445 444 443 442 441 339 254 253 252 256 341 342 359"),
)
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


def no_further_than_shut(landmarks: Points, wanted: Points, units: Points) -> Points:
    """`wanted` (T, 478, 3), each eye moved from `landmarks` no further than until its lids meet.

    The skin round the eye is held back with its lids, so that it does not fold.

    Args:
        units: (T,) eye distances, pixels.
    """
    result = np.array(wanted, np.float32)
    for eye, ring in enumerate(RINGS):
        around = np.concatenate([ring, ROUND[eye]])
        own, asked = (_gap(faces, eye) for faces in (landmarks, wanted))
        least = np.minimum(SHUT * units, own)
        over = asked < least
        share = np.clip((own - least) / np.maximum(own - asked, 1e-6), 0, 1)[over, None, None]
        held = landmarks[over][:, around]
        result[np.ix_(over, around)] = held + share * (wanted[over][:, around] - held)
        for t in np.flatnonzero(over):
            result[t, :, :2] = uncrossed(result[t], eye, float(units[t]))
    return result


def _gap(faces: Points, eye: int) -> Points:
    """(T,) distance of the middles of the lids of faces (T, 478, 3), pixels; negative: crossed."""
    ends = faces[:, list(EYE_CORNERS[eye]), :2]
    along = ends[:, 1] - ends[:, 0]
    down = np.stack([-along[:, 1], along[:, 0]], axis=1)
    down = down / np.maximum(np.linalg.norm(along, axis=1), 1e-6)[:, None]
    up, low = LIDS[eye][3]
    return np.asarray(((faces[:, low, :2] - faces[:, up, :2]) * down).sum(axis=1), np.float64)


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
