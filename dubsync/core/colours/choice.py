"""What a project says of its colours, and what was found of each plate's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dubsync.core.colours.plate_colour import Source


@dataclass(frozen=True, slots=True)
class ColourChoice:
    """[colour] of dubsync.toml.

    config   an OpenColorIO config: a file, or "builtin NAME"
    working  the log space to draw in; "": the config's
    display, view  how people see pictures; "": the config's first
    spaces   (pattern, space) in order: of a plate's file name, its path from a media folder, or
             its reel, as in a shell; the first that fits counts
    """

    config: str | Path
    working: str = ""
    display: str = ""
    view: str = ""
    spaces: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SpaceOf:
    """The colour space of one plate.

    space    its name in the config; "" without a config
    source   what said it
    because  the line, rule or tag that said it, in words
    doubt    what is not known, in words; "": nothing is in doubt
    hint     how to settle it
    """

    space: str
    source: Source
    because: str
    doubt: str = ""
    hint: str = ""
