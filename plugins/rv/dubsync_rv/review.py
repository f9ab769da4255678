"""Builds a reel in RV's graph: the plates in order, the renders in order, and one over the other.

A shot without a render shows its plate in both, so that both sequences are as long.
"""

import os

from dubsync_link import problems
from dubsync_link.host import picture_of

#: How the compare view lays renders over plates.
OVER, DIFFERENCE = "replace", "difference"


class Review:
    """A reel that is open in RV.

    Args:
        commands, extra: the modules rv.commands and rv.extra_commands.

    spans     [(name of a shot, first frame in RV, frames, first frame of the plate)]
    notes     frame in RV -> texts
    views     "renders", "plates", "compare" -> node
    warnings  sentences
    """

    def __init__(self, commands, extra, client):
        self._commands, self._extra, self._client = commands, extra, client
        self.reel, self.spans, self.notes, self.views, self.warnings = {}, [], {}, {}, []

    def open(self, folder):
        """Read a reel, and build its views beside what is open."""
        reel = self._client.call("open", reel=folder)
        names = [shot["name"] for shot in reel["shots"]]
        told = self._client.call("results", reel=reel["reel"], shots=names)["shots"]
        results = {one["name"]: one for one in told}
        plates, renders, spans, at, self.warnings = [], [], [], 1, []
        for shot in reel["shots"]:
            source, held = shot["source"], shot.get("plate_frames")
            if not (shot["plate"] and source and held):
                self.warnings.append("{} has no plate: it is left out".format(shot["name"]))
                continue
            length = source[1] - source[0]
            plate = self._source(shot, shot["plate"], source[0] - held[0], length)
            if plate is None:
                continue
            plates.append(plate)
            renders.append(self._render(shot, results.get(shot["name"], {}), length) or plate)
            spans.append((shot["name"], at, length, source[0]))
            at += length
        if not plates:
            raise problems.Problem(
                "RV opened none of the reel's plates.",
                where=reel["reel"],
                hint="\n".join(self.warnings[:5]) or "open the reel in the desk",
            )
        self.reel, self.spans = reel, spans
        self._build(plates, renders)
        self.read_notes()

    def read_notes(self):
        """Mark the frames of open notes."""
        self.notes = {}
        for note in self._client.call("notes", reel=self.reel["reel"])["notes"]:
            frame = None if note["done"] else self._frame_of(note["shot"], note["frame"])
            if frame is not None:
                author = " ({})".format(note["author"]) if note.get("author") else ""
                self.notes.setdefault(frame, []).append(note["text"] + author)
        for frame in self.notes:
            self._commands.markFrame(frame, True)

    def show(self, name):
        """Show "renders", "plates" or "compare"."""
        if name not in self.views:
            raise problems.Problem("No reel is open.", hint="open one: dubsync > Open reel")
        self._commands.setViewNode(self.views[name])

    def lay(self, how):
        """Show the compare view, with `how` OVER or DIFFERENCE."""
        self.show("compare")
        for node in self._commands.nodesInGroup(self.views["compare"]):
            if self._commands.nodeType(node) == "RVStack":
                self._commands.setStringProperty(node + ".composite.type", [how], True)

    def shot_at(self, frame):
        """(name of the shot, frame of its plate) at a frame of our views; ("", 0): none."""
        for name, first, length, source in self.spans:
            if first <= frame < first + length and self._commands.viewNode() in self.views.values():
                return name, source + frame - first
        return "", 0

    def text_at(self, frame):
        """The notes at a frame of our views, as lines; "": none."""
        ours = self._commands.viewNode() in self.views.values()
        return "\n".join(self.notes.get(frame, ())) if ours else ""

    def add_note(self, frame, text):
        """Write a note at a frame, and mark it."""
        shot, at = self.shot_at(frame)
        if not shot:
            raise problems.Problem("No shot of a reel shows here.", hint="show a view of dubsync")
        self._client.call("add_note", reel=self.reel["reel"], shot=shot, frame=at, text=text)
        self.read_notes()

    def open_in_desk(self, frame):
        """Open the shot at a frame in dubsync's desk."""
        if not self.reel:
            raise problems.Problem("No reel is open.", hint="open one: dubsync > Open reel")
        self._client.call("desk", reel=self.reel["reel"], shot=self.shot_at(frame)[0])

    # -- internal ------------------------------------------------------------------------------

    def _render(self, shot, result, length):
        """The source of a shot's render; None: it has none that RV opens."""
        path = picture_of(result)
        if not path:
            return None
        return self._source(shot, path, int(result["handles"][0]), length)

    def _source(self, shot, path, offset, length):
        """The group of a new source that shows `length` frames, `offset` into its file."""
        name = os.path.basename(path)
        try:
            source = self._commands.addSourceVerbose([path])
        except Exception as error:  # RV raises nothing narrower
            self.warnings.append("{}: RV did not open {}: {}".format(shot["name"], name, error))
            return None
        # RV counts a file's frames from its timecode, its numbers or 1, as it finds them.
        first = int(self._commands.sourceMediaInfo(source, None)["startFrame"]) + offset
        self._commands.setIntProperty(source + ".cut.in", [first], True)
        self._commands.setIntProperty(source + ".cut.out", [first + length - 1], True)
        group = self._commands.nodeGroup(source)
        self._extra.setUIName(group, "{} {}".format(shot["name"], name))
        return group

    def _build(self, plates, renders):
        made = {}
        for name, groups in (("plates", plates), ("renders", renders)):
            made[name] = self._node("RVSequenceGroup", name, groups)
        # The first input lies on top.
        made["compare"] = self._node("RVStackGroup", "compare", [made["renders"], made["plates"]])
        self.views = made
        numerator, denominator = self.reel["rate"].split("/")
        self._commands.setFPS(float(numerator) / float(denominator))
        self.lay(OVER)

    def _node(self, kind, name, inputs):
        node = self._commands.newNode(kind, "dubsync_" + name)
        self._commands.setNodeInputs(node, inputs)
        self._extra.setUIName(node, "{}: {}".format(self.reel["name"], name))
        return node

    def _frame_of(self, shot, frame):
        for name, first, length, source in self.spans:
            if name == shot and source <= frame < source + length:
                return first + frame - source
        return None
