"""Read frames of a plate by number, from movies and image sequences."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.reading.moments import Moments
from dubsync.core.reading.true_times import shown_places
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.waiting.answering import answering
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.movie.read import MovieReader
from dubsync.media.pixels.fields import moment
from dubsync.media.pixels.square import lying_as, squared
from dubsync.media.stills.sequence import SequenceReader, still_path

#: Frames of a plate that are held at once where a cut plays it backwards.
_TOGETHER = 8
#: Inode, size and modification time of each file.
PlateState = tuple[tuple[int, int, int], ...]
#: Frames that are held while the moments in them are read.
_HELD = 4
#: The part of a moment's picture whose fine detail counts; None: all of it.
Where = Callable[[int], Region | None]


class PlateReader:
    """An open plate.  It holds only the decoder's few frames, whatever the plate's length.

    Use a reader in one thread only.
    """

    def __init__(
        self,
        plate: Plate,
        source: MovieReader | SequenceReader,
        state: PlateState = (),
        like: PictureFormat | None = None,
        whole: bool = False,
        where: Where | None = None,
    ) -> None:
        """A reader of `plate` by `source`, whose frames have the plate's colour.

        Args:
            state: that of the movie when it was opened; () for an image sequence.
            like: what says how samples lie, so that frames are made square and upright; None:
                they are given as stored.
            whole: whether fields get the fine detail of those beside them; see `open_square`.
            where: in which part of the picture.
        """
        self.plate, self._path = plate, Path(plate.path)
        self._source, self._state, self._like, self._whole = source, state, like, whole
        self._where = where
        times, rate = plate.reading.times, plate.file_frames.rate
        self._shown = shown_places(times, rate) if times else None

    def __enter__(self) -> PlateReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a `with` does it by itself."""
        self._source.close()

    def frames(self, span: FrameRange) -> Iterator[Frame]:
        """Every frame of `span`, in order.

        Raises:
            MediaError: the plate does not hold them all, or one does not decode.
        """
        return self.read(range(span.start, span.stop))

    def read(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """The frames with the given numbers, in that order; rising order is fastest.

        Raises:
            MediaError: as `frames`.
        """
        held = self.plate.frames
        outside = [n for n in numbers if n not in held]
        if outside:
            raise MediaError(
                f"{self.plate.name} holds frames {held.start} to {held.stop - 1}, not {outside[0]}",
                hint="the plate is shorter than the cut needs",
            )
        if self.plate.reading.file is not None:
            return self._unchanged(self._by_moment(self.plate.reading.file, numbers))
        if self.plate.shown is None and self._shown is None:
            return self._unchanged(self._source.read([n - held.start for n in numbers]))
        return self._as_shown(numbers)

    def _place(self, number: int) -> int:
        """The place in the file of the frame that frame `number` shows."""
        place = self.plate.file_frame(number) - self.plate.file_frames.start
        return place if self._shown is None else self._shown[place]

    def _as_shown(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """The frames that a cut, or the time of each, shows in frames `numbers`, so numbered.

        A few are decoded at a time, in the file's own order: backwards each would need a seek.
        """
        held = dict[int, Frame]()
        for begin in range(0, len(numbers), _TOGETHER):
            part = {n: self._place(n) for n in numbers[begin : begin + _TOGETHER]}
            wanted = sorted(set(part.values()) - held.keys())
            held = {n: frame for n, frame in held.items() if n in part.values()}
            held |= zip(wanted, self._unchanged(self._source.read(wanted)), strict=True)
            for n in numbers[begin : begin + _TOGETHER]:
                yield replace(held[part[n]], number=n)

    def _by_moment(self, file: FrameRange, numbers: Sequence[int]) -> Iterator[Frame]:
        """The moments with the given numbers: fields, or film frames woven of two."""
        moments = Moments(file, self.plate.reading.film)
        held: OrderedDict[int, Frame] = OrderedDict()

        def stored(frame: int) -> Frame:
            if frame not in held:
                (held[frame],) = self._source.read([frame - file.start])
                while len(held) > _HELD:
                    held.popitem(last=False)
            return held[frame]

        for number in numbers:
            if moments.film or not self._whole:
                yield moment(number, moments, stored)
            else:
                yield self._whole_field(number, moments, stored)

    def _whole_field(self, number: int, moments: Moments, stored: Callable[[int], Frame]) -> Frame:
        """A field as a whole picture, with the fine detail of the fields beside it."""
        # Here, because opening a project reads no field, and OpenCV takes long to load.
        from dubsync.media.pixels.deinterlace import deinterlaced

        span = moments.span
        before, field, after = (
            moment(n, moments, stored) if n in span else None
            for n in (number - 1, number, number + 1)
        )
        assert field is not None  # `read` refuses what the plate does not hold
        form = replace(field.format, height=2 * field.format.height, field="")
        part = self._where(number) if self._where is not None and form.as_seen else None
        return deinterlaced(field, before, after, part)

    def _unchanged(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """`frames`, as long as the movie is the one that was opened."""
        try:
            for frame in frames:
                self._refuse_changed()
                if self.plate.format.colour is not None:
                    form = replace(frame.format, colour=self.plate.format.colour)
                    frame = replace(frame, format=form)
                yield frame if self._like is None else self._squared(frame, self._like)
        except MediaError:
            self._refuse_changed()  # the reason why a frame does not decode
            raise

    def _squared(self, frame: Frame, like: PictureFormat) -> Frame:
        moment = self.plate.reading.file is not None  # its format says itself what it is
        return squared(frame if moment else lying_as(frame, like))

    def _refuse_changed(self) -> None:
        if self._state:  # a movie's; this is asked at every frame
            refuse_changed(self.plate, (_file_state(self._path),), self._state)


def plate_state(plate: Plate, span: FrameRange) -> PlateState:
    """Inode, size and modification time of the files that hold frames `span`; 0s: missing."""
    path = Path(plate.path)
    if plate.first_number is None:
        return (_file_state(path),)
    number = plate.first_number - plate.file_frames.start
    files = (plate.file_frame(n) + number for n in range(span.start, span.stop))
    return tuple(_file_state(still_path(path, n)) for n in files)


def refuse_changed(plate: Plate, now: PlateState, before: PlateState) -> None:
    """Raises MediaError when the files of `plate` are not in the state `before`."""
    if now != before:
        raise MediaError(
            f"the plate {plate.path} changed while it was read",
            hint="wait until it is completely copied, and run the command again",
        )


def _file_state(path: Path) -> tuple[int, int, int]:
    try:
        with answering(path, "looking at a plate"):
            result = path.stat()
    except OSError:
        return 0, 0, 0
    return result.st_ino, result.st_size, result.st_mtime_ns


def coloured_like(picture: Plate, plate: Plate) -> Plate:
    """A render's picture, as it was probed, in the colour of the plate it was rendered from.

    A ProRes of a linear plate is in the working space's log code.
    """
    colour = plate.format.colour
    if colour is None:
        return picture
    if plate.format.floating and not picture.format.floating:
        colour = colour.as_log()
    return replace(picture, format=replace(picture.format, colour=colour), space=plate.space)


def open_square(
    plate: Plate, *, like: Plate | None = None, whole: bool = False, where: Where | None = None
) -> PlateReader:
    """Open `plate` in square pixels, upright, as the engine, measures and pictures need it.

    Args:
        like: the plate whose pixels count, for a render or a matte of it; None: its own.
        whole: of a plate that counts fields, as they are drawn and learnt from: with the fine
            detail of those beside them, which takes ten times as long as decoding.
        where: where that detail is needed; it costs by the size of that part.  It is given
            everywhere where pixels are not square and upright as they are stored.

    Raises:
        MediaError: as `open_plate`.
    """
    return open_plate(plate, like=(like or plate).format, whole=whole, where=where)


def open_plate(
    plate: Plate, *, like: PictureFormat | None = None, whole: bool = False,
    where: Where | None = None,
) -> PlateReader:  # fmt: skip
    """Open `plate` for reading; use it in a `with`.  Frames come as stored.

    Args:
        like: how samples lie, so that frames are made square and upright; see `open_square`.
        whole, where: as `open_square`.

    Raises:
        MediaError: the file is missing, or has changed since it was probed (its format or number
            of frames).  A movie's packet table is read again only when the file has changed.
    """
    stored = replace(plate.format, colour=None, fields="")
    if plate.first_number is not None:
        stills = SequenceReader(plate.path, plate.first_number, stored, plate.file_frames.start)
        return PlateReader(plate, stills, like=like, whole=whole, where=where)
    path = Path(plate.path)
    state = plate_state(plate, plate.frames)
    index = index_movie(path)
    counted = len(plate.reading.times) or len(plate.file_frames)
    same = len(index.pts) == counted and index.times == plate.reading.times
    if not same or index.format != stored:
        raise MediaError(f"{path} has changed since it was probed", hint="run the command again")
    form = replace(stored, fields=plate.format.fields)
    source = MovieReader(path, index, form, plate.file_frames.start)
    return PlateReader(plate, source, state, like, whole, where)
