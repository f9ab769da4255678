"""Settings that are one of several words: the region that is drawn, and what the eyes look at.

A Choice has a value for the whole shot and spans that override it.  It has no values in between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal, cast, get_args

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.rising import check_rising
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.curve import whole_frames

#: How much of the picture may change: the mouth; the whole face; head, hair, neck and shoulders.
Region = Literal["mouth", "face", "head"]
REGIONS: tuple[Region, ...] = get_args(Region)
MOUTH_ONLY: Region = "mouth"
#: What the eyes look at: "off" is where they look anyway, "camera", or "X,Y" in plate pixels.
NOWHERE, CAMERA = "off", "camera"
#: The settings that are choices, and what each is where nobody set it.
CHOICES = {"region": MOUTH_ONLY, "look_at": NOWHERE}
_POINT = re.compile(r"(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class ChoiceSpan:
    """`value` over plate frames `first` to `last`, both included."""

    first: int
    last: int
    value: str

    def __post_init__(self) -> None:
        check_rising(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice over time.

    value  in every frame that is in no span
    spans  override it; a later span overrides an earlier one
    """

    value: str
    spans: tuple[ChoiceSpan, ...] = ()

    def at(self, frames: FrameRange) -> tuple[str, ...]:
        """The value in each of `frames`."""
        result = [self.value] * len(frames)
        for span in self.spans:
            for frame in range(max(span.first, frames.start), min(span.last + 1, frames.stop)):
                result[frame - frames.start] = span.value
        return tuple(result)

    def span_at(self, frame: int) -> ChoiceSpan | None:
        """The span that is in force at a frame; None where there is none."""
        return next((s for s in reversed(self.spans) if s.first <= frame <= s.last), None)

    def at_frame(self, frame: int) -> str:
        """The value in one frame."""
        span = self.span_at(frame)
        return self.value if span is None else span.value

    def spanned(self, first: int, last: int, value: str) -> Choice:
        """With a span that overrides the others; a span over the same frames is replaced."""
        others = tuple(s for s in self.spans if (s.first, s.last) != (first, last))
        return replace(self, spans=(*others, ChoiceSpan(first, last, value)))

    def moved(self, by: int) -> Choice:
        """Its spans moved by so many frames."""
        spans = (replace(s, first=s.first + by, last=s.last + by) for s in self.spans)
        return replace(self, spans=tuple(spans))


def checked_choice(name: str, value: str) -> str:
    """`value` of the choice called `name`, as it is kept.  Raises SettingsError."""
    text = value.strip().lower()
    if name == "region":
        if text not in REGIONS:
            raise SettingsError(
                f"region={value} is no region", hint=f"region is one of {', '.join(REGIONS)}"
            )
        return text
    if text in (NOWHERE, CAMERA):
        return text
    point = looked_at(text)
    if point is None or not all(map(isfinite, point)):
        raise SettingsError(
            f"look_at={value} is nothing to look at",
            hint="look_at is camera, off, or a point of the plate: look_at=640,360",
        )
    return f"{point[0]:g},{point[1]:g}"


def looked_at(value: str) -> tuple[float, float] | None:
    """The point (x, y), plate pixels, that a look_at names; None for "camera" and "off"."""
    parsed = _POINT.fullmatch(value.strip())
    return None if parsed is None else (float(parsed[1]), float(parsed[2]))


def regions_at(choice: Choice, frames: FrameRange) -> tuple[Region, ...]:
    """The region of each of `frames`; there is none in between two."""
    return cast("tuple[Region, ...]", choice.at(frames))


def plain_choice(choice: Choice) -> object:
    """A choice as a JSON value."""
    if not choice.spans:
        return choice.value
    return {"value": choice.value, "spans": [[s.first, s.last, s.value] for s in choice.spans]}


def choice_from_plain(name: str, values: object) -> Choice:
    """The choice that `plain_choice` wrote.

    Raises:
        SettingsError: a value that the choice has not.
        KeyError, TypeError, ValueError: anything else than what `plain_choice` writes.
    """
    if isinstance(values, str):
        return Choice(checked_choice(name, values))
    if not isinstance(values, dict):
        raise TypeError(values)
    spans = tuple(
        ChoiceSpan(whole_frames(first), whole_frames(last), checked_choice(name, str(value)))
        for first, last, value in values.get("spans", [])
    )
    return Choice(checked_choice(name, str(values["value"])), spans)
