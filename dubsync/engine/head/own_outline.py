"""Where hair, neck and shoulders are in the shot's own frames: followed there, not foretold.

A pose alone does not tell how hair sways, how a body breathes and leans, or where the shoulders are
in a framing that no key frame has.  The shot's own frames do.  What the followed outline departs
from the foretold one is carried on to the head that is wanted: a body stays where it is while its
head turns, and hair hangs as it hung.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import ReadFrames
from dubsync.engine.head.follow import FARTHEST_PX, Keyed, follow
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.join_keys import CARRIED, LEAST_ON_EDGE, on_edge, reference_of

Values = NDArray[Any]
#: A frame and its landmarks (478, 3), plate pixels: ready to be followed in, and the person's matte
#: (h, w), 0..255.
Ready = Callable[[Frame, Values], tuple[Keyed, NDArray[np.uint8]]]

#: The outline is followed in every so manieth frame: bodies and hair sway below 6 Hz.
STEP = 2
#: Standard deviation over which it is steadied, frames.
STEADY_FRAMES = 0.5
#: Rounds in the first frame, whose guess may be far off.
FIRST_ROUNDS = 4
#: A point led farther than this from its guess in one round was lost, working pixels.
MOST_STEP_PX = 1.5 * FARTHEST_PX
#: A head turned by this much keeps 1/e of how its own hair departs from the foretold; degrees.
#: Measured on frames of katiehill and woman_braids (docs/benchmarks.md, "Whole heads").
FALL_DEGREES = 10.0


@dataclass(frozen=True, slots=True)
class OwnFrames:
    """The shot's own frames, to follow the outline in.

    read  yields frames of rising numbers, in square pixels
    kept  what was found, for the next preparation of the same shot
    """

    read: ReadFrames
    kept: MutableMapping[tuple[object, ...], Values | None] = field(default_factory=dict)


def departures(
    head: HeadModel, ready: Ready, region: Region, track: FaceTrack, foretold: Values,
    shown: NDArray[np.bool_], frames: OwnFrames,
) -> Values | None:  # fmt: skip
    """(T, n, 2) followed less foretold outline in the shot's own frames, working pixels.

    A frame in which the followed contour does not lie on the person's edge tells nothing.

    Args:
        ready: makes a frame ready to be followed in.
        region: of the plate, that `foretold` lies on.
        foretold: (T, n, 2) the outline by pose alone.
        shown: (T,) frames that will be drawn; the others are not read.

    Returns:
        None where the outline could be followed in no frame.
    """
    key = (track.frames, head.digest, region, shown.tobytes(), track.landmarks.tobytes())
    if key not in frames.kept:
        frames.kept[key] = _departures(head, ready, track, foretold, shown, frames.read)
    return frames.kept[key]


def carried(own: Values, share: Values, degrees: Values) -> Values:
    """(T, n, 2) what of its `departures` a head keeps when it is turned.

    Args:
        own: (T, n, 2); share: (n,) 1 moves with the head, 0 stays with the shoulders.
        degrees: (T,) between the head's own pose and the wanted one.
    """
    lost = 1 - np.exp(-np.asarray(degrees, np.float64) / FALL_DEGREES)
    return np.asarray(own * (1 - lost[:, None] * share[None])[..., None], np.float64)


def _departures(
    head: HeadModel, ready: Ready, track: FaceTrack, foretold: Values, shown: NDArray[np.bool_],
    read: ReadFrames,
) -> Values | None:  # fmt: skip
    rows = _rows(shown)
    start = track.frames.start
    reference, points = reference_of(head), head.outline.points
    known: list[int] = []
    found: list[Values] = []
    for frame in read([start + int(row) for row in rows]):
        row = frame.number - start
        other, matte = ready(frame, track.landmarks[row])
        guess = foretold[row] + (CARRIED * found[-1] if found else 0)
        outline = _followed(reference, points, other, guess, 1 if found else FIRST_ROUNDS)
        contour = outline[: head.outline.contour]
        if len(contour) and on_edge(matte, contour) >= LEAST_ON_EDGE:
            known.append(row)
            found.append(outline - foretold[row])
    if not known:
        return None
    return _steadied(np.asarray(known), np.stack(found), len(shown))


def _rows(shown: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Every STEPth of the frames shown, and the last."""
    rows = np.flatnonzero(shown)
    return np.unique(np.append(rows[::STEP], rows[-1:]))


def _followed(reference: Keyed, points: Values, other: Keyed, guess: Values, rounds: int) -> Values:
    """(n, 2) the outline in a frame; a point that was led far off stays where it was guessed."""
    for _ in range(rounds):
        found = np.asarray(follow(reference, points, other, guess), np.float64)
        lost = np.linalg.norm(found - guess, axis=1) > MOST_STEP_PX
        guess = np.where(lost[:, None], guess, found)
    return guess


def _steadied(rows: NDArray[Any], found: Values, count: int) -> Values:
    """(count, n, 2) values known in some rows, in all: between them linear, then smoothed."""
    every = np.arange(count)
    flat = found.reshape(len(found), -1)
    after = np.clip(np.searchsorted(rows, every), 0, len(rows) - 1)
    before = np.clip(np.searchsorted(rows, every, side="right") - 1, 0, len(rows) - 1)
    gap = np.maximum(rows[after] - rows[before], 1)
    share = np.clip((every - rows[before]) / gap, 0, 1)[:, None]
    between = flat[before] + share * (flat[after] - flat[before])
    smooth = gaussian_filter1d(between, STEADY_FRAMES, axis=0, mode="nearest")
    return np.asarray(smooth.reshape(count, *found.shape[1:]), np.float64)
