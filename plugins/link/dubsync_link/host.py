"""What a host's adapter must do.  Everything that a host's API can refuse becomes a Problem here.

All frames are whole numbers at the timeline's rate, half-open, counted as the timeline's timecode
counts: a timeline that starts at 01:00:00:00 at 24 fps starts at frame 86400.
"""

from . import problems


class EditorHost:
    """One host.  Methods run on the thread of the host's window.

    host_name    as people say it: "DaVinci Resolve"
    host_key     as the protocol says it: "resolve"
    suffix       of the timeline file that it exports: ".otio"
    """

    host_name = "this host"
    host_key = ""
    suffix = ".otio"

    def project_saved(self):
        """Whether the project is in a file or a database, so that it will be found again."""
        raise NotImplementedError

    def project_folder(self):
        """Where dubsync may make its folder: beside the project's file, or the media; "": ask."""
        return ""

    def timelines(self):
        """Every timeline: [{"id": unique and lasting, "name": not unique}]."""
        raise NotImplementedError

    def current_timeline(self):
        """The open one: {"id", "name", "rate": "24000/1001", "start": frame}.  Raises Problem."""
        raise NotImplementedError

    def selected_clips(self):
        """The selected picture clips of the open timeline, as `match` takes them:

        [{"id", "name", "media": path, "source": [start, stop], "record": [start, stop],
          "track": "V1", "rate": "24000/1001", "enabled": True}]

        A clip whose media is offline has media "".
        """
        raise NotImplementedError

    def export_timeline(self, path):
        """Write the open timeline to `path`; returns the path written.  Raises Problem."""
        raise NotImplementedError

    def media_roots(self):
        """The folders that hold the timeline's media, each once."""
        raise NotImplementedError

    def add_results(self, results, timeline):
        """Lay finished shots into `timeline`: on a new track above, or as takes; never over a clip.

        Returns [{"name", "placed": bool, "how": "track" | "take" | "", "message"}], one each.
        `picture_of(result)` is the file to lay in.
        """
        raise NotImplementedError

    def markers(self):
        """Markers of the open timeline: [{"id", "frame", "text", "colour", "author", "note"}].

        note  the name of dubsync's note that the marker carries; "": somebody set it in the host
        """
        raise NotImplementedError

    def add_marker(self, frame, note):
        """Set a marker at record `frame` for a note of dubsync; it carries note["name"].

        Returns the marker's id.  Raises Problem.
        """
        raise NotImplementedError

    def playhead(self):
        """The record frame under the playhead; None where the host does not say."""
        return None

    # -- for adapters --------------------------------------------------------------------------

    def given(self, value, what, hint=""):
        """`value`, unless the host's API answered None or False: then raises Problem.

        what  what the host was asked to do: "export the timeline"
        """
        if value is None or value is False:
            raise problems.host_refused(self.host_name, what, hint)
        return value


def picture_of(result):
    """The file to lay into a timeline: the edit media where the project makes it."""
    return result.get("edit") or result.get("picture") or ""


def folders_of(paths):
    """The folders of `paths`, each once, in order."""
    folders = []
    for path in paths:
        cut = max(path.rfind("/"), path.rfind("\\"))
        folder = path[:cut] if cut > 0 else path[: cut + 1]
        if folder and folder not in folders:
            folders.append(folder)
    return folders
