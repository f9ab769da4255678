"""Writes the tracks of an FCP7 XML document."""

from __future__ import annotations

from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.tracks.layout import LaidOutTrack, centred
from dubsync.editorial.xmeml.write_items import WriteContext, item, transition_node


def track_of(track: LaidOutTrack, context: WriteContext) -> Node:
    """A <track>; the name of a dubbed track has its language, which Premiere shows."""
    ours = next((clip.corrected for clip in track.clips if clip.corrected), None)
    node = Node("track", {"MZ.TrackName": f"dubbed {ours.language}"} if ours else {})
    track = centred(track)
    written_at = None
    for clip in track.clips:
        head, tail = track.transition_at(clip.start), track.transition_at(clip.stop)
        if head is not None and written_at != head.cut:
            node.add(transition_node(head, track, context))
        node.add(item(clip, track, context))
        if tail is not None:
            node.add(transition_node(tail, track, context))
            written_at = tail.cut
    return node
