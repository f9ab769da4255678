"""The matte shaped by hand: how far it is grown and feathered, and what is cut out of it.

Growth and feather are controls (`controls.MATTE`), so they have keys and spans as all others.  A
cut-out is a polygon with keyframes: inside it the plate's own samples stay, as they do in front of
a hand, a microphone or a collar that nothing detected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import SettingsError
from dubsync.core.timeline.rising import check_rising
from dubsync.core.timeline.timecode import FrameRange

Point = tuple[float, float]
Outline = tuple[Point, ...]

#: A matte can be grown by this share of the distance between the eyes.  Further out no skin is
#: drawn: the engine draws a ring of 0.24 round the matte.
MOST_GROWTH = 0.2
#: Width of a cut-out's soft edge, plate pixels, and the widest.
SOFT, MOST_SOFT = 4.0, 200.0
LEAST_POINTS, MOST_POINTS = 3, 200
MOST_CUT_OUTS, MOST_KEYS, LONGEST_NAME = 50, 2000, 60
#: Coordinates lie within this many pixels of the picture's corner.
FARTHEST = 100_000.0


@dataclass(frozen=True, slots=True)
class CutOut:
    """A polygon inside which the plate is kept.

    name   unique in the tweak
    keys   (plate frame, outline) in the order of frames; all outlines have the same number of
           points, in plate pixels of square pixels, pixel centres at .5
    first, last  plate frames in which it applies, both included; None: from the shot's first, to
           its last
    shown  whether it applies at all
    soft   width of the soft edge outside the outline, plate pixels
    """

    name: str
    keys: tuple[tuple[int, Outline], ...]
    first: int | None = None
    last: int | None = None
    shown: bool = True
    soft: float = SOFT

    def __post_init__(self) -> None:
        name = self.name
        if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME:
            raise SettingsError(f"{name!r:.80} is no name of a cut-out",
                                hint=f"1 to {LONGEST_NAME} characters")  # fmt: skip
        if not name.isprintable() or set("=:;,@") & set(name):
            raise SettingsError(f"{name!r} is no name of a cut-out", hint="leave out = : ; , @")
        if not 0 < len(self.keys) <= MOST_KEYS:
            raise SettingsError(f"cut-out {name} has {len(self.keys)} keys",
                                hint=f"1 to {MOST_KEYS}")  # fmt: skip
        frames = [frame for frame, _ in self.keys]
        if frames != sorted(set(frames)):
            raise SettingsError(f"cut-out {name}: its keys repeat or are out of order",
                                hint="one key a frame, in rising order")  # fmt: skip
        for frame, outline in self.keys:
            _check_outline(name, frame, outline, len(self.keys[0][1]))
        if self.first is not None and self.last is not None:
            check_rising(self.first, self.last, f"cut-out {name}: ")
        if not 0 <= self.soft <= MOST_SOFT:
            raise SettingsError(f"cut-out {name}: soft={self.soft:g} is out of range",
                                hint=f"0 to {MOST_SOFT:g} pixels")  # fmt: skip

    def applies(self, frame: int) -> bool:
        """Whether it cuts in plate frame `frame`."""
        from_first = self.first is None or frame >= self.first
        return self.shown and from_first and (self.last is None or frame <= self.last)

    def at(self, frame: int) -> Outline:
        """The outline in plate frame `frame`, whether it applies there or not.

        Between keys each point goes straight; before the first and after the last it stays.
        """
        after = next((n for n, (at, _) in enumerate(self.keys) if at >= frame), len(self.keys))
        if after == 0:
            return self.keys[0][1]
        if after == len(self.keys):
            return self.keys[-1][1]
        (a, before), (b, then) = self.keys[after - 1], self.keys[after]
        if b == frame:
            return then
        share = (frame - a) / (b - a)
        return tuple(
            (x + share * (u - x), y + share * (v - y))
            for (x, y), (u, v) in zip(before, then, strict=True)
        )

    def keyed(self, frame: int, outline: Outline) -> CutOut:
        """With a key at `frame`.  Raises SettingsError: another number of points."""
        keys = {**dict(self.keys), frame: outline}
        return replace(self, keys=tuple(sorted(keys.items())))

    def without_key(self, frame: int) -> CutOut | None:
        """Without the key at `frame`; None where that was its last."""
        keys = tuple(key for key in self.keys if key[0] != frame)
        return replace(self, keys=keys) if keys else None

    def moved(self, by: int) -> CutOut:
        """The same, `by` frames later."""
        return replace(
            self,
            keys=tuple((frame + by, outline) for frame, outline in self.keys),
            first=None if self.first is None else self.first + by,
            last=None if self.last is None else self.last + by,
        )


def _check_outline(name: str, frame: int, outline: Outline, points: int) -> None:
    where = f"cut-out {name} at frame {frame}"
    if not LEAST_POINTS <= len(outline) <= MOST_POINTS:
        raise SettingsError(f"{where} has {len(outline)} points",
                            hint=f"{LEAST_POINTS} to {MOST_POINTS}")  # fmt: skip
    if len(outline) != points:
        raise SettingsError(
            f"{where} has {len(outline)} points, and {points} at its first key",
            hint="the same points, moved; or cut out a second shape under another name",
        )
    if not all(abs(value) <= FARTHEST for point in outline for value in point):
        raise SettingsError(f"{where} lies far outside the picture", hint="plate pixels")


def checked_cut_outs(cut_outs: Sequence[CutOut]) -> tuple[CutOut, ...]:
    """`cut_outs`.  Raises SettingsError: names repeat, or there are too many."""
    names = [one.name for one in cut_outs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SettingsError(f"two cut-outs are called {twice}", hint="each has its own name")
    if len(names) > MOST_CUT_OUTS:
        raise SettingsError(f"{len(names)} cut-outs", hint=f"at most {MOST_CUT_OUTS} in a shot")
    return tuple(cut_outs)


def with_cut_out(cut_outs: Sequence[CutOut], new: CutOut) -> tuple[CutOut, ...]:
    """`cut_outs` with `new` in place of the one of its name, or behind all others."""
    if any(one.name == new.name for one in cut_outs):
        return tuple(new if one.name == new.name else one for one in cut_outs)
    return (*cut_outs, new)


@dataclass(frozen=True, slots=True, eq=False)
class MatteShape:
    """How the matte of one face is grown and feathered over `frames` (T of them).

    grow     (T,) pixels by which its outline goes outwards; negative: inwards
    feather  (T,) pixels by which its soft edge is wider than usual; negative: narrower
    scale    pixels of the picture to a pixel of the plate
    """

    frames: FrameRange
    grow: Array
    feather: Array
    scale: float = 1.0

    def __post_init__(self) -> None:
        seal(self, "grow", len(self.frames))
        seal(self, "feather", len(self.frames))

    def at_scale(self, scale: float) -> MatteShape:
        """The same in a picture that is scaled down."""
        by = np.float32(scale)
        return MatteShape(self.frames, self.grow * by, self.feather * by, self.scale * scale)
