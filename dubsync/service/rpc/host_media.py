"""The media of a render that a plugin's host opens: the master, or edit media beside it."""

from __future__ import annotations

from dubsync.core.edit.host import MediaKind
from dubsync.core.progress import Progress
from dubsync.core.result import RenderedShot
from dubsync.core.settings import HOST_NAMES
from dubsync.service.edit_media.choice import edit_choice, master_kind
from dubsync.service.edit_media.kept_edit import kept_edit
from dubsync.service.edit_media.with_edit import with_edit_media
from dubsync.service.project import Project
from dubsync.service.reel.shot_result import ShotResult


def host_named(client: str) -> str:
    """The host that a plugin's name stands for; "": none whose media are known."""
    return client.lower() if client.lower() in HOST_NAMES else ""


def make_host_media(project: Project, result: ShotResult, host: str, progress: Progress) -> str:
    """Make the edit media of a render that `host` needs; why they could not be made, or "".

    Raises:
        SettingsError: the project asks for edit media that there are not.
    """
    if result.rendered is None:
        return ""
    kind = _wanted(project, result.rendered, host)
    proof = project.file.settings.proof
    _, failed = with_edit_media(project.store, [result.rendered], kind, progress, proof=proof)
    return failed[0][1] if failed else ""


def host_media(project: Project, rendered: RenderedShot, host: str) -> str:
    """Path of the edit media that `host` opens, as they were made of a render; "": none.

    Of a sequence it is a printf pattern.
    """
    kind = _wanted(project, rendered, host)
    kept = kept_edit(project.store, rendered, kind.codec, kind.container) if kind else None
    return kept.picture if kept else ""


def _wanted(project: Project, rendered: RenderedShot, host: str) -> MediaKind | None:
    delivery = project.file.settings.delivery
    masters, forms = [master_kind(rendered)], [rendered.shot.plate.format]
    return edit_choice(delivery, masters, forms, once_for=host).media
