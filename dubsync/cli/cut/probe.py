"""`dubsync probe`: list the contents of a timeline, script or media file, and anything unusual."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.script.listing import script_json, script_text
from dubsync.cli.tables import loss_line, losses_json, table
from dubsync.cli.verb import (
    DONE,
    FAILED,
    AnsweringPath,
    as_json_option,
    print_json,
    printable,
    verb,
)
from dubsync.core.errors import DubsyncError
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.core.script import Script
    from dubsync.core.timeline.losses import LossReport
    from dubsync.core.timeline.probed import (
        ProbedCut,
        ProbedEvent,
        ProbedMarker,
        ProbedMedia,
        ProbedRange,
    )

SCHEMA = "dubsync.probe/1"


@click.command(short_help="List the contents of timelines, dub scripts and media files.")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=AnsweringPath(path_type=Path)
)
@click.option("--rate", default="", help="Frame rate, for files that do not state it (24000/1001).")
@as_json_option
@verb
def probe(files: Sequence[Path], rate: str, as_json: bool) -> int:
    """List the contents of each FILE: a timeline, a dub script, or media."""
    from dubsync.core.timeline.timecode import parse_rate
    from dubsync.service.turnover.probe import probe as probe_file

    frame_rate = parse_rate(rate) if rate else None
    if len(files) == 1:
        result = probe_file(files[0], frame_rate)
        if as_json:
            print_json(SCHEMA, probed_json(result))
        else:
            click.echo(printable(probed_text(result)))
        return DONE
    code, bodies = DONE, []
    for path in files:
        try:
            result = probe_file(path, frame_rate)
        except DubsyncError as error:  # one bad file does not stop the others
            code = FAILED
            bodies.append({"file": str(path), "error": str(error), "hint": error.hint})
            if not as_json:
                hint = f"  Try: {error.hint}\n" if error.hint else ""
                click.echo(printable(f"{path}: error: {error}\n{hint}"))
            continue
        bodies.append(probed_json(result))
        if not as_json:
            click.echo(printable(probed_text(result)) + "\n")
    if as_json:
        print_json(SCHEMA, {"files": bodies})
    return code


# -- JSON ----------------------------------------------------------------------------------


def probed_json(result: ProbedCut | ProbedMedia | Script) -> dict[str, Any]:
    """The body of `dubsync.probe/1` for one file; of a script, that of `dubsync.script/1`."""
    from dubsync.core.script import Script
    from dubsync.core.timeline.probed import ProbedMedia

    if isinstance(result, Script):
        return script_json(result)
    if isinstance(result, ProbedMedia):
        return {
            "file": result.path,
            "format": result.format,
            "rate": _rate(result.rate),
            "start": result.start,
            "seconds": None if result.seconds is None else float(result.seconds),
            "streams": [dict(stream) for stream in result.streams],
            "losses": losses_json(result.losses),
        }
    first = result.timelines[0] if result.timelines else None
    return {
        "file": result.path,
        "format": result.format,
        "name": result.name,
        "rate": _rate(result.rate),
        "start": first.start_text if first else "",
        "drop": bool(first and first.drop),
        "timelines": [
            {
                "name": t.name,
                "rate": _rate(t.rate),
                "start": t.start_text,
                "drop": t.drop,
                "start_frame": _exact(t.start),
                "frames": _exact(t.length),
            }
            for t in result.timelines
        ],
        "events": [_event_json(event) for event in result.events],
        "markers": [_marker_json(marker) for marker in result.markers],
        "losses": losses_json(result.losses),
    }


def _exact(value: Fraction | None) -> int | str | None:
    """A whole number, a fraction as "24000/1001", or null."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else str(value)


def _rate(value: Fraction | None) -> str | None:
    """A rate as in all JSON output: "24", "24000/1001"."""
    return None if value is None else str(value)


def _range_json(place: ProbedRange | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "in": place.text[0],
        "out": place.text[1],
        "in_frame": _exact(place.start),
        "out_frame": _exact(place.stop),
        "rate": _rate(place.rate),
    }


def _event_json(event: ProbedEvent) -> dict[str, Any]:
    rate = event.record.rate if event.record else event.source.rate if event.source else None
    return {
        "number": event.number,
        "track": event.track,
        "tracks": list(event.tracks),
        "name": event.name,
        "reel": event.reel,
        "kind": event.kind,
        "record": _range_json(event.record),
        "source": _range_json(event.source),
        "rate": _rate(rate),
        "speed": None if event.speed is None else float(event.speed),
        "speed_exact": _exact(event.speed),
        "keyframes": [[_exact(record), _exact(source)] for record, source in event.keyframes],
        "available": _range_json(event.available),
        "transition": event.transition,
        "outgoing": event.outgoing,
        "media": event.media,
        "enabled": event.enabled,
        "timeline": event.timeline,
        "where": event.where,
        "remarks": list(event.remarks),
    }


def _marker_json(marker: ProbedMarker) -> dict[str, Any]:
    return {
        "name": marker.name,
        "kind": marker.kind,
        "record": _range_json(marker.record),
        "source": _range_json(marker.source),
        "colour": marker.colour,
        "comment": marker.comment,
        "track": marker.track,
        "timeline": marker.timeline,
        "where": marker.where,
    }


# -- tables --------------------------------------------------------------------------------


def probed_text(result: ProbedCut | ProbedMedia | Script) -> str:
    """The contents of a file, as tables."""
    from dubsync.core.script import Script
    from dubsync.core.timeline.probed import ProbedMedia

    if isinstance(result, Script):
        return script_text(result)
    if isinstance(result, ProbedMedia):
        return _media_text(result)
    rate = f"{result.rate} fps" if result.rate is not None else "no rate"
    parts = [f"{result.path}: {result.format}, {rate}"]
    for timeline in result.timelines:
        events = [event for event in result.events if event.timeline == timeline.name]
        start = f" from {timeline.start_text}" if timeline.start_text else ""
        parts.append(f"\n{timeline.name}{start}: {counted(len(events), 'event')}")
        if events:
            head = ("track", "name", "reel", "kind", "record in/out", "source in/out", "speed", "")
            parts.append(table(head, [_event_row(event) for event in events]))
    if result.markers:
        parts.append(f"\n{counted(len(result.markers), 'marker')}")
        rows = [
            (m.kind, _place(m.record or m.source), m.name[:60], m.colour, m.comment[:60])
            for m in result.markers
        ]
        parts.append(table(("kind", "in/out", "name", "colour", "comment"), rows))
    return "\n".join([*parts, *_losses_text(result.losses)])


def _event_row(event: ProbedEvent) -> tuple[str, ...]:
    kind = event.kind if event.transition is None else f"{event.kind} {event.transition}"
    speed = "?" if event.speed is None else f"{float(event.speed):.4g}"
    return (
        event.track,
        event.name if len(event.name) <= 60 else f"{event.name[:59]}…",
        event.reel[:32],
        kind,
        _place(event.record),
        _place(event.source),
        speed,
        "" if event.enabled else "off",
    )


def _place(place: ProbedRange | None) -> str:
    return " ".join(place.text) if place else "-"


def _media_text(result: ProbedMedia) -> str:
    facts = [result.format]
    facts += [f"{result.rate} fps"] if result.rate is not None else []
    facts += [f"from {result.start}"] if result.start else []
    facts += [f"{float(result.seconds):.3f} s"] if result.seconds is not None else []
    rows = [
        (
            str(n),
            str(stream["kind"]),
            str(stream["codec"]),
            ", ".join(
                f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}"
                for key, value in stream.items()
                if value not in (None, "") and key not in ("kind", "codec")
            ),
        )
        for n, stream in enumerate(result.streams)
    ]
    return "\n".join(
        [
            f"{result.path}: {', '.join(facts)}",
            "",
            table(("", "stream", "codec", "properties"), rows),
            *_losses_text(result.losses),
        ]
    )


def _losses_text(losses: LossReport) -> list[str]:
    if not losses:
        return []
    return [f"\nConversion notes ({len(losses)}):", *map(loss_line, losses)]
