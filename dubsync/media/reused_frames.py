"""Frames of an earlier version, reused unchanged or blended into new frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, Plane
from dubsync.core.steps import Composite
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.files.container import opened, picture_stream
from dubsync.media.plate import PlateReader, open_plate
from dubsync.media.probe import probe_plate


@dataclass(frozen=True, slots=True, eq=False)
class KeptFrame:
    """One frame of an earlier version.

    frame   its picture, with the plate's frame number
    matte   (H, W) uint8
    layer   the encoded frame of the layer movie (ProRes is intra-only)
    coded   the encoded frame of the picture, if the picture is ProRes too; None if it is lossless
            and can be encoded again
    """

    frame: Frame
    matte: NDArray[np.uint8]
    layer: bytes
    coded: bytes | None = None

    @property
    def changed(self) -> bool:
        """Whether any of its samples may differ from the plate."""
        return bool(self.matte.any())


@dataclass(frozen=True, slots=True, eq=False)
class Faded:
    """A blend of a kept frame and a new one; `share`, 0..1, is that of the new one."""

    kept: KeptFrame
    new: Composite
    share: float

    @property
    def changed(self) -> bool:
        """Whether any of its samples may differ from the plate."""
        return self.kept.changed or self.new.changed

    @property
    def composite(self) -> Composite:
        """Blended picture and united matte; outside both mattes bit for bit the plate."""
        old, new = self.kept.frame, self.new.frame
        planes = tuple(mixed(a, b, self.share) for a, b in zip(old.planes, new.planes, strict=True))
        matte = np.maximum(self.kept.matte, self.new.matte)
        return Composite(replace(new, planes=planes), matte, self.new.patches)


#: A frame to write: new, of an earlier version, or between the two.
Made = Composite | KeptFrame | Faded


#: Most frames that wait for an encoder: enough to keep two cores busy; and the most bytes of them:
#: two of a close-up in UHD.
WAITING, WAITING_BYTES = 4, 160 << 20


def most_waiting(made: Made) -> int:
    """How many frames as large as this one may wait for an encoder."""
    new = made.new if isinstance(made, Faded) else made
    patches = new.patches if isinstance(new, Composite) else ()
    parts = (*new.frame.planes, new.matte, *(patch.rgb for patch in patches))
    taken = sum(part.nbytes for part in parts)
    return max(1, min(WAITING, WAITING_BYTES // taken))


def mixed(old: Plane, new: Plane, share: float) -> Plane:
    """Blend `new` over `old` by `share`, in their sample type; equal samples are unchanged."""
    both = old.astype(np.float64) + share * (new.astype(np.float64) - old.astype(np.float64))
    if new.dtype.kind != "f":
        both = np.rint(both)
    return np.where(old == new, new, both.astype(new.dtype))


class KeptFrames:
    """An earlier version, open for reading; use it in a `with`.

    picture, matte  movies, or sequences as printf patterns; layer: a movie
    frames          plate frames of all three
    coded           whether the picture is ProRes, to be copied without encoding again
    """

    def __init__(
        self, picture: Path, matte: Path, layer: Path, frames: FrameRange, *, coded: bool
    ) -> None:
        self._paths = picture, matte, layer
        self._frames, self._coded = frames, coded
        self._open = ExitStack()

    def __enter__(self) -> KeptFrames:
        with ExitStack() as undo:
            self._readers = [
                undo.enter_context(_reader(path, self._frames)) for path in self._paths[:2]
            ]
            self._open = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def read(self, numbers: Sequence[int]) -> Iterator[KeptFrame]:
        """The frames with the given plate frame numbers, in rising order.

        Raises:
            MediaError: the version lacks one of them, or one cannot be read.
        """
        places = [n - self._frames.start for n in numbers]
        runs: list[Iterator[Any]] = [
            reader.read([reader.plate.frames.start + place for place in places])
            for reader in self._readers
        ]
        layers = _coded(self._paths[2], places)
        pictures = _coded(self._paths[0], places) if self._coded else iter([None] * len(places))
        for number, picture, matte, layer, coded in zip(
            numbers, *runs, layers, pictures, strict=True
        ):
            yield KeptFrame(replace(picture, number=number), matte.planes[0], layer, coded)


def _reader(path: Path, frames: FrameRange) -> PlateReader:
    result = probe_plate(path, rate=frames.rate)
    if len(result.frames) != len(frames):
        raise MediaError(f"{path} holds {len(result.frames)} frames, not {len(frames)}")
    return open_plate(result)


def _coded(path: Path, places: Sequence[int]) -> Iterator[bytes]:
    """The encoded frames at rising `places` of an intra-only movie."""
    wanted = iter(places)
    place = next(wanted, None)
    with opened(path) as container:
        stream = picture_stream(path, container)
        packets = (packet for packet in container.demux(stream) if packet.size)
        for n, packet in enumerate(packets):
            if n == place:
                yield bytes(packet)
                place = next(wanted, None)
    if place is not None:
        raise MediaError(f"{path} ends before frame {place}", hint="render the shot again")


def layer_planes(coded: bytes) -> list[NDArray[np.uint16]]:
    """Planes Y, Cb, Cr and alpha (H, W), 10 bits, of an encoded frame of a layer.

    Raises:
        MediaError: it cannot be decoded.
    """
    decoder: Any = av.CodecContext.create("prores", "r")
    frames = [*decoder.decode(av.Packet(coded)), *decoder.decode(None)]
    if not frames:
        raise MediaError("a frame of an earlier layer cannot be decoded", hint="render it again")
    frame = frames[0].reformat(format="yuva444p10le")
    return [
        np.frombuffer(memoryview(plane), "<u2").reshape(-1, plane.line_size // 2)[
            : frame.height, : frame.width
        ]
        for plane in frame.planes
    ]


def faded_layer(
    old: Sequence[NDArray[np.uint16]], new: Sequence[NDArray[np.uint16]], share: float
) -> list[NDArray[np.uint16]]:
    """Blend two layers' planes so that their composites over a plate blend by `share`.

    Colour is unpremultiplied, so each is weighted by its own alpha.
    """
    weights = (1 - share) * old[3].astype(np.float64), share * new[3].astype(np.float64)
    alpha = weights[0] + weights[1]
    parts = weights[1] / np.where(alpha > 0, alpha, 1)
    colours = [
        np.rint(a + parts * (b.astype(np.float64) - a)).astype(np.uint16)
        for a, b in zip(old[:3], new[:3], strict=True)
    ]
    return [*colours, np.rint(alpha).astype(np.uint16)]
