"""How many bytes the models will take that a run has to learn first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from dubsync.core.shot import Shot
from dubsync.service.reel.inputs import ReelInputs

#: An actor of n frames keeps about CHOSEN times the root of n pictures, for further frames are more
#: and more like those it has; each covers COVERED of a plate's pixels.  Measured on close-ups of 62
#: to 510 frames at 960 x 540 (`python -m benchmarks.disk`): -11 to +5 %.  Smaller faces take less.
CHOSEN, COVERED = 12.0, 0.33
#: Bytes of a pixel: three half floats.  Bytes of an actor's own renderer.
_PIXEL, _RENDERER = 6, 26_000_000
#: Most pixels that an exemplar is kept at.
_WIDEST = 1024 * 1024


def models_needed(reel: ReelInputs, shots: Sequence[Shot]) -> int:
    """Bytes of the actors of `shots` that are not there yet, of whichever footage they are.

    At the median of the project's own actors; before the first, by the frames that show each.
    """
    derived, settings = reel.store.derived, reel.settings
    characters = dict.fromkeys(name for shot in shots for name in shot.characters)
    known = [size for path in derived.glob("actors/*/*") if (size := folder_bytes(path))]
    total = 0
    for name in characters:
        mine = [shot for shot in reel.turnover.shots if name in shot.characters]
        learnt = any(derived.glob(f"actors/{name}/*"))
        size = round(median(known)) if known else _by_frames(mine, settings.engine.exemplars)
        total += 0 if learnt else size
        if settings.engine.train_minutes > 0 and not any(derived.glob(f"trained/{name}/*/v*")):
            total += _RENDERER  # its pictures are those of the actor as learnt: one file on disk
    return total


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in a folder and below it, as far as they can be read."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size if not path.is_dir() else 0
        except OSError:
            continue
    return total


def _by_frames(shots: Sequence[Shot], most: int) -> int:
    frames = sum(len(shot.render) for shot in shots)
    if not frames:
        return 0
    form = max((shot.plate.format for shot in shots), key=lambda form: form.width * form.height)
    pixels = min(_WIDEST, round(form.width * form.height * COVERED))
    return round(min(most, CHOSEN * math.sqrt(frames)) * pixels * _PIXEL)
