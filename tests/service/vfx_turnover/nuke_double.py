"""A small compositor that reads a Nuke script's nodes: Read, Merge2 (over), STMap, Shuffle, Write.

Written from Nuke's published documents and from the layout of .nk files; it refuses every class and
knob that it does not know.  The last node on the stack is input 0.  It shares no code with dubsync.
"""

import re
from pathlib import Path

import av
import cv2
import numpy as np
import OpenEXR

KNOWN = {
    "Root": {"inputs", "project_directory", "frame", "first_frame", "last_frame", "lock_range",
             "fps", "format"},
    "StickyNote": {"inputs", "name", "label", "xpos", "ypos"},
    "Read": {"inputs", "file_type", "file", "format", "first", "last", "origfirst", "origlast",
             "origset", "on_error", "raw", "name", "xpos", "ypos"},
    "Merge2": {"inputs", "operation", "bbox", "output", "name", "xpos", "ypos"},
    "STMap": {"inputs", "channels", "uv", "name", "xpos", "ypos"},
    "Shuffle": {"in", "name", "xpos", "ypos"},
    "Write": {"channels", "file", "file_type", "datatype", "raw", "create_directories", "name",
              "xpos", "ypos"},
}  # fmt: skip
INPUTS = {"Shuffle": 1, "Write": 1}


class Script:
    """The nodes of a script by name: (class, knobs, names of its inputs)."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self.nodes, self.layers, stack, named = {}, {}, [], {}
        lines = iter(path.read_text().splitlines())
        assert next(lines).startswith("version ")
        for line in lines:
            if found := re.fullmatch(r"add_layer \{(\w+) (.*)\}", line):
                self.layers[found[1]] = [name.split(".")[1] for name in found[2].split()]
            elif found := re.fullmatch(r"set (\w+) \[stack 0\]", line):
                named[found[1]] = stack[-1]
            elif found := re.fullmatch(r"push \$(\w+)", line):
                stack.append(named[found[1]])
            else:
                kind = re.fullmatch(r"(\w+) \{", line)[1]
                knobs = {}
                while (line := next(lines)) != "}":
                    name, value = line.strip().split(" ", 1)
                    assert name in KNOWN[kind], f"{kind} has no knob {name}"
                    knobs[name] = value.strip('"')
                count = int(knobs.get("inputs", INPUTS.get(kind, 0)))
                inputs = [stack.pop() for _ in range(count)]
                name = knobs.get("name", kind)
                self.nodes[name] = (kind, knobs, inputs)
                if kind not in ("Root", "StickyNote"):
                    stack.append(name)

    def of(self, kind):
        return [name for name, (its, _, _) in self.nodes.items() if its == kind]

    def pixels(self, name, frame):
        """Channels of a node in a frame: name -> (H, W) float32."""
        kind, knobs, inputs = self.nodes[name]
        given = [self.pixels(one, frame) for one in inputs]
        if kind == "Read":
            assert int(knobs["first"]) <= frame <= int(knobs["last"])
            assert knobs["raw"] == "true"
            return read(self.folder / (knobs["file"] % frame))
        if kind == "Merge2":
            assert (knobs["operation"], knobs["output"]) == ("over", "rgb")
            below, above = given
            kept = np.float32(1) - above["A"]
            return below | {c: above[c] + below[c] * kept for c in "RGB"}
        if kind == "STMap":
            picture, layers = given
            u, v = (layers[f"{knobs['uv']}.{c}"] for c in self.layers[knobs["uv"]][:2])
            high, wide = u.shape
            x, y = u * wide - np.float32(0.5), (1 - v) * high - np.float32(0.5)
            return {c: cv2.remap(picture[c], x, y, cv2.INTER_CUBIC,
                                 borderMode=cv2.BORDER_REPLICATE) for c in "RGB"}  # fmt: skip
        if kind == "Shuffle":
            return {c: given[0][f"{knobs['in']}.{c}"] for c in "RGBA"}
        assert kind == "Write" and knobs["raw"] == "true"
        return {c: written(given[0][c], knobs["datatype"]) for c in "RGB"}


def read(path):
    """A picture's channels, raw: integers over their top value."""
    if path.suffix == ".exr":
        file = OpenEXR.File(str(path), separate_channels=True)
        return {n: c.pixels.astype(np.float32) for n, c in file.channels().items()}
    if path.suffix == ".png":
        picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1]
        top = np.iinfo(picture.dtype).max
    else:
        with av.open(str(path), format="dpx_pipe") as container:
            frame = next(container.decode(video=0))
        assert frame.format.name.startswith("gbrp10")
        kind = ">u2" if frame.format.name.endswith("be") else "<u2"
        green, blue, red = (
            np.frombuffer(plane, kind).reshape(-1, plane.line_size // 2)[:, : frame.width]
            for plane in frame.planes
        )
        picture, top = np.stack([red, green, blue], axis=-1), 1023
    return {c: (picture[..., n] / top).astype(np.float32) for n, c in enumerate("RGB")}


def written(plane, datatype):
    """What a Write stores: integer codes, or floats of its size."""
    if "float" in datatype or "half" in datatype:
        return plane.astype(np.float16 if "half" in datatype else np.float32)
    top = (1 << int(datatype.split()[0])) - 1
    return np.clip(np.rint(plane * top), 0, top).astype(np.uint16)
