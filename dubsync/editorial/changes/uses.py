"""The uses of a resolved cut: which event is visible when, and whether two show the same media."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dubsync.core.timeline.change import Use
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.core.timeline.runs import Run, Shown, TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.timeline.media_paths import base_name
from dubsync.editorial.timeline.reel_names import LONG_REEL, SHORT_REEL
from dubsync.editorial.timeline.time_maps import simplified
from dubsync.editorial.turnover.media_linker import EMPTY_REELS, letters, plain_name

#: Event kinds that show media.
_OF_MEDIA = frozenset({"cut", "dissolve", "wipe", "key", "multicam", "sync", "audition", "unknown"})


@dataclass(frozen=True, slots=True)
class Identity:
    """How a use names its media: file name and clip name without suffix, reel letters.

    cut_reel  whether the reel can be truncated, having the length of an EDL's reel column
    """

    file: str
    reel: str
    clip: str
    kind: str
    cut_reel: bool

    @property
    def keys(self) -> Iterator[tuple[str, str]]:
        """Index keys; two uses of the same media share at least one."""
        if self.kind:
            yield self.kind, self.clip
            return
        for name in {self.file, self.clip} - {""}:
            yield "name", name
        if self.reel:
            yield "reel", self.reel[:SHORT_REEL]


def identity(use: Use) -> Identity:
    """The media that `use` names."""
    reel = "" if use.reel.upper() in EMPTY_REELS else letters(use.reel)
    file = plain_name(base_name(use.media)) if use.media else ""
    return Identity(
        file, reel, plain_name(use.name), use.kind, len(use.reel) in (SHORT_REEL, LONG_REEL)
    )


def same_media(a: Identity, b: Identity) -> bool:
    """Whether both name the same media, as far as the cuts state.

    File names decide if both have them. Without a file name, the clip name and then the reel are
    compared: reel and timecode identify frames of a tape or camera file (SMPTE ST 258). Clip names
    alone decide only if there is neither file nor reel.
    """
    if a.kind or b.kind:
        return (a.kind, a.clip) == (b.kind, b.clip)
    if a.file and b.file:
        return a.file == b.file or (_one_version(a.file, b.file) and _reels_agree(a, b))
    if (a.file and a.file == b.clip) or (b.file and b.file == a.clip):
        return True
    if a.reel and b.reel:
        return _reels_agree(a, b)
    return bool(a.clip) and a.clip == b.clip


def _one_version(a: str, b: str) -> bool:
    """Whether one name is the other with a suffix, such as a proxy or version."""
    short, long = sorted((a, b), key=len)
    return bool(re.match(re.escape(short) + r"[._ -]", long))


def _reels_agree(a: Identity, b: Identity) -> bool:
    if not a.reel or not b.reel:
        return False
    cut = (a.cut_reel and b.reel.startswith(a.reel)) or (b.cut_reel and a.reel.startswith(b.reel))
    return a.reel == b.reel or cut


def uses_of(cut: ProbedCut, runs: Sequence[Run]) -> tuple[Use, ...]:
    """Every interval in which one event is visible without a break, in record order.

    Args:
        runs: one resolved timeline of `cut`.
    """
    drops = {timeline.name: timeline.drop for timeline in cut.timelines}
    open_: dict[int, Use] = {}
    done: list[Use] = []
    for run in runs:
        here = {shown.event for shown in run.shown}
        done += [open_.pop(event) for event in [e for e in open_ if e not in here]]
        mixed = len(run.shown) > 1
        for place, shown in enumerate(run.shown):
            before = open_.get(shown.event)
            if before is not None and before.record.stop != run.record.start:
                done.append(open_.pop(shown.event))
                before = None
            use = _begun(cut, run, shown, drops) if before is None else _longer(before, run, shown)
            if mixed and place == 0:
                use = replace(use, tail=use.tail + len(run.record))
            elif mixed:
                use = replace(use, head=use.head + len(run.record))
            open_[shown.event] = use
    done += open_.values()
    return tuple(sorted(done, key=lambda use: (use.record.start, use.record.stop, use.event)))


def _begun(cut: ProbedCut, run: Run, shown: Shown, drops: dict[str, bool]) -> Use:
    event = cut.events[shown.event]
    return Use(
        event=shown.event,
        number=event.number or str(shown.event + 1),
        name=event.name,
        reel=event.reel,
        media=event.media,
        track=event.track,
        record=run.record,
        map=shown.map,
        rate=shown.rate if shown.map is not None else None,
        kind=event.kind if shown.map is None and event.kind not in _OF_MEDIA else "",
        drop=drops.get(event.timeline, bool(cut.timelines) and cut.timelines[0].drop),
        source_drop=_drops(event),
    )


def _longer(use: Use, run: Run, shown: Shown) -> Use:
    record = FrameRange(use.record.start, run.record.stop, run.record.rate)
    if use.map is None or shown.map is None:
        return replace(use, record=record, map=None, rate=None)
    return replace(use, record=record, map=joined(use.map, shown.map))


def joined(a: TimeMap, b: TimeMap) -> TimeMap:
    """Two adjacent maps as one, with the fewest keyframes."""
    return TimeMap(simplified((*a.keyframes, *b.keyframes)))


def _drops(event: ProbedEvent) -> bool:
    return event.source is not None and any(mark in event.source.text[0] for mark in ";,")


def counted_alike(
    old: Sequence[Use], new: Sequence[Use], cuts: tuple[ProbedCut, ProbedCut]
) -> tuple[Use, ...]:
    """`new` with the shift between the frame numbers of its media in both cuts.

    A shift is set only if both cuts state the extent of the media, with the same length, and one
    of them counts from 0. Then the first frames correspond. In other cases the stated extents can
    be what each cut happens to use.
    """
    known: dict[str, tuple[Fraction, Fraction]] = {}
    for use in old:
        name, has = identity(use).file, _available(cuts[0].events[use.event])
        if name and has:
            known[name] = has
    result = []
    for use in new:
        was, now = known.get(identity(use).file), _available(cuts[1].events[use.event])
        shift = Fraction(0)
        if was and now and was[1] - was[0] == now[1] - now[0] and 0 in (was[0], now[0]):
            shift = now[0] - was[0]
        result.append(replace(use, shift=shift))
    return tuple(result)


def _available(event: ProbedEvent) -> tuple[Fraction, Fraction] | None:
    has = event.available
    if has is None or has.start is None or has.stop is None:
        return None
    return has.start, has.stop
