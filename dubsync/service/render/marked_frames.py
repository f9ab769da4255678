"""The invisible mark of one render: put into its frames last, after grain and compositing.

Only samples inside the matte may change, which is checked on every frame; the proof counts it once
more on the written files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.errors import EngineError
from dubsync.core.picture import Frame, Region
from dubsync.core.proof.mark_payload import payload_text
from dubsync.core.proof.marker import CleanFaces, MarkFrame
from dubsync.core.steps import Composite, Engine, Patch
from dubsync.core.tweak.choices import regions_at
from dubsync.service.marking.clean_faces import keep_clean_faces
from dubsync.service.marking.house_mark import HouseMark
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.pipeline import Part
from dubsync.service.render.frame_cache import FrameReuse
from dubsync.service.store.folder import Store

#: Matte above which a sample counts for the strength: half of what is shown is drawn.
INSIDE = 127
#: In a layer what is drawn is not yet mixed with the plate, so its mark is that much stronger; not
#: where the matte is thinner than this, since rounding would grow with it.
THIN = 0.5
#: Landmarks of the inner lips' middle.
LIPS = (13, 14)


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """A face that is drawn: its name among the clean faces, and its landmarks by plate frame."""

    name: str
    first: int
    landmarks: Array
    seen: NDArray[np.bool_]

    def at(self, frame: int) -> Array | None:
        n = frame - self.first
        return self.landmarks[n] if 0 <= n < len(self.landmarks) and self.seen[n] else None


class RenderMark:
    """Marks the frames of one render, and knows what was done."""

    def __init__(
        self, mark: HouseMark, render_key: str, parts: Sequence[Part], engine: Engine,
        record: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """record: of a render that is drawn again, with the marks of frames it took over."""
        self._mark, self._record = mark, record or {}
        self.payload = mark.payload(render_key)
        self._puts: dict[int, MarkFrame] = {}
        self._faces = [_face(part, engine) for part in parts]
        self._squares, self._samples, self.frames = 0.0, 0, 0
        self._clean: dict[str, dict[int, NDArray[np.uint8]]] = {}

    def __call__(self, drawn: Iterator[Composite]) -> Iterator[Composite]:
        """The frames with the mark, in picture and patches.

        Raises:
            EngineError: the marker changed what was not drawn.
        """
        for made in drawn:
            yield self._marked(made) if made.changed else made

    @property
    def strength_db(self) -> float | None:
        """Peak signal to noise of the mark where at least half is drawn, dB; None: no frame."""
        if not self._squares:
            return None
        return round(10 * log10(self._samples / self._squares), 1)

    def facts(self) -> dict[str, Any]:
        """The entry "mark" of the render's record."""
        return {
            "version": self._mark.marker.version,
            "marker": self._mark.name,
            "payload": payload_text(self.payload),
            "strength_db": self.strength_db,
            "frames": self.frames,
        }

    def keep(self, store: Store) -> None:
        """Keep the faces as they were before the mark, for `dubsync mark find --reel`."""
        faces = {
            name: CleanFaces(
                np.array(sorted(held), np.int64), np.stack([held[n] for n in sorted(held)])
            )
            for name, held in self._clean.items()
        }
        keep_clean_faces(store, self.payload, faces)

    def _marked(self, made: Composite) -> Composite:
        before = made.frame
        here = [(one.name, xyz) for one in self._faces if (xyz := one.at(before.number)) is not None
                and _within(xyz, made, before)]  # fmt: skip
        if not here:
            return made
        after = self._put(before.number)(before, made.matte, [xyz for _, xyz in here])
        if after is before:
            return made
        _refuse_outside(before, after, made.matte, self._mark.name)
        self.frames += 1
        patches = tuple(self._with_mark(patch, before, after, made.matte) for patch in made.patches)
        for name, xyz in here:
            self._note_clean(name, before, xyz)
        return Composite(after, made.matte, patches)

    def _put(self, frame: int) -> MarkFrame:
        """What marks a plate frame: with the render's payload, or that of where it was taken."""
        taken = payload_at(self._record, frame)
        payload = self.payload if taken is None else taken
        if payload not in self._puts:
            self._puts[payload] = self._mark.marker.mark(self._mark.secret, payload)
        return self._puts[payload]

    def _with_mark(
        self, patch: Patch, before: Frame, after: Frame, matte: NDArray[np.uint8]
    ) -> Patch:
        """The patch, which lies over the plate with its matte, with the mark of the picture."""
        change = _change(before, after, patch.region)
        share = matte[patch.region.rows, patch.region.columns]
        inside = share > INSIDE
        self._squares += float(np.square(change[inside]).mean(axis=-1).sum()) * _whole(before) ** 2
        self._samples += int(inside.sum())
        thick = np.maximum(np.asarray(share, np.float32) / 255, THIN)[..., None]
        return replace(patch, rgb=np.asarray(patch.rgb + change / thick, np.float32))

    def _note_clean(self, name: str, frame: Frame, landmarks: Array) -> None:
        clean = self._mark.marker.clean
        face = None if clean is None else clean(frame, landmarks)
        if face is not None:
            kept = np.clip(np.rint(face), 0, 255).astype(np.uint8)
            self._clean.setdefault(name, {})[frame.number] = kept


def render_mark(
    mark: HouseMark | None, render_key: str, parts: Sequence[Part], engine: Engine,
    record: Mapping[str, Any] | None = None,
) -> RenderMark | None:  # fmt: skip
    """The mark of a render, as `RenderMark`; None where none is made."""
    return None if mark is None else RenderMark(mark, render_key, parts, engine, record)


def mark_entry(reel: ReelInputs, reused: FrameReuse, made: RenderMark | None) -> Mapping[str, Any]:
    """{"mark": ...} for a record; {} where this machine has no key, so that nothing is marked.

    Keeps the clean faces of what was marked.  Frames that are taken over carry the mark of the
    render in which they were drawn.
    """
    if not reel.settings.proof.mark:
        return {"mark": {"off_reason": reel.settings.proof.mark_off_reason}}
    if reel.house_mark is None:
        return {}
    if made is not None:
        made.keep(reel.store)
    entry = {} if made is None or not made.frames else made.facts()
    kept = [
        {"from": one.name, "payload": payload, "spans": spans}
        for one in reused.sources
        for payload, spans in _carried(one.record, [n for n, r in reused.kept.items() if r is one])
    ]
    if kept:
        entry["taken_over"] = kept
    return {"mark": entry or {"frames": 0}}


def payload_at(record: Mapping[str, Any], frame: int) -> int | None:
    """What a plate frame of a render carries: of its own, or of the render it was taken from."""
    entry = record.get("mark", {})
    for one in entry.get("taken_over", ()):
        if any(first <= frame <= last for first, last in one["spans"]):
            return int(one["payload"], 16)
    return int(entry["payload"], 16) if "payload" in entry else None


def _carried(record: Mapping[str, Any], frames: Sequence[int]) -> list[tuple[str, list[list[int]]]]:
    """Each payload that `frames` of an earlier render carry, and their runs (first, last)."""
    runs: dict[int, list[list[int]]] = {}
    for frame in sorted(frames):
        payload = payload_at(record, frame)
        if payload is None:
            continue
        spans = runs.setdefault(payload, [])
        if spans and spans[-1][1] == frame - 1:
            spans[-1][1] = frame
        else:
            spans.append([frame, frame])
    return [(payload_text(payload), spans) for payload, spans in runs.items()]


def _face(part: Part, engine: Engine) -> _Face:
    """Where the drawn face of a part is: where it is in the plate, or where its head was turned."""
    track = part.track
    landmarks = np.asarray(track.landmarks)
    heads = np.array([one == "head" for one in regions_at(part.tweak.region, track.frames)])
    if heads.any() and engine.landmarks is not None:
        turned = engine.landmarks(track, part.original, part.corrected, part.actor)
        landmarks = np.where(heads[:, None, None], turned, landmarks)
    return _Face(f"{part.character}.{track.face}", track.frames.start,
                 np.asarray(landmarks, np.float32), np.asarray(track.confidence) > 0)  # fmt: skip


def _within(landmarks: Array, made: Composite, frame: Frame) -> bool:
    """Whether the face's mouth lies in what was drawn, so that it is this face that was drawn."""
    x, y = frame.format.stored_places(landmarks[list(LIPS), :2].mean(axis=0))
    return any(
        p.region.left <= x < p.region.right and p.region.top <= y < p.region.bottom
        for p in made.patches
    )


def _change(before: Frame, after: Frame, region: Region) -> Array:
    """What the mark changes within `region`, in working colour: (h, w, 1) or (h, w, 3)."""
    form = before.format
    if form.colour is not None or form.floating:
        return np.asarray(working_rgb(after, region) - working_rgb(before, region), np.float32)
    plane = 1 if form.model == "rgb" else 0
    where = (region.rows, region.columns)
    change = after.planes[plane][where].astype(np.float32) - before.planes[plane][where]
    top = (1 << form.bits) - 1 if form.full_range or form.model == "rgb" else 219 << (form.bits - 8)
    return np.asarray(change / top, np.float32)[..., None]


def _whole(frame: Frame) -> float:
    """Nominal 0..1 of luma as a share of all numbers, since dB are counted over all of them."""
    form = frame.format
    narrow = not (form.full_range or form.model == "rgb" or form.floating)
    return 219 / 255 if narrow and form.colour is None else 1.0


def _refuse_outside(before: Frame, after: Frame, matte: NDArray[np.uint8], name: str) -> None:
    """Raise EngineError where a marker changed samples outside the matte."""
    said, hint = "", 'tell its author; [proof] marker = "" takes our own'
    for n, (old, new) in enumerate(zip(before.planes, after.planes, strict=True)):
        if new is old:
            continue
        if new.shape != old.shape or new.dtype != old.dtype:
            said = f"the form of plane {n}"
            break
        bits = f"u{old.itemsize}"
        other = np.ascontiguousarray(old).view(bits) != np.ascontiguousarray(new).view(bits)
        if (other if old.shape != matte.shape else other & (matte == 0)).any():
            said = f"plane {n} where nothing is drawn"
            break
    if said:
        raise EngineError(f"the marker {name!r} changed {said}, frame {before.number}", hint=hint)
