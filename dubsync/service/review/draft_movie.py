"""The movie of a draft: the whole picture with the dub, and DRAFT across it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dubsync.core.progress import Progress
from dubsync.core.result import RenderedShot
from dubsync.media.movie.review import write_review_movie
from dubsync.qc.drawing import RGB
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.draft import SCHEMA, Draft, draft_home, is_open_draft, write_draft
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.record_form import SEAL
from dubsync.service.review.shot import MovieFrames, dub_over


def write_drafts(reel: Reel, results: Sequence[ShotResult], progress: Progress) -> dict[str, str]:
    """Make drafts of the renders of a sync that nobody approved; shot -> path of its movie.

    Raises:
        DeliveryError: a movie cannot be written.
        ConsentMissing: a performer in a shot no longer consents.
    """
    made = (_drafted(reel, one.rendered, progress) for one in results if one.rendered)
    return dict(one for one in made if one is not None)


def _drafted(reel: Reel, rendered: RenderedShot, progress: Progress) -> tuple[str, str] | None:
    """The shot's name and its movie; None if the version is approved already."""
    folder, name = Path(rendered.record).parent, rendered.shot.name
    record = whole_record(folder)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    write_draft(reel.store, Draft(SCHEMA, name, folder.name, str(record[SEAL]), made))
    if not is_open_draft(reel.store, name, folder):
        return None
    movie = draft_home(reel.store, name) / reel.store.layout.named(name, f"{folder.name}_draft.mp4")
    if not movie.exists():
        reel.consent(rendered.shot, LIP_REENACT)
        watched = reel.watching(progress, rendered.shot)
        sound = dub_over(reel, rendered.shot, rendered.frames)
        frames = MovieFrames(
            rendered, True, False, reel.turnover.cut.drop, across=f"DRAFT {folder.name}"
        )
        title = "   ".join((name, reel.language, folder.name, "DRAFT: not approved"))
        pictures: Iterator[RGB] = frames.pictures(title, sound, watched)
        write_review_movie(movie, pictures, frames.rate, sound)
    return name, str(movie)
