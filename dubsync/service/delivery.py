"""The corrected cut, handed back: .otio and EDL in a new version of delivery/."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.core.result import Delivery, RenderedShot
from dubsync.editorial.conform import corrected_edl, corrected_otio
from dubsync.service.atomic import write_whole
from dubsync.service.reel import Reel
from dubsync.service.store import NewVersion


def deliver(reel: Reel, rendered: Sequence[RenderedShot], *, name: str, report: str) -> Delivery:
    """Write the cut with `rendered` in it, beside what it came from.

    Raises:
        DeliveryError: nothing is rendered, or the folder cannot be written.
    """
    if not rendered:
        raise DeliveryError("no shot is rendered, so there is nothing to hand back",
                            hint="run dubsync sync first and see what it says")  # fmt: skip
    with NewVersion(reel.store, "delivery") as version:
        stem = f"{name}_{reel.language}_{version.name}"
        near = [_counted_from(shot, version.final) for shot in rendered]
        otio = corrected_otio(reel.turnover.cut, reel.turnover, near, language=reel.language)
        edl, losses = corrected_edl(reel.turnover.cut, reel.turnover, near)
        write_whole(version.folder / f"{stem}.otio", otio)
        write_whole(version.folder / f"{stem}.edl", edl)
    return Delivery(
        otio=str(version.final / f"{stem}.otio"),
        edl=str(version.final / f"{stem}.edl"),
        report=report,
        losses=losses,
    )


def _counted_from(shot: RenderedShot, folder: Path) -> RenderedShot:
    """Paths relative to the delivery: the whole project can be moved to another disk."""

    def near(path: str) -> str:
        return Path(os.path.relpath(path, folder)).as_posix() if path else ""

    return replace(
        shot,
        picture=near(shot.picture),
        matte=near(shot.matte),
        layer=near(shot.layer),
        record=near(shot.record),
    )
