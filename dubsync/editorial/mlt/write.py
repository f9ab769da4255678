"""Writes a cut as MLT XML with corrected clips on tracks above.

A new file is a project of Shotcut (`write_mlt`) or of Kdenlive (`write_kdenlive`); melt plays both.
Its profile is explicit: without one MLT plays at 25 frames per second.  Its paths are as the cut
and the corrected clips have them; relative ones start in its own folder.

Source: MLT, docs/mlt-xml.txt; Kdenlive 22.12, dev-docs/fileformat.md (generation 4); Shotcut,
"MLT XML Annotations".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from dubsync.core.errors import DeliveryError
from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import ASSUMED, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline
from dubsync.editorial.files.xml_out import Node, legal, written
from dubsync.editorial.mlt.read import DROP, START
from dubsync.editorial.mlt.tractor import always, black, filled, track_name
from dubsync.editorial.mlt.write_kdenlive import add_kdenlive_tracks, main_bin
from dubsync.editorial.mlt.write_markers import shotcut_markers
from dubsync.editorial.mlt.write_media import ProducerTable, prop
from dubsync.editorial.mlt.write_tracks import WriteContext, plain_track, unnested
from dubsync.editorial.tracks.carry_over import other_timelines, timeline_of, unread_losses
from dubsync.editorial.tracks.dubbed_track import with_dubbed_tracks
from dubsync.editorial.tracks.from_cut import extent, lay_out_tracks, programmes
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout
from dubsync.editorial.tracks.offline_media import with_media

#: The version of MLT whose format is written.
VERSION = "7.12.0"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
ASSUMED_SIZE = (1920, 1080)
#: Matrix of the picture -> the number that MLT's profiles have for it.
_COLOURSPACES = {"bt709": 709, "bt601": 601, "bt2020": 2020}


def write_mlt(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    *,
    kdenlive: bool = False,
) -> Written:
    """A cut as MLT XML, the corrected clips on tracks above the originals.

    Args:
        kdenlive: write a project of Kdenlive, else of Shotcut.

    Raises:
        DeliveryError: there is nothing to write, or a corrected event is not in the cut.
    """
    layout = Layout(cut, losses=unread_losses(cut))
    known = programmes(cut, corrected)
    if not known:
        raise DeliveryError(
            f"{cut.name or cut.path}: there is no timeline with a known frame rate to write",
            hint="give the rate, as 24000/1001 or 25",
        )
    timeline = timeline_of(replace(cut, timelines=known), corrected)
    layout.losses += other_timelines(cut, timeline)
    assert timeline.rate is not None
    table = ProducerTable(layout, timeline.rate, kdenlive)
    ours = [one for one in corrected if cut.events[one.event].timeline == timeline.name]
    laid_out = lay_out_tracks(layout, timeline)
    tracks = tuple(with_media(track, timeline.rate, layout) for track in laid_out)
    tracks = with_dubbed_tracks(layout, tracks, ours)
    if kdenlive:
        tracks = tuple(
            replace(track, height=n)
            for sound in (False, True)
            for n, track in enumerate(
                unnested([t for t in filled(tracks) if t.sound == sound], table), start=1
            )
        )
    table.add_uses(tracks)
    root = Node("mlt", {"LC_NUMERIC": "C", "version": VERSION})
    root.attributes |= {"producer": "main_bin"} if kdenlive else {"title": legal(timeline.name)}
    root.add(profile_node(timeline.rate, next((one.format for one in ours), None), layout))
    root.add(*_timeline(timeline, tracks, table))
    return Written((_HEAD + written(root)).encode(), LossReport.of(layout.losses))


def profile_node(rate: Fraction, format: PictureFormat | None, layout: Layout) -> Node:
    """The profile: exact rate, size, aspect and colour space of the timeline."""
    wide, high = format.shown_size if format is not None else ASSUMED_SIZE
    if format is None:
        what = f"the picture size is unknown; {wide} x {high} is assumed"
        layout.lose(layout.cut.name, what, ASSUMED)
    aspect = Fraction(1) if format is None else format.shown_aspect
    shown = Fraction(wide, high) * aspect
    colourspace = _COLOURSPACES.get(format.matrix if format is not None else "", 709)
    shape = f"{wide} x {high}, {float(rate):.6g} fps"
    return Node(
        "profile",
        {
            "description": shape, "width": str(wide), "height": str(high),
            "progressive": "0" if format is not None and format.fields else "1",
            **_ratio("sample_aspect", aspect), **_ratio("display_aspect", shown),
            **_ratio("frame_rate", rate), "colorspace": str(colourspace),
        },
    )  # fmt: skip


def _ratio(name: str, value: Fraction) -> dict[str, str]:
    return {f"{name}_num": str(value.numerator), f"{name}_den": str(value.denominator)}


def _timeline(
    timeline: ProbedTimeline, tracks: Sequence[LaidOutTrack], table: ProducerTable
) -> list[Node]:
    """The producers, playlists and tractors of a timeline, in the order of their use."""
    start, stop = extent(timeline, tracks)
    context = WriteContext(table, start, max(stop, start + 1), _nests(table))
    length = context.at(context.end)
    markers = [m for m in table.layout.cut.markers if m.timeline == timeline.name]
    if table.kdenlive:
        tractor, background = add_kdenlive_tracks(tracks, context)
        tractor.add(*_start_of(timeline, start))
        bin_ = main_bin(timeline, markers, start, table)
        # Kdenlive looks for its settings in the first playlist.
        return [*table.bin_nodes, bin_, *background, *table.nodes, tractor]
    background = [black("black", length, "0"), Node("playlist", {"id": "background"}).add(
        Node("entry", {"producer": "black", "in": "0", "out": str(length - 1)}))]  # fmt: skip
    span = {"in": "0", "out": str(length - 1)}
    tractor = Node("tractor", {"id": "timeline", "title": legal(timeline.name), **span})
    tractor.add(prop("shotcut", 1), *_start_of(timeline, start))
    tractor.add(shotcut_markers(markers, start, table.layout))
    tractor.add(Node("track", {"producer": "background"}))
    _add_plain(tractor, filled(tracks), context)
    return [*background, *table.nodes, tractor]


def _start_of(timeline: ProbedTimeline, start: Fraction) -> list[Node]:
    nodes = [prop(START, int(start))]
    return [*nodes, prop(DROP, 1)] if timeline.drop else nodes


def _add_plain(
    tractor: Node, tracks: Sequence[LaidOutTrack], context: WriteContext, *, nest: bool = False
) -> None:
    """Add tracks to a tractor as Shotcut has them, and the transitions that mix their sound."""
    first = len([child for child in tractor.children if child.tag == "track"])
    transitions = []
    for n, track in enumerate(tracks, start=first):
        playlist = plain_track(track, track_name(track), context)
        hide = {"hide": "video"} if track.sound else {"hide": "audio"}
        tractor.add(Node("track", {"producer": playlist, **hide}))
        if nest:
            continue
        if track.sound:
            transitions.append(always("mix", n, {"sum": "1"}))
        else:
            lowest = not any(t.attributes.get("b_track") for t in transitions) and n == first
            extra = {"disable": "1"} if lowest else {}
            transitions.append(always("frei0r.cairoblend", n, {"threads": "0", **extra}))
    tractor.add(*transitions)


def _nests(table: ProducerTable) -> Callable[[Clip, LaidOutTrack], str]:
    """A function that writes a nest as a tractor, and returns its id."""

    def nest(clip: Clip, track: LaidOutTrack) -> str:
        start, stop = track.record_range(clip)
        context = WriteContext(table, start, stop, nest)
        span = {"in": "0", "out": str(context.at(stop) - 1)}
        tractor = Node(
            "tractor", {"id": table.new_id("tractor"), "title": legal(clip.name), **span}
        )
        _add_plain(tractor, filled(clip.inside), context, nest=True)
        table.nodes.append(tractor)
        return tractor.attributes["id"]

    return nest
