"""The one pass over a shot's written files: what they show of its faces, before it is judged.

The proof of a new render reads the same files: the pass can look at its frames (`look`) instead of
reading them again (`read`).  Both see the same frames, so they give the same measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import DeliveryError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import Shot
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.in_step import InStep, in_step
from dubsync.media.probe import probe_plate
from dubsync.qc.edge_steps import Part as PicturePart
from dubsync.qc.edge_steps import colour_changes
from dubsync.qc.head.beyond_face import BeyondFaceMeasures
from dubsync.qc.image_measures import FaceMeasures, FrameMeasures, luma
from dubsync.qc.mouth_grid import MouthGrid
from dubsync.qc.pictures.difference_key import DifferenceKey
from dubsync.qc.report import Strip
from dubsync.service.qc.before_after import StripMaker
from dubsync.service.qc.measure_head import asked_of
from dubsync.service.qc.moments.by_moment import ByMoment
from dubsync.service.qc.retrack import OURS, Face, joined_face
from dubsync.service.reel.pipeline import Part

#: Most frames of a shot whose mouths are compared with the plate's like mouths; of a longer shot it
#: is every second frame, every third, ...: memory grows with their number, time with its square.
MOST_GRIDS = 2000
_NOTHING = np.zeros((0, 0), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class ReadFace:
    """One face as the files showed it; `beyond`: of a head that is moved."""

    face: Face
    measures: FaceMeasures
    grids: list[MouthGrid | None]
    beyond: BeyondFaceMeasures | None


class ReadShot:
    """What one pass over plate, render and matte shows: feeds the measures and strips.

    Held are landmarks, a few numbers per frame, and up to MOST_GRIDS mouths of each face (36 KB
    each).

    at              the moments that the frames show: faces are seen at each
    frame_measures  samples changed, over whole frames
    tracks          the faces of the render, tracked
    """

    def __init__(
        self, shot: Shot, frames: FrameRange, parts: Sequence[Part], progress: Progress
    ) -> None:
        """A pass over `frames` of the plate.

        Args:
            parts: the planned motion of every face; any frames inside `frames`.
            progress: called for each frame as stage "check".
        """
        self.shot, self.frames = shot, frames
        self._progress = progress
        self.at = at = ByMoment(shot, frames)
        drawn = at.parts(parts)
        self.faces = tuple(
            joined_face(character, drawn, at.frames)
            for character in dict.fromkeys(p.character for p in parts)
        )
        self._every = -(-len(at.frames) // MOST_GRIDS)
        if at.in_fields and not self._every % 2:
            self._every += 1  # or one field alone would be compared
        self.frame_measures, self._key = FrameMeasures(), DifferenceKey()
        self._measures = [FaceMeasures(fields=at.in_fields) for _ in self.faces]
        self._grids: list[list[MouthGrid | None]] = [[] for _ in self.faces]
        self._beyond = [BeyondFaceMeasures() if asked_of(f).head else None for f in self.faces]
        self._strips = [
            StripMaker(np.flatnonzero(face.seen & (face.weight > OURS))) for face in self.faces
        ]
        self.tracks: tuple[FaceTrack, ...] = ()

    def read(self, picture: str, matte: str, engine: Engine) -> None:
        """Read the written files and the plate.

        Raises:
            MediaError: a file cannot be decoded.
            DeliveryError: plate, render and matte differ in frames.
        """
        made, mask = (probe_plate(Path(p)) for p in (picture, matte))
        for role, plate in (("render", made), ("matte", mask)):
            if len(plate.frames) != len(self.frames):
                raise DeliveryError(
                    f"the {role} of {self.shot.name} holds {len(plate.frames)} frames, "
                    f"not {len(self.frames)}",
                    hint="sync the shot again",
                )
        self.look(in_step(self.shot.plate, made, mask, self.frames), engine)

    def look(self, frames: Iterator[InStep], engine: Engine) -> None:
        """Look at all `frames`, and track the render's faces in them."""
        walk = self._walk(frames)
        span, name = self.at.frames, self.shot.name
        self.tracks = tuple(engine.track(walk, span, shot=name, progress=silent))
        for _ in walk:  # those that the tracker did not read: it may stop early
            continue

    @property
    def whole(self) -> bool:
        """Whether every frame was seen."""
        return self.frame_measures.frames == len(self.frames)

    def of_faces(self) -> tuple[ReadFace, ...]:
        """What was seen of each face."""
        each = zip(self.faces, self._measures, self._grids, self._beyond, strict=True)
        return tuple(ReadFace(*one) for one in each)

    def strips(self) -> tuple[Strip, ...]:
        """One strip per face that was changed, and the shot's difference key."""
        label = self.at.label
        made = [
            maker.strip(f"{face.character}, before and after", [label(n) for n in maker.frames])
            for face, maker in zip(self.faces, self._strips, strict=True)
        ]
        made.append(self._key.strip(self.frame_measures.stray_pixels, self.at.frame_label))
        return tuple(strip for strip in made if strip)

    def _walk(self, frames: Iterator[InStep]) -> Iterator[Frame]:
        """The render's moments, numbered as the plate's; each is measured as it passes."""
        first = self.at.frames.start
        for place, (before, after, mask) in enumerate(frames):
            after, cover = replace(after, number=before.number), np.asarray(mask.planes[0])
            changed = self.frame_measures.add(before, after, cover)
            self._key.add(before, after, cover, changed)
            for moment, (was, now, covered) in self.at.pictures(before, after, mask):
                self._see(moment - first, was, now, covered)
                self._see_heads(moment - first, was, now, covered)
                yield now
            self._progress(Step("check", self.shot.name, place + 1, len(self.frames)))

    def _see_heads(self, place: int, before: Frame, after: Frame, cover: NDArray[np.uint8]) -> None:
        for face, measures in zip(self.faces, self._beyond, strict=True):
            if measures is not None:
                points = face.landmarks[place] if face.seen[place] else None
                measures.add(luma(before), luma(after), cover, points)

    def _see(self, place: int, before: Frame, after: Frame, cover: NDArray[np.uint8]) -> None:
        for face, measures, strip, grids in zip(
            self.faces, self._measures, self._strips, self._grids, strict=True
        ):
            if not face.seen[place]:
                grids.append(None)
                measures.add(_NOTHING, _NOTHING, _NOTHING.astype(np.uint8), None)
                continue
            points = face.landmarks[place]
            box = _around(points, before).aligned(before.format)
            pictures = luma(before, box), luma(after, box), cover[box.rows, box.columns]
            colours = partial(_colour_changes, before, after, box)
            corner = np.array([box.left, box.top, 0], np.float32)
            change = measures.add(*pictures, points - corner, colours)
            compared = place % self._every == 0
            grids.append(MouthGrid.of(*pictures, points, (box.left, box.top)) if compared else None)
            strip.offer(place, change, before, after, cover, points)


def _colour_changes(
    before: Frame, after: Frame, box: Region, part: PicturePart
) -> tuple[NDArray[np.float32], ...]:
    """By how much the two colour differences change in a part of `box`."""
    rows, columns = part
    region = Region(
        box.left + columns.start, box.top + rows.start,
        min(box.left + columns.stop, box.right), min(box.top + rows.stop, box.bottom),
    )  # fmt: skip
    return colour_changes(before, after, region)


def _around(landmarks: NDArray[np.float32], frame: Frame) -> Region:
    """The face and the margin that its matte may reach, inside the frame."""
    low, high = landmarks[:468, :2].min(axis=0), landmarks[:468, :2].max(axis=0)
    grown = 0.35 * float((high - low).max())
    left, top = (int(max(v - grown, 0)) for v in low)
    right = int(min(high[0] + grown + 1, frame.format.width))
    bottom = int(min(high[1] + grown + 1, frame.format.height))
    return Region(min(left, right), min(top, bottom), right, bottom)
