"""Makes the nodes of a shot: Reads of plate, render, matte and layer, notes, and a backdrop.

Every Read counts as the plate does, by its timecode or its files' numbers, so that they line up.
"""

import os

from dubsync_link.host import picture_of

from dubsync_nuke.colour import space_of
from dubsync_nuke.tcl import plain

#: Hidden knobs of our nodes: which reel, shot and picture they are.
REEL, SHOT, KIND = "dubsync_reel", "dubsync_shot", "dubsync_kind"
KINDS = ("plate", "render", "matte", "layer")
#: Movies, which Nuke counts from 1, and what else it reads.
MOVIES = (".mov", ".mp4", ".mxf", ".avi", ".r3d")
STILLS = (".exr", ".dpx", ".png", ".tif", ".tiff", ".jpg", ".jpeg", ".cin")
ACROSS, DOWN, EDGE = 120, 120, 40


def pictures_of(shot, result):
    """[(kind, path, [first, stop] frames as the plate counts)] that a shot has.

    Args:
        shot: of `open`.
        result: of `results`.
    """
    drawn = result.get("frames") or []
    paths = {
        "plate": (shot.get("plate") or "", shot.get("plate_frames") or []),
        "render": (picture_of(result), drawn),
        "matte": (result.get("matte") or "", drawn),
        "layer": (result.get("layer") or "", drawn),
    }
    return [(kind,) + paths[kind] for kind in KINDS if paths[kind][0] and paths[kind][1]]


class ShotNodes:
    """Makes and updates nodes.

    warnings  sentences on what could not be read as it should
    """

    def __init__(self, nuke):
        self._nuke, self.warnings = nuke, []

    def make(self, reel, shot, result, notes):
        """Make all nodes of a shot below the others; returns the Reads."""
        nuke = self._nuke
        nodes = [one for one in nuke.allNodes() if one.Class() != "Viewer"]
        top = max([one.ypos() for one in nodes] or [0]) + 2 * DOWN
        left = min([one.xpos() for one in nodes] or [0])
        for one in nuke.selectedNodes():
            one.setSelected(False)
        reads = []
        for kind, path, frames in pictures_of(shot, result):
            if not self._readable(kind, path):
                continue
            read = nuke.createNode("Read", inpanel=False)
            read.setName("{}_{}".format(plain(shot["name"]), kind))
            self._mark(read, reel, shot["name"], kind)
            self._fill(read, kind, path, frames, result.get("colour") or {})
            read.setXYpos(left + ACROSS * len(reads), top)
            reads.append(read)
        across = len(reads)
        if notes:
            sticky = nuke.createNode("StickyNote", inpanel=False)
            sticky["label"].setValue(plain(notes_text(notes)))
            sticky.setXYpos(left + ACROSS * across, top)
            self._mark(sticky, reel, shot["name"], "notes")
            across += 2
        self._backdrop(shot, result, left, top, max(across, 1))
        return reads

    def refresh(self, reel, shot, result):
        """Set the Reads of a shot to its newest render; returns how many there are."""
        found = {kind: (path, frames) for kind, path, frames in pictures_of(shot, result)}
        count = 0
        for node in self._nuke.allNodes("Read"):
            if (value_of(node, REEL), value_of(node, SHOT)) != (reel, shot["name"]):
                continue
            kind = value_of(node, KIND)
            if kind == "plate" or kind not in found:
                continue
            if self._readable(kind, found[kind][0]):
                path, frames = found[kind]
                self._fill(node, kind, path, frames, result.get("colour") or {})
                node["reload"].execute()
                count += 1
        return count

    # -- internal ------------------------------------------------------------------------------

    def _readable(self, kind, path):
        if os.path.splitext(path)[1].lower() in MOVIES + STILLS:
            return True
        hint = "turn the shot over with dubsync deliver --as vfx"
        if kind == "render":
            hint = "dubsync > Sync shot makes edit media of it; or " + hint
        self.warnings.append(f"Nuke does not read the {kind}, {os.path.basename(path)}: {hint}")
        return False

    def _fill(self, read, kind, path, frames, colour):
        """Set a Read's file, range and colour space."""
        first, last = int(frames[0]), int(frames[1]) - 1
        read["file"].setValue(path.replace("\\", "/"))
        movie = os.path.splitext(path)[1].lower() in MOVIES
        of_file = (
            {"first": 1, "last": last - first + 1} if movie else {"first": first, "last": last}
        )
        for name, frame in of_file.items():
            read[name].setValue(frame)
            read["orig" + name].setValue(frame)
        read["origset"].setValue(True)
        if movie:
            read["frame_mode"].setValue("start at")
            read["frame"].setValue(str(first))
        read["on_error"].setValue("error")
        if kind == "matte":  # numbers, no colours
            read["raw"].setValue(True)
            return
        name, why = space_of(colour, read["colorspace"].values())
        read["raw"].setValue(not name)
        if name:
            read["colorspace"].setValue(name)
        elif kind in ("plate", "render"):
            self.warnings.append(f"{kind}: {why}")

    def _mark(self, node, reel, shot, kind):
        for name, value in ((REEL, reel), (SHOT, shot), (KIND, kind)):
            knob = self._nuke.String_Knob(name, name)
            knob.setFlag(self._nuke.INVISIBLE)
            node.addKnob(knob)
            node[name].setValue(value)

    def _backdrop(self, shot, result, left, top, across):
        label = "{} {}".format(shot["name"], result.get("version") or "not rendered yet")
        backdrop = self._nuke.createNode("BackdropNode", inpanel=False)
        backdrop["label"].setValue(plain(label))
        backdrop["note_font_size"].setValue(24)
        backdrop["bdwidth"].setValue(across * ACROSS + EDGE)
        backdrop["bdheight"].setValue(DOWN + 2 * EDGE)
        backdrop.setXYpos(left - EDGE, top - 2 * EDGE)


def notes_text(notes):
    """Open notes as lines: frame, author, text."""
    lines = []
    for note in notes:
        if not note["done"]:
            author = " ({})".format(note["author"]) if note.get("author") else ""
            lines.append("{}: {}{}".format(note["frame"], note["text"], author))
    return "\n".join(lines) or "no open notes"


def value_of(node, name):
    """The value of one of our hidden knobs; "": the node is not ours."""
    knob = node.knob(name)
    return str(knob.value()) if knob is not None else ""
