"""What is said and known of one shot: judgements, notes, QC, consent, and the render's record.

Nothing is analysed, rendered or measured here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.contact import Contact
from dubsync.core.coverage import Cells
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DubsyncError, MissingMedia
from dubsync.core.note import Judgement, Note
from dubsync.core.result import Finding, QCReport
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.faces.face_tracks import kept_faces
from dubsync.service.judge import Judging
from dubsync.service.project import Project
from dubsync.service.qc.newest_report import report_in
from dubsync.service.render.provenance import read_record
from dubsync.service.render.render_facts import consents_of
from dubsync.service.store.folder import Store, version_number


@dataclass(frozen=True, slots=True, eq=False)
class ShotCoverage:
    """A character's footage against what the dub needs of it, of the newest report.

    seen, wanted  (5, 9) frames in each cell of `core.coverage.cells`
    lacking       frames of this shot that resemble none of the footage
    """

    character: str
    seen: Cells
    wanted: Cells
    lacking: int


@dataclass(frozen=True, slots=True)
class ShotQC:
    """What the newest report that lists the shot says of it.

    version  the number of the render that was measured; 0: not measured
    """

    version: int = 0
    verdict: str = ""
    findings: tuple[Finding, ...] = ()
    contacts: tuple[Contact, ...] = ()
    coverage: tuple[ShotCoverage, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FaceSeen:
    """One face of the plate.

    character   who is drawn over it; "" where nobody is
    confidence  (T,) of the tracker in each of `frames`, 0 where the face is not seen
    """

    face: int
    character: str
    frames: FrameRange
    confidence: Array


@dataclass(frozen=True, slots=True)
class AboutShot:
    """One shot.

    versions  of its renders, the newest first
    record    of the newest render, as `render.provenance` wrote it; {} without one
    folder    of the newest render; None without one
    consents  the records that allow the shot now
    withheld  why it may not be rendered now, and what would help; "" where it may
    faces     in the plate, as the newest render saw them; none where they are not kept
    """

    shot: str
    versions: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    notes: tuple[Note, ...] = ()
    qc: ShotQC = field(default_factory=ShotQC)
    record: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    consents: tuple[ConsentRecord, ...] = ()
    withheld: tuple[str, str] = ("", "")
    faces: tuple[FaceSeen, ...] = ()

    @property
    def next_version(self) -> str:
        """The version that the next render is, "v004"."""
        newest = int(self.versions[0].removeprefix("v")) if self.versions else 0
        return f"v{newest + 1:03d}"


def about_shot(project: Project, name: str) -> AboutShot:
    """Gather what is known of the shot called `name`.

    Raises:
        SettingsError: no shot is called so, or a note or a judgement is damaged.
    """
    shot, judging = project.reel.shot(name), Judging(project)
    folders = project.store.versions("renders", name)
    record: Mapping[str, Any] = {}
    if folders:
        try:
            record = read_record(folders[0])
        except DubsyncError:  # its state says so; the rest can be shown
            record = {}
    consents, withheld = _consents(project, shot)
    return AboutShot(
        name, tuple(f"v{version_number(folder):03d}" for folder in folders),
        judging.judgements(name), judging.notes(name), shot_qc(project.store, name), record,
        folders[0] if folders else None, consents, withheld, _faces(project.store, shot, record),
    )  # fmt: skip


def shot_qc(store: Store, name: str) -> ShotQC:
    """What the newest report that lists a shot says of it; an empty one where none does."""
    for folder in store.versions("reports"):
        try:
            report = report_in(folder)
        except MissingMedia:
            continue
        if name in report.verdicts:
            return _of_report(report, name)
    return ShotQC()


def _of_report(report: QCReport, name: str) -> ShotQC:
    return ShotQC(
        report.checked.get(name, 0), report.verdicts[name], report.only([name]).findings,
        report.contacts.get(name, ()), _coverage(Path(report.json), name), report.html,
    )  # fmt: skip


def _coverage(report: Path, name: str) -> tuple[ShotCoverage, ...]:
    """Of every character of the shot; nothing where the report has none."""
    try:
        document: Any = read_json(report)
        return tuple(
            ShotCoverage(
                str(row["character"]), np.asarray(row["map"]["seen"], np.intp),
                np.asarray(row["map"]["wanted"], np.intp), int(need["lacking"]),
            )
            for row in document.get("coverage", ())
            for need in row["shots"]
            if need["shot"] == name
        )  # fmt: skip
    except (OSError, DamagedDocument, KeyError, TypeError, ValueError, AttributeError):
        return ()


def _faces(store: Store, shot: Shot, record: Mapping[str, Any]) -> tuple[FaceSeen, ...]:
    """The faces of the plate with who is drawn over them, by the record of a render."""
    engine = str(record.get("versions", {}).get("engine", ""))
    if not engine:
        return ()
    try:
        tracks = kept_faces(store, engine, shot)
    except DubsyncError:  # the plate is offline
        return ()
    drawn = {
        (face, first, stop): character
        for character, runs in record.get("faces", {}).items()
        for face, first, stop in runs
    }
    return tuple(
        FaceSeen(
            track.face, drawn.get((track.face, track.frames.start, track.frames.stop), ""),
            track.frames, track.confidence,
        )
        for track in tracks
    )  # fmt: skip


def _consents(project: Project, shot: Shot) -> tuple[tuple[ConsentRecord, ...], tuple[str, str]]:
    """The records that allow the shot now, or why there are none and what would help."""
    try:
        return tuple(consents_of(project.reel, shot)), ("", "")
    except DubsyncError as error:
        return (), (str(error), error.hint)
