"""The plainest editing system: a timeline in memory.  It shows what an adapter has to do.

It follows no published API; the fakes of real hosts do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hosts.contract import CLIPS, RATE, START, EditorHost, Stage, picture_of, problems


@dataclass
class Clip:
    """A clip on a track."""

    name: str
    media: str
    source: tuple[int, int]
    record: tuple[int, int]
    track: str = "V1"


@dataclass
class Timeline:
    """A timeline with its markers."""

    id: str
    name: str = "cut"
    clips: list[Clip] = field(default_factory=list)
    markers: list[dict[str, Any]] = field(default_factory=list)


class FakeHost(EditorHost):
    """The adapter."""

    host_name, host_key, suffix = "Fake", "fake", ".otio"

    def __init__(self, folder: Path) -> None:
        self.folder, self.saved, self.mute = folder, True, False
        self.open: Timeline | None = None
        self.chosen: list[str] = []
        self.at = START

    def project_saved(self) -> bool:
        return self.saved

    def project_folder(self) -> str:
        return str(self.folder)

    def timelines(self) -> list[dict[str, Any]]:
        return [self.current_timeline()]

    def current_timeline(self) -> dict[str, Any]:
        if self.open is None:
            raise problems.no_timeline(self.host_name)
        return {"id": self.open.id, "name": self.open.name, "rate": RATE, "start": START}

    def selected_clips(self) -> list[dict[str, Any]]:
        return [
            {"id": clip.name, "name": clip.name, "media": clip.media, "source": clip.source,
             "record": clip.record, "track": clip.track, "rate": RATE, "enabled": True}
            for clip in self._clips() if clip.name in self.chosen and clip.track == "V1"
        ]  # fmt: skip

    def export_timeline(self, path: str) -> str:
        self.given(None if self.mute else path, "export the timeline")
        Path(path).write_text("a timeline", encoding="utf-8")
        return path

    def media_roots(self) -> list[str]:
        return [str(self.folder / "media")]

    def add_results(self, results: Any, timeline: Any) -> list[dict[str, Any]]:
        assert self.open is not None and timeline["id"] == self.open.id
        for one in results:
            source = (one["handles"][0], one["handles"][0] + one["source"][1] - one["source"][0])
            clip = Clip(one["name"], picture_of(one), source, tuple(one["record"]), "V2")
            self.open.clips = [
                old for old in self.open.clips if (old.track, old.name) != ("V2", clip.name)
            ]
            self.open.clips.append(clip)
        return [{"name": one["name"], "placed": True, "how": "track", "message": ""}
                for one in results]  # fmt: skip

    def markers(self) -> list[dict[str, Any]]:
        if self.mute or self.open is None:
            raise problems.host_refused(self.host_name, "list its markers")
        return self.open.markers

    def add_marker(self, frame: int, note: dict[str, Any]) -> str:
        assert self.open is not None
        name = str(len(self.open.markers))
        self.open.markers.append(
            {"id": name, "frame": frame, "text": note["text"], "note": note["name"]}
        )
        return name

    def playhead(self) -> int:
        return self.at

    def _clips(self) -> list[Clip]:
        return self.open.clips if self.open else []


class FakeStage(Stage):
    """The fake host as the contract arranges it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.host = folder, FakeHost(folder)
        self.open_namesake()

    def select(self, *names: str) -> None:
        self.host.chosen = list(names)

    def unsave(self) -> None:
        self.host.saved = False

    def take_offline(self, name: str) -> None:
        for clip in self.host._clips():
            clip.media = "" if clip.name == name else clip.media

    def answer_nothing(self) -> None:
        self.host.mute = True

    def open_namesake(self) -> None:
        media = self.folder / "media"
        clips = [Clip(name, str(media / file), source, record)
                 for name, file, source, record in CLIPS]  # fmt: skip
        before = self.host.open
        self.host.open = Timeline("2" if before else "1", clips=clips)

    def originals(self) -> list[Any]:
        return [vars(clip) for clip in self.host._clips() if clip.track == "V1"]

    def laid(self) -> dict[str, Any]:
        return {clip.name: (clip.media, clip.record, clip.source[0])
                for clip in self.host._clips() if clip.track == "V2"}  # fmt: skip

    def set_marker(self, frame: int, text: str) -> None:
        assert self.host.open is not None
        self.host.open.markers.append({"id": "mine", "frame": frame, "text": text, "note": ""})

    def marker_texts(self) -> list[str]:
        assert self.host.open is not None
        return [marker["text"] for marker in self.host.open.markers]

    def move_playhead(self, frame: int) -> None:
        self.host.at = frame
