"""Whether a movie's frames are two fields, and which is the earlier: by its flags and its pictures.

Flags are wrong often enough: progressive segmented frames are flagged as interlaced, and a file's
field order is lost when it is wrapped anew.  So where a file is flagged, a few moving frames are
looked at.  Two fields of one moment fit together line by line; those of two moments comb.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.picture import FieldName
from dubsync.media.files.container import opened, picture_stream
from dubsync.media.movie.pulldown import FilmRuns, film_runs, looks_telecined

#: FFmpeg's AVFieldOrder -> the earlier field.  TB and BT are QuickTime's 9 and 14 (Apple TN2162)
#: and Matroska's (RFC 9559, 5.1.4.1.28.4): the first line is the earlier, or the later.
_STATED: dict[int, FieldName] = {2: "top", 3: "bottom", 4: "top", 5: "bottom"}
#: Most frames that are looked at, and moving pairs of them that are enough.
_LOOKED, _ENOUGH = 150, 24
#: 8-bit levels by which a moving sample changes, and the fewest such samples in a moving frame.
_MOVES, _FEWEST = 12, 100
#: How alike weaving a field with the one after it and with the one before it look where both are as
#: far away, as in whole frames; and the most that fields of one moment comb, of what others do.
#: Measured on five clips: whole frames .98 and up, .17 to .65; interlaced .41 to .43, .87 to 1.06.
_ALIKE, _COMBS = 0.8, 0.75
_NTSC = Fraction(30000, 1001)

Luma = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What a flagged movie's pictures show.

    fields  the earlier field; "" where frames are whole
    film    stretches of 2:3 pulldown, see `Reading.film`; () where it is no telecine
    told    what a person must know, as sentences
    """

    fields: FieldName
    film: FilmRuns = ()
    told: tuple[str, ...] = ()


def stated_fields(stream: Any, first: av.VideoFrame, lines: int) -> FieldName:
    """The earlier field by stream and frame flags; "" where the movie is flagged progressive.

    A frame may be flagged as interlaced in a stream that does not state the order: then bottom
    first in standard definition at 29.97 fps and in DV, top first elsewhere.
    """
    stated = _STATED.get(int(stream.codec_context.field_order))
    if stated is not None:
        return stated
    if not first.interlaced_frame:
        return ""
    old = lines in (480, 486) or stream.codec_context.name == "dvvideo"
    return "bottom" if old else "top"


def field_facts(path: Path, flagged: FieldName, rate: Fraction) -> FieldFacts:
    """How the frames of a movie that is flagged as interlaced are to be read; cached.

    Raises:
        MediaError: a frame does not decode.
    """
    state = path.stat()
    return _facts(path.absolute(), state.st_size, state.st_mtime_ns, flagged, rate)


@lru_cache(maxsize=256)
def _facts(path: Path, size: int, changed: int, flagged: FieldName, rate: Fraction) -> FieldFacts:
    seen = _Seen()
    lumas = []
    for interlaced, luma in _lumas(path):
        seen.add(interlaced, luma)
        if abs(rate - _NTSC) < Fraction(1, 10):
            lumas.append(luma[:, ::2])
        if seen.frames >= _LOOKED or len(seen.pairs) >= _ENOUGH:
            break
    told = seen.told
    order = seen.order or flagged
    if lumas and looks_telecined(lumas, order):
        runs, more = film_runs((luma for _, luma in _lumas(path)), order)
        if runs:
            return FieldFacts(order, runs, (*told, *more))
    if seen.whole:
        return FieldFacts("", (), (
            *told, "its frames are flagged as interlaced, but each is one moment (progressive "
            "segmented frames): they are drawn whole, and flagged again as they were",
        ))  # fmt: skip
    if order != flagged:
        told = (*told, f"it is flagged {flagged} field first, but its pictures move {order} field "
                f"first: they are drawn so, and flagged again as they were")  # fmt: skip
    elif not seen.order:
        why = ("its first frames do not show which field is the earlier" if seen.pairs
               else "nothing moves in its first frames")  # fmt: skip
        told = (*told, f"{why}, so its flags are believed: {flagged} field first")
    return FieldFacts(order, (), told)


class _Seen:
    """What pairs of consecutive frames show.

    pairs  (combing of a frame's own fields, of its later field with the next frame's earlier one
           if the top is the earlier, and if the bottom is), over what moves
    """

    def __init__(self) -> None:
        self.frames, self.flagged = 0, 0
        self.pairs: list[tuple[float, float, float]] = []
        self._before: Luma | None = None

    def add(self, interlaced: bool, luma: Luma) -> None:
        """One frame more."""
        self.frames += 1
        self.flagged += interlaced
        before, self._before = self._before, luma
        if before is None:
            return
        top, bottom, next_top, next_bottom = before[::2], before[1::2], luma[::2], luma[1::2]
        moves = (np.abs(next_top - top) > _MOVES) | (np.abs(next_bottom - bottom) > _MOVES)
        if np.count_nonzero(moves) < _FEWEST:
            return
        woven = ((top, bottom), (next_top, bottom), (top, next_bottom))
        own, if_top, if_bottom = (float(_combing(*one)[moves].mean()) for one in woven)
        self.pairs.append((own, if_top, if_bottom))

    @property
    def whole(self) -> bool:
        """Whether both fields of each frame are of one moment."""
        if not self.pairs:
            return False
        own, if_top, if_bottom = np.sum(self.pairs, axis=0)
        near, far = sorted((if_top, if_bottom))
        return bool(near > _ALIKE * far and own < _COMBS * near)

    @property
    def order(self) -> FieldName:
        """The earlier field; "" where that cannot be seen."""
        if not self.pairs or self.whole:
            return ""
        _, if_top, if_bottom = np.sum(self.pairs, axis=0)
        near, far = sorted((if_top, if_bottom))
        if near > _ALIKE * far:
            return ""
        return "top" if if_top < if_bottom else "bottom"

    @property
    def told(self) -> tuple[str, ...]:
        if 0 < self.flagged < self.frames:
            return (f"{self.flagged} of its first {self.frames} frames are flagged as interlaced, "
                    "the others as whole: all are read alike",)  # fmt: skip
        return ()


def _combing(top: Luma, bottom: Luma) -> NDArray[np.float32]:
    """How far each line of the bottom field is from the top field's lines round it."""
    below = np.vstack([top[1:], top[-1:]])
    return np.abs(bottom - (top + below).astype(np.float32) / 2)


def _lumas(path: Path) -> Iterator[tuple[bool, Luma]]:
    """Each frame's flag, and its luma in 8-bit levels, every second column, an even height."""
    try:
        with opened(path) as container:
            stream = picture_stream(path, container)
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                luma = frame.to_ndarray(format="gray")
                yield (
                    bool(frame.interlaced_frame),
                    luma[: len(luma) // 2 * 2, ::2].astype(np.int16),
                )
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be decoded: {error}", hint="copy it again") from error
