"""The space on disk that verbs ask for before they work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dubsync.service.project import Project

#: Go on where the disk is too small.
space_option = click.option(
    "--ignore-space", is_flag=True,
    help="Begin even if the disk is too small for all of it.",
)  # fmt: skip


def refuse_short_of_space(project: Project, *, ignore: bool, names: Sequence[str] = ()) -> None:
    """Raise DeliveryError where the project's disk cannot hold what the next run makes."""
    if ignore:
        return
    from dubsync.service.disk_space.needed import needed, refuse_short

    refuse_short(needed(project.unlooked, names or None), project.file.folder)
