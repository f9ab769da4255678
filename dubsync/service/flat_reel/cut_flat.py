"""Finds the cuts of a flat reel, and writes them as a list and as contact sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.core.plural import counted
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import Plate
from dubsync.core.timeline.found_joins import FoundJoin
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedCut, frame_text
from dubsync.editorial.timeline.flat_cut import event_edges, flat_cut
from dubsync.media.cut_detection.find_joins import find_joins
from dubsync.media.cut_detection.small_pictures import SmallPictures
from dubsync.media.pixels.display import display_rgb
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.media.stills.encode import jpeg
from dubsync.qc.burn_in import within
from dubsync.qc.drawing import RGB
from dubsync.qc.pictures.contact_sheet import PAGE, SheetEntry, contact_sheet
from dubsync.qc.pictures.contact_sheet import PICTURE as ENTRY_PICTURE
from dubsync.qc.pictures.doubt_sheet import PICTURE as DOUBT_PICTURE
from dubsync.qc.pictures.doubt_sheet import ROWS, Doubt, doubt_sheet
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.write_cut import checked_place, write_cut


@dataclass(frozen=True, slots=True)
class FlatReel:
    """A flat reel, divided.

    out      the list that was written
    joins    where shots join, doubtful ones too; in order
    sheets   contact sheets that were written, those of doubtful joins first
    losses   what the list's format cannot hold
    """

    plate: Plate
    out: Path
    cut: ProbedCut
    joins: tuple[FoundJoin, ...]
    sheets: tuple[Path, ...]
    losses: LossReport

    @property
    def events(self) -> list[tuple[int, int]]:
        """(first frame, frame after the last) of each event."""
        return event_edges(self.plate, self.joins)

    @property
    def doubtful(self) -> tuple[FoundJoin, ...]:
        """The joins that a person should look at."""
        return tuple(join for join in self.joins if not join.sure)


def cut_flat(
    reel: Path, out: Path, *, sheets: bool = True, progress: Progress = silent
) -> FlatReel:
    """Find the cuts of the movie or sequence `reel`, and write them to `out`.

    Every event of the list plays the reel's own frames at their own timecode, so that the reel is
    the plate of each.  Contact sheets lie beside the list: NAME_sheet_01.jpg and so on; what is
    doubtful is shown large on NAME_doubts_01.jpg.

    Args:
        out: the new list; its suffix names the format, as in `write_cut`.

    Raises:
        MediaError: the reel cannot be read.
        DeliveryError: an unknown suffix, a file that is there already, a disk that refuses.
    """
    checked_place(out)
    plate = probe_plate(reel.resolve())
    joins = find_joins(_pictures(plate, progress), plate.frames.start)
    cut = flat_cut(plate, joins)
    drawn = list(_sheets(plate, out, joins, progress)) if sheets else []
    losses = write_cut(cut, out)
    for path, data in drawn:
        write_whole(path, data)
    return FlatReel(plate, out, cut, joins, tuple(path for path, _ in drawn), losses)


def timecode_of(plate: Plate, frame: int) -> str:
    """The timecode of a frame of the reel, or its number at rates without timecode."""
    return frame_text(Fraction(frame), plate.frames.rate, plate.drop)


def _pictures(plate: Plate, progress: Progress) -> SmallPictures:
    """Every picture of the reel, small."""
    pictures, total = SmallPictures(), len(plate.frames)
    with open_square(plate) as reader:
        for done, frame in enumerate(reader.frames(plate.frames), 1):
            pictures.add(frame)
            progress(Step("find cuts", plate.name, done, total))
    return pictures


def _sheets(
    plate: Plate, out: Path, joins: Sequence[FoundJoin], progress: Progress
) -> Iterator[tuple[Path, bytes]]:
    """Path and contents of each sheet, doubts first; none is written yet."""
    wanted, doubts = _wanted(plate, joins), [join for join in joins if not join.sure]
    pages = [wanted[n : n + PAGE] for n in range(0, len(wanted), PAGE)]
    asked = [doubts[n : n + ROWS] for n in range(0, len(doubts), ROWS)]
    paths, doubt_paths = _places(out, "sheet", len(pages)), _places(out, "doubts", len(asked))
    drawn = _drawn(plate, wanted, doubts, progress)
    for n, (path, part) in enumerate(zip(doubt_paths, asked, strict=True), 1):
        title = f"{plate.name}: {counted(len(doubts), 'doubtful join')}, page {n} of {len(asked)}"
        yield (
            path,
            jpeg(doubt_sheet([_doubt(plate, join, drawn.large) for join in part], title)),
        )
    title = f"{plate.name}: {len(event_edges(plate, joins))} events"
    for n, (path, page) in enumerate(zip(paths, pages, strict=True), 1):
        entries = [
            SheetEntry(one.name, one.words, [drawn.small[frame] for frame in one.frames],
                       [timecode_of(plate, frame) for frame in one.frames], one.doubt)
            for one in page
        ]  # fmt: skip
        sheet = contact_sheet(entries, f"{title}, page {n} of {len(pages)}")
        yield path, jpeg(sheet)


def _places(out: Path, kind: str, pages: int) -> list[Path]:
    """The new files NAME_kind_01.jpg and so on beside `out`."""
    paths = [out.with_name(f"{out.stem}_{kind}_{n:02d}.jpg") for n in range(1, pages + 1)]
    for path in paths:
        if path.exists():
            raise DeliveryError(f"{path} exists already", hint="choose another --out")
    return paths


def _doubt(plate: Plate, join: FoundJoin, pictures: dict[int, RGB]) -> Doubt:
    frames = _around(plate, join)
    labels = [timecode_of(plate, frame) for frame in frames]
    done = "in the list" if join.listed else "not in the list"
    name = f"{join.kind} at {timecode_of(plate, join.start)}?"
    return Doubt(name, f"{done}; {join.why}", [pictures[frame] for frame in frames], labels)


def _around(plate: Plate, join: FoundJoin) -> tuple[int, ...]:
    """Two frames before a cut and two after it; of a dissolve one before, two inside, one after."""
    last = plate.frames.stop - 1
    if join.frames:
        third = max(join.frames // 3, 1)
        inside = (join.start + third, join.stop - third)
        frames: tuple[int, ...] = (join.start - 1, min(inside), max(inside), join.stop)
    else:
        frames = tuple(range(join.start - 2, join.start + 2))
    return tuple(min(max(frame, plate.frames.start), last) for frame in frames)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An entry of the contact sheets before its pictures are read."""

    name: str
    words: str
    frames: tuple[int, ...]
    doubt: str


def _wanted(plate: Plate, joins: Sequence[FoundJoin]) -> list[_Wanted]:
    """An entry for each event, and for each join that is not listed, in order of time."""
    into = {join.division: join for join in joins if join.listed}
    placed: list[tuple[int, _Wanted]] = []
    for n, (first, stop) in enumerate(event_edges(plate, joins), 1):
        join = into.get(first)
        words = f"{join.kind} {join.frames}, " if join and join.frames else ""
        frames = (first, (first + stop - 1) // 2, stop - 1)
        doubt = join.why if join and not join.sure else ""
        placed.append((first, _Wanted(f"{n:03d}", f"{words}{stop - first} frames", frames, doubt)))
    for join in joins:
        if not join.listed:
            pair = (join.start - 1, join.start)
            placed.append((join.start, _Wanted("?", "not in the list", pair, join.why)))
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Frame number -> its picture, as large as the sheets show it."""

    small: dict[int, RGB]
    large: dict[int, RGB]


def _drawn(
    plate: Plate, wanted: Sequence[_Wanted], doubts: Sequence[FoundJoin], progress: Progress
) -> _Drawn:
    """The pictures of all sheets, read once."""
    events = {frame for one in wanted for frame in one.frames}
    asked = {frame for join in doubts for frame in _around(plate, join)}
    numbers, drawn = sorted(events | asked), _Drawn({}, {})
    with open_square(plate) as reader:
        for done, frame in enumerate(reader.read(numbers), 1):
            picture = display_rgb(frame)
            if frame.number in events:
                drawn.small[frame.number] = within(picture, ENTRY_PICTURE)
            if frame.number in asked:
                drawn.large[frame.number] = within(picture, DOUBT_PICTURE)
            progress(Step("contact sheet", plate.name, done, len(numbers)))
    return drawn
