"""Tracks of an FCP7 XML document as they are written."""

from __future__ import annotations

from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.tracks.layout import LaidOutTrack, centred
from dubsync.editorial.xmeml.write_items import Page, item, transition


def track_of(row: LaidOutTrack, page: Page) -> Node:
    """One row as a track; a corrected one carries its language's name, as Premiere shows it."""
    ours = next((clip.corrected for clip in row.clips if clip.corrected), None)
    track = Node("track", {"MZ.TrackName": f"dubbed {ours.language}"} if ours else {})
    row = centred(row)
    written_at = None
    for clip in row.clips:
        head, tail = row.fade_at(clip.start), row.fade_at(clip.stop)
        if head is not None and written_at != head.cut:
            track.add(transition(head, row, page))
        track.add(item(clip, row, page))
        if tail is not None:
            track.add(transition(tail, row, page))
            written_at = tail.cut
    return track
