"""What of a cut's file is not carried into one written anew, whatever its format."""

from __future__ import annotations

from dubsync.core.losses import APPROXIMATE, LOST, Loss
from dubsync.core.probed import ProbedCut, ProbedTimeline


def unread_losses(cut: ProbedCut) -> list[Loss]:
    """Losses of a file written anew from `cut`: all that was not listed of the original."""
    return [loss for loss in cut.losses if loss.kind in (LOST, APPROXIMATE)]


def other_timelines(cut: ProbedCut, written: ProbedTimeline) -> list[Loss]:
    """Losses of a file that holds one timeline of `cut` alone: all others."""
    what = "is another timeline of the file, and is not written"
    return [Loss(other.name, what) for other in cut.timelines if other is not written]
