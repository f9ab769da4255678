"""Assigns the renders of a turnover to the events of the cut that they replace."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor
from pathlib import PurePath

from dubsync.core.edit.codec import edit_codec
from dubsync.core.errors import DeliveryError
from dubsync.core.picture import PictureFormat
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Event, Shot
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, probed_range
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange
from dubsync.editorial.timeline.media_paths import base_name


def counted_as(cut: ProbedCut, drop: bool) -> ProbedCut:
    """`cut` with drop-frame record timecode as its turnover decided, which a file may not state."""
    if cut.rate not in DROP_RATES or all(t.drop == drop for t in cut.timelines):
        return cut
    events = []
    for event in cut.events:
        record = event.record
        if record and record.rate in DROP_RATES and None not in (record.start, record.stop):
            assert record.start is not None and record.stop is not None
            record = probed_range(record.start, record.stop, record.rate, drop)
        events.append(replace(event, record=record))
    timelines = tuple(replace(t, drop=drop and t.rate in DROP_RATES) for t in cut.timelines)
    return replace(cut, timelines=timelines, events=tuple(events))


def corrected_events(
    cut: ProbedCut, rendered: Sequence[RenderedShot], *, language: str
) -> tuple[Corrected, ...]:
    """`rendered` as Corrected values, in the order of the cut's events.

    A render belongs to the event with the same record frames on the same track. If there are
    several, the number, clip, reel and media decide.

    Raises:
        DeliveryError: a render has no event in this cut, or two renders have the same event.
    """
    result: dict[int, Corrected] = {}
    by_record: dict[tuple[int, int], list[int]] = {}
    for n, event in enumerate(cut.events):
        if event.record and event.record.start is not None and event.record.stop is not None:
            key = int(event.record.start), int(event.record.stop)
            by_record.setdefault(key, []).append(n)
    for render in rendered:
        n = _event_of(render, cut, by_record)
        if n in result:
            raise DeliveryError(
                f"shots {result[n].shot} and {render.shot.name} are both renders of "
                f"{cut.events[n].where}",
                hint="deliver one of them",
            )
        result[n] = _corrected(n, render, language)
    return tuple(result[n] for n in sorted(result))


def _corrected(n: int, render: RenderedShot, language: str) -> Corrected:
    shot = render.shot
    if not render.frames.holds(shot.source):
        raise DeliveryError(
            f"shot {shot.name}: the render has frames {render.frames.start}.."
            f"{render.frames.stop}, but the cut shows {shot.source.start}..{shot.source.stop}",
            hint=f"sync {shot.name} again",
        )
    return Corrected(
        event=n,
        shot=shot.name,
        name=f"{shot.name}_{language}_v{render.version:03d}",
        path=render.in_cut,
        frames=render.frames,
        source=shot.source,
        format=_format(render),
        language=language,
        reel=shot.plate.reel or shot.event.reel or PurePath(shot.plate.name).stem,
        drop=shot.plate.drop,
        first_number=render.first_number,
        edit=render.edit,
        master=render.picture if render.edit else "",
        master_number=replace(render, edit=None).first_number,
        time=_own_time(shot),
    )


def _own_time(shot: Shot) -> TimeMap | None:
    """How the cut plays a render whose frames it does not count itself; None: as its event."""
    counted = shot.event.source
    same = counted is None or counted.rate == shot.plate.frames.rate
    return None if same and shot.plate.shown is None else shot.time


def _format(render: RenderedShot) -> PictureFormat:
    """The format of the pictures that the cut points at."""
    form = render.shot.plate.format
    if render.edit is None:
        return form
    codec = edit_codec(render.edit.codec)
    return replace(form, model="rgb" if codec.rgb else "yuv", bits=codec.bits, chroma=codec.chroma)


def _event_of(
    render: RenderedShot, cut: ProbedCut, by_record: Mapping[tuple[int, int], list[int]]
) -> int:
    event = render.shot.event
    same: Sequence[int] = by_record.get((event.record.start, event.record.stop), ())
    scored = [(_likeness(event, cut.events[n]), n) for n in same or range(len(cut.events))]
    best: tuple[int, ...] = max((score for score, _ in scored), default=(0,))
    fitting = [n for score, n in scored if score == best and score[0] > 0]
    if len(fitting) == 1:
        return fitting[0]
    where = f"{event.where}, record frames {event.record.start}..{event.record.stop}"
    if not fitting:
        raise DeliveryError(
            f"shot {render.shot.name} ({where}) is not an event of the current cut",
            hint="run the turnover again",
        )
    raise DeliveryError(
        f"shot {render.shot.name} ({where}) matches {len(fitting)} events of the cut: "
        + ", ".join(cut.events[n].where for n in fitting[:5]),
        hint="delete all but one of them from the cut",
    )


def _likeness(ours: Event, theirs: ProbedEvent) -> tuple[int, ...]:
    """How well an event of the file matches one of the turnover; (0,): not at all."""
    record = theirs.record
    if record is None or record.start is None or record.stop is None or theirs.source is None:
        return (0,)
    if not (record.start <= ours.record.start and ours.record.stop <= record.stop):
        return (0,)  # a turnover can trim an event, but never extends one
    return (
        1 + (ours.enabled == theirs.enabled),
        ours.track in theirs.tracks,
        ours.where == theirs.where,
        ours.number == theirs.number,
        bool(ours.clip) and ours.clip == theirs.name,
        bool(ours.reel) and ours.reel == theirs.reel,
        bool(ours.media) and base_name(ours.media) == base_name(theirs.media),
    )


def count_shift(event: ProbedEvent, one: Corrected) -> int:
    """Offset of the corrected file's frame numbers from those of its event, in frames.

    A cut can count a plate without timecode from another frame than the plate's file does.
    """
    source = event.source
    if source is None or source.start is None:
        return 0
    return one.source.start - floor(source.start)


def file_name(one: Corrected) -> str:
    """The file's name, as editorial lists show it."""
    return numbered_name(PurePath(one.path).name, one.frames, one.first_number)


def numbered_name(name: str, frames: FrameRange, first: int | None) -> str:
    """`sequence_name` of `frames` in a sequence whose first file has the number `first`."""
    start = frames.start if first is None else first
    return sequence_name(name, FrameRange(start, start + len(frames), frames.rate))


def sequence_name(name: str, frames: FrameRange) -> str:
    """An image sequence as "name.[1001-1050].exr", as in Resolve; a movie's name unchanged.

    >>> from fractions import Fraction
    >>> sequence_name("a.%04d.exr", FrameRange(1001, 1051, Fraction(24)))
    'a.[1001-1050].exr'
    """
    first, last = frames.start, frames.stop - 1
    return re.sub(
        r"%(0(\d+))?d",
        lambda m: f"[{first:0{m.group(2) or 1}d}-{last:0{m.group(2) or 1}d}]",
        name,
    )


def first_file(name: str, frames: FrameRange, first: int | None) -> str:
    """The first file of an image sequence, of which `numbered_name` names them all.

    >>> from fractions import Fraction
    >>> first_file("a.%04d.exr", FrameRange(1001, 1051, Fraction(24)), None)
    'a.1001.exr'
    """
    start = frames.start if first is None else first
    return re.sub(r"%(0(\d+))?d", lambda m: f"{start:0{m.group(2) or 1}d}", name)


def media_offset(shot: Shot) -> int:
    """The offset from a plate's frame numbers to the cut's numbers for the same frames."""
    return shot.event.source.start - shot.file_source.start if shot.event.source else 0
