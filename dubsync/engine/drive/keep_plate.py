"""Keep the plate where its own mouth already matches the dub's words.

The tolerances were measured on ten clips of people talking, 24 to 30 frames a second.  A mouth one
frame late, which lies under the 45 ms at which ITU-R BT.1359 finds that people begin to notice, is
off by 0.020 eye distances over a word (first quartile: 0.014) and by 0.038 in its worst frame
(first quartile: 0.027).  The first quartiles are the limits, and lips that the dub closes must be
closed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, minimum_filter1d

from dubsync.core.face import MotionTrack
from dubsync.core.sound.cut_points import cut_points
from dubsync.core.steps import AlignedAudio, frame_seconds
from dubsync.engine.drive.memory import NOTHING, Memory
from dubsync.engine.geometry.mesh import LIPS
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import channels, mouth_shape

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Largest root-mean-square lip error over a word, and in its worst frame, eye distances.
WORD_OFF, FRAME_OFF = 0.014, 0.027
#: Where the dub's lips are below the first (closed), the plate's must be below the second within
#: one frame, model units.
SHUT, NEARLY = 0.005, 0.012
#: Shorter runs are driven.
LEAST_S = 0.3
MATCHES = "the plate's mouth already matches the dub"


def frames_to_keep(
    original: MotionTrack,
    wanted: Values,
    dub: AlignedAudio,
    basis: Basis,
    weight: Values,
    ease: int,
    memory: Memory = NOTHING,
) -> Flags:
    """(T,) frames whose plate can be kept although the weight there is above 0.

    Args:
        original: the plate's own motion, T frames.
        wanted: (T, M) the target mouth, in the same basis.
        dub: its pauses separate the words.
        basis: the actor's linear model.
        weight: (T,) where the dub drives the mouth.
        ease: frames of the fade to and from the plate. Only frames at least this far inside a match
            are kept, so that the words beside it keep their full weight.
        memory: of this face.
    """
    times = np.asarray(dub.times)
    owned = np.asarray(weight) > 0
    if len(times) < 3 or not owned.any():
        return np.zeros(len(times), bool)
    target = np.asarray(wanted, np.float32)
    off = mouth_shape(target - original.mouth, basis)[:, LIPS]
    off = np.sqrt((off**2).sum(axis=-1).mean(axis=1))
    closed = _closed_alike(original.mouth, target, basis)
    same = np.zeros(len(times), bool)
    features = dub.features
    near = float(times.min()), float(times.max())
    cuts = memory.held(("cuts", near), (features,), lambda: cut_points(features, near))
    words = np.searchsorted(cuts, times, side="right")
    for word in np.unique(words[owned]):
        here = (words == word) & owned
        near = np.sqrt((off[here] ** 2).mean()) <= WORD_OFF and off[here].max() <= FRAME_OFF
        same[here] = near and closed[here].all()
    # Next to frames of weight 0 there is nothing to fade from.
    kept = binary_erosion(same | ~owned, iterations=ease, border_value=1) if ease else same
    return _long_enough(kept & same, times)


def _closed_alike(
    original: NDArray[np.float32], wanted: NDArray[np.float32], basis: Basis
) -> Flags:
    """(T,) whether the plate's lips are closed wherever the wanted ones are."""
    mine, theirs = (
        np.asarray(channels(basis.rest + mouth_shape(m, basis)).opening, np.float64)
        for m in (wanted, original)
    )
    near = minimum_filter1d(theirs, 3, mode="nearest")
    return np.asarray((mine > SHUT) | (near < NEARLY), bool)


def _long_enough(same: Flags, times: Values) -> Flags:
    """`same` without runs shorter than LEAST_S."""
    step = frame_seconds(times)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], same.astype(int), [0]])))
    kept = np.zeros(len(same), bool)
    for begin, end in edges.reshape(-1, 2):
        kept[begin:end] = (end - begin) * step >= LEAST_S
    return kept
