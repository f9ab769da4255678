"""A plate, its render and the render's matte, read frame by frame in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dubsync.core.picture import Frame
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.plate import coloured_like, open_plate

#: One frame of the plate, of its render and of the matte, each as stored.
InStep = tuple[Frame, Frame, Frame]
#: Looks at frames that somebody else reads.  It may stop before they end.
Onlooker = Callable[[Iterator[InStep]], None]


def in_step(plate: Plate, picture: Plate, matte: Plate, span: FrameRange) -> Iterator[InStep]:
    """Every frame of `span`, decoded once; files are open while the iterator lives.

    Args:
        picture, matte: the files as probed; they hold as many frames as `span`.

    Raises:
        MediaError: a file has changed since it was probed, or a frame does not decode.
    """
    with (
        open_plate(plate) as plates,
        open_plate(coloured_like(picture, plate)) as renders,
        open_plate(matte) as mattes,
    ):
        yield from zip(
            plates.frames(span),
            renders.frames(picture.frames),
            mattes.frames(matte.frames),
            strict=True,
        )
