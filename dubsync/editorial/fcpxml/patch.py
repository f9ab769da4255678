"""Inserts corrected clips into the original FCPXML document.

Everything else stays byte for byte, except the numbers of the lanes above. The new clips are
connected to the items of the primary storyline, on a lane of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import ODD, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.editorial.fcpxml.parts import ITEMS, FcpxmlBuilder, item_of, lane_of
from dubsync.editorial.fcpxml.resources import Resources, resources_in, seconds
from dubsync.editorial.fcpxml.write_items import Placed, WriteContext, gap
from dubsync.editorial.fcpxml.write_resources import ResourceTable
from dubsync.editorial.fcpxml.write_spine import connect, mark
from dubsync.editorial.fcpxml.write_timing import copy_timing
from dubsync.editorial.files.xml_out import Node, Patch
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.notes.words import names_one_of
from dubsync.editorial.tracks.dubbed_track import dubbed_tracks, track_below
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout, Media
from dubsync.editorial.tracks.media_uses import Use

#: Elements that follow connected clips in an item, in DTD order.
_AFTER_ANCHORS = (
    "marker",
    "chapter-marker",
    "hidden-clip-marker",
    "rating",
    "keyword",
    "analysis-marker",
    "audio-channel-source",
    "audio-role-source",
    "sync-source",
    "filter-video",
    "filter-video-mask",
    "filter-audio",
    "metadata",
    "reserved",
)
#: Those that follow markers too.
_AFTER_MARKERS = _AFTER_ANCHORS[_AFTER_ANCHORS.index("audio-channel-source") :]
#: Versions whose assets have a src attribute instead of a media-rep.
_SOURCE_IN_ASSET = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8")


def patched_fcpxml(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """The original document with the corrected clips inserted, and `notes` as markers.

    Raises:
        DeliveryError: the project of a corrected event is missing, or its name is not unique.
        TurnoverError: `original` is damaged.
    """
    root = xml_tree(original, cut.path.rsplit("/", 1)[-1] or "the document")
    layout = Layout(cut)
    resources = resources_in(root)
    table = _resource_table(layout, root, resources, corrected)
    patch = Patch(original)
    for name in dict.fromkeys(cut.events[one.event].timeline for one in corrected):
        ours = [one for one in corrected if cut.events[one.event].timeline == name]
        timeline = next(t for t in cut.timelines if t.name == name)
        marks = [one for one in notes if one.timeline == name]
        builder = FcpxmlBuilder(resources)
        _insert(patch, _sequence(root, name), timeline, ours, marks, table, builder)
    container = root.first("resources")
    if container is not None:
        patch.insert(container, None, table.nodes, 2)
    elif table.nodes:
        after = next((e for e in root.children if e.tag != "import-options"), None)
        patch.insert(root, after, [Node("resources").add(*table.nodes)], 1)
    return Written(patch.written(), LossReport.of(layout.losses))


def _resource_table(
    layout: Layout, root: Element, resources: Resources, corrected: Sequence[Corrected]
) -> ResourceTable:
    """The formats and assets of the document that the new clips can reuse."""
    taken = {e.get("id") for e in root.descendants() if e.get("id")}
    elements = root.first("resources")
    assets = elements.all("asset") if elements else []
    old = root.get("version") in _SOURCE_IN_ASSET
    if assets:
        old = not any(e.first("media-rep") for e in assets)
    table = ResourceTable(layout, corrected[0].format if corrected else None, old, taken)
    for element in elements.all("format") if elements else []:
        rate = resources.rates.get(element.get("id"))
        wide, high = element.get("width", "0"), element.get("height", "0")
        if rate and wide.isdigit() and high.isdigit():
            for colour in dict.fromkeys((element.get("colorSpace"), "")):
                key = (rate, int(wide), int(high), colour)
                table.formats.setdefault(key, element.get("id"))
    for name, asset in resources.assets.items():
        if asset.rate:
            media = Media(asset.src, asset.name, asset.reel, asset.rate)
            first, length = asset.start * asset.rate, asset.length * asset.rate
            table.known(media, name, Use(media, first, first + length, asset.picture))
    return table


def _sequence(root: Element, name: str) -> Element:
    """The sequence of a timeline: that of a project, else of a compound."""
    for tag in ("project", "media"):
        result = [
            e for e in root.descendants()
            if e.tag == tag and (e.get("name") or "untitled") == name and e.first("sequence")
        ]  # fmt: skip
        if len(result) > 1:
            raise DeliveryError(
                f"the document has {len(result)} timelines called {name!r}",
                hint="give each a name of its own, and export again",
            )
        sequence = result[0].first("sequence") if result else None
        if sequence is not None:
            return sequence
    raise DeliveryError(
        f"the document has no timeline called {name!r}", hint="run the turnover again"
    )


def _insert(
    patch: Patch,
    sequence: Element,
    timeline: ProbedTimeline,
    corrected: Sequence[Corrected],
    notes: Sequence[ProbedMarker],
    table: ResourceTable,
    builder: FcpxmlBuilder,
) -> None:
    rate, layout = timeline.rate, table.layout
    spine = sequence.first("spine")
    if rate is None or spine is None:
        raise DeliveryError(f"{timeline.name!r} has no storyline", hint="run the turnover again")
    tracks = lay_out_tracks(Layout(layout.cut), timeline)  # the original loses nothing
    above = dubbed_tracks(layout, tracks, corrected)
    lane = track_below(tracks, corrected)
    _raise_lanes(patch, spine, (0, 0), lane, len(above))
    table.add_uses(above)
    context = WriteContext(rate, timeline.drop, table, _no_nest, has_sound=True)
    placed, elements = _storyline(spine, rate, builder)
    end = placed[-1].stop if placed else timeline.start or Fraction(0)
    extra_gap = None
    if any(clip.start >= end for track in above for clip in track.clips):
        what = f"{timeline.name!r}: the storyline is extended by a gap to reach the new clips"
        layout.lose(timeline.name, what, ODD)
        last = max(clip.stop for track in above for clip in track.clips)
        extra_gap = gap(end, last, end / rate, context)
        placed.append(extra_gap)
    for n, track in enumerate(above):
        connect(track, lane + n, placed, context)
    for note in notes:
        mark(note, placed, context)
    originals = _by_line(sequence)
    for one, element in zip(placed, elements, strict=False):
        for node in one.anchors:
            copy_timing(node, above, layout.cut, originals, builder, rate)
        after = next((e for e in element.children if e.tag in _AFTER_ANCHORS), None)
        patch.insert(element, after, one.anchors, _depth(sequence, element))
        following = next((e for e in element.children if e.tag in _AFTER_MARKERS), None)
        patch.insert(element, following, one.markers, _depth(sequence, element))
    for element in sequence.descendants() if notes else ():
        if element.tag == "marker" and names_one_of(element.get("value"), {m.where for m in notes}):
            patch.remove(element)  # as an earlier delivery wrote it
    if extra_gap is not None:
        patch.insert(spine, None, [extra_gap.finished()], _depth(sequence, spine))


def _raise_lanes(
    patch: Patch, parent: Element, lanes: tuple[int, int], first: int, by: int
) -> None:
    """Raise all lanes from `first` up by `by`; an item's lane is relative to its parent's.

    Args:
        lanes: the parent's lane relative to the storyline, before and after.
    """
    for child in parent.children:
        lane = 0 if parent.tag == "audition" and parent.get("lane") else lane_of(child)
        if child.tag not in ITEMS or (parent.tag == "sync-clip" and not lane):
            continue  # a synchronised clip has lanes of its own
        was = lanes[0] + lane
        now = was + by if was >= first else was
        if now - lanes[1] != lane:
            patch.renumber(child, now - lanes[1], "lane")
        _raise_lanes(patch, child, (was, now), first, by)


def _no_nest(clip: Clip, track: LaidOutTrack) -> str:
    raise DeliveryError(
        f"{clip.name!r} is a compound that dissolves into a corrected shot",
        hint="break the compound apart in the editing system",
    )


def _storyline(
    spine: Element, rate: Fraction, builder: FcpxmlBuilder
) -> tuple[list[Placed], list[Element]]:
    """The items of a spine with their position and own time, and their elements."""
    placed, elements = [], []
    for element in spine.children:
        if element.tag not in ITEMS or element.tag == "transition":
            continue
        pick = element
        if element.tag == "audition":
            pick = next((e for e in element.children if e.tag in ITEMS), element)
        numbers = item_of(pick, builder, rate)
        at = seconds(element.get("offset", "0s"), f"line {element.line}") * rate
        stop = at + numbers.length * rate
        placed.append(Placed(Node(pick.tag), at, stop, numbers.start, pace=numbers.pace))
        elements.append(pick)
    return placed, elements


def _by_line(sequence: Element) -> dict[str, list[Element]]:
    """The clips of a sequence by the line on which they begin, as in `ProbedEvent.where`."""
    result: dict[str, list[Element]] = {}
    for element in sequence.descendants():
        if element.tag in ITEMS:
            result.setdefault(f"line {element.line}", []).append(element)
    return result


def _depth(root: Element, element: Element) -> int:
    """The indentation of the children of an element, in steps."""
    depth, outer = 5, root
    while outer is not element:
        inner = next((e for e in outer.children if e.begin <= element.begin < e.end), None)
        if inner is None:
            return depth
        depth, outer = depth + 1, inner
    return depth
