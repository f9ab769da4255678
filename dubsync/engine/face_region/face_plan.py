"""What the face region of a shot is drawn from, decided once for all its frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.face_region.eye_bank import EyeBank
from dubsync.engine.face_region.eye_choice import OWN, eye_path, runs_of
from dubsync.engine.face_region.eye_features import eye_features
from dubsync.engine.motion.basis import Basis

#: Change of the brows, eye distances, from which an expression's wrinkles begin to show, and from
#: which they show in full.
CALM, DRAWN = 0.008, 0.04
#: Cost of bending the plate's own lids, per change of their opening's root: a warp shows an eye
#: squeezed to a bright line, and cannot open one.
SQUEEZED = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class FacePlan:
    """Exemplars of T frames.

    eyes     (2, T)  of the right eye and of the left; OWN: the plate's own, warped
    now      (T,)    with the brows that are wanted
    rest     (T,)    with the plate's own brows
    lines    (T,)    0..1 how much of the wrinkles between the two shows
    """

    eyes: NDArray[np.intp]
    now: NDArray[np.intp]
    rest: NDArray[np.intp]
    lines: Array


def face_plan(
    landmarks: Array, wanted: Array, active: NDArray[np.bool_], bank: EyeBank | None, basis: Basis,
    *, may_own: bool = True,
) -> FacePlan:  # fmt: skip
    """The FacePlan of T frames.

    Args:
        landmarks, wanted: (T, 478, 3) of the plate's face and of the one to draw, plate pixels.
        active: (T,) frames that are drawn.
        bank: of the actor; None: every eye is the plate's own.
        may_own: whether the plate's own eyes may be drawn from, where they are near enough.
    """
    frames = len(landmarks)
    if bank is None:
        none = np.zeros(frames, np.intp)
        kept = np.full((2, frames), OWN, np.intp)
        return FacePlan(kept, none, none, np.zeros(frames, np.float32))
    own, target = eye_features(landmarks, basis), eye_features(wanted, basis)
    squeezed = SQUEEZED * np.abs(target.openings - own.openings)
    runs = runs_of(bank.plates, bank.frames)
    eyes = np.stack([
        eye_path(
            target.eyes[n], own.eyes[n], active, bank.features.eyes[n], runs, may_own=may_own,
            squeezed=squeezed[n],
        )
        for n in (0, 1)
    ])  # fmt: skip
    changed = np.linalg.norm(target.brows - own.brows, axis=1)
    lines = np.clip((changed - CALM) / (DRAWN - CALM), 0, 1) * active
    still = np.zeros_like(runs)
    every = np.ones(frames, bool)
    now, rest = (
        eye_path(part.brows, part.brows, every, bank.features.brows, still, may_own=False)
        for part in (target, own)
    )
    lines = lines * _explained(target.brows, own.brows, bank, now, rest)
    return FacePlan(eyes, now, rest, np.asarray(lines, np.float32))


def _explained(
    target: Array, own: Array, bank: EyeBank, now: NDArray[np.intp], rest: NDArray[np.intp]
) -> Array:
    """(T,) 0..1 share of the change of brows that the two exemplars differ by."""
    asked, shown = target - own, bank.features.brows[now] - bank.features.brows[rest]
    along = (asked * shown).sum(axis=1) / np.maximum((asked**2).sum(axis=1), 1e-9)
    return np.asarray(np.clip(along, 0, 1), np.float32)
