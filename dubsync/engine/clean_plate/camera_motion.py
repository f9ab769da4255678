"""How the camera moves: every frame registered on one of them by what stands behind the people.

Corners of the background are followed from a key frame to each frame; a similarity or, where it
fits clearly better, a homography is fitted to them by RANSAC.  A key frame serves as long as
enough of its corners are in view, and an earlier one is taken up again when the camera returns,
so that errors add up by key frames, not by frames.
Source: Shi, Tomasi 1994, "Good Features to Track"; Bouguet 2001, "Pyramidal Implementation of the
Lucas Kanade Feature Tracker"; Barath et al. 2020, "MAGSAC++".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Frame
from dubsync.engine.geometry.sampling import thumbnail

Matrix = NDArray[np.float64]
Points = NDArray[np.float32]

WORKING_PX = 960  #: longer side of the pictures in which corners are followed
BLOCK_PX, APART_PX = 5, 9
#: Root of a corner's strength in luma 0..1, above a codec's noise on a plain wall.
LEAST_CORNER = 0.006
#: Corners are spread: at most so many in each cell of a grid of so many cells a side.  A burnt-in
#: caption would outvote a wall.
IN_CELL, CELLS = 8, 10
WINDOW_PX, LEVELS = 17, 4
#: Corners followed there and back must end where they began, working pixels.
RETURN_PX = 0.4
#: A corner agrees with the camera's motion up to this, working pixels.
AGREE_PX = 0.8
LEAST_CORNERS = 14
#: Corners that must agree, of those that can be followed.
LEAST_AGREEING = 0.35
#: A key frame serves while this share of its corners is followed.
KEY_SHARE = 0.5
#: The camera stands still where its motion lowers the error by less than this.
STILL, STILL_PX = 0.8, 0.03
#: A corner that stays within the first on the screen, where the background moves by the second
#: or more, is burnt in: a caption, a logo.  Working pixels.
BURNT_IN_PX, BACKGROUND_PX = 0.25, 1.0
#: A homography is taken for a similarity where it lowers the error this much.
BETTER = 0.8
#: ... and the corners span this much of the picture, in each direction.
LEAST_SPAN = 0.45
#: Fine detail of a frame against its neighbours' under which it is blurred.
BLURRED = 0.3
FOLLOWED_AGAIN = 3  #: rounds of following, each from where the one before ended
SMOOTH_PX = 8.0
FULL = 0.9  #: of a frame that people hide
PLAIN = "the background has no texture to register by"


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """One frame's place.

    to_reference  (3, 3) takes its pixels (centres at .5, whole frame) to the reference's
    agreeing      share of the followed corners that move with the camera, 0..1
    error_px      their root mean square distance from it, plate pixels
    parallax_px   how far nine of ten corners stay within it: a background of different depths
                  moves by different amounts, plate pixels
    slack         (n, 4) x, y of corners in the frame and how far (x, y) each is off, plate pixels
    because       why it cannot be registered; "" if it can
    plain         whether that is for want of texture: then nothing shows that it moves, either
    """

    to_reference: Matrix
    agreeing: float
    error_px: float
    parallax_px: float
    slack: Array
    because: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """A key frame: its picture, its corners, and its place."""

    picture: NDArray[np.uint8]
    corners: Points
    to_reference: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Frame to key frame in working pixels, and the corners it rests on."""

    matrix: Matrix
    here: Points
    there: Points
    agrees: NDArray[np.bool_]
    error: float


class CameraFollower:
    """Registers the frames of a shot in their order; the first one is the reference.

    Frames and people are given to `add` one at a time, so nothing of the shot is kept but its key
    frames.
    """

    def __init__(self) -> None:
        self._keys: list[_Key] = []
        self._key = 0
        self._last = np.eye(3)  # the last frame on the reference, working pixels
        self._step = np.eye(3)
        self._scale = 1.0
        self._detail: list[float] = []

    def add(self, frame: Frame, person: NDArray[np.bool_]) -> Registration:
        """The next frame's place, given where people are in it (H, W)."""
        form = frame.format
        self._scale = min(1.0, WORKING_PX / max(form.width, form.height))
        size = (round(form.width * self._scale), round(form.height * self._scale))
        luma = thumbnail(frame, *size)
        picture = _flattened(luma)
        near = cv2.resize(person.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        # A corner is followed by a window round it, which must be free of people, too.
        hidden = cv2.dilate(near, np.ones((WINDOW_PX, WINDOW_PX), np.uint8)) > 0
        blurred = self._is_blurred(luma, hidden)
        if not self._keys:
            self._keys.append(_Key(picture, _corners(luma, hidden), np.eye(3)))
            return self._first()
        fit = self._fitted(picture, hidden)
        if fit is None:
            return self._refused(*self._why_not(luma, hidden, blurred))
        placed = self._keys[self._key].to_reference @ fit.matrix
        self._step = np.linalg.inv(self._last) @ placed
        self._last = placed
        if len(fit.here) < KEY_SHARE * len(self._keys[self._key].corners):
            self._new_key(picture, _corners(luma, hidden), placed)
        return self._found(fit, placed)

    def _first(self) -> Registration:
        enough = len(self._keys[0].corners) >= LEAST_CORNERS
        empty = np.zeros((0, 4), np.float32)
        return Registration(np.eye(3), 1.0, 0.0, 0.0, empty, "" if enough else PLAIN, not enough)

    def _fitted(self, picture: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> _Fit | None:
        """The fit on the present key frame, or on the one that then serves best."""
        guess = self._last @ self._step
        order = [self._key] + [n for n in self._by_overlap(guess, picture.shape) if n != self._key]
        best: _Fit | None = None
        for n in order[:3]:
            fit = _registered(self._keys[n], guess, picture, hidden)
            if fit is not None and (best is None or len(fit.here) > 1.5 * len(best.here)):
                best, self._key = fit, n
            if best is not None and len(best.here) >= KEY_SHARE * len(self._keys[n].corners):
                break
        return best

    def _by_overlap(self, guess: Matrix, size: tuple[int, ...]) -> list[int]:
        """Key frames, those first of which most corners should be in view."""
        back = np.linalg.inv(guess)
        shares = []
        for key in self._keys:
            at = moved(back @ key.to_reference, key.corners)
            inside = ((at > 0) & (at < (size[1], size[0]))).all(axis=1)
            shares.append(int(inside.sum()))
        return [int(n) for n in np.argsort(shares, kind="stable")[::-1]]

    def _new_key(self, picture: NDArray[np.uint8], corners: Points, placed: Matrix) -> None:
        if len(corners) >= LEAST_CORNERS:
            self._keys.append(_Key(picture, corners, placed))
            self._key = len(self._keys) - 1

    def _found(self, fit: _Fit, placed: Matrix) -> Registration:
        key = self._keys[self._key].to_reference
        off = moved(placed, fit.here) - moved(key, fit.there)
        away = np.linalg.norm(off, axis=1)
        slack = np.hstack([fit.here, off]).astype(np.float32) / np.float32(self._scale)
        return Registration(
            self._in_plate(placed), float(fit.agrees.mean()), fit.error / self._scale,
            float(np.quantile(away, 0.9)) / self._scale, slack,
        )  # fmt: skip

    def _refused(self, because: str, plain: bool) -> Registration:
        """The last place that is known, for want of a better one."""
        self._step = np.eye(3)
        empty = np.zeros((0, 4), np.float32)
        return Registration(self._in_plate(self._last), 0.0, 0.0, 0.0, empty, because, plain)

    def _in_plate(self, matrix: Matrix) -> Matrix:
        grow = np.diag([1 / self._scale, 1 / self._scale, 1.0])
        placed = grow @ matrix @ np.linalg.inv(grow)
        return np.asarray(placed / placed[2, 2], np.float64)

    def _is_blurred(self, luma: Array, hidden: NDArray[np.bool_]) -> bool:
        fine = cv2.Laplacian(luma, cv2.CV_32F)[~hidden]
        detail = float(np.abs(fine).mean()) if fine.size else 0.0
        usual = float(np.median(self._detail[-25:])) if self._detail else detail
        self._detail = [*self._detail[-24:], detail]
        return detail < BLURRED * usual

    def _why_not(self, luma: Array, hidden: NDArray[np.bool_], blurred: bool) -> tuple[str, bool]:
        """The reason, and whether it is that there is nothing to see that could move."""
        if hidden.mean() > FULL:
            return "people fill the frame", False
        if blurred:
            return "the frame is blurred (a zoom, a fast pan or a loss of focus)", False
        known = len(self._keys[self._key].corners)
        if min(known, len(_corners(luma, hidden))) < LEAST_CORNERS:
            return PLAIN, True
        return (
            "the background does not move as one (depth, moving things, or another picture)",
            False,
        )


def moved(matrix: Matrix, points: NDArray[Any]) -> Matrix:
    """Points (n, 2) through a homography (3, 3)."""
    at = np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(at[:, :2] / at[:, 2:], np.float64)


def _flattened(luma: Array) -> NDArray[np.uint8]:
    """Luma without its slow part, at a fixed contrast: light may change, dark is as good."""
    fine = luma - cv2.GaussianBlur(luma, (0, 0), SMOOTH_PX)
    spread = max(float(fine.std()), 2e-3)
    return np.asarray(np.clip(128 + fine * (40 / spread), 0, 255), np.uint8)


def _corners(luma: Array, hidden: NDArray[np.bool_]) -> Points:
    """(n, 2) corners of the background, working pixels with centres at .5."""
    strength = cv2.cornerMinEigenVal(luma, BLOCK_PX, ksize=3)
    strength[hidden] = 0
    strength[:4], strength[-4:], strength[:, :4], strength[:, -4:] = 0, 0, 0, 0
    peak = cv2.dilate(strength, np.ones((APART_PX, APART_PX), np.uint8)) == strength
    rows, columns = np.nonzero(peak & (strength > LEAST_CORNER**2))
    strongest = np.argsort(-strength[rows, columns], kind="stable")
    corners = np.stack([columns, rows], axis=1)[strongest]
    cells = (corners * CELLS // luma.shape[::-1]) @ (1, CELLS)
    taken: dict[int, int] = {}
    kept = []
    for n, cell in enumerate(cells.tolist()):
        taken[cell] = taken.get(cell, 0) + 1
        if taken[cell] <= IN_CELL:
            kept.append(n)
    return np.asarray(corners[kept] + 0.5, np.float32)


def _registered(
    key: _Key, guess: Matrix, picture: NDArray[np.uint8], hidden: NDArray[np.bool_]
) -> _Fit | None:
    """The fit of a frame on `key`, `guess` being about the frame's place on the reference."""
    matrix = np.linalg.inv(key.to_reference) @ guess
    fit = None
    for _ in range(FOLLOWED_AGAIN):
        pairs = _followed(key, matrix, picture, hidden)
        fit = None if pairs is None else _fit(*pairs, picture.shape)
        if fit is None:
            return None
        size = np.array(picture.shape[::-1], np.float32)
        frame = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32) * size
        step = np.abs(moved(fit.matrix, frame) - moved(matrix, frame)).max()
        matrix = fit.matrix
        if step < 1.5:
            break
    return fit


def _followed(
    key: _Key, matrix: Matrix, picture: NDArray[np.uint8], hidden: NDArray[np.bool_]
) -> tuple[Points, Points] | None:
    """Corners (n, 2) in the frame and in the key frame; the frame is laid on the key first."""
    height, width = picture.shape
    centred = _shift(-0.5) @ matrix @ _shift(0.5)
    laid = cv2.warpPerspective(picture, centred, (width, height), borderMode=cv2.BORDER_REPLICATE)
    there = key.corners - np.float32(0.5)
    follow = partial(cv2.calcOpticalFlowPyrLK, winSize=(WINDOW_PX, WINDOW_PX), maxLevel=LEVELS)
    if not len(there):
        return None
    at, ok, _ = follow(key.picture, laid, there, None)
    back, ok_back, _ = follow(laid, key.picture, at, None)
    good = (ok[:, 0] > 0) & (ok_back[:, 0] > 0)
    good &= np.linalg.norm(back - there, axis=1) < RETURN_PX
    here = moved(np.asarray(np.linalg.inv(matrix), np.float64), at + 0.5)
    columns, rows = np.floor(here).astype(int).T
    inside = (columns >= 2) & (rows >= 2) & (columns < width - 2) & (rows < height - 2)
    good &= inside
    good[good] &= ~hidden[rows[good], columns[good]]
    if good.sum() < LEAST_CORNERS:
        return None
    return here[good].astype(np.float32), key.corners[good]


def _fit(here: Points, there: Points, size: tuple[int, ...]) -> _Fit | None:
    """The simplest motion from `here` to `there` that says enough: none, similarity, homography."""
    similar, agrees = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=AGREE_PX, maxIters=2000
    )
    fits = []
    if similar is not None:
        fits.append(_scored(np.vstack([similar, [0, 0, 1]]), here, there, agrees[:, 0] > 0))
    span = np.ptp(here, axis=0) / (size[1], size[0])
    if (span >= LEAST_SPAN).all() and len(here) >= 2 * LEAST_CORNERS:
        full, agrees = cv2.findHomography(here, there, cv2.USAC_MAGSAC, AGREE_PX)
        if full is not None:
            fits.append(_scored(full, here, there, agrees[:, 0] > 0))
    fits = [_without_captions(f) for f in fits]
    fits = [f for f in fits if f.agrees.sum() >= max(LEAST_CORNERS, LEAST_AGREEING * len(f.here))]
    if not fits:
        return None
    best = fits[0]
    if len(fits) == 2 and _off(fits[1], here, there) < BETTER * _off(best, here, there):
        best = fits[1]
    none = np.linalg.norm(best.here - best.there, axis=1)[best.agrees]
    if STILL * float(np.sqrt((none**2).mean())) <= best.error + STILL_PX:
        return _scored(np.eye(3), best.here, best.there, best.agrees)
    return best


def _off(fit: _Fit, here: Points, there: Points) -> float:
    """Robust mean square of how far off corners are."""
    return float((np.minimum(_away(fit.matrix, here, there), 2 * AGREE_PX) ** 2).mean())


def _without_captions(fit: _Fit) -> _Fit:
    stays = np.linalg.norm(fit.here - fit.there, axis=1) < BURNT_IN_PX
    kept = ~(stays & (_away(fit.matrix, fit.here, fit.there) > BACKGROUND_PX))
    return _Fit(fit.matrix, fit.here[kept], fit.there[kept], fit.agrees[kept], fit.error)


def _scored(matrix: Matrix, here: Points, there: Points, agrees: NDArray[np.bool_]) -> _Fit:
    away = _away(matrix, here, there)
    error = float(np.sqrt((away[agrees] ** 2).mean())) if agrees.any() else np.inf
    return _Fit(np.asarray(matrix, np.float64), here, there, agrees, error)


def _away(matrix: Matrix, here: Points, there: Points) -> Matrix:
    return np.asarray(np.linalg.norm(moved(matrix, here) - there, axis=1), np.float64)


def _shift(by: float) -> Matrix:
    return np.array([[1, 0, by], [0, 1, by], [0, 0, 1.0]])
