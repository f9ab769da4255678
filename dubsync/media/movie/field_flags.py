"""The flags of interlaced movies that are written: in the stream, in the container, in each frame.

A player shows alternate lines as two moments only where it is told to.  FFmpeg takes the order
from the encoder's options, and from each frame; PyAV sets the latter through a filter alone.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import av

from dubsync.core.picture import FieldName
from dubsync.core.shot import Plate
from dubsync.media.movie.codecs import Codec

#: QuickTime's 9 and 14, which fields in alternate lines have (Apple TN2162); Matroska's 2 and 6.
_MOV = {"top": "tb", "bottom": "bt"}
_OTHERS = {"top": "tt", "bottom": "bb"}
_SET = {"top": "tff", "bottom": "bff"}
#: Encoders that code the lines of each field together.
_BY_FIELD = ("prores_ks", "dnxhd")


def flags_of(plate: Plate) -> FieldName:
    """The earlier field by which a render of `plate` is flagged; "" for whole frames."""
    return plate.reading.flagged or plate.format.fields


def flagged_codec(codec: Codec, flagged: FieldName, suffix: str) -> Codec:
    """`codec` for frames of two fields, in a file with the given suffix."""
    if not flagged:
        return codec
    order = (_MOV if suffix == ".mov" else _OTHERS)[flagged]
    options = {**codec.options, "field_order": order}
    if codec.name in _BY_FIELD and not options.get("profile", "").startswith("dnxhr"):
        options["flags"] = options.get("flags", "") + "+ildct"
    if codec.name == "libx264":
        given = options.get("x264-params")
        options["x264-params"] = ":".join([*([given] if given else []), f"{_SET[flagged]}=1"])
    return replace(codec, options=options)


class FieldFlags:
    """Flags frames of one size and pixel format as interlaced; as they are for whole frames."""

    def __init__(self, flagged: FieldName) -> None:
        self._flagged = flagged
        self._graph: Any = None

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame, flagged."""
        if not self._flagged:
            return frame
        if self._graph is None:
            self._graph = _graph(frame, _SET[self._flagged])
        frame.pts, frame.time_base = 0, Fraction(1, 25)  # the writer sets its own
        self._graph.push(frame)
        made: av.VideoFrame = self._graph.pull()
        return made


def _graph(frame: av.VideoFrame, mode: str) -> Any:
    graph: Any = av.filter.Graph()
    size = f"{frame.width}x{frame.height}:pix_fmt={frame.format.name}"
    steps = (
        graph.add("buffer", f"video_size={size}:time_base=1/25:frame_rate=25"),
        graph.add("setfield", mode),
        graph.add("buffersink"),
    )
    for one, after in zip(steps, steps[1:], strict=False):
        one.link_to(after)
    graph.configure()
    return graph
