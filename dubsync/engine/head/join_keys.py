"""Join frames of one head to a model: the outline on one of them, followed into the others."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import NoFace
from dubsync.core.learning.head import HeadRange
from dubsync.core.plural import counted
from dubsync.engine.head.fit_proxy import fit_proxy
from dubsync.engine.head.follow import Keyed, follow, keyed
from dubsync.engine.head.head_crop import working_picture
from dubsync.engine.head.head_key import HeadKey
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.head_path import Values, joined_path
from dubsync.engine.head.outline import Outline, base, outline_on
from dubsync.engine.head.read_keys import Look
from dubsync.engine.head.ridge import OutlineRidge
from dubsync.engine.head.ridge import learn as learn_ridge

#: Share of a neighbouring key's residual that is expected of the next one.
CARRIED = 0.9
#: How far from the matte's edge a followed contour point may lie, working pixels, and the least
#: share of them that must be so near for a frame to be learnt from; footage has .83 to 1.
EDGE_PX, LEAST_ON_EDGE = 5, 0.6
#: The features that a reference is nearest to the median by: turn and shift.
POSE = 5


def joined(
    looks: Sequence[Look],
    character: str,
    rest: Array,
    middle_turn: Array | Values,
    range_seen: HeadRange,
    *,
    actor: str = "",
    stills: int = 0,
) -> HeadModel:
    """The head of frames in order of plate and time, at least one of them with its picture.

    Args:
        rest: (478, 3) the face at rest, model units.
        middle_turn: (3,) median rotation vector that the frames' features were taken against.
        range_seen: what all of the footage shows the head do.

    Raises:
        NoFace: no person is found in the frames.
    """
    first = _reference(looks)
    outline = outline_on(looks[first].matte, looks[first].landmarks, looks[first].path, rest)
    if not len(outline):
        raise NoFace(
            f"no person is found round {character}'s face",
            hint="give a plate that shows head and shoulders before a background",
        )
    grids = followed(outline, looks, first)
    kept = [
        n
        for n, look in enumerate(looks)
        if on_edge(look.matte, grids[n, : outline.contour]) >= LEAST_ON_EDGE or n == first
    ]
    path = joined_path([looks[n].path for n in kept])
    seen = np.stack([shown(looks[n].matte, grids[n]) for n in kept])
    if len(kept) > 1:
        outline = fit_proxy(outline, looks[first].path, path, grids[kept], seen)
    features = np.stack([looks[n].features for n in kept])
    placed = base(outline, path)
    residuals = with_usual(grids[kept] - placed, seen)
    grids[kept] = placed + residuals
    ridge = learn_ridge(features, residuals, outline.share)
    drawn = [n for n in kept if looks[n].picture is not None]
    keys = tuple(looks[n].key(np.asarray(grids[n], np.float32)) for n in drawn)
    return HeadModel(
        character,
        outline,
        keys,
        drawn.index(first),
        np.asarray(rest, np.float32),
        np.asarray(middle_turn, np.float32),
        range_seen,
        ridge,
        actor,
        stills,
        _notes(range_seen, ridge, keys, lost=len(looks) - len(kept)),
    )


def shown(matte: NDArray[np.uint8], grid: Values) -> NDArray[np.bool_]:
    """(n,) whether points (n, 2) lie in the picture of a matte (h, w)."""
    return np.asarray(((grid >= 0) & (grid <= np.array(matte.shape[::-1]))).all(axis=1), bool)


def with_usual(residuals: Values, seen: NDArray[np.bool_]) -> Values:
    """Residuals (k, n, 2); of points that a frame does not show (k, n) the mean of the others."""
    count = seen.sum(axis=0)[:, None]
    usual = np.where(seen[..., None], residuals, 0).sum(axis=0) / np.maximum(count, 1)
    return np.asarray(np.where(seen[..., None], residuals, usual), np.float64)


def on_edge(matte: NDArray[np.uint8], contour: Values) -> float:
    """Share of contour points (n, 2) that lie on the matte's edge; those the frame cuts aside.

    Low where the outline was lost, and where something before the head changed the matte's edge.
    """
    size = np.array(matte.shape[::-1])
    inside = ((contour > EDGE_PX + 1) & (contour < size - EDGE_PX - 1)).all(axis=1)
    if not inside.any():
        return 1.0
    person = (matte > 127).astype(np.uint8)
    room = np.ones((2 * EDGE_PX + 1,) * 2, np.uint8)
    edge = cv2.dilate(person, room) - cv2.erode(person, room)
    x, y = np.floor(contour[inside]).astype(int).T
    return float((edge[y, x] > 0).mean())


def _reference(looks: Sequence[Look]) -> int:
    """The frame nearest to the median pose; of those in which the hair is whole, if there are."""
    drawn = [n for n, look in enumerate(looks) if look.picture is not None]
    poses = np.stack([look.features[:POSE] for look in looks])
    away = np.abs(poses - np.median(poses[drawn], axis=0)).sum(axis=1)
    return min(drawn, key=lambda n: (looks[n].cut, float(away[n]), n))


def reference_of(head: HeadModel) -> Keyed:
    """The frame that the head's outline lies on, ready to follow into others."""
    key = head.keys[head.reference]
    picture = working_picture(key.picture.astype(np.float32), key.scale)
    return keyed(picture, key.matte, key.landmarks)


def key_of(head: HeadModel, look: Look, reference: Keyed) -> HeadKey:
    """A further frame of the same person, such as one of the shot's own, as a key frame.

    Args:
        look: read with the head's `middle_turn`.
        reference: `reference_of` the head; made once, used for many frames.
    """
    guess = head.foretold(look.path, look.features[None])[0]
    return look.key(follow(reference, head.outline.points, look.keyed, guess))


def followed(outline: Outline, looks: Sequence[Look], first: int) -> Values:
    """(k, n, 2) the outline of frame `first` in every frame, working pixels of each.

    Each frame is followed with the residual of the nearest frame already followed as its guess, by
    turn and by features: a spanning tree, so that a guess never has far to go.  What the frame's
    edge cuts is left at its guess: nothing is there to be followed.
    """
    grids = np.empty((len(looks), len(outline), 2))
    grids[first] = outline.points
    reference = looks[first].keyed
    for n, parent in _tree(np.stack([look.features for look in looks]), first):
        carried = grids[parent] - base(outline, looks[parent].path)[0]
        guess = base(outline, looks[n].path)[0] + CARRIED * carried
        found = follow(reference, outline.points, looks[n].keyed, guess)
        inside = shown(looks[n].matte, guess) & shown(looks[n].matte, np.asarray(found, np.float64))
        grids[n] = np.where(inside[:, None], found, guess)
    return grids


def _tree(features: Array, first: int) -> list[tuple[int, int]]:
    """(frame, its parent) of each frame but the first, parents first.

    Source: Prim 1957, "Shortest Connection Networks and Some Generalizations".
    """
    away = ((features - features[first]) ** 2).sum(axis=1)
    parent = np.full(len(features), first)
    left = set(range(len(features))) - {first}
    result = []
    while left:
        n = min(left, key=lambda m: (float(away[m]), m))
        left.discard(n)
        result.append((n, int(parent[n])))
        nearer = ((features - features[n]) ** 2).sum(axis=1)
        parent[nearer < away] = n
        away = np.minimum(away, nearer)
    return result


def _notes(
    seen: HeadRange, ridge: OutlineRidge | None, keys: Sequence[HeadKey], *, lost: int
) -> tuple[str, ...]:
    notes, count = [], len(keys)
    if count == 1:
        notes.append("one frame alone shows the head: hair and neck move as a rigid head's would")
    elif seen.one_pose:
        notes.append(
            f"the footage shows one pose only, within {seen.apart:.0f} degrees: a turn is a guess"
        )
    elif ridge is None:
        notes.append(
            f"{count} frames show the head, too few to learn how the hair follows: it moves rigidly"
        )
    if cut := sum(key.cut for key in keys):
        notes.append(
            f"the frame's edge cuts the hair in {cut} of {count} key frames: a head that moves "
            "into the picture shows where it ends"
        )
    if lost:
        notes.append(
            f"left out: {counted(lost, 'frame')} in which the outline could not be followed, or "
            "something stands before the head"
        )
    return tuple(notes)
