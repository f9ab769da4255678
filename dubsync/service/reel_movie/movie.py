"""The review movie of a reel: the whole cut with the dub, burn-ins and a chapter for each shot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import numpy as np

from dubsync.core.errors import EngineError, MediaError
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import Plate, Stem
from dubsync.core.sound.audio import Sound
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.credentials.manifest import Manifest
from dubsync.media.movie.review import write_review_movie
from dubsync.media.pixels.square import square_format
from dubsync.media.plate import coloured_like
from dubsync.media.probe import probe_plate
from dubsync.media.stills.encode import rgb8
from dubsync.qc.burn_in import Bar
from dubsync.qc.chart import timecode
from dubsync.qc.drawing import RGB
from dubsync.qc.pictures.slate import slate, watermarked, within
from dubsync.service.credentials.statement import of_movie
from dubsync.service.credentials.write import placed_of, sign_movie
from dubsync.service.project import Project
from dubsync.service.reel.reel import Reel
from dubsync.service.reel_movie.pieces import Piece, ReelSides, Side, pieces_of
from dubsync.service.render.draft import is_open_draft
from dubsync.service.render.sync import newest
from dubsync.service.review.face import envelope
from dubsync.service.review.held_frames import held_frames
from dubsync.service.status.status import reel_status
from dubsync.service.stems.sound_keys import read_stem
from dubsync.service.store.folder import NewVersion

HZ = 48000  #: of the movie's sound
WIDEST, WIDEST_PAIR, LEAST_WIDE = 1280, 960, 640  #: pixels of one picture: alone, beside, at least
#: What the movie draws otherwise than the editing system does.
WIPES = "wipes, keys and other transitions are drawn as dissolves"
BLENDS = "a retimed shot shows whole frames: frame blending and optical flow are not drawn"
TITLES = "titles and generators are slates where nothing is below them, and else are left out"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One shot of the movie.

    start, stop  its pictures, from 0, half open
    record       its first record frame, as timecode
    shows        "render", "plate", "slate" or "black"
    """

    shot: str
    number: str
    start: int
    stop: int
    record: str
    shows: str
    state: str


@dataclass(frozen=True, slots=True)
class ReelReview:
    """The movie of a reel.

    simplified   what it draws otherwise than the editing system does, in sentences
    """

    movie: str
    version: int
    frames: int
    chapters: tuple[Chapter, ...]
    simplified: tuple[str, ...]


def review_reel(
    project: Project, *, plate_beside: bool = False, watermark: str = "",
    progress: Progress = silent,
) -> ReelReview:  # fmt: skip
    """Write the movie of the whole reel into reports/movie/vNNN/.

    Nothing is rendered.  A shot whose render is missing, damaged or no longer allowed shows its
    plate, and the burn-in says so; a shot without a plate is a slate.

    Args:
        plate_beside: the plate is shown on the left of each picture.
        watermark: text across every picture; "": none, or DRAFT while a newest render is a draft.
        progress: called as stage "movie".

    Raises:
        EngineError: the cut shows nothing.
        DeliveryError: the folder cannot be written.
    """
    project.turnover(progress=progress)
    reel, file = project.reel, project.file
    cut = reel.turnover.cut
    statuses = reel_status(reel, file.media, progress).shots
    plates = project.intake.plates
    sides = ReelSides(reel, plates, file.media, statuses, progress, file.plays)
    pieces = pieces_of(cut, file.timeline, sides)
    if not any(piece.sides for piece in pieces):
        raise EngineError(f"{cut.name} shows no picture", hint="look at `dubsync turnover`")
    with NewVersion(reel.store, "reports", "movie") as made:
        name = reel.store.layout.named(file.cut.stem, "review", f"{made.name}.mp4")
        shown = _ReelFrames(reel, pieces, plate_beside, watermark or _draft_words(reel))
        chapters = shown.chapters()
        write_review_movie(
            made.folder / name, shown.pictures(progress), cut.rate, shown.sound,
            chapters=[(one.start, one.stop, f"{one.number} {one.shot} {one.state}".strip())
                      for one in chapters],
        )  # fmt: skip
        sign_movie(made.folder / name, reel.settings.proof, lambda: _said(pieces, reel, name))
    return ReelReview(str(made.final / name), made.number, len(shown.span), chapters,
                      _simplified(reel, pieces))  # fmt: skip


def _draft_words(reel: Reel) -> str:
    """DRAFT while the newest render of any shot is a draft that nobody has approved."""
    for shot in reel.turnover.shots:
        folder = newest(reel, shot)
        if folder is not None and is_open_draft(reel.store, shot.name, folder):
            return "DRAFT"
    return ""


def _said(pieces: Sequence[Piece], reel: Reel, name: str) -> Manifest:
    """What the movie's credentials say: the renders that it shows, each once."""
    shown = {side.render.record: side.render
             for piece in pieces for side in piece.sides if side.render}  # fmt: skip
    placed = [placed_of(Path(path), one.shot.name, one.version) for path, one in shown.items()]
    return of_movie(placed, reel.language, name, datetime.now(UTC).isoformat(timespec="seconds"))


def _simplified(reel: Reel, pieces: Sequence[Piece]) -> tuple[str, ...]:
    cut = reel.turnover.cut
    kinds = {event.kind for event in cut.probed.events} if cut.probed else set()
    retimed = any(e.speed not in (0, 1) or e.time is not None for e in cut.events)
    said = [(bool(kinds & {"wipe", "key", "transition"}), WIPES), (retimed, BLENDS),
            (bool(kinds & {"title", "generator", "caption", "adjustment"}), TITLES)]  # fmt: skip
    return tuple(sentence for holds, sentence in said if holds)


def _dub(reel: Reel, pieces: Sequence[Piece], span: FrameRange) -> Sound:
    """The mix of all stems, each at its place; where the dub is another cut's, shot by shot."""
    total = round(Fraction(len(span)) / span.rate * HZ)
    mixed = np.zeros(total, np.float32)
    start = Fraction(span.start) / span.rate
    shifts = reel.stem_conform.shifts
    parts = [(piece.record, piece.sides[-1].name) for piece in pieces if piece.sides]
    if not shifts:
        parts = [(span, "")]
    # A mixed stem belongs to several characters, but is heard once.
    stems: dict[tuple[str, object], Stem] = {(s.path, s.heard): s for s in reel.stems.values()}
    for record, name in parts:
        if name in shifts and shifts[name] is None:
            continue
        first = Fraction(record.start) / record.rate
        at = round((first - start) * HZ)
        seconds = Fraction(len(record)) / record.rate
        for stem in stems.values():
            placed = reel.stem_conform.stem(stem, name)
            heard = read_stem(placed, first - placed.start, seconds, HZ).samples
            part = mixed[at : at + len(heard)]
            part += heard[: len(part)]
    return Sound(mixed, HZ, start)


class _ReelFrames:
    """The movie's pictures, one for each record frame."""

    def __init__(self, reel: Reel, pieces: Sequence[Piece], beside: bool, watermark: str) -> None:
        self._pieces, self._beside, self._watermark = pieces, beside, watermark
        self._cut, self._language = reel.turnover.cut, reel.language
        self.span = FrameRange(pieces[0].record.start, pieces[-1].record.stop, self._cut.rate)
        self.sound = _dub(reel, pieces, self.span)
        self._width, self._height = _size(pieces, WIDEST_PAIR if beside else WIDEST)
        self._leading = [(piece, piece.leading(record)) for piece in pieces
                         for record in range(piece.record.start, piece.record.stop)]  # fmt: skip

    def chapters(self) -> tuple[Chapter, ...]:
        """A chapter for each stretch of record frames that one event leads."""
        found, at = [], 0
        for _, same in groupby(self._leading, key=lambda led: id(led[1])):
            stretch = list(same)
            piece, side = stretch[0]
            begins = timecode(self.span.start + at, self.span, self._cut.drop)
            name, number = (side.name, side.number) if side else (piece.nothing or "black", "")
            found.append(Chapter(name, number, at, at + len(stretch), begins,
                                 side.shows if side else "black",
                                 side.state if side else ""))  # fmt: skip
            at += len(stretch)
        return tuple(found)

    def pictures(self, progress: Progress) -> Iterator[RGB]:
        """One picture for each record frame, with its bar."""
        plays, bars = _Plays(self._pieces), {}
        chapters = self.chapters()
        place = 0
        for chapter in chapters:
            bars[chapter.start] = self._bar(chapter)
        begun = chapters[0]
        for piece in self._pieces:
            for record in range(piece.record.start, piece.record.stop):
                begun = next((c for c in chapters if c.start == place), begun)
                columns = self._columns(piece, record, plays)
                side = piece.leading(record)
                at = (place - begun.start + 0.5) / (begun.stop - begun.start)
                yield bars[begun.start].under(
                    [watermarked(one, self._watermark) for one in columns],
                    ("plate", side.state if side else "black"), self._caption(side, record), at,
                )  # fmt: skip
                place += 1
                progress(Step("movie", self._cut.name, place, len(self.span)))

    def _bar(self, chapter: Chapter) -> Bar:
        rate = float(self.span.rate)
        edges = self.span.start / rate + np.linspace(chapter.start, chapter.stop, 1200) / rate
        made = "synthetic" if chapter.shows == "render" else ""
        words = (chapter.number, chapter.shot, self._language, chapter.state, made)
        title = "   ".join(filter(None, words))
        return Bar((1 + self._beside) * self._width, title, envelope(self.sound, edges), (0, 1))

    def _caption(self, side: Side | None, record: int) -> str:
        tc = f"record {timecode(record, self.span, self._cut.drop)}"
        if side is None or side.plate is None or side.time is None:
            return tc
        frames = side.plate.frames
        return f"source {timecode(_held(side, record), frames, side.plate.drop)}   {tc}"

    def _columns(self, piece: Piece, record: int, plays: _Plays) -> list[RGB]:
        """The picture, or the plate and the picture, of one record frame."""
        kinds = (False, True) if self._beside else (True,)
        columns = []
        for rendered in kinds:
            sides = [self._fitted(side, plays.next(side, rendered)) for side in piece.sides]
            below = sides[0] if len(sides) > 1 else self._black()
            top = sides[-1] if sides else self._black()
            weight = piece.weight(record) if sides else 1.0
            columns.append(_mixed(below, top, weight))
        return columns

    def _fitted(self, side: Side, shown: Frame | str) -> RGB:
        if isinstance(shown, Frame):
            return within(rgb8(shown), self._width, self._height)
        title = f"{side.number} {side.name}".strip()
        return slate(self._width, self._height, title, (side.state, *filter(None, (shown,))))

    def _black(self) -> RGB:
        return np.zeros((self._height, self._width, 3), np.uint8)


class _Plays:
    """Plays each side's frames in order, whichever pieces they are in."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._records: dict[int, list[int]] = {}
        for piece in pieces:
            for side in piece.sides:
                self._records.setdefault(id(side), []).extend(
                    range(piece.record.start, piece.record.stop)
                )
        self._left = Counter({key: len(records) for key, records in self._records.items()})
        self._open: dict[tuple[int, bool], Iterator[Frame | str]] = {}

    def next(self, side: Side, rendered: bool) -> Frame | str:
        """The next frame of a side, of its render or of its plate; a sentence if it has none."""
        key = id(side), rendered
        if key not in self._open:
            self._open[key] = _frames(side, self._records[id(side)], rendered)
        return next(self._open[key])


def _frames(side: Side, records: Sequence[int], rendered: bool) -> Iterator[Frame | str]:
    """A frame for each of `records`, or why there is none."""
    given, trouble = 0, " ".join(side.why)
    if side.plate is not None:
        numbers = [_held(side, record) for record in records]
        try:
            for frame in _read(side, side.plate, numbers, rendered):
                yield frame
                given += 1
        except MediaError as error:  # it is offline, or has damaged frames: the rest is a slate
            trouble = str(error)
    for _ in records[given:]:
        yield trouble


def _read(side: Side, plate: Plate, numbers: Sequence[int], rendered: bool) -> Iterator[Frame]:
    """Plate frames `numbers`; from the render where it has them."""
    render = side.render if rendered else None
    if render is None:
        yield from held_frames(plate, numbers, like=plate)
        return
    picture = coloured_like(probe_plate(Path(render.picture)), plate)
    shift = picture.frames.start - render.frames.start
    for made, same in groupby(numbers, key=lambda number: number in render.frames):
        wanted = list(same)
        if made:
            yield from held_frames(picture, [n + shift for n in wanted], like=plate)
        else:
            yield from held_frames(plate, wanted, like=plate)


def _held(side: Side, record: int) -> int:
    """The plate frame seen at a record frame; beyond the plate's ends, its first or last."""
    assert side.plate is not None and side.time is not None
    frames = side.plate.frames
    return min(max(side.time.frame(record), frames.start), frames.stop - 1)


def _mixed(below: RGB, top: RGB, weight: float) -> RGB:
    if weight >= 1:
        return top
    mixed = below * np.float32(1 - weight) + top * np.float32(weight)
    return np.asarray(np.rint(mixed), np.uint8)


def _size(pieces: Sequence[Piece], widest: int) -> tuple[int, int]:
    """(width, height) of one picture, even: that of most frames, in square pixels."""
    sizes: Counter[tuple[int, int]] = Counter()
    for piece in pieces:
        for side in piece.sides:
            if side.plate is not None:
                form = square_format(side.plate.format)
                sizes[form.width, form.height] += len(piece.record)
    width, height = sizes.most_common(1)[0][0] if sizes else (1280, 720)
    wide = min(max(width, LEAST_WIDE), widest)
    return 2 * round(wide / 2), 2 * round(wide * height / width / 2)
