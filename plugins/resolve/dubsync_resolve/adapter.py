"""DaVinci Resolve as the flow sees it.

Resolve's API answers None or False where anything goes wrong, and says nothing more.  So each
answer is checked, and what was asked for is read back.
"""

import os
import uuid

from dubsync_link import frames, problems
from dubsync_link.host import EditorHost, folders_of

from dubsync_resolve import placing

UNSAVED = "Untitled Project"  #: the name of a project that was never saved
#: customData of markers: a note of dubsync, or an id that dubsync gave an editor's marker.
NOTE, MARKER = "dubsync-note:", "dubsync-marker:"
#: The colours of notes, as Resolve calls them; it has no magenta.
COLOURS = {
    "red": "Red", "yellow": "Yellow", "cyan": "Cyan", "blue": "Blue", "green": "Green",
    "magenta": "Fuchsia",
}  # fmt: skip


class ResolveHost(EditorHost):
    """The adapter.

    folder  where reels are kept; "": in the user's folder, by the project's name
    """

    host_name, host_key, suffix = "DaVinci Resolve", "resolve", ".otio"

    def __init__(self, resolve):
        self._resolve = resolve
        self.folder = ""

    # -- project and timelines -----------------------------------------------------------------

    def project_saved(self):
        name = self.given(self._project().GetName(), "tell the project's name")
        return bool(name) and name != UNSAVED

    def project_folder(self):
        if self.folder:
            return self.folder
        name = self.given(self._project().GetName(), "tell the project's name")
        safe = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name).strip(". ")
        return os.path.join(os.path.expanduser("~"), "dubsync", safe or "project")

    def timelines(self):
        project = self._project()
        count = self.given(project.GetTimelineCount(), "count its timelines")
        found = [project.GetTimelineByIndex(n) for n in range(1, int(count) + 1)]
        return [{"id": one.GetUniqueId(), "name": one.GetName()} for one in found if one]

    def current_timeline(self):
        timeline = self._timeline()
        rate = self._rate(timeline)
        return {
            "id": self.given(timeline.GetUniqueId(), "tell the timeline's id"),
            "name": self.given(timeline.GetName(), "tell the timeline's name"),
            "rate": frames.rate_text(rate),
            "start": int(self.given(timeline.GetStartFrame(), "tell where the timeline starts")),
        }

    def export_timeline(self, path):
        kind = getattr(self._resolve, "EXPORT_OTIO", None)
        subtype = getattr(self._resolve, "EXPORT_NONE", None)
        if kind is None:  # before Resolve 18.5
            kind = getattr(self._resolve, "EXPORT_FCP_7_XML", None)
            path = os.path.splitext(path)[0] + ".xml"
        timeline = self._timeline()
        with placing.EditorsTakes(self._items(), self._ours()):
            made = timeline.Export(path, kind, subtype)
        self.given(made and os.path.isfile(path) or None, "export the timeline",
                   "export it by hand: File > Export > Timeline")  # fmt: skip
        return path

    def media_roots(self):
        ours = self._ours()
        clips = [self._clip(item, track, ours) for track, item in self._items()]
        return folders_of([clip["media"] for clip in clips if clip["media"]])

    # -- clips ---------------------------------------------------------------------------------

    def selected_clips(self):
        ours = self._ours()
        return [self._clip(item, track, ours) for track, item in self._chosen()]

    def _chosen(self):
        """The selected items; before Resolve 21 those between In and Out, else at the playhead."""
        timeline = self._timeline()
        everything = self._items()
        asked = getattr(timeline, "GetSelectedClips", None)
        selected = asked() if callable(asked) else None
        if selected:
            names = set(item.GetUniqueId() for item in selected)
            return [(n, item) for n, item in everything if item.GetUniqueId() in names]
        marks = self._marks(timeline)
        if marks is not None:
            first, last = marks
            return [
                (n, item)
                for n, item in everything
                if item.GetStart() < last and first < item.GetEnd()
            ]
        here = timeline.GetCurrentVideoItem()
        name = here.GetUniqueId() if here else None
        return [(n, item) for n, item in everything if item.GetUniqueId() == name]

    def _marks(self, timeline):
        """(first, last + 1) record frame between In and Out; None where they are not both set."""
        asked = getattr(timeline, "GetMarkInOut", None)
        marks = (asked() or {}).get("video", {}) if callable(asked) else {}
        if "in" not in marks or "out" not in marks:
            return None
        start, end = timeline.GetStartFrame(), timeline.GetEndFrame()
        first, last = int(marks["in"]), int(marks["out"]) + 1
        # The README shows them counted from the timeline's start.
        return (first, last) if first >= start and start + first > end else (
            start + first, start + last)  # fmt: skip

    def _items(self):
        """(track number, item) of every clip of the editor's, from V1 up."""
        timeline = self._timeline()
        count = self.given(timeline.GetTrackCount("video"), "count its video tracks")
        found = []
        for number in range(1, int(count) + 1):
            if not placing.is_ours(timeline, number):
                items = timeline.GetItemListInTrack("video", number)
                found += [(number, item) for item in self.given(items, "list its clips")]
        return found

    def _clip(self, item, track, ours):
        """An item as the protocol tells it: the editor's own clip, also where a take is chosen."""
        timeline = self._timeline()
        media, offset = placing.editors_media(item, ours)
        told = (media.GetClipProperty() or {}) if media else {}
        rate = frames.exact_rate(told.get("FPS", "")) or self._rate(timeline)
        first = frames.frames_of(str(told.get("Start TC", "")), rate) or 0
        start, stop = int(item.GetStart()), int(item.GetEnd())
        online = told.get("Online Status", "") != "Offline"
        source = first + int(offset or 0)
        return {
            "id": item.GetUniqueId(),
            "name": item.GetName(),
            "media": told.get("File Path", "") if online else "",
            "source": [source, source + stop - start],
            "record": [start, stop],
            "track": f"V{track}",
            "rate": frames.rate_text(self._rate(timeline)),
            "enabled": item.GetClipEnabled() is not False,
        }

    # -- results -------------------------------------------------------------------------------

    def add_results(self, results, timeline):
        project = self._project()
        before = project.GetCurrentTimeline()
        target = self._timeline_with(timeline["id"])
        if before is None or before.GetUniqueId() != timeline["id"]:
            self.given(project.SetCurrentTimeline(target), "open the timeline that was sent")
        pool = self.given(project.GetMediaPool(), "show its media pool")
        placer = placing.Placer(self._resolve, pool, target, self._items())
        try:
            return [placer.place(result) for result in results]
        finally:
            placer.close()

    # -- markers -------------------------------------------------------------------------------

    def markers(self):
        timeline = self._timeline()
        start = int(self.given(timeline.GetStartFrame(), "tell where the timeline starts"))
        told = self.given(timeline.GetMarkers(), "list its markers")
        return [self._marker(timeline, start, at, told[at]) for at in sorted(told)]

    def _marker(self, timeline, start, at, told):
        custom = str(told.get("customData") or "")
        if not custom:  # a name that stays with the marker when it is moved
            custom = MARKER + uuid.uuid4().hex
            if not timeline.UpdateMarkerCustomData(at, custom):
                custom = f"{MARKER}{int(at)}"
        words = [told.get("name") or "", told.get("note") or ""]
        if words[0].startswith("Marker "):  # Resolve's own name for it
            words[0] = ""
        note = custom[len(NOTE) :] if custom.startswith(NOTE) else ""
        return {
            "id": custom,
            "frame": start + int(at),
            "text": "\n".join(word for word in words if word),
            "colour": str(told.get("color") or "").lower(),
            "author": "",
            "note": note,
        }

    def add_marker(self, frame, note):
        timeline = self._timeline()
        at = int(frame) - int(timeline.GetStartFrame())
        colour, custom = COLOURS.get(note["colour"], "Yellow"), NOTE + note["name"]
        taken = timeline.GetMarkers() or {}
        while at in taken:  # Resolve keeps one marker a frame
            at += 1
        made = timeline.AddMarker(at, colour, note["name"], note["text"], 1, custom)
        self.given(made, "set a marker")
        return custom

    def playhead(self):
        timeline = self._timeline()
        return frames.frames_of(str(timeline.GetCurrentTimecode() or ""), self._rate(timeline))

    # -- internal ------------------------------------------------------------------------------

    def _ours(self):
        """The files that dubsync brought into the media pool."""
        return placing.our_paths(self.given(self._project().GetMediaPool(), "show its media pool"))

    def _project(self):
        manager = self.given(self._resolve.GetProjectManager(), "show its project manager")
        return self.given(manager.GetCurrentProject(), "show its project", "open a project")

    def _timeline(self):
        timeline = self._project().GetCurrentTimeline()
        if not timeline:
            raise problems.no_timeline(self.host_name)
        return timeline

    def _timeline_with(self, name):
        project = self._project()
        for number in range(1, int(project.GetTimelineCount() or 0) + 1):
            timeline = project.GetTimelineByIndex(number)
            if timeline and timeline.GetUniqueId() == name:
                return timeline
        raise problems.Problem("The timeline that was sent is gone.",
                               hint="the renders are kept: sync again")  # fmt: skip

    def _rate(self, timeline):
        rate = frames.exact_rate(timeline.GetSetting("timelineFrameRate"))
        return self.given(rate, "tell the timeline's frame rate")
