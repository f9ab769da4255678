"""What the next run will take, by what the renders of this project took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.shot import Shot
from dubsync.service.disk_space.needed import needed
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.render.provenance import whole_record


@dataclass(frozen=True, slots=True)
class NextRun:
    """What `dubsync run` would do now.

    shots       to render
    frames      in them, handles included
    analyse     frames of plates whose faces are not tracked yet
    train       characters to train, `train_minutes` each at most
    seconds     that rendering will take, at the median rate of this project's renders on whichever
                machines made them; None: nothing was rendered yet
    disk_bytes  that it will need, edit media and models included; see `disk_space.needed`.  Before
                the first render `dubsync run` looks at pictures too, and knows it better
    measured    how many renders these figures come from
    free_bytes  on the project's disk
    """

    shots: tuple[str, ...]
    frames: int
    analyse: int
    train: tuple[str, ...]
    train_minutes: float
    seconds: float | None
    disk_bytes: int
    measured: int
    free_bytes: int


def next_run(
    reel: ReelInputs, shots: Sequence[Shot], *, analyse: int, train: Sequence[str]
) -> NextRun:
    """What rendering `shots` will take."""
    every = [(one, shot) for one in (*reel.earlier, reel) for shot in one.turnover.shots]
    rates = [seconds for one, shot in every if (seconds := _seconds(one, shot))]
    frames = sum(len(shot.render) for shot in shots)
    need = needed(reel, [shot.name for shot in shots], pictures=False)
    return NextRun(
        shots=tuple(shot.name for shot in shots),
        frames=frames,
        analyse=analyse,
        train=tuple(train),
        train_minutes=reel.settings.engine.train_minutes,
        seconds=frames * median(rates) if rates else None,
        disk_bytes=need.total,
        measured=len(rates),
        free_bytes=need.free,
    )


def _seconds(reel: ReelInputs, shot: Shot) -> float | None:
    """What a frame of the shot's newest render took; None if there is none that says so."""
    folder = reel.store.latest("renders", shot.name)
    if folder is None:
        return None
    try:
        record: Mapping[str, Any] = whole_record(folder)
        frames = record["frames"]["stop"] - record["frames"]["first"]
        seconds = record.get("seconds")
        return None if seconds is None else float(seconds) / frames
    except (DeliveryError, ZeroDivisionError):
        return None  # a damaged record says nothing of what the next render will take
