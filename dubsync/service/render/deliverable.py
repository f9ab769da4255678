"""Which shots of a reel are corrected, found out on the bytes of their files before delivery."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Shot
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.fault import bounded
from dubsync.service.reel.reel import Reel
from dubsync.service.render.sync import newest, stays_plate
from dubsync.service.render.verify_render import verified


@dataclass(frozen=True, slots=True)
class Deliverable:
    """What a delivery of a reel can hold.

    corrected  the verified render of each corrected shot
    missing    (shot or event, reason) of every one that should be corrected and is not
    kept       (shot, reason) of every one that keeps its plate on purpose
    """

    corrected: tuple[RenderedShot, ...]
    missing: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]


def deliverable(reel: Reel, progress: Progress) -> Deliverable:
    """Read every render again, and say which are whole, current and allowed.

    A shot whose render is missing, cut off, altered, stale or without consent is missing, and so is
    an event with dubbed speech and no plate.
    """
    corrected: list[RenderedShot] = []
    missing: list[tuple[str, str]] = []
    kept: list[tuple[str, str]] = []
    shots = reel.turnover.shots
    for done, shot in enumerate(shots):
        progress(Step("verify", "renders", done, len(shots), unit="shots"))
        plate = stays_plate(reel, shot)
        refused = plate or reel.refusal(shot, (LIP_REENACT,))
        if refused is not None:
            (kept if plate else missing).append((shot.name, refused.reason))
            continue
        try:
            rendered = bounded(lambda shot=shot: _current(reel, shot, progress))  # type: ignore[misc]
        except DubsyncError as error:
            missing.append((shot.name, str(error)))
            continue
        if rendered is None:
            kept.append((shot.name, "no dubbed character is seen"))
        else:
            corrected.append(rendered)
    progress(Step("verify", "renders", len(shots), len(shots), unit="shots"))
    missing += [(event.name, why) for event, why in reel.turnover.skipped
                if event.name in reel.turnover.unlinked]  # fmt: skip
    return Deliverable(tuple(corrected), tuple(missing), tuple(kept))


def still_allowed(reel: Reel, ready: Deliverable) -> None:
    """Raise ConsentMissing if a corrected shot may no longer be delivered."""
    for rendered in ready.corrected:
        reel.consent(rendered.shot, LIP_REENACT)


def _current(reel: Reel, shot: Shot, progress: Progress) -> RenderedShot | None:
    """The shot's verified render; None if there is nothing to correct in it.

    Raises:
        DubsyncError: there is none, it is stale, or it is not what its record says.
    """
    plan = reel.look(progress).plan(shot)
    if not plan.faces:
        return None
    folder = newest(reel, shot)
    if folder is None:
        raise DeliveryError("it is not rendered")
    rendered, record = verified(reel, shot, folder, progress, afresh=True)
    if record["key"] != plan.render_key:
        raise DeliveryError(
            f"{folder.name} is stale: its inputs or settings have changed since it was rendered"
        )
    if stray := rendered.samples_changed_outside_matte:
        raise DeliveryError(f"{stray:,} samples changed outside the matte of {folder.name}")
    return rendered
