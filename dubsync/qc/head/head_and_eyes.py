"""Head and eyes of a render against what was wanted: turn in degrees, gaze, and blinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label
from scipy.spatial.transform import Rotation

from dubsync.qc.head.beyond_face import OVAL
from dubsync.qc.mouth import Curve

Flags = NDArray[np.bool_]

# Points of the 478-point face mesh: upper and lower lid, then the eye's corners; right, left.
LIDS = (((159, 145), (158, 153), (160, 144)), ((386, 374), (385, 380), (387, 373)))
CORNERS = ((33, 133), (263, 362))
#: Opening below this share of the usual one is a shut eye; a drawn one counts below the second.
SHUT, DRAWN_SHUT = 0.35, 0.55
#: Share of the usual opening from which an eye is open.
OPEN = 0.7
BESIDE_FRAMES = 1  #: a blink is drawn in time within this many frames


@dataclass(frozen=True, slots=True)
class Blinks:
    """Blinks of a shot: runs of frames, first and last counted from the shot's first.

    wanted    blinks of the wanted motion
    missed    those of them in which the drawn eyes stay open
    unwanted  blinks of the render where open eyes are wanted
    """

    wanted: tuple[tuple[int, int], ...]
    missed: tuple[tuple[int, int], ...]
    unwanted: tuple[tuple[int, int], ...]


def turned_apart(wanted: NDArray[np.floating], drawn: NDArray[np.floating]) -> Curve:
    """(T,) degrees between two heads (T, 7), see `core.face.MotionTrack.head`; NaN stays NaN."""
    known = np.isfinite(wanted).all(axis=1) & np.isfinite(drawn).all(axis=1)
    apart = np.full(len(wanted), np.nan)
    if known.any():
        one, other = (Rotation.from_rotvec(head[known, :3]) for head in (wanted, drawn))
        apart[known] = np.degrees((one.inv() * other).magnitude())
    return apart


def face_area(landmarks: NDArray[np.floating], seen: Flags) -> Curve:
    """(T,) area inside the face's oval, square pixels of the plate; NaN where it is not seen.

    Args:
        landmarks: (T, 478, 2 or 3) plate pixels.
        seen: (T,) whether the face is.
    """
    x, y = (np.asarray(landmarks[:, list(OVAL), axis], np.float64) for axis in (0, 1))
    twice = (x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)
    return np.asarray(np.where(seen & (twice != 0), np.abs(twice) / 2, np.nan), np.float64)


def moved_apart(one: NDArray[np.floating], other: NDArray[np.floating]) -> Curve:
    """(T,) how far two heads (T, 7) are apart in the picture, degrees.

    A shift counts as the turn about the neck that would bring the face as far.
    """
    scale = np.maximum(np.asarray(one[:, 6], np.float64), 1e-6)
    shifted = np.linalg.norm(np.asarray(other - one, np.float64)[:, 3:5], axis=1) / scale
    return np.asarray(turned_apart(one, other) + np.degrees(shifted))


def movement(heads: NDArray[np.floating]) -> Curve:
    """(T,) how far a head (T, 7) moves to and from each frame, degrees; the larger of the two."""
    steps, ends = moved_apart(heads[:-1], heads[1:]), np.full(1, np.nan)
    return np.asarray(np.fmax(np.concatenate([ends, steps]), np.concatenate([steps, ends])))


def gaze_apart(wanted: NDArray[np.floating], drawn: NDArray[np.floating]) -> Curve:
    """(T,) distance of two gazes (T, 4), eye widths, the mean of both eyes."""
    apart = np.asarray(wanted, np.float64) - np.asarray(drawn, np.float64)
    return np.asarray(np.hypot(apart[:, ::2], apart[:, 1::2]).mean(axis=1), np.float64)


def lid_opening(landmarks: NDArray[np.floating]) -> Curve:
    """(T, 2) opening of the right and the left eye of (T, 478, 3), in widths of that eye."""
    columns = []
    for lids, (outer, inner) in zip(LIDS, CORNERS, strict=True):
        width = np.linalg.norm(landmarks[:, outer] - landmarks[:, inner], axis=-1)
        gaps = [np.linalg.norm(landmarks[:, up] - landmarks[:, low], axis=-1) for up, low in lids]
        columns.append(np.mean(gaps, axis=0) / np.maximum(width, 1e-6))
    return np.stack(columns, axis=1).astype(np.float64)


def compare_blinks(wanted: Curve, drawn: Curve, usual: float) -> Blinks:
    """The blinks of two openings (T,), NaN where nothing is known.

    Args:
        usual: opening of this person's open eyes, in the same unit.
    """
    blinks = list(_runs(wanted < SHUT * usual))
    missed = [run for run in blinks if _lowest(drawn, run) > DRAWN_SHUT * usual]
    shut = _runs(drawn < SHUT * usual)
    unwanted = [run for run in shut if _lowest(wanted, run) > OPEN * usual]
    return Blinks(tuple(blinks), tuple(missed), tuple(unwanted))


def _runs(flags: Flags) -> Iterator[tuple[int, int]]:
    for (run,) in find_objects(label(flags)[0]):
        yield int(run.start), int(run.stop) - 1


def _lowest(curve: Curve, run: tuple[int, int]) -> float:
    """The least of `curve` in a run and beside it; 0, so that nothing is claimed, where unknown."""
    near = curve[max(run[0] - BESIDE_FRAMES, 0) : run[1] + BESIDE_FRAMES + 1]
    return float(np.nanmin(near)) if np.isfinite(near).any() else 0.0
