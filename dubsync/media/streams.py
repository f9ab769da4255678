"""List the streams of a media file, and anything that keeps it from being a plate or stem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.errors import DubsyncError, MediaError, TimecodeError
from dubsync.core.reading.said import how_read
from dubsync.core.timeline.losses import ODD, Loss, LossReport
from dubsync.core.timeline.probed import ProbedMedia
from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode, exact_rate
from dubsync.media.colour.doubts import log_word, stated_in_words
from dubsync.media.files.container import opened
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import probe_sound
from dubsync.media.stills.sequence import sequence_at

#: ITU-T H.273 code points.
_UNSTATED = 2
_RANGES = {1: "limited", 2: "full"}
_PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "p3-d65"}
_TRANSFERS = {1: "bt709", 4: "gamma22", 6: "smpte170m", 8: "linear", 13: "srgb", 14: "bt2020-10",
              16: "pq", 18: "hlg"}  # fmt: skip
_MATRICES = {0: "rgb", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}


def _word(names: Mapping[int, str], code: int) -> str:
    """The name of a code point; "" where it is unspecified."""
    if code in names:
        return names[code]
    return "" if code in (0, _UNSTATED) else f"H.273 {code}"


def probe_media(path: Path) -> ProbedMedia:
    """The streams of a movie, sound file or image sequence, and its problems as a plate or stem.

    Raises:
        MediaError: the file is missing, is not a media file, or is damaged at its start.
    """
    if sequence_at(path) is not None and not path.is_file():
        return _sequence(path)
    losses: list[Loss] = []
    with opened(path) as container:
        streams = tuple(_stream(stream) for stream in container.streams)
        metadata = {**container.metadata}
        for stream in container.streams:
            metadata = {**stream.metadata, **metadata}
        seconds = None if container.duration is None else Fraction(container.duration, 1_000_000)
        rates = [stream["rate"] for stream in streams if stream["kind"] == "video"]
        rate = exact(rates[0]) if rates else None
        name = str(container.format.name)
    start = str(metadata.get("timecode", ""))
    if start and rate in TIMECODE_RATES:
        try:
            Timecode.parse(start, rate)
        except TimecodeError as error:
            losses.append(Loss(path.name, f"its start timecode: {error}", ODD))
    if not start and rates:
        losses.append(Loss(path.name, "the file states no start timecode", ODD))
    if not streams:
        raise MediaError(f"{path} has no streams", hint="copy it again")
    if rates:
        result, read = _as_plate(path)
        losses += result
        streams = tuple(_with_reading(streams, read))
    if not rates:
        start, result = _as_sound(path)
        losses += result
    return ProbedMedia(str(path), name, rate, start, seconds, streams, LossReport.of(losses))


def exact(value: object) -> Fraction | None:
    """The exact rate from the text of `_stream`; None where a stream states none."""
    if not isinstance(value, str) or not value:
        return None
    rate = Fraction(value)
    try:
        return exact_rate(float(rate))
    except TimecodeError:
        return rate


def _stream(stream: Any) -> Mapping[str, object]:
    """The properties that a stream states."""
    context = stream.codec_context
    result: dict[str, object] = {
        "kind": stream.type,
        "codec": getattr(context, "name", "") or "unknown",
        "language": "" if stream.language in (None, "und") else stream.language,
        "seconds": float(stream.duration * stream.time_base)
        if stream.duration is not None and stream.time_base is not None
        else None,
    }
    if stream.type == "video":
        rate = stream.average_rate or stream.guessed_rate
        guessed = stream.guessed_rate
        result |= {
            "rate": str(Fraction(rate)) if rate else "",
            "nominal_rate": str(Fraction(guessed)) if guessed else "",
            "frames": stream.frames or None,
            "width": context.width,
            "height": context.height,
            "samples": context.format.name if context.format else "",
            "range": _word(_RANGES, context.color_range),
            "primaries": _word(_PRIMARIES, context.color_primaries),
            "transfer": _word(_TRANSFERS, context.color_trc),
            "matrix": _word(_MATRICES, context.colorspace),
            "pixel_aspect": str(stream.sample_aspect_ratio or ""),
        }
    elif stream.type == "audio":
        result |= {
            "sample_rate": context.sample_rate,
            "channels": context.channels,
            "layout": context.layout.name if context.layout else "",
            "samples": context.format.name if context.format else "",
        }
    return result


def _with_reading(
    streams: Sequence[Mapping[str, object]], read: Sequence[str]
) -> Iterator[Mapping[str, object]]:
    """The streams, the first picture with how it is read as a plate."""
    kinds = [stream["kind"] for stream in streams]
    for n, stream in enumerate(streams):
        first = read and stream["kind"] == "video" and "video" not in kinds[:n]
        yield {**stream, "read_as": "; ".join(read)} if first else stream


def _as_plate(path: Path) -> tuple[list[Loss], tuple[str, ...]]:
    """The problem that keeps a movie from being a plate, if any, and how it is read as one."""
    try:
        plate = probe_plate(path)
    except DubsyncError as error:
        return [Loss(path.name, f"as a plate: {error}", ODD, error.hint)], ()
    read = how_read(plate)
    if word := log_word(plate):
        said = f"its name speaks of {word}; its colours are {stated_in_words(plate.format)}"
        hint = "say which space it is: [colour] in dubsync.toml"
        return [Loss(path.name, said, ODD, hint)], read
    return [], read


def _as_sound(path: Path) -> tuple[str, list[Loss]]:
    """The clock time of a sound file's first sample ("": not stated), and its problems."""
    try:
        sound = probe_sound(path)
    except DubsyncError as error:
        return "", [Loss(path.name, f"as a stem: {error}", ODD, error.hint)]
    stamp = getattr(sound, "time_reference", None)
    if stamp is None:
        return "", []
    seconds = Fraction(stamp, sound.sample_rate)
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}:{float(rest):06.3f}", []


def _sequence(path: Path) -> ProbedMedia:
    """An image sequence; its frames are counted at 24 fps if no file states a rate."""
    losses = []
    try:
        plate = probe_plate(path)
    except MediaError as error:
        if "frame rate" not in str(error):
            raise
        losses.append(Loss(path.name, "no frame rate is stated", ODD, "set it in dubsync.toml"))
        plate = probe_plate(path, rate=Fraction(24))
    rate = None if losses else plate.frames.rate
    form = plate.format
    stream: dict[str, object] = {
        "kind": "video",
        "codec": path.suffix.lstrip(".") or "stills",
        "language": "",
        "rate": str(rate or ""),
        "frames": len(plate.frames),
        "width": form.width,
        "height": form.height,
        "first_number": plate.first_number,
        "colour": stated_in_words(form),
    }
    start = ""
    if rate in TIMECODE_RATES and plate.has_timecode:
        start = str(Timecode(plate.frames.start, plate.frames.rate, plate.drop))
    seconds = None if rate is None else Fraction(len(plate.frames)) / rate
    return ProbedMedia(
        str(path), "image sequence", rate, start, seconds, (stream,), LossReport.of(losses)
    )
