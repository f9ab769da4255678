"""Named expressions in the footage of a reel's characters: found, pictured, given to a tweak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import working_rgb
from dubsync.core.errors import EngineError, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.learning.expressions import FindExpressions, NamedExpression
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress
from dubsync.core.shot import Shot
from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.plate import open_square
from dubsync.service.reel.footage import SeenIn
from dubsync.service.reel.reel import Reel

#: A picture shows this many widths of the face.
ROOM = 1.7


@dataclass(frozen=True, slots=True, eq=False)
class Expressions:
    """The expressions of one character, and the shots that their tracks are of.

    tracks  (shot, track) as NamedExpression.track counts them
    """

    character: str
    found: tuple[NamedExpression, ...]
    tracks: tuple[tuple[Shot, FaceTrack], ...]

    def where(self, one: NamedExpression) -> str:
        """Plate and frame of an expression, for people."""
        return f"{self.tracks[one.track][0].plate.name} frame {one.frame}"

    def face(self, one: NamedExpression, side: int) -> NDArray[np.uint8]:
        """(side, side, 3) the face that shows it, as displayed.  Raises MediaError."""
        shot, track = self.tracks[one.track]
        with open_square(shot.plate) as reader:
            frame = next(iter(reader.read([one.frame])))
        return face_of(frame, track, side)


def expressions_of(
    reel: Reel, characters: Sequence[str], progress: Progress
) -> tuple[Expressions, ...]:
    """The named expressions of characters, found in all plates that show them; () means all.

    Raises:
        SettingsError: no such character, or no plate shows them.
        ConsentMissing: no consent record covers training on a performer.
        EngineError: the engine finds no expressions.
    """
    known = list(dict.fromkeys(c for shot in reel.turnover.shots for c in shot.characters))
    for name in characters:
        if name not in known:
            raise SettingsError(f"no character is called {name!r}",
                                hint="the reel dubs " + ", ".join(known))  # fmt: skip
    actors = reel.look(progress).actors
    result = []
    for name in characters or known:
        seen = actors.seen(name)
        if not seen:
            if characters:
                raise SettingsError(f"no plate shows {name}", hint="who is who: dubsync faces REEL")
            continue
        reel.train_consent(name)
        result.append(_found(reel, name, seen))
    return tuple(result)


def finder(reel: Reel) -> FindExpressions:
    """The engine's step that finds expressions.  Raises EngineError where it has none."""
    find = reel.engine.expressions
    if find is None:
        raise EngineError("this engine finds no expressions", hint="use dubsync's own engine")
    return find


def _found(reel: Reel, name: str, seen: Sequence[SeenIn]) -> Expressions:
    tracks = tuple((one.shot, track) for one in seen for track in one.tracks)
    return Expressions(name, finder(reel)([track for _, track in tracks]), tracks)


def face_of(frame: Frame, track: FaceTrack, side: int) -> NDArray[np.uint8]:
    """(side, side, 3) the tracked face of a frame with some room round it, as displayed."""
    points = track.landmarks[frame.number - track.frames.start, :, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    form = frame.format
    half = min(ROOM / 2 * float((high - low).max()), form.width / 2, form.height / 2)
    # A face near the frame's edge is shown beside its middle, not beside a black bar.
    middle = np.clip((low + high) / 2, half, np.array([form.width, form.height]) - half)
    wanted = Region(*(int(v) for v in (*(middle - half), *(middle + half))))
    region = wanted.aligned(frame.format)
    picture = np.clip(working_rgb(frame, region), 0, 1)
    full = np.zeros((wanted.height, wanted.width, 3), np.float32)
    y, x = max(region.top - wanted.top, 0), max(region.left - wanted.left, 0)
    part = picture[: full.shape[0] - y, : full.shape[1] - x]
    full[y : y + part.shape[0], x : x + part.shape[1]] = part
    small = cv2.resize(full, (side, side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.round(small * 255), np.uint8)


def with_expression(tweak: Tweak, key: LikeKey, one: NamedExpression) -> Tweak:
    """`tweak` with an expression; its eyes are turned too where that is one of the eyes."""
    tweak = tweak.liking(key)
    if not one.name.startswith("look "):
        return tweak
    for name, value in zip(("gaze_x", "gaze_y"), one.gaze, strict=True):
        value = min(max(value * key.strength, -1.0), 1.0)
        if key.first is None or key.last is None:
            tweak = tweak.held(name, value)
        else:
            tweak = tweak.spanned(name, key.first, key.last, value)
    return tweak
