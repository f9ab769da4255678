"""Writes the VFX pull list: the plate frames to pull for each shot, handles included.

It is an EDL for a conforming system (its record time is an assembly of the shots from
01:00:00:00), with the same rows as ALE and CSV.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import PurePath

from dubsync.core.shot import Shot
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import LOST, Loss, LossReport
from dubsync.core.timeline.probed import frame_text
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, counting_base
from dubsync.editorial.cmx3600.lines import Printed, Statement
from dubsync.editorial.cmx3600.print import print_list
from dubsync.editorial.cmx3600.statements import timecodes
from dubsync.editorial.lists.ale_write import most_common_rate, print_ale, ranged, rate_text
from dubsync.editorial.lists.shot_list import print_csv, speed_text

COLUMNS = (
    "Name", "Tracks", "Start", "End", "Duration", "Tape", "FPS", "Shot", "Handles",
    "Cut In", "Cut Out", "Record In", "Record Out", "Speed", "Characters",
    "Source File", "Source Path",
)  # fmt: skip


def write_pull_list(
    title: str, shots: Sequence[Shot], *, record_drop: bool = False
) -> dict[str, Written]:
    """The pull list of `shots` as "edl", "ale" and "csv".

    EDL and ALE have one frame rate: shots with plates at other rates than the most common are
    only in the CSV, and reported.
    """
    rate = most_common_rate([_pulled(shot) for shot in shots])
    kept = [shot for shot in shots if _pulled(shot).rate == rate and rate in TIMECODE_RATES]
    losses = [
        Loss(shot.name, f"its plate runs at {_pulled(shot).rate} fps; it is only in the CSV", LOST)
        for shot in shots
        if shot not in kept
    ]
    rows = {shot.name: _row(shot, record_drop) for shot in shots}
    result = {"csv": Written(print_csv(COLUMNS, list(rows.values())))}
    if kept:
        log = print_ale(COLUMNS, [rows[s.name] for s in kept], rate, kept[0].plate.format)
        result["ale"] = Written(log, LossReport.of(losses))
        result["edl"] = _list(title, kept, rate, losses)
    return result


def _row(shot: Shot, record_drop: bool) -> Mapping[str, str]:
    pulled, source, drop = _pulled(shot), shot.file_source, shot.plate.file_drop
    rate, (head, tail) = pulled.rate, _handles(shot)
    record_rate = shot.record.rate
    return {
        "Name": shot.name,
        "Tracks": "V",
        **ranged(pulled, drop),
        "Tape": _reel(shot),
        "FPS": rate_text(rate),
        "Shot": shot.name,
        "Handles": f"{head}+{tail}",
        "Cut In": frame_text(Fraction(source.start), rate, drop),
        "Cut Out": frame_text(Fraction(source.stop), rate, drop),
        "Record In": frame_text(Fraction(shot.record.start), record_rate, record_drop),
        "Record Out": frame_text(Fraction(shot.record.stop), record_rate, record_drop),
        "Speed": speed_text(_speed(shot)),
        "Characters": ", ".join(shot.characters),
        "Source File": shot.plate.name,
        "Source Path": shot.plate.path,
    }


def _pulled(shot: Shot) -> FrameRange:
    """The frames of the plate's file to pull: those rendered, or that the render shows."""
    shown = shot.plate.shown
    if shown is None:
        return shot.render
    source, made = shown.source, shown.numbers
    return replace(source, start=min(source.start, *made), stop=max(source.stop - 1, *made) + 1)


def _handles(shot: Shot) -> tuple[int, int]:
    pulled, source = _pulled(shot), shot.file_source
    return source.start - pulled.start, pulled.stop - source.stop


def _speed(shot: Shot) -> Fraction | None:
    """At which the cut plays the plate; None if it varies."""
    event = shot.event
    if shot.plate.shown is None:
        return shot.speed
    return event.speed if event.time is None else event.time.steady


def _list(title: str, shots: Sequence[Shot], rate: Fraction, losses: list[Loss]) -> Written:
    reported = list(losses)
    statements = []
    at = 3600 * counting_base(rate)
    for number, shot in enumerate(shots, start=1):
        pulled, (head, tail) = _pulled(shot), _handles(shot)
        record = FrameRange(at, at + len(pulled), rate)
        at = record.stop
        times = (*timecodes(pulled, shot.plate.file_drop), *timecodes(record, False))
        line = Printed(0, str(number), _reel(shot), "V", "C", "", times, drop=False)
        remarks = (
            f"* FROM CLIP NAME:  {shot.plate.name}",
            f"* SOURCE FILE: {shot.plate.name}",
            f"* SHOT: {shot.name}",
            f"* HANDLES: {head} {tail}",
        )
        statements.append(Statement((line,), remarks))
    text = print_list(
        f"{title} PULL", statements, False, lambda what: reported.append(Loss("pull list", what))
    )
    return Written(text.encode("ascii"), LossReport.of(reported))


def _reel(shot: Shot) -> str:
    return shot.plate.file_reel or shot.event.reel or PurePath(shot.plate.name).stem
