"""An expression taken from a frame of footage: "like ELISE when she is angry"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.rising import check_rising
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.curve import Values, slope, whole_frames

#: Strongest an expression can be made, in times what the footage shows.
MOST_STRENGTH = 2.0
#: Scores nearer to neutral than this are left out.
LEAST_SCORE = 0.02
_SCORE = re.compile(r"[A-Za-z]{3,32}")


@dataclass(frozen=True, slots=True)
class LikeKey:
    """An expression over plate frames `first` to `last`, both included; None: the whole shot.

    source    where it is from, as it was asked for: "ELISE:angry"
    scores    (name, offset) of the tracker's expression scores, from that performer's own neutral
    strength  1 as in the footage, 0 not at all
    """

    source: str
    scores: tuple[tuple[str, float], ...]
    strength: float = 1.0
    first: int | None = None
    last: int | None = None

    def __post_init__(self) -> None:
        if not isfinite(self.strength) or not 0 <= self.strength <= MOST_STRENGTH:
            raise SettingsError(
                f"strength {self.strength:g} of {self.source} is out of range",
                hint=f"it goes from 0 to {MOST_STRENGTH:g}; 1 is as in the footage",
            )
        if (self.first is None) != (self.last is None):
            raise SettingsError(f"{self.source}: a span needs its first frame and its last")
        if self.first is not None and self.last is not None:
            check_rising(self.first, self.last)
        for name, value in self.scores:
            if not _SCORE.fullmatch(name) or not isfinite(value) or abs(value) > 1:
                raise SettingsError(f"{self.source}: {name!r} {value!r} is no expression score")

    def slope(self, frames: FrameRange, ease: int) -> Values:
        """(T,) strength in each of `frames`, its ends eased over `ease` frames."""
        if self.first is None or self.last is None:
            return np.full(len(frames), float(self.strength))
        return self.strength * slope(self.first, self.last, frames, ease)

    @property
    def span(self) -> tuple[int | None, int | None]:
        return self.first, self.last


def scores_from(names: Sequence[str], offsets: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """Scores for a LikeKey: those of `offsets` that are farther from neutral than LEAST_SCORE."""
    return tuple(
        (name, round(min(max(float(offset), -1.0), 1.0), 4))
        for name, offset in zip(names, offsets, strict=True)
        if abs(offset) >= LEAST_SCORE
    )


def moved_like(key: LikeKey, by: int) -> LikeKey:
    """The key moved by so many frames; one of the whole shot stays."""
    if key.first is None or key.last is None:
        return key
    return LikeKey(key.source, key.scores, key.strength, key.first + by, key.last + by)


def plain_like(key: LikeKey) -> dict[str, Any]:
    """A key as JSON values."""
    values: dict[str, Any] = {"source": key.source, "scores": dict(key.scores)}
    values |= {} if key.strength == 1 else {"strength": float(key.strength)}
    return values if key.first is None else values | {"first": key.first, "last": key.last}


def like_from_plain(values: Mapping[str, Any]) -> LikeKey:
    """The key that `plain_like` wrote.  Raises SettingsError, KeyError, TypeError, ValueError."""
    first, last = values.get("first"), values.get("last")
    return LikeKey(
        str(values["source"]),
        tuple((str(name), float(value)) for name, value in dict(values["scores"]).items()),
        float(values.get("strength", 1.0)),
        None if first is None else whole_frames(first),
        None if last is None else whole_frames(last),
    )
