"""Measures one rendered shot as written: reads it, and hands what it shows to qc."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact
from dubsync.core.progress import Progress, silent
from dubsync.core.result import Finding, RenderedShot
from dubsync.core.settings import QCSettings
from dubsync.core.steps import AlignedAudio, Engine
from dubsync.qc.chart import Chart
from dubsync.qc.contacts.findings import contact_findings
from dubsync.qc.findings import FindingsBuilder
from dubsync.qc.head.findings import BehindHead
from dubsync.qc.image_measures import FaceSeries
from dubsync.qc.like_mouths import LikeMouths, like_mouths
from dubsync.qc.mouth_grid import MouthGrid
from dubsync.qc.report import Link, ShotPage, Strip
from dubsync.qc.sync import (
    follow,
    motion_in_silence,
    nearer_plate,
    offset_to_sound,
    silent_frames,
    standing_opening,
)
from dubsync.service.qc.charts import mouth_chart, sharpness_chart
from dubsync.service.qc.measure_head import head_findings, where_it_was
from dubsync.service.qc.moments.by_moment import ByMoment
from dubsync.service.qc.moments.fields import worse
from dubsync.service.qc.read_shot import ReadFace, ReadShot
from dubsync.service.qc.retrack import OURS, Face, Mouth, mouth_of, tracked_again
from dubsync.service.qc.shown_contacts import shown_contacts, talking_mouth
from dubsync.service.reel.pipeline import Part

#: Weight from which a frame's mouth is the dub's.
DRIVEN = 0.5


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
    seen: ReadShot | None = None,
) -> ShotPage:
    """The report's page of one rendered shot.

    Plate, render and matte are decoded side by side, once, and the render's faces tracked, at every
    moment that the frames show: in both fields of an interlaced plate.

    Args:
        rendered: the shot as written.
        parts: the planned motion of every face; any frames inside `rendered.frames`.
        dub: character -> their dub aligned to the moments of `rendered.frames` (`ByMoment`).
        engine: tracks and fits the render as it did the plate.
        settings: the limits.
        folder: where the report will be; links are relative to it.
        exact: False when the delivery codec is lossy.
        slip_ms: character -> the artist's slip, milliseconds.
        behind: character -> what the plate behind their moved head is made of.
        facts: (name, text) pairs from the shot's record, shown with the shot.
        progress: called for each frame as stage "check".
        seen: what a pass over these very files showed; None: they are read now.

    Raises:
        MediaError: a written file cannot be decoded.
        DeliveryError: plate, render and matte differ in frames.
    """
    shot = rendered.shot
    if seen is None:
        seen = ReadShot(shot, rendered.frames, parts, progress)
        seen.read(rendered.picture, rendered.matte, engine)
    at = seen.at
    by_moment = replace(rendered, shot=at.shot, frames=at.frames)
    builder = FindingsBuilder(shot.name, "", at.frames.start, settings, at.label, at.each)
    findings = [*_untouched(builder, seen, rendered, exact)]
    charts, contacts = list[Chart](), list[Contact]()
    for read in seen.of_faces():
        who = read.face.character
        told = _Told(dub[who], (slip_ms or {}).get(who, 0.0), at.behind((behind or {}).get(who)))
        found, drawn, touched = _of_face(
            replace(builder, character=who), read, seen, told, engine, by_moment
        )
        findings += found
        charts += (at.chart(chart) for chart in drawn)
        contacts += at.contacts(touched)
    shown = seen.strips(), charts, _links(rendered, folder)
    return _shot_page(rendered, seen.faces, findings, *shown, facts, contacts)


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What is told of one face: its dub, the artist's slip, and what is behind its moved head."""

    heard: AlignedAudio
    slip_ms: float
    behind: BehindHead | None


def _of_face(
    builder: FindingsBuilder,
    read: ReadFace,
    seen: ReadShot,
    told: _Told,
    engine: Engine,
    rendered: RenderedShot,
) -> tuple[list[Finding], list[Chart], tuple[Contact, ...]]:
    """One face's findings, charts and contacts; `rendered`, charts and contacts count moments."""
    face, heard, at = read.face, told.heard, seen.at
    again = tracked_again(face, seen.tracks, rendered)
    mouth = mouth_of(face, again, engine, rendered)
    alike = _alike(face, again.landmarks, mouth, read.grids)
    touched = shown_contacts(face, mouth, again.landmarks, heard, told.slip_ms, rendered)
    result, chart = _speech(
        builder, face, mouth, told, touched, rendered, float(1000 / at.file.rate)
    )
    beyond = read.beyond.series if read.beyond else None
    found = [
        *result, *at.worst(lambda use: builder.like(alike.only(use))),
        *_picture(builder, read, mouth, at),
        *head_findings(builder, face, again, beyond, told.behind, engine, rendered),
    ]  # fmt: skip
    by_frame = replace(builder, first=at.file.start, label=at.frame_label)
    lost = by_frame.faces(at.any(face.seen), at.all(again.seen | ~face.seen))
    sharpness = sharpness_chart(alike, face, builder.settings, rendered)
    return [*at.findings(found), lost], [chart, sharpness], touched


def _picture(
    builder: FindingsBuilder, read: ReadFace, mouth: Mouth, at: ByMoment
) -> tuple[Finding, ...]:
    """Flicker and seam; of fields, flicker from one to the next and on the same lines."""
    opening = mouth.plate.opening, mouth.render.opening
    several = (read.measures.series, read.measures.same_lines)
    found = []
    for series in (where_it_was(one, read.face) for one in several if one is not None):

        def judged(use: NDArray[np.bool_], series: FaceSeries = series) -> Sequence[Finding]:
            return builder.picture(series.only(use), *opening)

        found.append(at.worst(judged, fails=True))
    return worse(found[0][0], *(one[0] for one in found[1:])), *found[0][1:]


def _untouched(
    builder: FindingsBuilder, seen: ReadShot, rendered: RenderedShot, exact: bool
) -> tuple[Finding, ...]:
    written = rendered.samples_changed_outside_matte
    return builder.untouched(seen.frame_measures, _kept(seen.faces, seen.at), written, exact)


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


def _kept(faces: Sequence[Face], at: ByMoment) -> list[int]:
    """Numbers of the frames in which no face should change."""
    total = np.zeros(len(at.frames))
    for face in faces:
        total = np.maximum(total, face.weight)
    return [at.file.start + int(n) for n in np.flatnonzero(at.all(total <= OURS))]


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
    told: _Told,
    contacts: Sequence[Contact],
    rendered: RenderedShot,
    frame_ms: float,
) -> tuple[tuple[Finding, ...], Chart]:
    """The mouth against the dub, as findings and as a chart; `frame_ms` of one of the file's."""
    dub = told.heard
    times, features = np.asarray(dub.times), dub.features
    talking = talking_mouth(face, mouth)
    offset = offset_to_sound(talking, features, times)
    full = (face.weight > DRIVEN) & np.isfinite(mouth.drawn).all(axis=1)
    followed = follow(mouth.drawn, mouth.target, full, float(1000 / rendered.frames.rate))
    at_rest = mouth.plate.opening[mouth.plate.seen]
    rest = float(np.percentile(at_rest, 5)) if len(at_rest) else 0.0
    silent = silent_frames(features, times)
    apart = motion_in_silence(talking, silent, standing_opening(mouth.wanted, silent, rest))
    of_sound = all(part.performance.source == "audio" for part in face.parts)
    compared = [np.where(full, x, np.nan) for x in (mouth.wanted, mouth.render.opening)]
    result = (
        *builder.offset(offset, told.slip_ms, followed if of_sound else None),
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
