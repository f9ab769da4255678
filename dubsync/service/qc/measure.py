"""Measures one rendered shot as written: decodes it, tracks its faces, hands them to qc."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact
from dubsync.core.errors import DeliveryError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.result import Finding, RenderedShot
from dubsync.core.settings import QCSettings
from dubsync.core.shot import Plate
from dubsync.core.steps import AlignedAudio, Engine
from dubsync.media.pixels.square import lying_as, squared, squared_matte
from dubsync.media.plate import coloured_like, open_plate
from dubsync.media.probe import probe_plate
from dubsync.qc.chart import Chart, timecode
from dubsync.qc.contacts.findings import contact_findings
from dubsync.qc.edge_steps import colour_differences
from dubsync.qc.findings import FindingsBuilder
from dubsync.qc.head.beyond_face import BeyondFaceMeasures
from dubsync.qc.head.findings import BehindHead
from dubsync.qc.image_measures import FaceMeasures, FrameMeasures, luma
from dubsync.qc.like_mouths import LikeMouths, like_mouths
from dubsync.qc.mouth_grid import MouthGrid
from dubsync.qc.pictures.difference_key import DifferenceKey
from dubsync.qc.report import Link, ShotPage, Strip
from dubsync.qc.sync import (
    follow,
    motion_in_silence,
    nearer_plate,
    offset_to_sound,
    silent_frames,
    standing_opening,
)
from dubsync.service.qc.before_after import StripMaker
from dubsync.service.qc.charts import mouth_chart, sharpness_chart
from dubsync.service.qc.measure_head import asked_of, head_findings, where_it_was
from dubsync.service.qc.retrack import OURS, Face, Mouth, joined_face, mouth_of, tracked_again
from dubsync.service.qc.shown_contacts import shown_contacts, talking_mouth
from dubsync.service.reel.pipeline import Part


def measure_shot(
    rendered: RenderedShot,
    parts: Sequence[Part],
    dub: Mapping[str, AlignedAudio],
    *,
    engine: Engine,
    settings: QCSettings,
    folder: Path,
    exact: bool = True,
    slip_ms: Mapping[str, float] | None = None,
    behind: Mapping[str, BehindHead] | None = None,
    facts: Sequence[tuple[str, str]] = (),
    progress: Progress = silent,
) -> ShotPage:
    """The report's page of one rendered shot.

    Plate, render and matte are decoded side by side, once, and the render's faces tracked.  Held
    are landmarks, a few numbers per frame, and up to MOST_GRIDS mouths of each face (36 KB each).

    Args:
        rendered: the shot as written.
        parts: the planned motion of every face; any frames inside `rendered.frames`.
        dub: character -> their dub aligned to `rendered.frames`.
        engine: tracks and fits the render as it did the plate.
        settings: the limits.
        folder: where the report will be; links are relative to it.
        exact: False when the delivery codec is lossy.
        slip_ms: character -> the artist's slip, milliseconds.
        behind: character -> what the plate behind their moved head is made of.
        facts: (name, text) pairs from the shot's record, shown with the shot.
        progress: called for each frame as stage "check".

    Raises:
        MediaError: a written file cannot be decoded.
        DeliveryError: plate, render and matte differ in frames.
    """
    faces = tuple(
        joined_face(character, parts, rendered)
        for character in dict.fromkeys(p.character for p in parts)
    )
    reading, shot = _Reading(rendered, faces, progress), rendered.shot
    tracks = engine.track(reading.frames(), rendered.frames, shot=shot.name, progress=silent)
    reading.finish()
    label = partial(timecode, frames=rendered.frames, drop=shot.plate.drop)
    builder = FindingsBuilder(shot.name, "", rendered.frames.start, settings, label)
    findings = [*_untouched(builder, reading.frame_measures, faces, rendered, exact)]
    charts, contacts = list[Chart](), list[Contact]()
    for read in reading.read():
        who = read.face.character
        told = _Told(dub[who], (slip_ms or {}).get(who, 0.0), (behind or {}).get(who))
        found, drawn, touched = _of_face(
            replace(builder, character=who), read, tracks, told, engine, rendered
        )
        findings += found
        charts += drawn
        contacts += touched
    shown = reading.strips(), charts, _links(rendered, folder)
    return _shot_page(rendered, faces, findings, *shown, facts, contacts)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """One face as the files showed it; `beyond`: of a head that is moved."""

    face: Face
    measures: FaceMeasures
    grids: list[MouthGrid | None]
    beyond: BeyondFaceMeasures | None


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What is told of one face: its dub, the artist's slip, and what is behind its moved head."""

    heard: AlignedAudio
    slip_ms: float
    behind: BehindHead | None


def _of_face(
    builder: FindingsBuilder,
    read: _Read,
    tracks: Sequence[FaceTrack],
    told: _Told,
    engine: Engine,
    rendered: RenderedShot,
) -> tuple[list[Finding], list[Chart], tuple[Contact, ...]]:
    """One face's findings, charts and contacts."""
    face, heard = read.face, told.heard
    again = tracked_again(face, tracks, rendered)
    mouth = mouth_of(face, again, engine, rendered)
    alike = _alike(face, again.landmarks, mouth, read.grids)
    touched = shown_contacts(face, mouth, again.landmarks, heard, told.slip_ms, rendered)
    result, chart = _speech(builder, face, mouth, heard, told.slip_ms, touched, rendered)
    opening = mouth.plate.opening, mouth.render.opening
    picture = builder.picture(where_it_was(read.measures.series, face), *opening)
    beyond = read.beyond.series if read.beyond else None
    found = [
        *result, *builder.like(alike), *picture,
        *head_findings(builder, face, again, beyond, told.behind, engine, rendered),
        builder.faces(face.seen, again.seen),
    ]  # fmt: skip
    return found, [chart, sharpness_chart(alike, face, builder.settings, rendered)], touched


def _untouched(
    builder: FindingsBuilder,
    measures: FrameMeasures,
    faces: Sequence[Face],
    rendered: RenderedShot,
    exact: bool,
) -> tuple[Finding, ...]:
    written = rendered.samples_changed_outside_matte
    return builder.untouched(measures, _kept(faces, rendered), written, exact)


def _shot_page(
    rendered: RenderedShot,
    faces: Sequence[Face],
    findings: Sequence[Finding],
    strips: tuple[Strip, ...],
    charts: Sequence[Chart],
    links: tuple[Link, ...],
    facts: Sequence[tuple[str, str]],
    contacts: Sequence[Contact],
) -> ShotPage:
    plate = rendered.shot.plate
    return ShotPage(
        name=rendered.shot.name,
        version=rendered.version,
        characters=tuple(face.character for face in faces),
        plate=plate.name,
        reel=plate.reel,
        frames=rendered.frames,
        drop=plate.drop,
        findings=tuple(findings),
        strips=strips,
        charts=tuple(charts),
        links=links,
        facts=tuple(facts),
        picks=tuple(rendered.picks.items()),
        contacts=tuple(contacts),
    )


class _Reading:
    """The one pass over the files: feeds the measures and strips, yields the render's frames."""

    def __init__(self, rendered: RenderedShot, faces: Sequence[Face], progress: Progress) -> None:
        self._rendered = rendered
        self._faces = faces
        self._progress = progress
        self._frames = self._walk()
        self._every = -(-len(rendered.frames) // MOST_GRIDS)
        self.frame_measures, self._key = FrameMeasures(), DifferenceKey()
        self.face_measures = [FaceMeasures() for _ in faces]
        self.grids: list[list[MouthGrid | None]] = [[] for _ in faces]
        self.beyond = [BeyondFaceMeasures() if asked_of(face).head else None for face in faces]
        self._strips = [
            StripMaker(np.flatnonzero(face.seen & (face.weight > OURS))) for face in faces
        ]

    def frames(self) -> Iterator[Frame]:
        """The render's frames, numbered as the plate's."""
        return self._frames

    def finish(self) -> None:
        """Read the frames that the tracker did not: one may stop early."""
        for _ in self._frames:
            continue

    def read(self) -> tuple[_Read, ...]:
        """What was read of each face."""
        of_faces = zip(self._faces, self.face_measures, self.grids, self.beyond, strict=True)
        return tuple(_Read(*one) for one in of_faces)

    def strips(self) -> tuple[Strip, ...]:
        """One strip per face that was changed, and the shot's difference key."""
        frames, drop = self._rendered.frames, self._rendered.shot.plate.drop
        label = partial(timecode, frames=frames, drop=drop)
        made = [
            maker.strip(f"{face.character}, before and after", [label(n) for n in maker.frames])
            for face, maker in zip(self._faces, self._strips, strict=True)
        ]
        made.append(self._key.strip(self.frame_measures.stray_pixels, label))
        return tuple(strip for strip in made if strip)

    def _walk(self) -> Iterator[Frame]:
        rendered, shot = self._rendered, self._rendered.shot
        picture, matte = (probe_plate(Path(p)) for p in (rendered.picture, rendered.matte))
        total = len(rendered.frames)
        for role, plate in (("render", picture), ("matte", matte)):
            if len(plate.frames) != total:
                raise DeliveryError(
                    f"the {role} of {shot.name} holds {len(plate.frames)} frames, not {total}",
                    hint="sync the shot again",
                )
        for place, (before, after, cover) in enumerate(_side_by_side(rendered, picture, matte)):
            after = replace(after, number=before.number)
            self.frame_measures.add(before, after, cover)
            self._key.add(before, after, cover)
            before, after, cover = _in_square_pixels(before, after, cover)
            self._see(place, before, after, cover)
            self._see_heads(place, before, after, cover)
            yield after
            self._progress(Step("check", shot.name, place + 1, total))

    def _see_heads(self, place: int, before: Frame, after: Frame, cover: NDArray[np.uint8]) -> None:
        for face, measures in zip(self._faces, self.beyond, strict=True):
            if measures is not None:
                points = face.landmarks[place] if face.seen[place] else None
                measures.add(luma(before), luma(after), cover, points)

    def _see(self, place: int, before: Frame, after: Frame, cover: NDArray[np.uint8]) -> None:
        for face, measures, strip, grids in zip(
            self._faces, self.face_measures, self._strips, self.grids, strict=True
        ):
            if not face.seen[place]:
                grids.append(None)
                measures.add(_NOTHING, _NOTHING, _NOTHING.astype(np.uint8), None)
                continue
            points = face.landmarks[place]
            box = _around(points, before).aligned(before.format)
            pictures = luma(before, box), luma(after, box), cover[box.rows, box.columns]
            colours = [
                new - old
                for old, new in zip(
                    colour_differences(before, box), colour_differences(after, box), strict=True
                )
            ]
            corner = np.array([box.left, box.top, 0], np.float32)
            change = measures.add(*pictures, points - corner, colours)
            compared = place % self._every == 0
            grids.append(MouthGrid.of(*pictures, points, (box.left, box.top)) if compared else None)
            strip.offer(place, change, before, after, cover, points)


#: Most frames of a shot whose mouths are compared with the plate's like mouths; of a longer shot it
#: is every second frame, every third, ...: memory grows with their number, time with its square.
MOST_GRIDS = 2000
#: Weight from which a frame's mouth is the dub's.
DRIVEN = 0.5
_NOTHING = np.zeros((0, 0), np.float32)


def _side_by_side(
    rendered: RenderedShot, picture: Plate, matte: Plate
) -> Iterator[tuple[Frame, Frame, NDArray[np.uint8]]]:
    """Plate frame, render frame and matte (H, W), in step."""
    with (
        open_plate(rendered.shot.plate) as plates,
        open_plate(coloured_like(picture, rendered.shot.plate)) as renders,
        open_plate(matte) as mattes,
    ):
        yield from (
            (before, after, np.asarray(cover.planes[0]))
            for before, after, cover in zip(
                plates.frames(rendered.frames),
                renders.frames(picture.frames),
                mattes.frames(matte.frames),
                strict=True,
            )
        )


def _in_square_pixels(
    before: Frame, after: Frame, cover: NDArray[np.uint8]
) -> tuple[Frame, Frame, NDArray[np.uint8]]:
    """Plate, render and matte as the face's landmarks count them."""
    form = before.format
    return squared(before), squared(lying_as(after, form)), squared_matte(cover, form)


def _kept(faces: Sequence[Face], rendered: RenderedShot) -> list[int]:
    """Numbers of the frames in which no face should change."""
    total = np.zeros(len(rendered.frames))
    for face in faces:
        total = np.maximum(total, face.weight)
    return [rendered.frames.start + int(n) for n in np.flatnonzero(total <= OURS)]


def _around(landmarks: NDArray[np.float32], frame: Frame) -> Region:
    """The face and the margin that its matte may reach, inside the frame."""
    low, high = landmarks[:468, :2].min(axis=0), landmarks[:468, :2].max(axis=0)
    grown = 0.35 * float((high - low).max())
    left, top = (int(max(v - grown, 0)) for v in low)
    right = int(min(high[0] + grown + 1, frame.format.width))
    bottom = int(min(high[1] + grown + 1, frame.format.height))
    return Region(min(left, right), min(top, bottom), right, bottom)


def _alike(
    face: Face,
    drawn: NDArray[np.float32],
    mouth: Mouth,
    grids: Sequence[MouthGrid | None],
) -> LikeMouths:
    """The mouth against the plate's like mouths, where the head is in its place; see `Face`."""
    points = (face.landmarks, drawn, mouth.plate, mouth.render)
    return like_mouths(grids, *points, (face.weight > DRIVEN) & ~face.moved)


def _speech(
    builder: FindingsBuilder,
    face: Face,
    mouth: Mouth,
    dub: AlignedAudio,
    slip_ms: float,
    contacts: Sequence[Contact],
    rendered: RenderedShot,
) -> tuple[tuple[Finding, ...], Chart]:
    """The mouth against the dub, as findings and as a chart."""
    times, features = np.asarray(dub.times), dub.features
    frame_ms = float(1000 / rendered.frames.rate)
    talking = talking_mouth(face, mouth)
    offset = offset_to_sound(talking, features, times)
    full = (face.weight > DRIVEN) & np.isfinite(mouth.drawn).all(axis=1)
    followed = follow(mouth.drawn, mouth.target, full, frame_ms)
    at_rest = mouth.plate.opening[mouth.plate.seen]
    rest = float(np.percentile(at_rest, 5)) if len(at_rest) else 0.0
    silent = silent_frames(features, times)
    apart = motion_in_silence(talking, silent, standing_opening(mouth.wanted, silent, rest))
    of_sound = all(part.performance.source == "audio" for part in face.parts)
    compared = [np.where(full, x, np.nan) for x in (mouth.wanted, mouth.render.opening)]
    result = (
        *builder.offset(offset, slip_ms, followed if of_sound else None),
        *builder.follow(followed, frame_ms, *compared),
        builder.of_plate(nearer_plate(mouth.plate.opening, *compared)),
        *contact_findings(builder, contacts),
        builder.silence(apart),
    )
    return result, mouth_chart(face, mouth, dub, contacts, rendered)


def _links(rendered: RenderedShot, folder: Path) -> tuple[Link, ...]:
    """The written files, relative to `folder`."""
    files = {
        "picture": rendered.picture,
        "matte": rendered.matte,
        "layer": rendered.layer,
        "record": rendered.record,
    }
    return tuple(
        Link(role, Path(os.path.relpath(path, folder)).as_posix())
        for role, path in files.items()
        if path
    )
