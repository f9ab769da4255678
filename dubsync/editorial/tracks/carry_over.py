"""Losses that are the same in all formats when a cut is written as a new file."""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.losses import APPROXIMATE, LOST, Loss
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline


def unread_losses(cut: ProbedCut) -> list[Loss]:
    """Losses of a new file written from `cut`: everything that was not read from the original."""
    return [loss for loss in cut.losses if loss.kind in (LOST, APPROXIMATE)]


def timeline_of(cut: ProbedCut, corrected: Sequence[Corrected]) -> ProbedTimeline:
    """The timeline for a format that holds one: that of the corrected events, else the first."""
    names = {cut.events[one.event].timeline for one in corrected}
    return next((t for t in cut.timelines if t.name in names), cut.timelines[0])


def other_timelines(cut: ProbedCut, written: ProbedTimeline) -> list[Loss]:
    """Losses of a file that holds only one timeline of `cut`: all other timelines."""
    what = "is another timeline of the file, and is not written"
    return [Loss(other.name, what) for other in cut.timelines if other is not written]
