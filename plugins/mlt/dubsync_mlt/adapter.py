"""A project of MLT as dubsync's link sees a host: see dubsync_link/host.py.

No program of MLT has panels, so the host is the project's file: what is selected is named on the
command line, and what is synced is written into a new file beside it.
"""

import os
import re
import shutil
import tempfile
from fractions import Fraction
from xml.etree import ElementTree

from dubsync_link import problems
from dubsync_link.host import EditorHost, folders_of, picture_of

from .document import NotAProject
from .project import Project

_NUMBERED = re.compile(r"(.*)_dubsync_v(\d{3,})")


class MltHost(EditorHost):
    """One project file.

    selection  names of clips, names of guides, and (first, past the last) record frames
    """

    host_name = "the MLT project"
    host_key = "mlt"

    def __init__(self, path):
        self.open(path)

    def open(self, path):
        """Work on another project."""
        self.path = os.path.abspath(path) if path else ""
        self.suffix = os.path.splitext(self.path)[1] or ".mlt"
        self.names, self.guides, self.span = [], [], None
        self.at = None
        self._project, self._changed = None, False

    def select(self, names=(), guides=(), span=None):
        """Choose clips by name, by the guides that stand over them, or by a time."""
        self.names, self.guides, self.span = list(names), list(guides), span

    # -- what the link asks --------------------------------------------------------------------

    def project_saved(self):
        """Whether there is a file."""
        return bool(self.path)

    def project_folder(self):
        """The project's folder."""
        return os.path.dirname(self.path)

    def timelines(self):
        """The one timeline of the project."""
        return [self.current_timeline()]

    def current_timeline(self):
        """The timeline; its id is the file, by which dubsync's own versions count as one."""
        project = self.project()
        return {
            "id": _first_version(self.path),
            "name": project.name,
            "rate": project.rate_text(),
            "start": project.start,
        }

    def selected_clips(self):
        """The clips that the selection names, without those that dubsync laid in."""
        project = self.project()
        spots = [m["frame"] for m in project.markers() if _is_named(m["text"], self.guides)]
        chosen = []
        for clip in project.clips():
            start, stop = clip["record"]
            in_span = self.span is not None and start < self.span[1] and self.span[0] < stop
            at_guide = any(start <= spot < stop for spot in spots)
            if project.is_own(clip["track"]):
                continue
            if in_span or at_guide or clip["name"] in self.names:
                chosen.append(clip)
        return chosen

    def export_timeline(self, path):
        """Write the project where dubsync reads it, with its own folder in it."""
        project = self.project()
        copy = ElementTree.fromstring(ElementTree.tostring(project.root))
        copy.set("root", project.folder)
        _write(path, ElementTree.tostring(copy))
        return path

    def media_roots(self):
        """The folders of the picture's files."""
        return folders_of([clip["media"] for clip in self.project().clips() if clip["media"]])

    def add_results(self, results, timeline):
        """Lay finished shots onto dubsync's track; the editor's own clips stay."""
        project = self.project()
        placed = []
        for one in results:
            path = picture_of(one)
            start, stop = one["record"]
            under = [
                clip for clip in project.clips()
                if clip["record"][0] < stop and start < clip["record"][1]
                and not project.is_own(clip["track"])
            ]  # fmt: skip
            length = one["source"][1] - one["source"][0]
            speed = Fraction(length, stop - start) if stop > start else Fraction(0)
            if speed <= 0:
                placed.append({"name": one["name"], "placed": False, "how": "",
                               "message": "it has no length in the timeline"})  # fmt: skip
                continue
            handles = one.get("handles") or [0, 0]
            whole = handles[0] + length + handles[1]
            name = os.path.splitext(os.path.basename(path))[0]
            same = [clip for clip in under if clip["record"] == [start, stop]]
            over = set(clip["track"] for clip in same or under)
            project.lay(name, self._near(path), (start, stop), handles[0], speed, whole, over)
            placed.append({"name": one["name"], "placed": True, "how": "track", "message": ""})
        self._changed = True
        return placed

    def markers(self):
        """The guides of Kdenlive, or the markers of Shotcut."""
        return self.project().markers()

    def add_marker(self, frame, note):
        """Add a guide or marker that begins with the note's name."""
        self._changed = True
        return self.project().add_marker(frame, note["text"], note["name"])

    def playhead(self):
        """The frame that the command line names."""
        return self.at

    # -- files ---------------------------------------------------------------------------------

    def project(self):
        """The project, read once.  Raises Problem: it is gone, or cannot be read."""
        if not self.path or not os.path.isfile(self.path):
            raise problems.Problem(
                "The project's file is gone.", self.path, "save the project, and send again"
            )
        if self._project is None:
            try:
                self._project = Project(self.path)
                self._project.clips()
            except (NotAProject, OSError) as error:
                raise problems.Problem(
                    f"The project cannot be read: {error}.", self.path,
                    "save it in Kdenlive or Shotcut again",
                ) from error  # fmt: skip
        return self._project

    def save(self):
        """Write what was added into a new file beside the project; returns its path, or "".

        Raises Problem: the folder cannot be written.
        """
        if not self._changed:
            return ""
        stem, suffix = os.path.splitext(_first_version(self.path))
        number = 1
        while os.path.exists(f"{stem}_dubsync_v{number:03d}{suffix}"):
            number += 1
        path = f"{stem}_dubsync_v{number:03d}{suffix}"
        _write(path, self.project().text())
        self._changed = False
        return path

    def _near(self, path):
        """A path as the project has its own: relative to its folder where both are on one disk."""
        try:
            near = os.path.relpath(path, self.project().folder)
        except ValueError:  # another drive of Windows
            return path
        return near.replace(os.sep, "/")


def _first_version(path):
    """The editor's own project, for one that was written here."""
    stem, suffix = os.path.splitext(path)
    match = _NUMBERED.match(stem)
    return match.group(1) + suffix if match else path


def _is_named(text, guides):
    return any(text == one or text.partition(": ")[0] == one for one in guides)


def _write(path, data):
    """Write a whole file, or none.  Raises Problem."""
    try:
        handle, aside = tempfile.mkstemp(dir=os.path.dirname(path), suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(aside, 0o644)
            shutil.move(aside, path)
        except OSError:
            os.unlink(aside)
            raise
    except OSError as error:
        raise problems.Problem(
            "The new project cannot be written.", str(error), "free some space, or allow writing"
        ) from error
