"""A reel at a glance: one row for each event, gathered from what the project already knows.

Nothing is analysed, rendered or measured here: what is not known yet is left empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from dubsync.core.errors import DubsyncError
from dubsync.core.result import Finding
from dubsync.core.shot import Event, Plate, Shot, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.turnover.media_linker import Linker
from dubsync.service.judge import Judging
from dubsync.service.judging.judgement_store import last_on
from dubsync.service.project import Project
from dubsync.service.qc.checked_versions import Checked, CheckedVersions
from dubsync.service.qc.kept_triage import KeptScores, KeptTriage
from dubsync.service.qc.newest_findings import NewestFindings
from dubsync.service.render.drawn_by import Drawn, DrawnRenders, short_take
from dubsync.service.status.shot_state import ShotStatus
from dubsync.service.store.folder import version_number

ShotState = Literal[
    "todo", "rendered", "stale", "pending review", "approved", "rejected", "blocked", "offline",
    "skipped", "rendering", "failed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShotRow:
    """One event of the cut, as a row of the desk.

    state     "rendering" and "failed" are said by a desk that has jobs, never by `overview`

    shot      None for an event without a shot: it keeps its plate, for the reason in `reasons`
    number    the event's number as printed
    driver    what moves the mouth: "sound", "take t02", "take t01, t03"; "" where nobody speaks
    renderer  "actor", "warp" or "plate" of the newest render; "" where there is none
    version   its newest render, "v002"; "" where there is none
    approved  the version that a delivery holds because it is approved; "": none
    triage    0 to 100, how badly the plate contradicts the dub; None: not scored
    findings  of the newest QC report that lists it, worst first
    notes     how many notes are open
    reasons   why it is in this state, in sentences
    hint      what would help
    plate     its plate, also of an event without a shot; None: it is not found
    standing  the plate frame that stands for it in a thumbnail
    """

    name: str
    number: str
    shot: Shot | None
    event: Event
    characters: tuple[str, ...] = ()
    line: str = ""
    driver: str = ""
    renderer: str = ""
    state: ShotState = "todo"
    version: str = ""
    approved: str = ""
    triage: float | None = None
    findings: tuple[Finding, ...] = ()
    notes: int = 0
    reasons: tuple[str, ...] = ()
    hint: str = ""
    plate: Plate | None = None
    standing: int = 0

    @property
    def shown_number(self) -> str:
        """The event's number with three digits, as a cut prints it: "002"."""
        return self.number.zfill(3) if self.number.isdigit() else self.number

    @property
    def record(self) -> FrameRange:
        return self.event.record

    @property
    def fails(self) -> int:
        return sum(finding.verdict == "fail" for finding in self.findings)

    @property
    def looks(self) -> int:
        return sum(finding.verdict == "review" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class ReelOverview:
    """A reel in one language.

    rows      every event of the cut in record order
    pace      seconds a frame took in this project's newest renders; None: none is measured
    unsure    names of shots whose state may be another one now: `dubsync status` works it out
    triaged   the newest triage, "v002", and when it was made, in seconds since 1970
    troubles  what could not be read, in sentences
    """

    name: str
    language: str
    languages: tuple[str, ...]
    rate: Fraction
    drop: bool
    rows: tuple[ShotRow, ...]
    pace: float | None = None
    unsure: frozenset[str] = frozenset()
    triaged: tuple[str, float] = ("", 0.0)
    troubles: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """State -> how many rows are in it."""
        return Counter(row.state for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What is known of a reel's shots, each by the shot's name."""

    states: Mapping[str, ShotStatus]
    drawn: Mapping[str, tuple[str, Drawn]]
    scores: KeptScores
    findings: Mapping[str, tuple[Finding, ...]]
    notes: Mapping[str, int]
    plates: Mapping[str, tuple[Plate, int]]


class Overviews:
    """The overview of one project, cheap to ask for again: what has not changed is not read."""

    def __init__(self, project: Project) -> None:
        self._judging = Judging(project)
        self._renders, self._triage = DrawnRenders(), KeptTriage()
        self._findings = NewestFindings()
        self._checked: Mapping[str, Checked] = {}
        self._plates: tuple[Turnover, dict[str, tuple[Plate, int]]] | None = None

    def now(self) -> ReelOverview:
        """The rows as they are on disk now.

        Raises:
            DubsyncError: the cut cannot be read.
        """
        statuses, unsure = self._judging.known_states()
        project = self._judging.project  # opened again where its own files changed
        self._checked = CheckedVersions(project.store).newest() if unsure else {}
        turnover = project.turnover()
        names = [shot.name for shot in turnover.shots]
        troubles: list[str] = []
        newest = {name: project.store.latest("renders", name) for name in names}
        drawn = {name: (folder.name, self._renders.of(folder))
                 for name, folder in newest.items() if folder}  # fmt: skip
        gathered = _Gathered(
            {status.name: self._fresh(status, newest, unsure) for status in statuses},
            drawn,
            self._triage.newest(project.store, names),
            self._findings.of(project.store, names),
            self._open_notes(troubles),
            self._linked(project, turnover),
        )
        shots = {shot.name: shot for shot in turnover.shots}
        rows = tuple(
            _row(event, shots.get(event.name), gathered) for event in turnover.cut.events
        )  # fmt: skip
        whole = project.whole
        return ReelOverview(
            whole.name, project.language, tuple(whole.languages), turnover.cut.rate,
            turnover.cut.drop, rows, DrawnRenders.pace(one for _, one in drawn.values()),
            unsure, (gathered.scores.version, gathered.scores.made), tuple(troubles),
        )  # fmt: skip

    def _fresh(
        self, status: ShotStatus, newest: Mapping[str, Path | None], unsure: frozenset[str]
    ) -> ShotStatus:
        """A status that may be old, with what is known at once: a new render, a new judgement.

        So that an approval shows before `dubsync status` has gone through the reel again.
        """
        folder = newest.get(status.name)
        if status.name not in unsure or folder is None:
            return status
        if status.state in ("todo", "unsure") or status.version != folder.name:
            checked = self._checked.get(status.name)
            measured = checked is not None and checked.version == version_number(folder)
            status = replace(status, state="pending review" if measured else "rendered",
                             version=folder.name, reasons=())  # fmt: skip
        if status.state not in ("rendered", "pending review", "approved", "rejected"):
            return status
        verdict = last_on(self._judging.verdicts(status.name), version_number(folder))
        if verdict is not None:
            said = verdict.judgement
            words = f"{said.judged} by {said.by}" + (f": {said.reason}" if said.reason else "")
            approved = folder.name if said.judged == "approved" else status.approved
            return replace(status, state=said.judged, reasons=(words,), approved=approved)
        if status.state in ("approved", "rejected"):  # taken back
            return replace(status, state="pending review", reasons=(), approved="")
        return status

    def _open_notes(self, troubles: list[str]) -> Mapping[str, int]:
        try:
            notes = self._judging.note_store.all()
        except DubsyncError as error:
            troubles.append(f"{error}. {error.hint}" if error.hint else str(error))
            return {}
        return Counter(note.shot for note in notes if note.answer == "open")

    def _linked(self, project: Project, turnover: Turnover) -> Mapping[str, tuple[Plate, int]]:
        """The plate and the standing frame of each event, with or without a shot."""
        known = self._plates
        if known is None or known[0].cut is not turnover.cut:
            found = {shot.name: (shot.plate, _middle(shot.source)) for shot in turnover.shots}
            linker = Linker(project.intake.plates, Path(turnover.cut.path).parent,
                            project.file.media)  # fmt: skip
            for event, _ in turnover.skipped:
                link = linker.link(event)
                if link.plate is not None and link.source is not None:
                    found[event.name] = link.plate, _middle(link.source)
            self._plates = known = turnover, found
        return known[1]


def overview(project: Project) -> ReelOverview:
    """The rows of a project, in its language.

    Raises:
        DubsyncError: the cut cannot be read.
    """
    return Overviews(project).now()


def rows_json(found: ReelOverview) -> list[dict[str, Any]]:
    """The rows as JSON values, in record order: what the desk's table shows."""
    return [
        {
            "name": row.name,
            "number": row.number,
            "characters": list(row.characters),
            "line": row.line,
            "record": {"first": row.record.start, "frames": len(row.record)},
            "driver": row.driver,
            "renderer": row.renderer,
            "state": row.state,
            "version": row.version,
            "approved": row.approved,
            "triage": row.triage,
            "fails": row.fails,
            "looks": row.looks,
            "open_notes": row.notes,
            "plate": row.plate.name if row.plate else "",
        }
        for row in found.rows
    ]


def _middle(source: FrameRange) -> int:
    return source.start + len(source) // 2


def _row(event: Event, shot: Shot | None, known: _Gathered) -> ShotRow:
    status = known.states.get(event.name)
    plate, standing = known.plates.get(event.name, (None, 0))
    version, drawn = known.drawn.get(event.name, ("", Drawn()))
    said = status.state if status else "skipped"
    if shot is None:
        return ShotRow(
            event.name, event.number, None, event,
            state="offline" if said == "offline" else "skipped",
            reasons=status.reasons if status else (), hint=status.hint if status else "",
            plate=plate, standing=standing,
        )  # fmt: skip
    return ShotRow(
        shot.name, event.number, shot, event, shot.characters,
        " ".join(line.text for line in shot.lines if line.text),
        _driver(shot, drawn), drawn.renderer,
        _state(said, version, event.name in known.states), version,
        status.approved if status else "",
        known.scores.scores.get(shot.name), known.findings.get(shot.name, ()),
        known.notes.get(shot.name, 0),
        status.reasons if status else (), status.hint if status else "",
        plate, standing,
    )  # fmt: skip


def _state(said: str, version: str, known: bool) -> ShotState:
    """The state as the desk shows it: what is unsure is what its render says."""
    if said == "unsure" or not known:
        return "rendered" if version else "todo"
    return said  # type: ignore[return-value]


def _driver(shot: Shot, drawn: Drawn) -> str:
    """Of the newest render; before there is one, what turnover has found."""
    if drawn.driver or not shot.characters:
        return drawn.driver
    if shot.takes:
        return "take " + ", ".join(sorted({short_take(take.name) for take in shot.takes}))
    return "sound"
