"""The grain of each shot's plate: measured once, kept, and part of the keys where there is any.

.dubsync/grain/KEY   the plate's digest, the shot's frames and the measure's version; empty arrays
                     where no grain is measurable
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dubsync.core.digest import digest
from dubsync.core.learning.grain import Grain
from dubsync.core.picture import Frame
from dubsync.core.shot import Shot
from dubsync.core.steps import Engine, GrainSteps, Patch
from dubsync.media.plate import open_square
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.store.folder import Arrays

KIND = "grain"
#: Pairs of consecutive frames, spread over the shot, that are measured.
PAIRS = 16
_ARRAYS = ("levels", "deviation", "axes", "spectrum", "strength")


def plate_grain(reel: ReelInputs, shot: Shot) -> Grain | None:
    """The grain of the shot's plate, measured at the first call; None: none, or it is set "off".

    Raises:
        MediaError: the plate cannot be read.
    """
    steps = _steps(reel)
    if steps is None:
        return None
    kept = reel.store.arrays(KIND, _key(reel, shot, steps), lambda: _measured(shot, steps))
    return _grain(kept, shot)


def grain_key(reel: ReelInputs, shot: Shot) -> str:
    """What of the plate's grain a picture depends on; "" where there is none to give.

    Nothing is measured: before the first measurement there is none, so that renders from before
    grain was given stay current until they are synced again.
    """
    steps = _steps(reel)
    if steps is None:
        return ""
    key = _key(reel, shot, steps)
    kept = reel.store.kept_arrays(KIND, key)
    return key if kept is not None and _grain(kept, shot) is not None else ""


def kept_grain(reel: ReelInputs, shot: Shot) -> Grain | None:
    """The grain that the shot's current render was given; nothing is measured."""
    return plate_grain(reel, shot) if grain_key(reel, shot) else None


def grain_seed(shot: Shot) -> int:
    """The seed of a shot's grain: the same at every render of it, another one in other shots."""
    return int(digest("grain", shot.name, shot.plate.name)[:12], 16)


def giving(engine: Engine, grain: Grain | None, shot: Shot) -> Callable[[Frame, Patch], Patch]:
    """Gives what is drawn the grain that it lacks; as it is where there is none to give."""
    steps, seed = engine.grain, grain_seed(shot)
    if steps is None or grain is None:
        return lambda frame, patch: patch
    return lambda frame, patch: steps.give(frame, patch, grain, seed)


def _steps(reel: ReelInputs) -> GrainSteps | None:
    return reel.engine.grain if reel.settings.render.grain == "plate" else None


def _key(reel: ReelInputs, shot: Shot, steps: GrainSteps) -> str:
    plate = shot.plate
    whole = reel.store.plate_digest(plate)
    return digest(steps.version, whole, shot.render, *plate.shown_key)[:32]


def _measured(shot: Shot, steps: GrainSteps) -> Arrays:
    found = steps.measure(_pairs(shot), shot.render) if len(shot.render) > 1 else None
    if found is None:
        return {name: np.zeros(0, np.float32) for name in _ARRAYS}
    return {name: getattr(found, name) for name in _ARRAYS}


def _grain(kept: Arrays, shot: Shot) -> Grain | None:
    if not len(kept["levels"]):
        return None
    return Grain(shot.render, *(kept[name] for name in _ARRAYS))


def _pairs(shot: Shot) -> Iterator[tuple[Frame, Frame]]:
    """Pairs of consecutive frames, spread over the shot."""
    last = shot.render.stop - 2
    firsts = np.unique(np.linspace(shot.render.start, last, PAIRS).astype(int)).tolist()
    numbers = sorted({n + k for n in firsts for k in (0, 1)})
    before: Frame | None = None
    with open_square(shot.plate) as reader:
        for frame in reader.read(numbers):
            if before is not None and before.number in firsts and frame.number == before.number + 1:
                yield before, frame
            before = frame
