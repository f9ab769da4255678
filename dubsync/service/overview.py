"""A reel at a glance: one row for each event, gathered from what the project already knows.

Nothing is analysed, rendered or measured here: what is not known yet is left empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from dubsync.core.errors import MissingMedia
from dubsync.core.result import Finding, QCReport
from dubsync.core.shot import Event, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.project import Project
from dubsync.service.qc.newest_report import newest_report
from dubsync.service.store.folder import Store

ShotState = Literal[
    "todo", "rendered", "stale", "pending review", "approved", "rejected", "blocked", "offline",
    "skipped",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShotRow:
    """One event of the cut, as a row of the desk.

    shot      None for an event without a shot: it keeps its plate, for the reason in `reasons`
    number    the event's number as printed
    driver    what moves the mouth: "sound", "take t02", "take t01, t03"; "" where nobody speaks
    renderer  "actor", "warp" or "plate" of the newest render; "" where there is none
    version   its newest render, "v002"; "" where there is none
    triage    0 to 100, how badly the plate contradicts the dub; None: not scored
    findings  of the newest QC report, worst first
    notes     how many notes are open
    reasons   why it is in this state, in sentences
    hint      what would help
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
    triage: float | None = None
    findings: tuple[Finding, ...] = ()
    notes: int = 0
    reasons: tuple[str, ...] = ()
    hint: str = ""

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

    rows  every event of the cut in record order
    """

    name: str
    language: str
    languages: tuple[str, ...]
    rate: Fraction
    drop: bool
    rows: tuple[ShotRow, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """State -> how many rows are in it."""
        return Counter(row.state for row in self.rows)


def overview(project: Project) -> ReelOverview:
    """The rows of a project, in its language.

    Raises:
        DubsyncError: the cut cannot be read.
    """
    turnover = project.turnover()
    report = _report(project.store)
    shots = {shot.event.name: shot for shot in turnover.shots}
    skipped = {event.name: reason for event, reason in turnover.skipped}
    rows = tuple(
        _row(project.store, event, shots.get(event.name), skipped.get(event.name, ""), report)
        for event in turnover.cut.events
    )
    whole = project.whole
    return ReelOverview(
        whole.name, project.language, tuple(whole.languages), turnover.cut.rate, turnover.cut.drop,
        rows,
    )  # fmt: skip


def _report(store: Store) -> QCReport:
    try:
        return newest_report(store)
    except MissingMedia:  # not checked yet
        return QCReport(())


def _row(store: Store, event: Event, shot: Shot | None, reason: str, report: QCReport) -> ShotRow:
    if shot is None:
        return ShotRow(event.name, event.number, None, event, state="skipped", reasons=(reason,))
    folder = store.latest("renders", shot.name)
    blocking = [warning for warning in shot.warnings if warning.blocking]
    state: ShotState = "blocked" if blocking else "rendered" if folder else "todo"
    return ShotRow(
        shot.name, event.number, shot, event, shot.characters,
        " ".join(line.text for line in shot.lines),
        "sound" if shot.characters else "",
        state=state,
        version=folder.name if folder else "",
        findings=tuple(f for f in report.findings if f.shot == shot.name),
        reasons=tuple(warning.message for warning in blocking),
        hint=blocking[0].hint if blocking else "",
    )  # fmt: skip
