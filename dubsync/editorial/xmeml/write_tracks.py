"""Tracks of an FCP7 XML document as they are written."""

from __future__ import annotations

from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.tracks.layout import LaidOutTrack, centred
from dubsync.editorial.xmeml.write_items import Page, item, transition_node


def track_of(track: LaidOutTrack, page: Page) -> Node:
    """One row as a track; a corrected one carries its language's name, as Premiere shows it."""
    ours = next((clip.corrected for clip in track.clips if clip.corrected), None)
    node = Node("track", {"MZ.TrackName": f"dubbed {ours.language}"} if ours else {})
    track = centred(track)
    written_at = None
    for clip in track.clips:
        head, tail = track.transition_at(clip.start), track.transition_at(clip.stop)
        if head is not None and written_at != head.cut:
            node.add(transition_node(head, track, page))
        node.add(item(clip, track, page))
        if tail is not None:
            node.add(transition_node(tail, track, page))
            written_at = tail.cut
    return node
