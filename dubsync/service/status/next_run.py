"""What the next run will take, by what the renders of this project took."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Shot
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
    disk_bytes  that the renders will need, at the median of this project's renders; before the
                first, the size of the pictures uncompressed
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


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of one render: seconds for each frame, bytes for each frame and pixel."""

    seconds: float | None
    size: float


def next_run(
    reel: ReelInputs, shots: Sequence[Shot], *, analyse: int, train: Sequence[str]
) -> NextRun:
    """What rendering `shots` will take."""
    every = [(one, shot) for one in (*reel.earlier, reel) for shot in one.turnover.shots]
    costs = [cost for one, shot in every if (cost := _cost(one, shot))]
    rates = [cost.seconds for cost in costs if cost.seconds]
    frames = sum(len(shot.render) for shot in shots)
    if costs:
        size = median(cost.size for cost in costs)
        disk = sum(len(s.render) * size * _pixels(s.plate.format) for s in shots)
    else:
        disk = sum(len(s.render) * _uncompressed(s.plate.format) for s in shots)
    return NextRun(
        shots=tuple(shot.name for shot in shots),
        frames=frames,
        analyse=analyse,
        train=tuple(train),
        train_minutes=reel.settings.engine.train_minutes,
        seconds=frames * median(rates) if rates else None,
        disk_bytes=round(disk),
        measured=len(rates),
        free_bytes=shutil.disk_usage(reel.store.folder).free,
    )


def _cost(reel: ReelInputs, shot: Shot) -> _Cost | None:
    """What the shot's newest render took; None if there is none that says so."""
    folder = reel.store.latest("renders", shot.name)
    if folder is None:
        return None
    try:
        record: Mapping[str, Any] = whole_record(folder)
        frames = record["frames"]["stop"] - record["frames"]["first"]
        size = sum(output["bytes"] for output in record["outputs"].values())
        seconds = record.get("seconds")
        return _Cost(
            None if seconds is None else float(seconds) / frames,
            size / frames / _pixels(shot.plate.format),
        )
    except (DeliveryError, ZeroDivisionError):
        return None  # a damaged record says nothing of what the next render will take


def _pixels(form: PictureFormat) -> int:
    return form.width * form.height


def _uncompressed(form: PictureFormat) -> int:
    """Bytes of one frame's picture as samples, and of its 8-bit matte."""
    planes = 1 if form.model == "gray" else 3
    shapes = [form.plane_shape(n) for n in range(planes)]
    return sum(h * w for h, w in shapes) * -(-form.bits // 8) + _pixels(form)
