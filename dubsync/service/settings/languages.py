"""Warnings that a reel of several languages needs beyond those of each language."""

from __future__ import annotations

from dubsync.core.errors import DubsyncError
from dubsync.core.shot import ProjectWarning
from dubsync.service.settings.project_file import ProjectFile


def missing_dub_warnings(project: ProjectFile, tag: str) -> tuple[ProjectWarning, ...]:
    """A warning for each character who is dubbed in another language, but not in `tag`."""
    first = tag == project.language
    return tuple(
        ProjectWarning(
            character,
            f"{character} has no dub in {tag}, so their mouth stays as filmed",
            f'if that is intended, write dub = "" under [characters.{character}]' if first
            else f'if that is intended, write {character} = "" under [languages.{tag}.dub]',
        )
        for character in project.missing_dubs(tag)
    )  # fmt: skip


def unreadable_language_warning(tag: str, error: DubsyncError) -> ProjectWarning:
    """The dub into an earlier language cannot be read, so actors do not learn from its shots."""
    return ProjectWarning(
        tag,
        f"{tag} cannot be read ({error}), so actors do not learn from shots dubbed only in it",
        error.hint,
    )
