"""The current place of the walk through a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from dubsync.editorial.otio.timelines import Keys
from dubsync.editorial.timeline.nested_time import AffineTime


@dataclass(frozen=True, slots=True)
class Place:
    """The current place of the walk.

    keys    keys and indices that lead to the object in the document
    inside  the compounds around it, for messages ("V1 clip 2 / ")
    label   the track's name in messages and names of shots: the lowest track of a compound has
            the name of the track that the compound lies on
    number  place among its siblings, "2.1" inside the second
    offsets index of a track whose range lies outside its contents -> the seconds from the
            timeline's start at which it begins
    """

    timeline: str
    rate: Fraction
    drop: bool
    placing: AffineTime
    keys: Keys
    inside: str = ""
    label: str = ""
    number: str = ""
    track: str = ""
    sound: bool = False
    enabled: bool = True
    depth: int = 0
    offsets: Mapping[int, Fraction] = field(default_factory=dict)

    def child(self, n: int) -> Place:
        """The place of the `n`th child."""
        return replace(self, keys=(*self.keys, "children", n))

    def numbered(self, n: int) -> str:
        """The number of the `n`th clip in here."""
        return f"{self.number}.{n}" if self.number else str(n)
