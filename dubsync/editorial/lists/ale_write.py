"""Writes the corrected clips as Avid Log Exchange (ALE), one row each, for import into a bin.

Source: Avid, "Avid Log Specifications": Heading, Column and Data, tabs between fields.  Columns
that Media Composer does not know become columns of the bin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import LOST, Loss, LossReport
from dubsync.core.timeline.probed import ProbedCut, frame_text
from dubsync.core.timeline.timecode import FrameRange, counting_base
from dubsync.editorial.timeline.media_paths import path_text
from dubsync.editorial.tracks.corrected_clips import file_name

COLUMNS = (
    "Name", "Tracks", "Start", "End", "Duration", "Tape", "FPS", "Shot", "Language",
    "Cut In", "Cut Out", "Record In", "Record Out", "Handles", "Source File", "Source Path",
)  # fmt: skip
#: Picture size -> VIDEO_FORMAT; CUSTOM for all other sizes.
_FORMATS = {(1920, 1080): "1080", (1280, 720): "720", (720, 486): "NTSC", (720, 576): "PAL"}


def write_ale(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """An ALE of the corrected clips; Start and End are those of the file, handles included.

    An ALE has one frame rate: clips at other rates than the most common are reported as lost.
    """
    rate = most_common_rate([one.frames for one in corrected])
    kept = [one for one in corrected if one.frames.rate == rate]
    losses = [
        Loss(
            one.name,
            f"runs at {one.frames.rate} fps, the ALE at {rate} fps; it is not listed",
            LOST,
        )
        for one in corrected
        if one.frames.rate != rate
    ]
    rows = [_row(cut, one) for one in kept]
    return Written(print_ale(COLUMNS, rows, rate, kept[0].format), LossReport.of(losses))


def most_common_rate(spans: Sequence[FrameRange]) -> Fraction:
    """The most common rate of `spans`; the lowest if several are equally common."""
    counted = Counter(span.rate for span in spans)
    return min(counted, key=lambda rate: (-counted[rate], rate))


def _row(cut: ProbedCut, one: Corrected) -> Mapping[str, str]:
    event = cut.events[one.event]
    record = event.record.text if event.record else ("", "")
    head, tail = one.source.start - one.frames.start, one.frames.stop - one.source.stop
    return {
        "Name": one.name,
        "Tracks": "V",
        **ranged(one.frames, one.drop),
        "Tape": one.reel,
        "FPS": rate_text(one.frames.rate),
        "Shot": one.shot,
        "Language": one.language,
        "Cut In": frame_text(Fraction(one.source.start), one.source.rate, one.drop),
        "Cut Out": frame_text(Fraction(one.source.stop), one.source.rate, one.drop),
        "Record In": record[0],
        "Record Out": record[1],
        "Handles": f"{head}+{tail}",
        "Source File": file_name(one),
        "Source Path": one.path,
    }


def ranged(frames: FrameRange, drop: bool) -> dict[str, str]:
    """The columns Start, End and Duration of a range; all three are drop-frame if `drop`."""
    start, stop, length = (
        frame_text(Fraction(n), frames.rate, drop) for n in (frames.start, frames.stop, len(frames))
    )
    return {"Start": start, "End": stop, "Duration": length}


def rate_text(rate: Fraction) -> str:
    """A rate in Avid's notation: 23.976, 25, 29.97.

    >>> [rate_text(Fraction(n, d)) for n, d in ((24000, 1001), (25, 1), (30000, 1001))]
    ['23.976', '25', '29.97']
    """
    if rate.denominator == 1:
        return str(rate)
    return f"{float(rate):.{3 if counting_base(rate) in (24, 48) else 2}f}"


def print_ale(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    rate: Fraction,
    format: PictureFormat,
) -> bytes:
    """An ALE of `rows`, which map column names to cells."""
    lines = [
        "Heading",
        "FIELD_DELIM\tTABS",
        f"VIDEO_FORMAT\t{_FORMATS.get(format.shown_size, 'CUSTOM')}",
        "AUDIO_FORMAT\t48khz",
        f"FPS\t{rate_text(rate)}",
        "",
        "Column",
        "\t".join(columns),
        "",
        "Data",
        *("\t".join(_cell(row.get(column, "")) for column in columns) for row in rows),
    ]
    return path_text("\r\n".join(lines) + "\r\n").encode()


def _cell(text: str) -> str:
    """A cell without tabs and newlines."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)
