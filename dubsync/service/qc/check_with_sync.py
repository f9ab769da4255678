"""Syncs shots and checks each at once: the proof of a new render and its check read it together.

The page of each shot is kept (`KeptPages`), so the check of the reel finds it there.  Where
nothing was drawn, or the files were not seen, that check reads them itself, and finds the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from dubsync.core.errors import ConsentMissing, DubsyncError
from dubsync.core.progress import Progress
from dubsync.core.shot import Shot
from dubsync.media.in_step import InStep, Onlooker
from dubsync.service.fault import bounded
from dubsync.service.qc.check_shot import NotChecked, checked_shot
from dubsync.service.qc.read_shot import ReadShot
from dubsync.service.reel.pipeline import Part
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.sync import sync_shots

_log = logging.getLogger(__name__)


def sync_and_check_shots(
    reel: Reel, names: Sequence[str], progress: Progress
) -> Iterator[ShotResult]:
    """As `sync_shots`; before the result of a shot that was drawn is given, its page is kept.

    A check that fails fails no shot: `check_reel` makes it again, and says why.
    """
    onlookers = _Onlookers(reel, progress)
    for result in sync_shots(reel, names, progress, onlooker_of=onlookers):
        if (seen := onlookers.taken()) is not None and result.rendered is not None:
            try:
                checked_shot(reel, seen.shot, result, progress, seen)
            except NotChecked as why:
                _log.info("shot %s is not checked with its sync: %s", seen.shot.name, why)
        yield result


class _Onlookers:
    """Sees the files of one shot after another; holds what it saw of the newest."""

    def __init__(self, reel: Reel, progress: Progress) -> None:
        self._reel, self._progress = reel, progress
        self._seen: ReadShot | None = None

    def __call__(self, shot: Shot, parts: Sequence[Part]) -> Onlooker:
        reel, watched = self._reel, self._reel.watching(self._progress, shot)

        def look(frames: Iterator[InStep]) -> None:
            seen = ReadShot(shot, shot.render, parts, watched)
            try:
                bounded(lambda: seen.look(frames, reel.engine))
            except ConsentMissing:
                raise
            except DubsyncError:  # the proof goes on, and finds out itself if a file is damaged
                _log.info("the check does not see %s with its proof", shot.name, exc_info=True)
            else:
                self._seen = seen

        return look

    def taken(self) -> ReadShot | None:
        """What was seen since this was last asked; None: nothing."""
        seen, self._seen = self._seen, None
        return seen
