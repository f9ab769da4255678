"""Paths of one machine as another has them: rules, each from a folder there to a folder here.

A farm mounts the same share under other names, `/mnt/shows` on one machine and `Z:\\shows` on
another.  The rules are those of Open Job Description (How Jobs Are Run, "Path Mapping"): the rule
with the longest source folder is applied, and only to whole folder names.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import unquote

_DRIVE_URL = re.compile(r"/[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class PathRule:
    """One folder.

    source       where it is on the machine that wrote the path, absolute
    destination  where it is on this machine, absolute
    windows      whether the source is written as Windows writes paths
    """

    source: str
    destination: str
    windows: bool = False

    def of(self, text: str) -> str | None:
        """`text` on this machine; None if it is not inside the source folder."""
        kind = PureWindowsPath if self.windows else PurePosixPath
        path, source = kind(text), kind(self.source)
        if not path.is_absolute() or not path.is_relative_to(source):
            return None
        rest = path.relative_to(source).parts
        if ".." in rest:
            return None
        return os.path.join(self.destination, *rest)

    @property
    def depth(self) -> int:
        """Number of folder names in the source."""
        kind: type[PurePath] = PureWindowsPath if self.windows else PurePosixPath
        return len(kind(self.source).parts)


@dataclass(frozen=True, slots=True)
class PathMap:
    """Rules from other machines' folders to this machine's; without rules, nothing is changed."""

    rules: tuple[PathRule, ...] = ()

    def path(self, text: str) -> str:
        """`text` with the folder of the longest rule that fits replaced; else `text` itself."""
        for rule in sorted(self.rules, key=lambda rule: -rule.depth):
            mapped = rule.of(text)
            if mapped is not None:
                return mapped
        return text

    def media(self, media: str) -> str:
        """A media path or file URL of a cut: the path here if a rule fits, else `media` itself."""
        mapped = self.path(_plain(media)) if self.rules and media else media
        return media if mapped == _plain(media) else mapped

    def inside(self, value: Any) -> Any:
        """A TOML or JSON value with every text in it mapped, names of its tables too.

        Only whole paths inside a source folder change; no other text begins with one.
        """
        if not self.rules:
            return value
        if isinstance(value, str):
            return self.path(value)
        if isinstance(value, list):
            return [self.inside(item) for item in value]
        if isinstance(value, dict):
            return {self.path(name): self.inside(item) for name, item in value.items()}
        return value


#: Paths as they are written.
UNMAPPED = PathMap()


def _plain(media: str) -> str:
    """The path of a local file URL, percent-decoded; anything else as it is."""
    for start in ("file://localhost/", "file:///"):
        if media.startswith(start):
            path = unquote("/" + media.removeprefix(start))
            return path[1:] if _DRIVE_URL.match(path) else path
    return media
