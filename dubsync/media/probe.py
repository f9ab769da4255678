"""Find plates in files and folders, without decoding them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import DubsyncError, MediaError, TimecodeError
from dubsync.core.shot import Plate, ProjectWarning
from dubsync.core.timeline.timecode import FrameRange, Timecode
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.stills.read import STILLS, still_format
from dubsync.media.stills.sequence import Numbered, missing, sequence_at, sequences_in
from dubsync.media.stills.slate import slate_of

MOVIES = (".mov", ".mp4", ".m4v", ".mkv", ".mxf", ".avi", ".mpg", ".mpeg", ".ts", ".webm", ".mts")
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
        VariableRate: a movie whose frames are not evenly spaced.
    """
    result = sequence_at(path)
    if result is not None:
        return _sequence_plate(result, rate)[0]
    if path.suffix.lower() in STILLS:
        raise MediaError(
            f"{path} does not exist, or is a single still", hint="a plate has several frames"
        )
    return _movie_plate(path)[0]


def find_plates(
    roots: Sequence[Path], *, rate: Fraction | None = None
) -> tuple[tuple[Plate, ...], tuple[ProjectWarning, ...]]:
    """Every plate under `roots`, and a warning for every file that should be one and is not.

    Plates come folder by folder, sorted by name.  Links that lead out of the roots are not
    followed; hidden files and single numbered PNGs are ignored.  Nothing is raised.
    """
    plates: list[Plate] = []
    warnings: list[ProjectWarning] = []
    real_roots = [root.resolve() for root in roots]
    for source in _sources(real_roots, warnings):
        name = source.pattern if isinstance(source, Numbered) else source.name
        try:
            if not _inside(source, real_roots):
                warnings.append(ProjectWarning(
                    name, "is a link that leads out of the media folders; it was not opened",
                    "copy the file in, or add its folder as media"))  # fmt: skip
                continue
            result = (_sequence_plate(source, rate) if isinstance(source, Numbered)
                     else _movie_plate(source))  # fmt: skip
        except DubsyncError as error:
            warnings.append(ProjectWarning(name, str(error), error.hint))
            continue
        plates.append(result[0])
        if result[1].warning:
            warnings.append(
                ProjectWarning(name, result[1].warning, "set its timecode, if the cut refers to it")
            )
    return tuple(plates), tuple(warnings)


def _sources(roots: Sequence[Path], warnings: list[ProjectWarning]) -> Iterator[Path | Numbered]:
    seen: set[Path] = set()

    def refuse(error: OSError) -> None:
        where = Path(str(error.filename)).name
        warnings.append(ProjectWarning(where, f"the folder cannot be read: {error.strerror}"))

    for root in roots:
        for folder, folders, names in os.walk(root, onerror=refuse):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            here = Path(folder)
            if here in seen:
                continue
            seen.add(here)
            for name in sorted(names):
                if not name.startswith(".") and Path(name).suffix.lower() in MOVIES:
                    yield here / name
            try:
                sequences = sequences_in(here)
            except MediaError as error:
                warnings.append(ProjectWarning(here.name, str(error), error.hint))
                continue
            for result in sequences:
                if len(result.numbers) > 1 or not result.pattern.lower().endswith(".png"):
                    yield result


def _inside(source: Path | Numbered, real_roots: Sequence[Path]) -> bool:
    """Whether every file of `source` is under a root, with links resolved."""
    files = [source.file(n) for n in source.numbers] if isinstance(source, Numbered) else [source]
    try:
        return all(
            any(file.resolve().is_relative_to(root) for root in real_roots)
            for file in files
            if file.is_symlink()
        )
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise MediaError(
            "is a link that leads to no file", hint="delete the link, or copy the file in"
        ) from error


def _movie_plate(path: Path) -> tuple[Plate, _Start]:
    index = index_movie(path)
    start = _start(index.timecode, index.rate, 0)
    plate = Plate(
        name=path.name,
        path=str(path.absolute()),
        reel=index.reel or _camera_roll(path.name),
        frames=FrameRange(start.frame, start.frame + len(index.pts), index.rate),
        format=index.format,
        drop=start.drop,
        has_sound=index.has_sound,
        has_timecode=start.has_timecode,
    )
    return plate, start


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
