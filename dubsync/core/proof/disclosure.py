"""What was altered in a delivered version of a film, as it is disclosed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dubsync.core.timeline.timecode import FrameRange

#: What of a performer was altered, least first.
Part = Literal["mouth", "face", "head"]
PARTS: tuple[Part, ...] = ("mouth", "face", "head")


@dataclass(frozen=True, slots=True)
class Altered:
    """One shot in which performers' pictures were altered.

    track    of the cut, on which it is
    version  the render that is delivered, "v002"
    parts    character -> what of them was altered
    source, record  the frames that the cut shows: of the plate, and of the timeline
    frames   frames of `source` and its handles with an altered sample
    approved whether a person approved this version
    digest   SHA-256 of the render's record
    """

    shot: str
    track: str
    version: str
    parts: dict[str, Part]
    source: FrameRange
    record: FrameRange
    frames: int
    approved: bool
    digest: str

    @property
    def words(self) -> str:
        """What was altered: "mouth of ELISE, head of MARC"."""
        return ", ".join(f"{part} of {name}" for name, part in sorted(self.parts.items()))


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was altered in one language of a reel, and the files that say so.

    altered  every altered shot, in record order
    kept     (shot, why) of every shot that keeps its plate
    credit   the credit in the language of the dub, then in English if that is another
    files    "credit", "json", "edl", "markers-avid", "markers-resolve" -> path
    """

    language: str
    altered: tuple[Altered, ...]
    kept: tuple[tuple[str, str], ...]
    credit: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    losses: tuple[str, ...] = ()
