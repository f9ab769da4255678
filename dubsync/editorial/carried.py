"""What a cut's own reading lost, and so whoever writes the cut anew."""

from __future__ import annotations

from dubsync.core.losses import APPROXIMATE, LOST, Loss
from dubsync.core.probed import ProbedCut


def unread_losses(cut: ProbedCut) -> list[Loss]:
    """Losses of a file written anew from `cut`: all that was not listed of the original."""
    return [loss for loss in cut.losses if loss.kind in (LOST, APPROXIMATE)]
