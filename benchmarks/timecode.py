"""Timecode: every frame of a day, at every rate, compared with two independent libraries.

    python -m benchmarks.timecode [--json] [--every N]

Our library prints each frame and parses it again; `timecode` (PyPI) and OpenTimelineIO's opentime
print it too.  `timecode` counts frames from 1 and has no 24:00:00:00, so the day ends before it;
OpenTimelineIO also rolls over at midnight.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction

import click

from dubsync.core.timeline.timecode import DROP_RATES, TIMECODE_RATES, Timecode, counting_base

#: (rate, drop) of every supported timecode.
COUNTINGS = tuple(
    [(rate, False) for rate in sorted(TIMECODE_RATES)] + [(rate, True) for rate in DROP_RATES]
)
BLOCK = 100_000


@dataclass(frozen=True)
class Compared:
    """One rate over a day: frames compared, and how many each library prints differently."""

    rate: str
    drop: bool
    frames: int
    not_read_back: int
    unlike_timecode: int | None
    unlike_otio: int | None
    seconds: float


def printed(frame: int, rate: Fraction, drop: bool) -> str:
    return str(Timecode(frame, rate, drop))


def by_timecode(frames: Sequence[int], rate: Fraction, drop: bool) -> list[str] | None:
    """Frames as the PyPI library prints them; None if it is not installed."""
    try:
        from timecode import Timecode as Peer
    except ImportError:
        return None
    spelled = str(rate) if rate.denominator == 1 else f"{float(rate):.2f}"
    spelled = "23.976" if rate == Fraction(24000, 1001) else spelled
    peer = Peer(spelled, frames=1, force_non_drop_frame=not drop)
    peer.drop_frame = drop
    mark = ";" if drop else ":"
    rows = (peer.frames_to_tc(frame + 1) for frame in frames)
    return [f"{h:02d}:{m:02d}:{s:02d}{mark}{f:02d}" for h, m, s, f in rows]


def by_otio(frames: Sequence[int], rate: Fraction, drop: bool) -> list[str] | None:
    """Frames as OpenTimelineIO prints them; None if it has no timecode for the rate."""
    from opentimelineio import opentime

    value = float(rate)
    times = (opentime.RationalTime(frame, value) for frame in frames)
    try:
        return [opentime.to_timecode(at, value, drop) for at in times]
    except ValueError:
        return None


def compared(rate: Fraction, drop: bool, every: int) -> Compared:
    """Compare every `every`-th frame of a day at one rate."""
    began, total, unread = time.monotonic(), 0, 0
    unlike: dict[str, int | None] = {"timecode": 0, "otio": 0}
    day = 24 * 6 * (counting_base(rate) * 600 - (9 * (counting_base(rate) // 15) if drop else 0))
    for first in range(0, day, BLOCK * every):
        frames = range(first, min(first + BLOCK * every, day), every)
        mine = [printed(frame, rate, drop) for frame in frames]
        total += len(mine)
        unread += sum(
            Timecode.parse(text, rate).frame != frame
            for text, frame in zip(mine, frames, strict=True)
        )
        for name, peer in (("timecode", by_timecode), ("otio", by_otio)):
            theirs = peer(frames, rate, drop)
            before = unlike[name]
            unlike[name] = None if theirs is None or before is None else before + sum(
                a != b for a, b in zip(mine, theirs, strict=True)
            )  # fmt: skip
    return Compared(
        str(rate), drop, total, unread, unlike["timecode"], unlike["otio"],
        round(time.monotonic() - began, 1),
    )  # fmt: skip


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--every", default=1, show_default=True, help="Compare every N-th frame only.")
def main(as_json: bool, every: int) -> None:
    """Compare a day of timecode at every rate."""
    rows = []
    for rate, drop in COUNTINGS:
        row = compared(rate, drop, every)
        rows.append(asdict(row))
        if not as_json:
            click.echo(
                f"{row.rate:>10} {'drop' if drop else '    '}  {row.frames:>8} frames  "
                f"not read back {row.not_read_back}  unlike timecode {row.unlike_timecode}  "
                f"unlike OpenTimelineIO {row.unlike_otio}  {row.seconds} s"
            )
    if as_json:
        click.echo(json.dumps(rows))


if __name__ == "__main__":
    main()
