"""Read frames of a plate by number, from movies and image sequences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.movie.read import MovieReader
from dubsync.media.stills.sequence import SequenceReader


class PlateReader:
    """An open plate.  It holds only the decoder's few frames, whatever the plate's length.

    Use a reader in one thread only.
    """

    def __init__(self, plate: Plate, source: MovieReader | SequenceReader) -> None:
        self.plate = plate
        self._source = source

    def __enter__(self) -> PlateReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
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
        return self._source.read([n - held.start for n in numbers])


def open_plate(plate: Plate) -> PlateReader:
    """Open `plate` for reading; use it in a `with`.

    Raises:
        MediaError: the file is missing, or has changed since it was probed (its format or number
            of frames).  A movie's packet table is read again only when the file has changed.
    """
    if plate.first_number is not None:
        source = SequenceReader(plate.path, plate.first_number, plate.format, plate.frames.start)
        return PlateReader(plate, source)
    path = Path(plate.path)
    index = index_movie(path)
    if len(index.pts) != len(plate.frames) or index.format != plate.format:
        raise MediaError(f"{path} has changed since it was probed", hint="run the command again")
    return PlateReader(plate, MovieReader(path, index, plate.format, plate.frames.start))
