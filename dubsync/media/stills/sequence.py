"""Find image sequences on disk, and read their frames in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.stills.read import STILLS, read_still

_MOST_MISSING = 1000
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<number>\d+)(?P<tail>\.[A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Numbered:
    """An image sequence on disk: printf `pattern` in `folder`, and its file numbers."""

    folder: Path
    pattern: str
    numbers: tuple[int, ...]

    @property
    def path(self) -> str:
        return str(self.folder / self.pattern)

    def file(self, number: int) -> Path:
        return self.folder / (self.pattern % number)


def still_path(pattern: Path, number: int) -> Path:
    """The file of frame `number`; only the last part of `pattern` is a printf pattern."""
    return pattern.with_name(pattern.name % number)


def sequences_in(folder: Path) -> tuple[Numbered, ...]:
    """Every image sequence directly in `folder`, by pattern.

    Numbers may outgrow their padding: name.0999.exr and name.10000.exr are one sequence.

    Raises:
        MediaError: the folder cannot be read.
    """
    result: dict[tuple[str, str], dict[int, list[int]]] = {}
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise MediaError(f"{folder} cannot be read: {error.strerror}") from error
    for name in names:
        match = _NUMBERED.fullmatch(name)
        if match and not name.startswith(".") and match["tail"].lower() in STILLS:
            widths = result.setdefault((match["head"], match["tail"]), {})
            widths.setdefault(len(match["number"]), []).append(int(match["number"]))
    return tuple(
        Numbered(folder, f"{head.replace('%', '%%')}%0{width}d{tail}", tuple(sorted(numbers)))
        for (head, tail), widths in result.items()
        for width, numbers in _outgrown(widths).items()
    )


def _outgrown(widths: dict[int, list[int]]) -> dict[int, list[int]]:
    """Numbers by the width they are padded to; longer unpadded numbers join a shorter width."""
    joined: dict[int, list[int]] = {}
    for width in sorted(widths):
        for number in widths[width]:
            shorter = [w for w in joined if w < width]
            outgrew = shorter and len(str(number)) == width
            joined.setdefault(shorter[0] if outgrew else width, []).append(number)
    return joined


def sequence_at(path: Path) -> Numbered | None:
    """The sequence at `path`: a pattern (%04d or ####), one of its files, or its folder."""
    if path.is_dir():
        result = sequences_in(path)
        if len(result) > 1:
            raise MediaError(f"{path} has {len(result)} image sequences", hint="name one of them")
        return result[0] if result else None
    if path.suffix.lower() not in STILLS or not path.parent.is_dir():
        return None
    hashes = re.search(r"#+", path.name)
    pattern = path.name
    if hashes:
        pattern = pattern.replace(hashes[0], f"%0{len(hashes[0])}d", 1)
    for found_one in sequences_in(path.parent):
        names = (found_one.pattern, *(found_one.pattern % n for n in found_one.numbers[:1]))
        if pattern in names or any(path.name == found_one.pattern % n for n in found_one.numbers):
            return found_one
    return None


def missing(numbers: Sequence[int]) -> tuple[int, ...]:
    """Up to 1000 numbers that are missing between the first and the last of rising `numbers`."""
    return tuple(
        islice(
            (gap for a, b in zip(numbers, numbers[1:], strict=False) for gap in range(a + 1, b)),
            _MOST_MISSING,
        )
    )


class SequenceReader:
    """Frames of one image sequence, by place from 0."""

    def __init__(self, pattern: str, first_number: int, form: PictureFormat, first: int) -> None:
        """`first_number` is that of the first file's name, `first` that of the first frame."""
        self._pattern, self._first_number, self._format = pattern, first_number, form
        self._first = first

    def close(self) -> None:
        """Does nothing: no file is open between frames."""

    def read(self, places: Sequence[int]) -> Iterator[Frame]:
        """The frames at `places`.

        Raises:
            MediaError: one is missing, broken, or of another size or format; it is named.
        """
        for place in places:
            path = still_path(Path(self._pattern), self._first_number + place)
            yield read_still(path, self._first + place, self._format)
