"""Nuke as its Python API documents describe it, for tests without the program.

Built from the Foundry's "Nuke Python API" of Nuke 13.2 to 16.0: the calls below, and no others.
Arguments of other types than the documents name are refused; a knob that a node has not raises
NameError from `node[...]` and is None from `knob()`; a cancelled dialog answers None.  Nodes are
pasted from text as Nuke writes it, as far as our own files go.  It is no Nuke.  Not verified in the
host.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.hosts.documented import NotInTheDocuments

#: Class -> its knobs, with what each is before anything was set.
KNOBS: dict[str, dict[str, Any]] = {
    "Read": {"file": "", "first": 1, "last": 1, "origfirst": 1, "origlast": 1, "origset": False,
             "frame_mode": "expression", "frame": "", "on_error": "error", "raw": False,
             "colorspace": "default", "reload": None, "file_type": "", "format": ""},
    "Write": {"file": "", "channels": "rgb", "file_type": "", "datatype": "", "raw": False,
              "create_directories": False},
    "StickyNote": {"label": ""},
    "BackdropNode": {"label": "", "note_font_size": 20.0, "bdwidth": 0.0, "bdheight": 0.0},
    "Merge2": {"operation": "over", "bbox": "", "output": ""},
    "STMap": {"channels": "", "uv": ""},
    "Shuffle": {"in": ""},
    "Group": {},
    "Viewer": {},
}  # fmt: skip
COMMON = {"name": "", "label": "", "tile_color": 0, "inputs": 1, "xpos": 0, "ypos": 0}
CHOICES = {
    "frame_mode": ["expression", "start at", "offset"],
    "on_error": ["error", "black", "checkerboard", "nearest frame"],
    "colorspace": ["default", "linear\tColorspaces/linear", "sRGB", "rec709"],
}
_USER = re.compile(r"addUserKnob \{(\d+) (\S+)(.*)\}$")
_WORD = re.compile(r'"((?:\\.|[^"\\])*)"|(\S+)')


class Knob:
    def __init__(self, name: str, value: Any = "") -> None:
        self.named, self.held, self.flags, self.ran = name, value, 0, 0
        self.offered = CHOICES.get(name)

    def __getattr__(self, name: str) -> Any:
        raise NotInTheDocuments(f"Knob.{name}")

    def name(self) -> str:
        return self.named

    def value(self) -> Any:
        return self.held

    def values(self) -> list[str]:
        if self.offered is None:
            raise NotInTheDocuments(f"{self.named} is no Enumeration_Knob")
        return list(self.offered)

    def setValue(self, value: Any) -> bool:  # noqa: N802
        kind = type(self.held)
        if kind is float and isinstance(value, int):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"{self.named} takes {kind.__name__}, not {value!r}")
        if self.offered and value not in [one.split("\t")[0] for one in self.offered]:
            raise NotInTheDocuments(f"{self.named} does not offer {value!r}")
        self.held = value
        return True

    def setFlag(self, flag: int) -> None:  # noqa: N802
        self.flags |= flag

    def execute(self) -> None:
        self.ran += 1


class Node:
    def __init__(self, nuke: Nuke, kind: str) -> None:
        if kind not in KNOBS:
            raise RuntimeError(f"{kind}: Unknown command")
        self.nuke, self.kind, self.at, self.chosen = nuke, kind, (0, 0), False
        self.own = {n: Knob(n, v) for n, v in {**COMMON, **KNOBS[kind]}.items()}
        nuke.nodes.append(self)
        self.setName(kind + "1")

    def __getattr__(self, name: str) -> Any:
        raise NotInTheDocuments(f"Node.{name}")

    def __getitem__(self, name: str) -> Knob:
        if name not in self.own:
            raise NameError(f"knob {name} does not exist")
        return self.own[name]

    def knob(self, name: str) -> Knob | None:
        return self.own.get(name)

    def addKnob(self, knob: Knob) -> None:  # noqa: N802
        self.own[knob.named] = knob

    def Class(self) -> str:  # noqa: N802
        return self.kind

    def name(self) -> str:
        return str(self.own["name"].held)

    def setName(self, name: str) -> None:  # noqa: N802
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ValueError(f"{name!r} is no name of a node")
        taken = {node.name() for node in self.nuke.nodes if node is not self}
        stem, number = name.rstrip("0123456789"), 1
        while name in taken:
            number += 1
            name = f"{stem}{number}"
        self.own["name"].held = name

    def xpos(self) -> int:
        return self.at[0]

    def ypos(self) -> int:
        return self.at[1]

    def setXYpos(self, x: int, y: int) -> None:  # noqa: N802
        self.at = (x, y)

    def setSelected(self, selected: bool) -> None:  # noqa: N802
        self.chosen = selected


class ProgressTask:
    def __init__(self, nuke: Nuke, name: str) -> None:
        self.nuke = nuke
        nuke.tasks.append((name, []))

    def setProgress(self, share: int) -> None:  # noqa: N802
        if not isinstance(share, int) or not 0 <= share <= 100:
            raise NotInTheDocuments(f"setProgress({share!r})")
        self.nuke.tasks[-1][1].append(share)

    def setMessage(self, text: str) -> None:  # noqa: N802
        assert isinstance(text, str)
        self.nuke.messages.append(text)

    def isCancelled(self) -> bool:  # noqa: N802
        return self.nuke.cancelled


class Menu:
    def __init__(self) -> None:
        self.lines: dict[str, Any] = {}

    def addMenu(self, name: str) -> Menu:  # noqa: N802
        return self.lines.setdefault(name, Menu())

    def addCommand(self, name: str, command: Any) -> None:  # noqa: N802
        self.lines[name] = command


class Nuke:
    """The module.  `files`, `picks` and `typed` are what the user answers, in turn."""

    INVISIBLE = 1024

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.files: list[str | None] = []
        self.picks: list[int | None] = []
        self.typed: list[str | None] = []
        self.said: list[str] = []
        self.messages: list[str] = []
        self.tasks: list[tuple[str, list[int]]] = []
        self.menus = {"Nuke": Menu()}
        self.cancelled, self.at, self.later = False, 1, []  # type: ignore[var-annotated]

    def __getattr__(self, name: str) -> Any:
        raise NotInTheDocuments(f"nuke.{name}")

    def createNode(self, kind: str, args: str = "", inpanel: bool = True) -> Node:  # noqa: N802
        return Node(self, kind)

    def allNodes(self, kind: str = "") -> list[Node]:  # noqa: N802
        return [node for node in self.nodes if not kind or node.kind == kind]

    def selectedNodes(self) -> list[Node]:  # noqa: N802
        return [node for node in self.nodes if node.chosen]

    def String_Knob(self, name: str, label: str) -> Knob:  # noqa: N802
        return Knob(name)

    def ProgressTask(self, name: str) -> ProgressTask:  # noqa: N802
        return ProgressTask(self, name)

    def executeInMainThread(self, run: Any, args: Any = (), kwargs: Any = None) -> None:  # noqa: N802
        self.later.append((run, args))

    def main_thread(self) -> None:
        """Nuke's main thread takes its turn."""
        while self.later:
            run, args = self.later.pop(0)
            run(*args)

    def getFilename(self, message: str, pattern: str = "") -> str | None:  # noqa: N802
        return self.files.pop(0)

    def choice(self, title: str, prompt: str, options: list[str]) -> int | None:
        assert options and all(isinstance(one, str) for one in options)
        return self.picks.pop(0)

    def getInput(self, prompt: str, default: str) -> str | None:  # noqa: N802
        return self.typed.pop(0)

    def message(self, prompt: str) -> None:
        assert isinstance(prompt, str)
        self.said.append(prompt)

    def frame(self) -> int:
        return self.at

    def menu(self, name: str) -> Menu:
        return self.menus[name]

    def nodePaste(self, path: str) -> Node | None:  # noqa: N802
        made, inside = None, False
        lines = iter(Path(path).read_text(encoding="utf-8").splitlines())
        for line in lines:
            kind = line.strip().partition(" ")[0]
            if line.strip() == "end_group":
                inside = False
            assert kind != "Root", "a paste would change the open script's settings"
            if not line.endswith("{") or kind == "add_layer":
                continue
            node = None if inside else Node(self, kind)
            for told in lines:
                if told.strip() == "}":
                    break
                if node is not None:
                    _take(node, told.strip())
            inside = inside or kind == "Group"
            made = node or made
        return made


def _take(node: Node, line: str) -> None:
    """One line of a node's text: a user knob, or a knob and its value."""
    user = _USER.match(line)
    if user:
        kind, name, rest = user.groups()
        held: Any = {"7": 0.0, "4": ""}.get(kind, "")
        node.addKnob(Knob(name, held))
        entries = re.search(r" M \{(.*)\}$", rest)
        if entries:
            node.own[name].offered = [a or b for a, b in _WORD.findall(entries.group(1))]
            node.own[name].held = (node.own[name].offered or [""])[0]
        return
    name, _, value = line.partition(" ")
    if name == "name":
        node.setName(value)
        return
    if name not in node.own:
        raise RuntimeError(f"{name}: no such knob")
    quoted = re.fullmatch(r'"((?:\\.|[^"\\])*)"', value)
    text = re.sub(r"\\(.)", r"\1", quoted.group(1)) if quoted else value
    kind_of = type(node.own[name].held)
    node.own[name].held = kind_of(float(text)) if kind_of is float else text
