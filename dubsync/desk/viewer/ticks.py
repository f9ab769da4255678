"""Notes and findings as marks of the scrub bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dubsync.core.note import Note
from dubsync.core.result import Finding
from dubsync.desk.look import tokens
from dubsync.desk.look.statuses import VERDICTS
from dubsync.desk.viewer.scrub_bar import Tick
from dubsync.service.proxies.play_path import PlayPath


def ticks_of(
    path: PlayPath, notes: Iterable[Note], findings: Iterable[Finding]
) -> tuple[Tick, ...]:
    """Open notes as squares, findings to look at as triangles; those on no frame are left out."""
    return (*_of_findings(path, findings), *_of_notes(path, notes))


def _of_notes(path: PlayPath, notes: Iterable[Note]) -> Iterator[Tick]:
    for note in notes:
        colour = tokens.STALE if note.answer == "open" else tokens.TX3
        yield Tick(path.record_frame(note.frame), "note", colour, f"{note.author}: {note.text}")


def _of_findings(path: PlayPath, findings: Iterable[Finding]) -> Iterator[Tick]:
    for finding in findings:
        if finding.frames is not None and finding.verdict in ("review", "fail"):
            colour = VERDICTS[finding.verdict].colour
            at = path.record_frame(finding.frames[0])
            yield Tick(at, "finding", colour, finding.message or finding.measure)
