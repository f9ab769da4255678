"""Which controls want a face or a head beyond what the actor's footage shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from dubsync.core.face import MotionTrack
from dubsync.core.learning.actor import Actor
from dubsync.core.learning.head import Head
from dubsync.core.learning.reach import Beyond
from dubsync.core.tweak.choices import regions_at
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.needed_region import SMALL_TURN
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.actor import ours
from dubsync.engine.drive.hand import expression_of
from dubsync.engine.expression.expressed import not_shown
from dubsync.engine.geometry.pose import to_matrices, to_vectors
from dubsync.engine.head.far_cheek import seen_share
from dubsync.engine.motion.by_hand import CLEAN_TURN

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Controls that turn a head about each axis of its model: nods, shakes, tilts.
AXES = (("pitch", "nod"), ("yaw",), ("roll",))
#: Gaze beyond the footage's by less than this, eye widths, is not seen.
LEAST_GAZE = 0.02
#: A plate's own turn beyond its keys is not the tweak's: the least turn that counts, degrees.
LEAST_TURN = 0.5
#: Below this share of the clean turn a head is not drawn at all.
LEAST_SEEN = 0.05
#: From so many degrees of yaw on a plate hides the far corner of the mouth, and a turn to the
#: camera by more than this shows it.
MOUTH_HIDDEN, LEAST_UNCOVERED = 28.0, 3.0


def find_beyond(
    actor: Actor, head: Head | None, original: MotionTrack, corrected: MotionTrack, tweak: Tweak
) -> tuple[Beyond, ...]:
    """Implements `core.learning.reach.FindBeyond`."""
    found = [
        *turns_beyond(head, original, corrected, tweak),
        *_gaze(actor, original, corrected, tweak),
    ]
    return tuple(sorted(found, key=lambda one: -one.by)) + tuple(_unshown(actor, original, tweak))


def turns_beyond(
    head: Head | None, original: MotionTrack, corrected: MotionTrack, tweak: Tweak
) -> Iterator[Beyond]:
    """What of a wanted turn lies beyond a plate's reach or a head's footage; see `find_beyond`."""
    was, now = (np.asarray(m.head[:, :3], np.float64) for m in (original, corrected))
    turn = np.degrees(to_vectors(to_matrices(was).transpose(0, 2, 1) @ to_matrices(now)))
    moved = np.linalg.norm(turn, axis=1)
    whole = np.array([one == "head" for one in regions_at(tweak.region, original.frames)])
    small = np.where(whole, 0, moved)
    if (small > SMALL_TURN).any():
        yield _found(
            original, small - SMALL_TURN, small > SMALL_TURN, _axis(turn, small, tweak), "degrees",
            f"a plate is bent by at most {SMALL_TURN:g} degrees before it looks bent",
            "set region=head for these frames, or turn less",
        )  # fmt: skip
    if head is None or not whole.any():
        return
    beyond = np.asarray(head.beyond(np.asarray(now, np.float32)), np.float64)
    axis = np.abs(turn).argmax(axis=1)
    changed = whole & (moved > LEAST_TURN)
    before, after = (np.abs(np.degrees(one[:, 1])) for one in (was, now))
    # A frame of the footage that is nearer than the plate's own shows more of the far cheek.
    source = np.where(before > after, np.minimum(before, after + np.maximum(beyond, 1e-3)), before)
    seen = seen_share(source, after)
    hidden = changed & (seen < LEAST_SEEN) & (beyond > LEAST_TURN)
    if hidden.any():
        yield _found(
            original, beyond, hidden, _axis(turn, np.where(hidden, moved, 0), tweak), "degrees",
            "the head is seen from the side there, and turned to the camera it would show skin "
            "that no frame shows: it would tear",
            "leave these frames out, turn the head away from the camera, or add a plate that shows "
            "the actor turned so", True,
        )  # fmt: skip
    guessed = changed & ~hidden & (before > MOUTH_HIDDEN) & (before - after > LEAST_UNCOVERED)
    if guessed.any():
        yield _found(
            original, before - after, guessed, _axis(turn, np.where(guessed, moved, 0), tweak),
            "degrees",
            "the far corner of the mouth is hidden in the plate there, and where it comes into "
            "view its place is guessed: look at mouth and cheek",
            "turn less there, or leave these frames out",
        )  # fmt: skip
    over = np.where(changed & ~hidden, beyond - np.asarray(CLEAN_TURN)[axis] * seen, 0)
    if (over > 0).any():
        worst = int(over.argmax())
        clean = CLEAN_TURN[int(axis[worst])] * seen[worst]
        yield _found(
            original, beyond, over > 0, _axis(turn, over, tweak), "degrees",
            f"the footage shows no head near it: up to {clean:.2g} degrees look clean",
            "turn less, set soft_stop=1, or add a plate that shows the actor turned so",
        )  # fmt: skip


def _gaze(
    actor: Actor, original: MotionTrack, corrected: MotionTrack, tweak: Tweak
) -> Iterator[Beyond]:
    model = expression_of(ours(actor))
    low, high = np.asarray(model.gaze, np.float64)
    gaze = np.asarray(corrected.gaze, np.float64)
    changed = (corrected.gaze != original.gaze).any(axis=1)
    away = np.maximum(np.maximum(low - gaze, gaze - high), 0)
    over = np.where(changed, away.max(axis=1), 0)
    if (over > LEAST_GAZE).any():
        used = [n for n in ("gaze_x", "gaze_y") if tweak.overrides(n, original.frames)]
        yield _found(
            original, over, over > LEAST_GAZE, ", ".join(used) or "look_at", "eye widths",
            "the footage never shows these eyes look so far",
            "look less far, or turn the head towards it",
        )  # fmt: skip


def _unshown(actor: Actor, original: MotionTrack, tweak: Tweak) -> Iterator[Beyond]:
    names = not_shown(tweak, original.frames, expression_of(ours(actor)))
    frames = original.frames
    for name in names:
        values = np.abs(tweak.at(name, frames) - CONTROLS[name].default)
        used = np.flatnonzero(values) + frames.start
        yield Beyond(
            name, int(used[0]), int(used[-1]), frames.start + int(values.argmax()), 0.0, "",
            "the footage never shows that: a general face's movement is used, not this actor's",
            "add a plate that shows it",
        )  # fmt: skip


def _axis(turn: Values, over: Values, tweak: Tweak) -> str:
    """The control that turns most in the worst frame; "head" where a take does."""
    worst = int(over.argmax())
    names = AXES[int(np.abs(turn[worst]).argmax())]
    used = [name for name in names if name in dict(tweak.curves)]
    return ", ".join(used) or "head"


def _found(
    motion: MotionTrack, by: Values, over: Flags, what: str, unit: str, why: str, helps: str,
    torn: bool = False,
) -> Beyond:  # fmt: skip
    """The run of frames round the worst one."""
    worst = int(np.where(over, by, -1).argmax())
    runs, _ = label(over)
    run = np.flatnonzero(runs == runs[worst])
    start = motion.frames.start
    return Beyond(
        what, start + int(run[0]), start + int(run[-1]), start + worst, float(by[worst]), unit,
        why, helps, torn,
    )  # fmt: skip
