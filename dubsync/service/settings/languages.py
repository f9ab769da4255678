"""What a reel of several languages has to tell beyond what each language tells by itself."""

from __future__ import annotations

from dubsync.core.errors import DubsyncError
from dubsync.core.shot import ProjectWarning
from dubsync.service.settings.project_file import ProjectFile


def forgotten_warnings(project: ProjectFile, tag: str) -> tuple[ProjectWarning, ...]:
    """A warning for each character who is dubbed in another language, but not in `tag`."""
    first = tag == project.language
    return tuple(
        ProjectWarning(
            who,
            f"{who} has no dub in {tag}, so their mouth is left as it is",
            f'if that is meant: dub = "" under [characters.{who}]' if first
            else f'if that is meant: {who} = "" under [languages.{tag}.dub]',
        )
        for who in project.forgotten(tag)
    )  # fmt: skip


def unread_warning(tag: str, error: DubsyncError) -> ProjectWarning:
    """That the dub into an earlier language cannot be read, so that it teaches nothing."""
    return ProjectWarning(
        tag,
        f"{tag} cannot be read ({error}), so what its shots alone show of a face teaches no actor",
        error.hint,
    )
