"""Photographs of performers that a project names: further pictures to draw their heads from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.service.settings.toml_fields import texts_of


def parse_photos(
    characters: Mapping[str, dict[str, Any]], folder: Path, media: Sequence[Path]
) -> dict[str, tuple[Path, ...]]:
    """Character -> photographs, or folders of them, where [characters.NAME] names some.

    Raises:
        SettingsError: no path, or one outside the project and its media folders.
    """
    result = {}
    roots = [root.resolve() for root in (folder, *media)]
    for character, keys in characters.items():
        if "photos" not in keys:
            continue
        named = texts_of(keys, "photos")
        paths = tuple((folder / text).resolve() for text in named if text)
        for text, path in zip(named, paths, strict=False):
            if not any(path.is_relative_to(root) for root in roots):
                raise SettingsError(
                    f"[characters.{character}] photos {text!r} lies outside the project",
                    hint="put the photographs into the project's folder or a media folder",
                )
        if not paths:
            raise SettingsError(
                f"[characters.{character}] photos names nothing",
                hint='write photos = "photos/ELISE", a folder, or leave it out',
            )
        result[character] = paths
    return result
