"""Lays renders into a Resolve timeline: as takes of the clips, else on a track of their own.

A take is never finalised, so the editor can go back to the clip as it was.  Resolve 19 changed
whether `endFrame` is counted in; so what was made is measured, and made again if it is off.
"""

import os

from dubsync_link.host import picture_of

#: In the metadata of a render: the file of the take that it was laid in for.
REPLACES = "dubsync.replaces"
BIN = "dubsync"  #: the folder of the media pool, and the name of the tracks


def is_ours(timeline, number):
    """Whether a video track is one of dubsync's."""
    return str(timeline.GetTrackName("video", number) or "").startswith(BIN)


def our_paths(pool):
    """The files in dubsync's folder of the media pool."""
    root = pool.GetRootFolder()
    for folder in (root.GetSubFolderList() if root else None) or []:
        if folder.GetName() == BIN:
            return set(clip.GetClipProperty("File Path") for clip in folder.GetClipList() or [])
    return set()


def editors_take(item, ours):
    """The number of the take that is the editor's own: the one shown, or that dubsync's stands for.

    0 where the clip has no takes.
    """
    count, shown = int(item.GetTakesCount() or 0), int(item.GetSelectedTakeIndex() or 0)
    takes = [(n, (item.GetTakeByIndex(n) or {}).get("mediaPoolItem")) for n in range(1, count + 1)]
    own = [(n, one) for n, one in takes if one and one.GetClipProperty("File Path") not in ours]
    if not own or shown in [n for n, _ in own]:
        return shown if own else 0
    render = dict(takes).get(shown)
    path = render.GetThirdPartyMetadata(REPLACES) if render else ""
    named = [n for n, one in own if path and one.GetClipProperty("File Path") == path]
    return named[0] if named else own[0][0]


def editors_media(item, ours):
    """(media pool item, its first frame shown, from 0) of the clip as the editor cut it in."""
    index = editors_take(item, ours)
    if index:
        take = item.GetTakeByIndex(index)
        return take["mediaPoolItem"], take.get("startFrame") or 0
    return item.GetMediaPoolItem(), item.GetLeftOffset()


class EditorsTakes:
    """While it is entered the clips show the editor's own takes, so that they are exported."""

    def __init__(self, items, ours):
        self._items, self._ours, self._shown = items, ours, []

    def __enter__(self):
        for _, item in self._items:
            shown, own = item.GetSelectedTakeIndex(), editors_take(item, self._ours)
            if own and shown and shown != own and item.SelectTakeByIndex(own):
                self._shown.append((item, shown))

    def __exit__(self, *raised):
        for item, shown in self._shown:
            item.SelectTakeByIndex(shown)


class Placer:
    """Lays results into one timeline, which is the open one.

    Args:
        items: (track number, item) of the editor's clips.
    """

    def __init__(self, resolve, pool, timeline, items):
        self._pool, self._timeline, self._items = pool, timeline, items
        self._before = pool.GetCurrentFolder()
        self._bin = self._find_bin()
        version = resolve.GetVersion() or [0]
        #: What is added to the last frame shown; the other one is tried where it is wrong.
        self._ends = (1, 0) if int(version[0]) >= 19 else (0, 1)

    def close(self):
        """Open the folder of the media pool that was open before."""
        if self._before:
            self._pool.SetCurrentFolder(self._before)

    def place(self, result):
        """Lay in one result; says how, or why not."""
        path = picture_of(result)
        media = self._imported(path)
        if not media:
            hint = 'choose edit media that it reads: [delivery] host = "resolve" in dubsync.toml'
            return _told(result, "", f"Resolve did not import {path}; {hint}")
        for extra in ("matte", "layer"):  # at hand in the bin
            if result.get(extra):
                self._imported(result[extra])
        record = tuple(int(frame) for frame in result["record"])
        first = int(result["handles"][0])
        item = self._original(record)
        if item is not None and self._as_take(item, media, first, record[1] - record[0]):
            return _told(result, "take", "")
        why = self._on_track(media, first, record)
        return _told(result, "" if why else "track", why)

    # -- the media pool ------------------------------------------------------------------------

    def _find_bin(self):
        root = self._pool.GetRootFolder()
        if not root:
            return None
        for folder in root.GetSubFolderList() or []:
            if folder.GetName() == BIN:
                return folder
        return self._pool.AddSubFolder(root, BIN)

    def _imported(self, path):
        """The media pool item of a file, imported once; None where Resolve refuses it."""
        if not path or not os.path.isfile(path):
            return None
        for clip in (self._bin.GetClipList() if self._bin else None) or []:
            if clip.GetClipProperty("File Path") == path:
                return clip
        if self._bin and not self._pool.SetCurrentFolder(self._bin):
            return None
        made = self._pool.ImportMedia([path])
        return made[0] if made else None

    # -- takes ---------------------------------------------------------------------------------

    def _original(self, record):
        for _, item in self._items:
            if (int(item.GetStart()), int(item.GetEnd())) == record:
                return item
        return None

    def _as_take(self, item, media, first, length):
        """Whether the media is now the chosen take of the item, which is as long as before."""
        there = (item.GetStart(), item.GetDuration())
        path = media.GetClipProperty("File Path")
        for index in range(1, int(item.GetTakesCount() or 0) + 1):
            take = (item.GetTakeByIndex(index) or {}).get("mediaPoolItem")
            if index > 1 and take and take.GetClipProperty("File Path") == path:
                return bool(item.SelectTakeByIndex(index))  # laid in before
        chosen = int(item.GetSelectedTakeIndex() or 0) or 1
        before, _ = editors_media(item, our_paths(self._pool))
        if before:
            media.SetThirdPartyMetadata(REPLACES, before.GetClipProperty("File Path"))
        for end in self._ends:
            if not item.AddTake(media, first, first + length - 1 + end):
                return False
            index = int(item.GetTakesCount() or 0)
            if item.SelectTakeByIndex(index):
                take = item.GetTakeByIndex(index) or {}
                same = (item.GetStart(), item.GetDuration()) == there
                if same and take.get("startFrame") == first:
                    return True
            item.SelectTakeByIndex(chosen)
            item.DeleteTakeByIndex(index)
        return False

    # -- tracks --------------------------------------------------------------------------------

    def _on_track(self, media, first, record):
        """Why the media could not be laid over `record` on a track of dubsync's; "": it is."""
        path = media.GetClipProperty("File Path")
        track = 0
        for number in range(1, int(self._timeline.GetTrackCount("video") or 0) + 1):
            if not is_ours(self._timeline, number):
                continue
            over = [
                item
                for item in self._timeline.GetItemListInTrack("video", number) or []
                if item.GetStart() < record[1] and record[0] < item.GetEnd()
            ]
            shown = [item.GetMediaPoolItem() for item in over]
            if any(one and one.GetClipProperty("File Path") == path for one in shown):
                return ""  # laid in before
            # Above every other version, where there is room.
            track = number if not over else 0
        if not track:
            if not self._timeline.AddTrack("video"):
                return "Resolve did not add a video track"
            track = int(self._timeline.GetTrackCount("video"))
            self._timeline.SetTrackName("video", track, BIN)
        return self._laid(media, first, record, track)

    def _laid(self, media, first, record, track):
        length = record[1] - record[0]
        for end in self._ends:
            clip = {
                "mediaPoolItem": media,
                "startFrame": first,
                "endFrame": first + length - 1 + end,
                "mediaType": 1,
                "trackIndex": track,
                "recordFrame": record[0],
            }
            made = self._pool.AppendToTimeline([clip])
            item = made[0] if made else None
            if not item:
                return "Resolve did not lay the clip in: is the track locked?"
            if (item.GetStart(), item.GetDuration()) == (record[0], length):
                return ""
            if item.GetDuration() is not None:  # an item without one is none
                self._timeline.DeleteClips([item])
        return "Resolve laid the clip in with another length, so it was taken out again"


def _told(result, how, message):
    return {"name": result["name"], "placed": bool(how), "how": how, "message": message}
