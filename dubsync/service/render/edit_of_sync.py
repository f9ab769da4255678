"""Edit media that sync makes right after a render, where [delivery] edit_made says so."""

from __future__ import annotations

from dataclasses import replace

from dubsync.core.progress import Progress
from dubsync.core.shot import ProjectWarning
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.edit_media.choice import edit_choice
from dubsync.service.edit_media.with_edit import with_edit_media
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.shot_result import ShotResult


def with_edit_of(reel: ReelInputs, result: ShotResult, progress: Progress) -> ShotResult:
    """The result of a shot with its edit media, where sync is to make them.

    Media that cannot be made are a warning: the render stands, and deliver tries again.

    Raises:
        SettingsError: the settings name a container that cannot hold the codec.
        ConsentMissing: consent was withdrawn meanwhile.
    """
    delivery, rendered = reel.settings.delivery, result.rendered
    if delivery.edit_made != "sync" or not delivery.edit or rendered is None:
        return result
    reel.consent(rendered.shot, LIP_REENACT)
    kind = edit_choice(delivery, (), ()).media
    proof = reel.settings.proof
    made, failed = with_edit_media(reel.store, [rendered], kind, progress, proof=proof)
    told = tuple(
        ProjectWarning(shot, why, "deliver tries again; see [delivery] edit in dubsync.toml")
        for shot, why in failed
    )
    return replace(
        result, rendered=made[0] if made else rendered, warnings=(*result.warnings, *told)
    )
