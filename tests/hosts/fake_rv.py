"""OpenRV as its reference manual describes it, for tests without the program.

Built from OpenRV's reference manual (chapters 5 to 9: nodes, properties, packages) and the Python
modes that come with it: rv.commands, rv.extra_commands, rv.rvtypes.MinorMode.  It knows the calls
below and no others, refuses arguments of other types, and raises Exception where RV does.  It is no
RV.  Not verified in the host.
"""

from __future__ import annotations

from typing import Any

from tests.hosts.documented import NotInTheDocuments

GROUPS = {"RVSequenceGroup": "RVSequence", "RVStackGroup": "RVStack"}
#: What this RV's FFmpeg lacks.
REFUSED = (".braw",)


def wants(value: Any, kind: type, call: str) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise NotInTheDocuments(f"{call}({value!r})")


class Commands:
    """rv.commands; `starts` is the first frame that RV finds in each file."""

    InfoAlert = 0

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.inputs: dict[str, list[str]] = {}
        self.values: dict[str, list[Any]] = {}
        self.media: dict[str, str] = {}
        self.starts: dict[str, int] = {}
        self.marks: set[int] = set()
        self.view, self.at, self.fps = "defaultSequence", 1, 24.0
        self.picked: list[list[str] | None] = []
        self.said: list[str] = []

    def __getattr__(self, name: str) -> Any:
        raise NotInTheDocuments(f"rv.commands.{name}")

    def addSourceVerbose(self, media: list[str]) -> str:  # noqa: N802
        wants(media, list, "addSourceVerbose")
        if media[0].endswith(REFUSED):
            raise Exception("unsupported media")
        group = f"sourceGroup{len(self.media):06d}"
        self.kinds |= {group: "RVSourceGroup", group + "_source": "RVFileSource"}
        self.media[group + "_source"] = media[0]
        return group + "_source"

    def sourceMediaInfo(self, source: str, media: str | None) -> dict[str, Any]:  # noqa: N802
        path = self.media[source]
        return {"file": path, "startFrame": self.starts.get(path.rpartition("/")[2], 1)}

    def nodeGroup(self, node: str) -> str:  # noqa: N802
        return node.rpartition("_")[0]

    def newNode(self, kind: str, name: str) -> str:  # noqa: N802
        while name in self.kinds:
            name += "1"
        self.kinds |= {name: kind, f"{name}_inner": GROUPS[kind]}
        return name

    def setNodeInputs(self, node: str, inputs: list[str]) -> None:  # noqa: N802
        if not set(inputs) <= set(self.kinds):
            raise Exception("no such node")
        self.inputs[node] = list(inputs)

    def nodesInGroup(self, group: str) -> list[str]:  # noqa: N802
        return [name for name in self.kinds if name.startswith(group + "_")]

    def nodeType(self, node: str) -> str:  # noqa: N802
        return self.kinds[node]

    def setViewNode(self, node: str) -> None:  # noqa: N802
        if node not in self.kinds:
            raise Exception("no such node")
        self.view = node

    def viewNode(self) -> str:  # noqa: N802
        return self.view

    def setIntProperty(self, name: str, value: list[int], grow: bool = False) -> None:  # noqa: N802
        wants(value[0], int, name)
        self.values[name] = value

    def setStringProperty(self, name: str, value: list[str], grow: bool = False) -> None:  # noqa: N802
        wants(value[0], str, name)
        self.values[name] = value

    def setFPS(self, fps: float) -> None:  # noqa: N802
        wants(fps, float, "setFPS")
        self.fps = fps

    def markFrame(self, frame: int, on: bool) -> None:  # noqa: N802
        wants(frame, int, "markFrame")
        self.marks = self.marks | {frame} if on else self.marks - {frame}

    def frame(self) -> int:
        return self.at

    def openFileDialog(  # noqa: N802
        self, associated: bool, multiple: bool, folder: bool, filters: str | None, name: str | None
    ) -> list[str]:
        chosen = self.picked.pop(0)
        if chosen is None:
            raise Exception("operation cancelled")
        return chosen

    def alertPanel(  # noqa: N802
        self, associated: bool, kind: int, title: str, text: str, one: str, two: Any, three: Any
    ) -> int:
        wants(text, str, "alertPanel")
        self.said.append(text)
        return 0


class Extra:
    """rv.extra_commands."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}
        self.shown: list[str] = []

    def __getattr__(self, name: str) -> Any:
        raise NotInTheDocuments(f"rv.extra_commands.{name}")

    def setUIName(self, node: str, name: str) -> None:  # noqa: N802
        wants(name, str, "setUIName")
        self.named[node] = name

    def displayFeedback(self, text: str, seconds: float) -> None:  # noqa: N802
        wants(seconds, float, "displayFeedback")
        self.shown.append(text)


class MinorMode:
    """rv.rvtypes.MinorMode."""

    def init(self, name: str, bindings: Any, overrides: Any, menu: Any) -> None:
        self.bindings, self.lines = bindings, menu


class Event:
    def __init__(self) -> None:
        self.passed_on = False

    def reject(self) -> None:
        self.passed_on = True
