"""Frames of earlier renders that a recut shot can reuse, and the frames that must be rendered."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.steps import Composite
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.reused_frames import Faded, KeptFrame, KeptFrames, Made
from dubsync.service.reel.frame_keys import FrameKeys, kept_keys
from dubsync.service.render.older.deleted_note import read_note
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.verify_render import altered
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class EarlierRender:
    """A finished version of a shot, and the key of each of its frames."""

    folder: Path
    record: dict[str, Any]
    keys: FrameKeys

    @property
    def name(self) -> str:
        """Shot and version, such as "SH010/v002"."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    def path(self, role: str) -> Path:
        """The path of one of its outputs."""
        return self.folder / str(self.record["outputs"][role]["file"])


@dataclass(frozen=True, slots=True, eq=False)
class FrameReuse:
    """For each frame of a shot, whether it is reused or rendered.

    kept   plate frame -> the earlier render it is reused from; as it is, or faded if in `fades`
    fades  plate frame -> share, 0..1, of a newly drawn picture mixed into the reused one
    new    plate frames that no earlier render has
    """

    frames: FrameRange
    kept: dict[int, EarlierRender]
    fades: dict[int, float]
    new: tuple[int, ...]

    @property
    def drawn(self) -> tuple[int, ...]:
        """Plate frames to draw: the new ones, and those that cross-fade into them."""
        return tuple(sorted({*self.new, *self.fades}))

    @property
    def sources(self) -> tuple[EarlierRender, ...]:
        """Every render that frames are reused from, in order of first frame."""
        return tuple({id(one): one for _, one in sorted(self.kept.items(), key=_by_frame)}.values())

    @property
    def whole(self) -> EarlierRender | None:
        """The one earlier render that holds every frame of this shot, and no other; else None."""
        if self.new or len(self.sources) != 1:
            return None
        return self.sources[0] if self.sources[0].keys.frames == self.frames else None

    def described(self) -> dict[str, Any]:
        """The entry `taken_over` of a render record."""
        return {
            "kept": len(self.kept) - len(self.fades),
            "faded": len(self.fades),
            "rendered": len(self.new),
            "from": [one.name for one in self.sources],
        }


def _by_frame(item: tuple[int, EarlierRender]) -> int:
    return item[0]


@dataclass
class FrameCache:
    """Every earlier render of a project whose frames may be reused."""

    renders: Sequence[EarlierRender] = field(default_factory=tuple)

    @classmethod
    def of(cls, store: Store) -> FrameCache:
        """All renders in the project's folder that have frame keys, newest first."""
        result = []
        for path in (store.folder / "renders").rglob("*.record.json"):
            render = _opened(store, path.parent)
            if render is not None:
                result.append(render)
        return cls(sorted(result, key=lambda one: str(one.record.get("made")), reverse=True))

    def plan(self, keys: FrameKeys, plate: str, fade: int) -> FrameReuse:
        """Which frames are reused, which are rendered, and which cross-fade between the two.

        Args:
            plate: its name, as in render records.
            fade: frames on either side of a new one that cross-fade into it.
        """
        likely = [one for one in self.renders if one.record.get("plate") == plate]
        kept: dict[int, EarlierRender] = {}
        last: EarlierRender | None = None
        for frame in range(keys.frames.start, keys.frames.stop):
            order = [last, *likely] if last else likely
            last = next((one for one in order if keys.agrees(one.keys, frame)), None)
            if last is not None:
                kept[frame] = last
        new = tuple(f for f in range(keys.frames.start, keys.frames.stop) if f not in kept)
        return FrameReuse(keys.frames, kept, _fades(kept, new, fade), new)


def _opened(store: Store, folder: Path) -> EarlierRender | None:
    if folder.name.startswith(".") or read_note(folder) is not None:
        return None
    try:
        record = whole_record(folder)
    except DeliveryError as error:
        _log.warning("frames of %s are not reused: %s", folder, error)
        return None
    keys = kept_keys(store, str(record["key"]))
    if keys is None:
        return None
    if why := altered(store, folder, record):
        _log.warning("frames of %s are not reused: %s", folder, why)
        return None
    return EarlierRender(folder, record, keys)


def _fades(kept: Collection[int], new: Sequence[int], fade: int) -> dict[int, float]:
    """Share, 0..1, of the new picture in each reused frame within `fade` frames of a new one."""
    result: dict[int, float] = {}
    for frame in new:
        for away in range(1, fade + 1):
            for beside in (frame - away, frame + away):
                if beside in kept:
                    result[beside] = max(result.get(beside, 0.0), 1 - away / (fade + 1))
    return result


def frames_made(plan: FrameReuse, drawn: Iterator[Composite], *, coded: bool) -> Iterator[Made]:
    """Every frame of the shot in order: reused, faded or new.

    Args:
        drawn: the pictures of `plan.drawn`, in order.
        coded: whether pictures are ProRes, whose samples cannot be mixed without loss: then a
            frame that would cross-fade is drawn new.
    """
    with ExitStack() as held:
        runs = {id(one): held.enter_context(_reading(plan, one, coded)) for one in plan.sources}
        for frame in range(plan.frames.start, plan.frames.stop):
            if frame not in plan.kept:
                yield next(drawn)
                continue
            kept = next(runs[id(plan.kept[frame])])
            if frame not in plan.fades:
                yield kept
            else:
                made = next(drawn)
                yield made if coded else Faded(kept, made, plan.fades[frame])


@contextmanager
def _reading(plan: FrameReuse, render: EarlierRender, coded: bool) -> Iterator[Iterator[KeptFrame]]:
    """Opens one earlier render, and reads the frames that `plan` reuses from it."""
    numbers = [f for f, one in sorted(plan.kept.items(), key=_by_frame) if one is render]
    picture, matte, layer = (render.path(role) for role in ("picture", "matte", "layer"))
    with KeptFrames(picture, matte, layer, render.keys.frames, coded=coded) as frames:
        yield frames.read(numbers)
