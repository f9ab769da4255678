"""The plate in a movie or an image sequence, without decoding it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import MediaError, TimecodeError
from dubsync.core.picture import PictureFormat
from dubsync.core.reading.reading import AS_STORED, Reading
from dubsync.core.reading.true_times import places_at
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange, Timecode
from dubsync.media.movie.field_order import field_facts
from dubsync.media.movie.frame_index import MovieIndex, index_movie
from dubsync.media.pixels.fields import refuse_uneven
from dubsync.media.stills.read import STILLS, still_format
from dubsync.media.stills.sequence import Numbered, missing, sequence_at
from dubsync.media.stills.single import refuse_still
from dubsync.media.stills.slate import slate_of

#: A camera's clip name begins with its reel: A001C003_..., A001_C003.
_CAMERA_ROLL = re.compile(r"([A-Z]\d{3}_?C\d{3})(?![0-9])")


@dataclass(frozen=True, slots=True)
class _Start:
    """The number of a plate's first frame, and a warning about it ("": none)."""

    frame: int
    drop: bool = False
    has_timecode: bool = False
    warning: str = ""


def probe_plate(path: Path, *, rate: Fraction | None = None) -> Plate:
    """The plate at `path`: a movie, or an image sequence by pattern, first file or folder.

    Frames are numbered from the file's start timecode, at its exact rate.  Without timecode, a
    movie starts at 0 and a sequence at the number in its first file's name.

    Args:
        rate: frames per second of an image sequence whose files do not state it.

    Raises:
        MediaError: the plate cannot be read; the message gives the reason.
        VariableRate: a movie whose frames have times that say nothing.
    """
    result = sequence_at(path)
    if result is not None:
        return _sequence_plate(result, rate)[0]
    refuse_still(path)
    if path.suffix.lower() in STILLS:
        raise MediaError(f"{path} does not exist", hint="check the path")
    return _movie_plate(path)[0]


def plate_of(source: Path | Numbered, rate: Fraction | None = None) -> tuple[Plate, str]:
    """The plate in a movie or a sequence, and a warning about its first frame ("": none).

    Raises as `probe_plate`.
    """
    plate, start = (
        _sequence_plate(source, rate) if isinstance(source, Numbered) else _movie_plate(source)
    )
    return plate, start.warning


def _movie_plate(path: Path) -> tuple[Plate, _Start]:
    index = index_movie(path)
    form, reading = _read_as(path, index)
    start = _start(index.timecode, index.rate, 0)
    plate = Plate(
        name=path.name,
        path=str(path.absolute()),
        reel=index.reel or _camera_roll(path.name),
        frames=FrameRange(start.frame, start.frame + _length(index), index.rate),
        format=form,
        drop=start.drop,
        has_sound=index.has_sound,
        has_timecode=start.has_timecode,
        reading=reading,
    )
    return plate, start


def _length(index: MovieIndex) -> int:
    """The number of frames; of a variable rate, those of its steady rate that fill its time."""
    return places_at(index.times, index.rate)[-1] + 1 if index.times else len(index.pts)


def _read_as(path: Path, index: MovieIndex) -> tuple[PictureFormat, Reading]:
    """The format of a movie's frames with their fields, and how else it is read."""
    if index.times:
        told = [
            f"its {len(index.pts)} frames are not evenly spaced in time: each is shown at its own "
            f"time, in {_length(index)} frames at {index.rate} fps"
        ]
        unseen = len(index.times) - len(set(places_at(index.times, index.rate)))
        if unseen:
            told.append(f"{unseen} of its frames are never shown: the next comes too soon at "
                        f"{index.rate} fps")  # fmt: skip
        if index.flagged:
            told.append(f"it is flagged {index.flagged} field first, and its frames are drawn "
                        "whole: at a variable rate fields cannot be told; look for combs where it "
                        "moves")  # fmt: skip
        return index.format, Reading(index.times, tuple(told), flagged=index.flagged)
    if not index.flagged:
        return index.format, AS_STORED
    facts = field_facts(path, index.flagged, index.rate)
    form = replace(index.format, fields=facts.fields)
    if facts.fields:
        refuse_uneven(form, str(path))
    return form, Reading(told=facts.told, film=facts.film, flagged=index.flagged)


def _sequence_plate(result: Numbered, rate: Fraction | None) -> tuple[Plate, _Start]:
    gaps = missing(result.numbers)
    if gaps:
        raise MediaError(
            f"{result.path}: frame {gaps[0]} is missing"
            + (f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""),
            hint="copy the sequence again",
        )
    first = result.file(result.numbers[0])
    slate = slate_of(first)
    rate = slate.rate or rate
    if rate is None:
        raise MediaError(
            f"{result.path} does not state its frame rate",
            hint='set rate = "24000/1001" in dubsync.toml',
        )
    start = _sequence_start(result, slate.timecode, rate)
    plate = Plate(
        name=result.pattern,
        path=str((result.folder / result.pattern).absolute()),
        reel=slate.reel or _camera_roll(result.pattern),
        frames=FrameRange(start.frame, start.frame + len(result.numbers), rate),
        format=still_format(first),
        drop=start.drop,
        first_number=result.numbers[0],
        has_timecode=start.has_timecode,
    )
    return plate, start


def _sequence_start(result: Numbered, printed: str, rate: Fraction) -> _Start:
    """The start by the first header's timecode, if the last header's agrees with it."""
    number = result.numbers[0]
    start = _start(printed, rate, number)
    if not start.has_timecode or len(result.numbers) == 1:
        return start
    last = _start(slate_of(result.file(result.numbers[-1])).timecode, rate, number)
    if last.has_timecode and last.frame - start.frame == len(result.numbers) - 1:
        return start
    return _Start(number, warning=f"the timecodes of its first and last file do not agree; frames "
                                f"are counted from {number}, its first file's number")  # fmt: skip


def _start(printed: str, rate: Fraction, otherwise: int) -> _Start:
    """The start by a timecode as printed; frame number `otherwise` without a valid one."""
    if not printed:
        return _Start(otherwise)
    try:
        timecode = Timecode.parse(printed, rate)
    except TimecodeError as error:
        return _Start(otherwise, warning=f"its timecode is ignored, and frames are counted from "
                                       f"{otherwise}: {error}")  # fmt: skip
    return _Start(timecode.frame, timecode.drop, has_timecode=True)


def _camera_roll(name: str) -> str:
    result = _CAMERA_ROLL.match(name)
    return result.group(1) if result else ""
