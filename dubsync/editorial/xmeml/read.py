"""Reads Final Cut Pro 7 XML, as written by Premiere Pro and Resolve: sequences, tracks and nests.

A clipitem's start and end are record frames from the start of the sequence; in and out are the
clip's own frames, after its speed change.  -1 stands for the edge of the transition beside it.  A
clip beyond a fade to or from black states its own edge.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from dubsync.core.errors import DubsyncError, TimecodeError, TurnoverError
from dubsync.core.timeline.losses import ASSUMED, BLOCKS, LOST, ODD, WARNS
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedTimeline,
    probed_range,
)
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.timeline.cut_builder import Source
from dubsync.editorial.timeline.nested_time import AffineTime
from dubsync.editorial.timeline.time_maps import simplified
from dubsync.editorial.timeline.unknown_xml import lose_unknown
from dubsync.editorial.xmeml.census import GRAMMAR, lose_remap, lose_values
from dubsync.editorial.xmeml.items import (
    AGAIN,
    Context,
    XmemlBuilder,
    edges_of,
    list_markers,
    shown_of,
    touches_black,
)
from dubsync.editorial.xmeml.parts import (
    FirstTimecode,
    TimeRemap,
    files_in,
    first_timecode,
    own_rate,
    rate_in,
    time_remap,
    whole_number,
)
from dubsync.editorial.xmeml.source import counted_at, file_of, frames_played, source_of

MOST_EVENTS = 200_000
#: Lower limits inside nests, whose events multiply.
MOST_NESTED = 20_000
DEEPEST = 12
_ITEMS = ("clipitem", "generatoritem")


def read_xmeml(data: bytes, *, path: str = "") -> ProbedCut:
    """The sequences of an FCP7 XML document, or the clips of its bins if it has none.

    Raises:
        TimecodeError: an invalid time or rate.
        TurnoverError: damaged, unsafe, or without a sequence or clip.
    """
    where = path.rsplit("/", 1)[-1] or "the document"
    root = xml_tree(data, where)
    if root.tag != "xmeml":
        raise TurnoverError(
            f"{where} begins with <{root.tag[:40]}>, not <xmeml>",
            hint="export the whole sequence as Final Cut Pro XML; this is a fragment, or another "
            "kind of file",
        )
    builder = XmemlBuilder(files_in(root), _defined(root, "sequence"), _defined(root, "multiclip"))
    lose_unknown(root, GRAMMAR, builder, "check it in the editing system")
    timelines = _sequences(_outermost(root, "sequence"), builder)
    if not timelines:
        timelines = _bin(root, builder, where)
    if not timelines:
        raise TurnoverError(f"{where} has no sequence and no clip", hint="export a sequence")
    for name, count in sorted(builder.effects.items()):
        builder.lose(where, f"effect {name!r} is not listed; number of uses: {count}")
    version = root.get("version") or "?"
    return builder.cut(path, f"Final Cut Pro 7 XML (xmeml {version})", timelines)


def _defined(root: Element, tag: str) -> dict[str, Element]:
    """The first element with `tag` of each id that has contents; later ones have an id only."""
    found = [e for e in root.descendants() if e.tag == tag and e.children and e.get("id")]
    return {e.get("id"): e for e in reversed(found)}


def _sequences(sequences: list[Element], builder: XmemlBuilder) -> list[ProbedTimeline]:
    """Each sequence as a timeline; one that cannot be read is a loss, unless no other can."""
    timelines, faults = [], []
    for sequence in sequences:
        listed = len(builder.events), len(builder.markers)
        try:
            timelines.append(_sequence(sequence, builder))
        except DubsyncError as error:
            del builder.events[listed[0] :], builder.markers[listed[1] :]
            name = sequence.text_at("name") or "untitled"
            builder.lose(f"line {sequence.line}", f"sequence {name!r} is not read: {error}", LOST,
                         AGAIN)  # fmt: skip
            faults.append(error)
    if faults and not timelines:
        raise faults[0]
    return timelines


def _outermost(root: Element, tag: str) -> list[Element]:
    """The elements with `tag` that are not inside a sequence or clip."""
    result: list[Element] = []
    waiting = list(reversed(root.children))
    while waiting:
        element = waiting.pop()
        if element.tag == tag:
            result.append(element)
        elif element.tag not in ("sequence", "clip"):
            waiting += reversed(element.children)
    return result


def _sequence(sequence: Element, builder: XmemlBuilder) -> ProbedTimeline:
    rate = rate_in(sequence)
    name = sequence.text_at("name") or "untitled"
    where = f"line {sequence.line}"
    if rate is None:
        raise TurnoverError(
            f"{where}: sequence {name!r} states no frame rate", hint="export the sequence again"
        )
    first = first_timecode(sequence)
    if first is None:
        builder.lose(
            where, f"sequence {name!r} states no first timecode; 00:00:00:00 is assumed", ASSUMED
        )
        first = FirstTimecode(0, rate)
    if first.warning:
        builder.lose(where, f"{first.warning}; the frame number is used", ODD)
    start = Fraction(first.frame) / (first.rate or rate)
    context = Context(name, rate, rate, first.drop, AffineTime(shift=start))
    tracks = _tracks(sequence, context, builder)
    if not tracks:
        builder.lose(where, f"sequence {name!r} has no track", ODD)
    list_markers(sequence, context, builder, None)
    length = whole_number(sequence, "duration")
    return ProbedTimeline(
        name, rate, start * rate, None if length is None else Fraction(length), first.drop
    )


def _bin(root: Element, builder: XmemlBuilder, where: str) -> list[ProbedTimeline]:
    clips = _outermost(root, "clip")
    for clip in clips:
        rate = own_rate(clip)
        file = next(
            (
                builder.files[e.get("id")]
                for e in clip.descendants()
                if e.tag == "file" and e.get("id") in builder.files
            ),
            None,
        )
        low, high = whole_number(clip, "in"), whole_number(clip, "out")
        length = whole_number(clip, "duration")
        low = 0 if low is None or low < 0 else low
        high = length if high is None or high < 0 else high
        first = file.first.frame if file and file.first else 0
        source = None
        if rate is not None and high is not None and high > low:
            source = probed_range(Fraction(first + low), Fraction(first + high), rate)
        builder.events.append(
            ProbedEvent(
                ("V1",),
                clip.text_at("name"),
                "cut",
                None,
                source,
                media=file.path if file else "",
                reel=file.first.reel if file and file.first else "",
                number=str(len(builder.events) + 1),
                timeline="bin",
                where=f"line {clip.line}",
            )
        )
    return [ProbedTimeline("bin", None)] if clips else []


def _tracks(sequence: Element, context: Context, builder: XmemlBuilder) -> int:
    """List every track of a sequence; return their number."""
    count = 0
    for kind, letter in (("video", "V"), ("audio", "A")):
        media = sequence.first("media", kind)
        for n, track in enumerate(media.all("track") if media else [], start=1):
            count += 1
            label = f"{context.inside}/{letter}{n}" if context.inside else f"{letter}{n}"
            on = context.enabled and track.text_at("enabled", otherwise="TRUE").upper() != "FALSE"
            _track(track, label, replace(context, enabled=on), builder)
    return count


def _track(track: Element, label: str, context: Context, builder: XmemlBuilder) -> None:
    items = track.all(*_ITEMS, "transitionitem")
    for n, item in enumerate(items):
        most = MOST_NESTED if context.nests else MOST_EVENTS
        if len(builder.events) > most:
            raise TurnoverError(
                f"more than {most} events", hint="break the nests apart, and export again"
            )
        try:
            _item(items, n, label, context, builder)
        except TimecodeError as error:
            what = f"{item.text_at('name')!r} is not listed: {error}"
            turnover = "" if label.rsplit("/", 1)[-1].startswith("A") else WARNS
            builder.lose(f"line {item.line}", what, LOST, AGAIN, turnover)


def _item(
    items: list[Element], n: int, label: str, context: Context, builder: XmemlBuilder
) -> None:
    """List item `n` of a track.

    Raises:
        TimecodeError: its place in the track is not valid.
    """
    item = items[n]
    if item.tag == "transitionitem":
        _transition(item, label, context, builder, black=touches_black(items, n))
        return
    start, end = edges_of(items, n)
    if start is None or end is None or end <= start:
        what = f"{item.text_at('name')!r} has no position in its track"
        builder.lose(f"line {item.line}", what, ODD)
        return
    _clip(item, label, (start, end), context, builder)


def _transition(
    item: Element, label: str, context: Context, builder: XmemlBuilder, *, black: bool
) -> None:
    """List a transition; with `black`, also the gap that separates it from the clip beyond."""
    start, end = whole_number(item, "start"), whole_number(item, "end")
    if start is None or end is None or end <= start:
        builder.lose(f"line {item.line}", "a transition has no length", ODD)
        return
    record = shown_of((start, end), context)
    name = item.text_at("effect", "name") or item.text_at("name")
    words = (
        f"{name} {item.text_at('effect', 'effectid')} {item.text_at('effect', 'effectcategory')}"
    )
    kind = next((k for k in ("dissolve", "wipe") if k in words.lower()), "transition")
    if label.rsplit("/", 1)[-1].startswith("A") and kind == "transition":
        kind = "dissolve"  # the only kind for sound
    if record is None:
        return
    event = ProbedEvent(
        (label,),
        name,
        kind,
        record,
        None,
        number=str(len(builder.events) + 1),
        transition=end - start,
        timeline=context.timeline,
        enabled=context.enabled,
        where=f"line {item.line}",
        remarks=tuple(filter(None, (item.text_at("alignment"),))),
    )
    builder.events.append(event)
    if black:
        number = str(len(builder.events) + 1)
        gap = replace(event, name="", kind="gap", number=number, transition=None, remarks=())
        builder.events.append(gap)


def _clip(
    item: Element, label: str, edges: tuple[int, int], context: Context, builder: XmemlBuilder
) -> None:
    record = shown_of(edges, context)
    if record is None:
        return
    name, where = item.text_at("name"), f"line {item.line}"
    enabled = context.enabled and item.text_at("enabled", otherwise="TRUE").upper() != "FALSE"
    context = replace(context, enabled=enabled)
    if not record.whole:
        builder.lose(where, f"{name!r} begins or ends between frames", ODD)
    nested = _nested(item, builder)
    sound = label.rsplit("/", 1)[-1].startswith("A")
    remap = time_remap(item)
    for effect in (e for f in item.all("filter") for e in f.all("effect")):
        if effect.text_at("effectid").lower() != "timeremap":
            builder.effects[effect.text_at("name")[:60] or effect.text_at("effectid")[:60]] += 1
    kind = _kind(item, nested, sound)
    lose_values(item, builder)
    lose_remap(item, builder)
    file, played = None, Source(None, Fraction(1))
    try:
        file, delay = file_of(item, sound, builder)
        played = source_of(item, edges, record, (file, delay), remap, context, builder)
    except TimecodeError as error:
        what = f"{name!r}: {error}; its source frames are unknown"
        builder.lose(where, what, ODD, AGAIN, BLOCKS if file is not None and not sound else "")
    remarks = [
        t
        for t in (
            item.text_at("comments", "mastercomment1"),
            item.text_at("logginginfo", "lognote"),
        )
        if t
    ]
    builder.events.append(
        ProbedEvent(
            tracks=(label,),
            name=name or (file.name if file else ""),
            kind=kind,
            record=record,
            source=None if kind in ("generator", "compound") else played.frames,
            reel=file.first.reel if file and file.first else "",
            speed=played.speed,
            media=file.path if file else "",
            number=str(len(builder.events) + 1),
            enabled=enabled,
            timeline=context.timeline,
            where=where,
            remarks=tuple(remarks),
            available=played.available if kind in ("cut", "audio") else None,
            keyframes=played.keyframes if kind in ("cut", "audio") else (),
        )
    )
    list_markers(item, context, builder, edges)
    if nested is not None:
        _nest(nested, item, label, edges, remap, context, builder)


def _kind(item: Element, nested: Element | None, sound: bool) -> str:
    """The event kind of an item; of the generators, only text is a title."""
    if item.text_at("effect", "effectcategory") == "Text":
        return "title"
    if item.tag == "generatoritem":
        return "generator"
    if nested is not None:
        return "compound"
    return "audio" if sound else "cut"


def _nested(item: Element, builder: XmemlBuilder) -> Element | None:
    nested = item.first("sequence")
    if nested is None or nested.children:
        return nested
    return builder.sequences.get(nested.get("id"))


def _nest(
    nested: Element,
    item: Element,
    label: str,
    edges: tuple[int, int],
    remap: TimeRemap | None,
    context: Context,
    builder: XmemlBuilder,
) -> None:
    """List the contents of a nested sequence, in record time."""
    where, name = f"line {item.line}", item.text_at("name")
    key = nested.get("id") or where
    if key in context.nests or len(context.nests) >= DEEPEST:
        builder.lose(
            where,
            f"{name!r} contains itself or is nested too deep; its contents are not listed",
            ODD,
        )
        return
    own = own_rate(nested) or context.own
    at, length = edges[0] / context.own, (edges[1] - edges[0]) / context.own
    if context.time.shown(at, length) is None:
        return
    rate, first = own_rate(item) or own, whole_number(item, "in") or 0
    low = Fraction(first) * rate / counted_at(item, edges, remap, context, builder)
    line = simplified(tuple(frames_played(remap, (low, low + length * rate))[0]))
    if len(line) < 2 or any(b[1] <= a[1] for a, b in zip(line, line[1:], strict=False)):
        what = (
            f"{name!r} is a nest that runs backwards or stands still: its contents are not listed"
        )
        builder.lose(where, what, LOST, "break it apart in the editing system")
        return
    deeper = replace(context, own=own, inside=label, nests=(*context.nests, key))
    for a, b in zip(line, line[1:], strict=False):
        begin = at + (a[0] - low) / rate
        shown = context.time.shown(begin, (b[0] - a[0]) / rate)
        if shown is not None:
            speed = (b[1] - a[1]) / (b[0] - a[0])
            inner = context.time.nested(begin, a[1] / rate, speed, shown)
            _contents(nested, label, replace(deeper, time=inner), builder)


def _contents(nested: Element, label: str, context: Context, builder: XmemlBuilder) -> None:
    """List the tracks and markers of a nested sequence in the time of `context`."""
    sound = label.rsplit("/", 1)[-1].startswith("A")
    if not sound:  # the audio track has the same nest again
        list_markers(nested, context, builder, None)
    media = nested.first("media", "audio" if sound else "video")
    for n, track in enumerate(media.all("track") if media else [], start=1):
        on = context.enabled and track.text_at("enabled", otherwise="TRUE").upper() != "FALSE"
        _track(track, f"{label}/{'A' if sound else 'V'}{n}", replace(context, enabled=on), builder)
