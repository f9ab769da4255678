"""Compares two turnover cuts by event: the change of each, and the position of its dub."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.shot import Cut, Event
from dubsync.core.timeline.change import Change, ChangeList, Use
from dubsync.core.timeline.runs import TimeMap
from dubsync.editorial.changes.change_list import changes
from dubsync.editorial.changes.uses import identity, same_media


def event_changes(old: Cut, new: Cut) -> tuple[Change, ...]:
    """The changes from `old` to `new`, enabled events only; `Use.event` indexes `Cut.events`.

    Raises:
        TurnoverError: their frame rates differ.
    """
    if old.rate != new.rate:
        raise TurnoverError(
            f"{old.name} is at {old.rate} fps and {new.name} at {new.rate} fps; they cannot be "
            "compared",
            hint="export the new cut at the rate of the old one",
        )
    return changes(event_uses(old), _counted_as_in(old, new))


def listed_changes(new: Cut, result: ChangeList) -> dict[str, Change]:
    """Name of each event of `new` -> its change in a change list of visible events.

    The change list numbers events as the file does and separates transitions. Turnover's events
    are matched to it by media and by the largest overlap of record frames.
    """
    listed = [(c, c.new, identity(c.new)) for c in result.changes if c.new is not None]
    changes = {}
    for use in event_uses(new):
        mine = identity(use)
        shared = [
            (over, change) for change, other, theirs in listed
            if (over := other.record.overlap(use.record)) is not None and same_media(mine, theirs)
        ]  # fmt: skip
        if shared:
            _, changes[new.events[use.event].name] = max(shared, key=lambda pair: len(pair[0]))
    return changes


def event_uses(cut: Cut) -> tuple[Use, ...]:
    """The Use of each enabled event, in record order."""
    uses = [_use(cut, n, event) for n, event in enumerate(cut.events) if event.enabled]
    return tuple(sorted(uses, key=lambda use: (use.record.start, use.record.stop, use.event)))


def _counted_as_in(old: Cut, new: Cut) -> tuple[Use, ...]:
    """The uses of `new`, each with the shift from the old cut's frame numbers of its media.

    A host without timecode counts a file from 0.  The rule is `counted_alike`'s.
    """
    known = {identity(use).file: old.events[use.event].available for use in event_uses(old)}
    result = []
    for use in event_uses(new):
        was, now = known.get(identity(use).file), new.events[use.event].available
        if was and now and len(was) == len(now) and 0 in (was.start, now.start):
            use = replace(use, shift=Fraction(now.start - was.start))
        result.append(use)
    return tuple(result)


def _use(cut: Cut, place: int, event: Event) -> Use:
    start, stop = Fraction(event.record.start), Fraction(event.record.stop)
    shown, rate = None, None
    if event.source is not None:
        first = event.source.start if event.speed >= 0 else event.source.stop
        last = first + (stop - start) * event.speed
        shown, rate = TimeMap(((start, Fraction(first)), (stop, last))), event.source.rate
    return Use(
        event=place,
        number=event.number,
        name=event.clip,
        reel=event.reel,
        media=event.media,
        track=event.track,
        record=event.record,
        map=shown,
        rate=rate,
        drop=cut.drop,
    )


def dub_shifts(old: Cut, new: Cut) -> dict[str, Fraction | None]:
    """Name of each event of `new` -> the offset of its frames in `old`, in record frames.

    A sound made for `old` is heard under an event at the event's record time plus this offset.
    None if `old` shows none of its frames, so that no sound was made for them.  Under a retimed
    event the sound begins with the first frame in both cuts, at the sound's own speed.
    """
    shifts: dict[str, Fraction | None] = dict.fromkeys(e.name for e in new.events)
    elsewhere = _ByMedia(event_uses(old))
    for change in event_changes(old, new):
        if change.new is not None:
            was = change.old
            if was is None or not _shared(was, change.new):
                was = elsewhere.most_shared(change.new)
            name = new.events[change.new.event].name
            shifts[name] = None if was is None else _later(was, change.new)
    return shifts


def origins(old: Cut, new: Cut) -> dict[str, str]:
    """Name of each event of `new` -> name of the event of `old` that it continues, if any.

    That is the same event, or else the event that showed most of its frames.
    """
    elsewhere = _ByMedia(event_uses(old))
    result = {}
    for change in event_changes(old, new):
        if change.new is not None:
            was = change.old or elsewhere.most_shared(change.new)
            if was is not None:
                result[new.events[change.new.event].name] = old.events[was.event].name
    return result


def _shared(a: Use, b: Use) -> Fraction:
    """The number of source frames in both; 1 if neither has media, 0 if only one has."""
    if a.source is None or b.source is None:
        return Fraction(a.source is b.source)
    return min(a.source[1], b.source[1]) - max(a.source[0], b.source[0])


def _later(old: Use, new: Use) -> Fraction:
    """The record offset from `new` to `old` of the first source frame in both."""
    if old.map is None or new.map is None or not (old.map.steady and new.map.steady):
        return Fraction(old.record.start - new.record.start)
    speeds = old.map.steady, new.map.steady
    firsts = old.map.keyframes[0][1] - old.shift, new.map.keyframes[0][1] - new.shift
    frame = max(firsts) if speeds[1] > 0 else min(firsts)
    at = [
        use.record.start + (frame - first) / speed
        for use, first, speed in zip((old, new), firsts, speeds, strict=True)
    ]
    return at[0] - at[1]


class _ByMedia:
    """An index of the uses of a cut by media."""

    def __init__(self, uses: Sequence[Use]) -> None:
        self._uses: Mapping[tuple[str, str], list[Use]] = defaultdict(list)
        for use in uses:
            for key in identity(use).keys:
                self._uses[key].append(use)

    def most_shared(self, use: Use) -> Use | None:
        """The use with most of the same frames; None if no use has any."""
        mine = identity(use)
        result = {
            id(other): other
            for key in mine.keys
            for other in self._uses.get(key, ())
            if same_media(mine, identity(other))
        }
        best = max(result.values(), key=lambda other: _shared(other, use), default=None)
        return best if best is not None and _shared(best, use) > 0 else None
