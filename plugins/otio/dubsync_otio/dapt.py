"""DAPT scripts and other TTML: each line is a marker over the time at which it is spoken.

Markers, not clips: a script's lines overlap, and are not media.  A line's character, its words and
whether it is on screen are in the marker's metadata["dubsync"].
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import TurnoverError
from dubsync.core.script import Script, ScriptLine
from dubsync.core.timeline.losses import Loss
from dubsync.editorial.files.text_file import file_bytes
from dubsync.editorial.script.dapt_read import read_ttml
from dubsync.editorial.script.dapt_write import write_dapt
from dubsync.service.store.atomic_write import write_whole
from dubsync_otio.adapter_io import Rate, rate_in, refuse_losses, refusing

LINE = "dubsync.line/1"
#: Text fields of a line, copied unchanged.
_WORDS = (
    "character", "text", "number", "original", "language", "on_screen", "performer", "reason",
    "notes", "represents",
)  # fmt: skip


def read_from_file(
    filepath: str, language: str = "", rate: Rate = None, strict: bool = False
) -> Any:
    """A Timeline without tracks; its stack has a marker for each line of the script."""
    with refusing():
        data = file_bytes(Path(filepath))
        return _timeline(read_ttml(data, path=filepath, language=language, rate=rate_in(rate)),
                         rate_in(rate), strict)  # fmt: skip


def read_from_string(
    input_str: str, language: str = "", rate: Rate = None, strict: bool = False
) -> Any:
    """As `read_from_file`, from text."""
    with refusing():
        script = read_ttml(input_str.encode(), language=language, rate=rate_in(rate))
        return _timeline(script, rate_in(rate), strict)


def write_to_string(input_otio: Any, strict: bool = False) -> str:
    """The script in the markers of a timeline that this adapter read."""
    with refusing():
        made = write_dapt(_script(input_otio))
        if strict:
            refuse_losses(made.losses, input_otio.name)
        return made.data.decode()


def write_to_file(input_otio: Any, filepath: str, strict: bool = False) -> str:
    """As `write_to_string`, into a file; atomically."""
    text = write_to_string(input_otio, strict)
    with refusing():
        write_whole(Path(filepath), text)
    return filepath


def _timeline(script: Script, rate: Fraction | None, strict: bool) -> Any:
    if strict:
        refuse_losses(script.losses, script.path)
    counted = script.rate or rate or Fraction(1000)  # a script may have seconds only
    start = script.start or Fraction(0)
    made = otio.schema.Timeline(Path(script.path).stem or "script")
    made.global_start_time = _time(start, counted)
    made.metadata["dubsync"] = {
        "schema": "dubsync.script/1",
        "format": script.format,
        "language": script.language,
        "original_language": script.original_language,
        "rate": str(script.rate or ""),
        "drop": script.drop,
        "start": "" if script.start is None else str(script.start),
        "from_start": script.from_start,
        "kind": script.kind,
        "losses": [_loss(loss) for loss in script.losses],
    }
    for line in script.lines:
        shift = Fraction(0) if script.from_start else start
        span = otio.opentime.TimeRange(
            _time(line.start - shift, counted), _time(line.stop - line.start, counted)
        )
        marker = otio.schema.Marker(line.character, span, comment=line.text)
        facts = {name: getattr(line, name) for name in _WORDS if getattr(line, name)}
        exact = {"start": str(line.start), "stop": str(line.stop)}
        marker.metadata["dubsync"] = {"schema": LINE, **facts, **exact}
        made.tracks.markers.append(marker)
    return made


def _script(timeline: Any) -> Script:
    """The Script of a timeline's line markers; a moved marker has its new time.

    Raises:
        TurnoverError: there is no line marker.
    """
    facts = timeline.metadata.get("dubsync", {})
    start = Fraction(facts.get("start") or 0)
    shift = Fraction(0) if facts.get("from_start") else start
    lines = []
    for marker in timeline.tracks.markers:
        line = marker.metadata.get("dubsync", {})
        if line.get("schema") != LINE:
            continue
        exact = Fraction(line["start"]), Fraction(line["stop"])
        span = marker.marked_range
        begin = _seconds(span.start_time) + shift
        end = begin + _seconds(span.duration)
        moved = abs(begin - exact[0]) > Fraction(1, 1000) or abs(end - exact[1]) > Fraction(1, 1000)
        words = {name: line[name] for name in _WORDS if name in line}
        first, last = (begin, end) if moved else exact
        lines.append(ScriptLine(start=first, stop=last, **{"character": "", "text": "", **words}))
    if not lines:
        raise TurnoverError(
            "the timeline has no marker that is a line of a script",
            hint="read a script with the adapter dubsync_dapt first",
        )
    return Script(
        "", "OpenTimelineIO", tuple(lines), facts.get("language", ""),
        facts.get("original_language", ""),
        Fraction(facts["rate"]) if facts.get("rate") else None,
        bool(facts.get("drop")), start if facts.get("start") else None,
        bool(facts.get("from_start")), facts.get("kind", "preRecording"),
    )  # fmt: skip


def _loss(loss: Loss) -> dict[str, str]:
    return {"kind": loss.kind, "where": loss.where, "what": loss.what, "hint": loss.hint}


def _time(seconds: Fraction, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(float(seconds * rate), float(rate))


def _seconds(time: Any) -> Fraction:
    return Fraction(time.value) / Fraction(time.rate).limit_denominator(1001)
