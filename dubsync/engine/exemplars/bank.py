"""The exemplar bank: a small set of the actor's own frames that covers everything in their footage.

Exemplars keep the plate's own pixels on the plate's own grid, so a new face is resampled from them
only once.  Only a face larger than the settings allow is scaled down.  Of a large face the finest
octave is kept apart (`fine_detail`), or few exemplars would fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.errors import NoFace, ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.holdout import Mask
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Footage
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.matte import mouth_box
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.fine_detail import FineDetail, split
from dubsync.engine.exemplars.half_floats import to_half
from dubsync.engine.exemplars.selection import PoseFeatures
from dubsync.engine.geometry.mesh import CHIN, EYE_CORNERS, FACE_OVAL

Picture = NDArray[np.float16]

#: All pictures of a bank together take at most this much memory.
MOST_BYTES = 512 << 20
#: A face whose square crop is wider than this is large: its finest octave is kept apart.
LARGE_PX = 1024
#: Bytes of a pixel of an exemplar: of float16 R'G'B'; of a large one's half, and its detail.
PIXEL_BYTES, LARGE_PIXEL_BYTES = 6.0, 2.5
#: Poses are compared among at most this many frames.
MOST_CANDIDATES = 12_000
#: An exemplar's sharpness is compared with this many exemplars of similar mouth shape.
ALIKE = 12
LEAST_CONFIDENCE = 0.5
BRIGHTEST = 64.0  #: working colour; 1 is nominal white
#: A picture extends this many eye distances past the face: above, beside and below.
ABOVE, BESIDE, BELOW = 0.15, 0.3, 0.55
#: Landmarks where the light is sampled: nose towards the forehead, cheeks, nostrils, chin.
LIGHT_POINTS = np.array([50, 280, 205, 425, 187, 411, 214, 434, 199, 175, 4, 195, 117, 346])
LIGHT_PX = 0.07  #: half the side of the square sampled there, eye distances


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """N exemplars.

    pictures  N of (h, w, 3) float16 working colour, each its own size
    points    (N, 478, 2)  landmarks in their picture, pixel centres at .5
    pose      pose features of the N frames, relative to `model`
    light     (N, 14, 3)   working colour at LIGHT_POINTS
    fineness  (N,)         Laplacian energy of the mouth
    model     (478, 3)     the mean head, see `selection.head_model`
    plates    (N,)         name of the plate each came from
    frames    (N,)         its frame number there
    seconds   (N,)         that frame's time there
    hidden    (N,)         (h, w) where something stands in front of the face in the picture; None
                           where nothing does.  () where nothing does in any
    fine      (N,)         what the picture, of half the size, lacks of a large face; None: it is
                           whole.  () where no face is large
    """

    pictures: tuple[Picture, ...]
    points: Array
    pose: PoseFeatures
    light: Array
    fineness: Array
    model: Array
    plates: tuple[str, ...]
    frames: NDArray[np.int64]
    seconds: NDArray[np.float64]
    hidden: tuple[Mask | None, ...] = ()
    fine: tuple[FineDetail | None, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.pictures)
        if n == 0 or {n} != {len(x) for x in (self.points, self.pose, self.light, self.plates)}:
            raise ShapeError(f"a bank of {n} pictures with {len(self.points)} sets of landmarks")
        if len(self.hidden) not in (0, n):
            raise ShapeError(f"a bank of {n} pictures with {len(self.hidden)} masks")
        if len(self.fine) not in (0, n):
            raise ShapeError(f"a bank of {n} pictures with {len(self.fine)} fine details")

    def __len__(self) -> int:
        return len(self.pictures)

    def is_half(self, n: int) -> bool:
        """Whether exemplar `n` is kept at half its size."""
        return bool(self.fine) and self.fine[n] is not None

    def whole(self, n: int) -> tuple[Picture | Array, Array]:
        """Exemplar `n` in full size, (h, w, 3), and its landmarks there, (478, 2)."""
        fine = self.fine[n] if self.fine else None
        if fine is None:
            return self.pictures[n], self.points[n]
        return fine.added_to(self.pictures[n]), np.asarray(self.points[n] * 2, np.float32)

    @property
    def features(self) -> Array:
        """(N, D), comparable with `features_of` a target."""
        return features_of(self.pose, self.light)

    @property
    def oddness(self) -> Array:
        """(N,) octaves by which a mouth's detail departs from the median of similar mouth shapes.

        Frames that a codec blurred or over-sharpened are selected last.
        """
        if len(self) < 4:
            return np.zeros(len(self), np.float32)
        apart = selection.distances(self.pose.features, self.pose.features)
        alike = np.argsort(apart, axis=1, kind="stable")[:, : min(ALIKE, len(self))]
        octaves = np.log2(np.maximum(self.fineness, 1e-9))
        return np.asarray(
            np.clip(np.abs(np.median(octaves[alike], axis=1) - octaves), 0, 3), np.float32
        )


def features_of(pose: PoseFeatures, light: Array) -> Array:
    """(T, D) features of poses under `light`, (14, 3) or (T, 14, 3)."""
    light = np.broadcast_to(light, (len(pose), len(LIGHT_POINTS), 3))
    middle = light.mean(axis=1, keepdims=True)
    # Overall brightness counts less than the direction of light: colour matching corrects it.
    parts = np.concatenate([light - middle, 0.3 * middle], axis=1)
    lit = parts.reshape(len(pose), -1) * (selection.LIGHT_COST / np.sqrt(len(LIGHT_POINTS)))
    return np.concatenate([pose.features, lit.astype(np.float32)], axis=1)


def gather(
    footage: Sequence[Footage], *, most: int, widest_px: int, progress: Progress, character: str
) -> Bank:
    """The bank of `footage`: at most `most` frames, selected from the tracks, then read.

    Args:
        widest_px: faces whose square crop is wider than this are scaled down.

    Raises:
        NoFace: no frame shows the face.
    """
    seen = [np.flatnonzero(f.track.confidence >= LEAST_CONFIDENCE) for f in footage]
    if not any(len(s) for s in seen):
        raise NoFace(
            f"no frame shows {character}'s face",
            hint="point at the face with --face, or give a plate that shows it",
        )
    model = selection.head_model(_thinned(footage, seen, 400))
    poses = [selection.pose_features(f.track.landmarks, model) for f in footage]
    every = -(-sum(map(len, seen)) // MOST_CANDIDATES)
    candidates = np.concatenate(
        [np.stack([np.full(len(s[::every]), n), s[::every]], 1) for n, s in enumerate(seen)]
    )
    features = np.concatenate([poses[n].features[s[::every]] for n, s in enumerate(seen)])
    most = max(1, min(most, MOST_BYTES // _bytes_each(footage, seen, widest_px)))
    chosen = candidates[selection.farthest_points(features, most)]
    return _read(footage, poses, chosen, model, widest_px, progress, character)


def face_region(points: Array, frame: Frame) -> Region | None:
    """The part of the frame an exemplar keeps, eyes to throat; None where outside the frame."""
    middle = [points[list(pair), :2].mean(axis=0) for pair in EYE_CORNERS]
    unit = float(np.linalg.norm(middle[0] - middle[1]))
    flat = points[:, :2]
    low, high = flat[FACE_OVAL].min(axis=0), flat[FACE_OVAL].max(axis=0)
    top = min(middle[0][1], middle[1][1]) - ABOVE * unit
    region = Region(
        int(np.floor(low[0] - BESIDE * unit)),
        int(np.floor(top)),
        int(np.ceil(high[0] + BESIDE * unit)),
        int(np.ceil(max(high[1], flat[CHIN, 1]) + BELOW * unit)),
    )
    inside = region.aligned(frame.format)
    return inside if inside.width > 8 and inside.height > 8 else None


def light_of(picture: Array | Picture, points: Array) -> Array:
    """(14, 3) working colour of the skin at LIGHT_POINTS of a picture (h, w, 3)."""
    height, width = picture.shape[:2]
    middle = [points[list(pair), :2].mean(axis=0) for pair in EYE_CORNERS]
    half = max(1, round(LIGHT_PX * float(np.linalg.norm(middle[0] - middle[1]))))
    read = np.empty((len(LIGHT_POINTS), 3), np.float32)
    for n, (x, y) in enumerate(points[LIGHT_POINTS, :2]):
        left, top = int(np.clip(x - half, 0, width - 1)), int(np.clip(y - half, 0, height - 1))
        part = picture[top : top + 2 * half, left : left + 2 * half]
        read[n] = part.reshape(-1, 3).astype(np.float32).mean(axis=0)
    return read


def mouth_fineness(picture: Array | Picture, points: Array) -> float:
    """Laplacian energy of the mouth in a picture (h, w, 3)."""
    box = mouth_box(points, picture.shape[1], picture.shape[0])
    part = picture[box.rows, box.columns].astype(np.float32)
    return colour_match.laplacian_energy(part, Region(0, 0, box.width, box.height))


def crop_side(landmarks: Array) -> float:
    """Side of the square that holds the face with room round it, plate pixels; (T, 478, 3)."""
    spread = landmarks[..., :2].max(axis=1) - landmarks[..., :2].min(axis=1)
    return float(np.median(spread.max(axis=-1))) * 1.45


def finite_rgb(frame: Frame, region: Region) -> Array:
    """Working colour of the region; infinities of a float plate are clipped to BRIGHTEST."""
    rgb = working_rgb(frame, region)
    if frame.format.floating:
        rgb = np.nan_to_num(np.clip(rgb, -BRIGHTEST, BRIGHTEST), nan=0.0)
    return np.asarray(rgb, np.float32)


def _thinned(footage: Sequence[Footage], seen: Sequence[NDArray[np.intp]], most: int) -> Array:
    every = -(-sum(map(len, seen)) // most)
    return np.concatenate(
        [f.track.landmarks[s[::every]] for f, s in zip(footage, seen, strict=True)]
    )


def _bytes_each(footage: Sequence[Footage], seen: Sequence[NDArray[np.intp]], px: int) -> int:
    sides = [
        min(crop_side(f.track.landmarks[s]), px)
        for f, s in zip(footage, seen, strict=True)
        if len(s)
    ]
    each = PIXEL_BYTES if max(sides) <= LARGE_PX else LARGE_PIXEL_BYTES
    return max(1, int(int(max(sides) ** 2 * 0.8) * each))


def _read(
    footage: Sequence[Footage],
    poses: Sequence[PoseFeatures],
    chosen: NDArray[np.intp],
    model: Array,
    widest_px: int,
    progress: Progress,
    character: str,
) -> Bank:
    kept: list[tuple[int, int]] = []
    pictures, points, light, fineness, frames, seconds = [], [], [], [], [], []
    hidden: list[Mask | None] = []
    fine: list[FineDetail | None] = []
    for read, (n, row, frame) in enumerate(_frames(footage, chosen), start=1):
        cut = _cut(frame, footage[n].track.landmarks[row], widest_px)
        if cut is not None:
            picture, marks, detail = cut
            pictures.append(picture)
            points.append(marks)
            fine.append(detail)
            light.append(light_of(picture, marks))
            fineness.append(mouth_fineness(picture, marks))
            frames.append(frame.number)
            seconds.append(frame.number / float(footage[n].track.frames.rate))
            kept.append((n, row))
            hidden.append(_hidden(frame, footage[n].track, row, picture))
        progress(Step("learn", character, read, len(chosen)))
    if not kept:
        raise NoFace(f"{character}'s face lies outside every frame", hint="check the plates")
    kept_poses = [poses[n][np.array([row])] for n, row in kept]
    return Bank(
        tuple(pictures),
        np.array(points, np.float32),
        PoseFeatures(
            *(np.concatenate([getattr(x, f) for x in kept_poses]) for f in PoseFeatures.__slots__)
        ),
        np.array(light, np.float32),
        np.array(fineness, np.float32),
        model,
        tuple(footage[n].plate for n, _ in kept),
        np.array(frames, np.int64),
        np.array(seconds, np.float64),
        tuple(hidden) if any(mask is not None for mask in hidden) else (),
        tuple(fine) if any(detail is not None for detail in fine) else (),
    )


def _frames(
    footage: Sequence[Footage], chosen: NDArray[np.intp]
) -> Iterator[tuple[int, int, Frame]]:
    """(footage index, row in its track, frame) of each selected frame, plate by plate, rising."""
    for n, part in enumerate(footage):
        rows = chosen[chosen[:, 0] == n, 1]
        start = part.track.frames.start
        if len(rows):
            for frame in part.read([int(r) + start for r in rows]):
                yield n, frame.number - start, frame


def _hidden(frame: Frame, track: FaceTrack, row: int, picture: Picture) -> Mask | None:
    """(h, w) where something covers the face in an exemplar's picture; None where nothing does."""
    holdout, region = track.holdout, face_region(track.landmarks[row], frame)
    if holdout is None or region is None or not holdout.covered[row]:
        return None
    mask = holdout.mask(frame.number, region)
    if mask is None:
        return None
    size = (picture.shape[1], picture.shape[0])
    full = mask.astype(np.float32)
    return np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA) > 0, bool)


def _cut(
    frame: Frame, landmarks: Array, widest_px: int
) -> tuple[Picture, Array, FineDetail | None] | None:
    """The part of the frame that `face_region` keeps, the landmarks in it, and its fine detail.

    A large face is kept at half its size, with the detail beside it.
    """
    region = face_region(landmarks, frame)
    if region is None:
        return None
    picture = finite_rgb(frame, region)
    points = landmarks[:, :2] - np.array([region.left, region.top], np.float32)
    side = crop_side(landmarks[None])
    scale = widest_px / side
    if scale < 1:
        size = (max(8, round(region.width * scale)), max(8, round(region.height * scale)))
        stretch = np.array([size[0] / region.width, size[1] / region.height], np.float32)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        points = np.asarray(points * stretch, np.float32)
    if min(side, widest_px) <= LARGE_PX:
        return to_half(picture), points, None
    half, fine = split(picture)
    return half, np.asarray(points / 2, np.float32), fine
