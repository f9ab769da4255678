"""Blender keeps the contract of every host: the adapter runs inside a real Blender."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.hosts.blender.blender_process import BlenderProcess
from tests.hosts.blender.movies import numbered
from tests.hosts.contract import CLIPS, EditorHost, HostContract, Stage


class InBlender(EditorHost):
    """The adapter of a Blender process: every call is made there."""

    host_name, host_key, suffix = "Blender", "blender", ".otio"

    def __init__(self, process: BlenderProcess) -> None:
        self._process = process


def _there(method: str) -> Any:
    def ask(self: InBlender, *arguments: Any) -> Any:
        return self._process.call("host", method, *arguments)

    return ask


for _name in (
    "project_saved", "project_folder", "timelines", "current_timeline", "selected_clips",
    "export_timeline", "media_roots", "add_results", "markers", "add_marker", "playhead",
):  # fmt: skip
    setattr(InBlender, _name, _there(_name))


class BlenderStage(Stage):
    """CLIPS on channel 1 of a scene."""

    def __init__(self, folder: Path, process: BlenderProcess) -> None:
        self.folder, self._process, self.host = folder, process, InBlender(process)
        self._open("film.blend")

    def _open(self, file: str) -> None:
        self._process.call("begin", str(self.folder), 24, 1.0, file)
        for name, media, source, record in CLIPS:
            path = str(self.folder / "media" / media)
            self._process.call("add_movie", name, path, 1, record, source[0])

    def select(self, *names: str) -> None:
        self._process.call("select", names)

    def unsave(self) -> None:
        self._process.call("begin", str(self.folder), 24, 1.0, "")

    def take_offline(self, name: str) -> None:
        (self.folder / "media" / next(clip[1] for clip in CLIPS if clip[0] == name)).unlink()

    def answer_nothing(self) -> None:
        self._process.call("take_sequencer_away")

    def open_namesake(self) -> None:
        self._open("other.blend")

    def originals(self) -> list[Any]:
        rows = self._process.call("listed")
        return sorted((name, row) for name, row in rows.items() if not row["mark"])

    def laid(self) -> dict[str, Any]:
        return {
            row["mark"]["shot"]: (row["file"], tuple(row["record"]), row["source"][0])
            for row in self._process.call("listed").values()
            if row["mark"]
        }

    def set_marker(self, frame: int, text: str) -> None:
        self._process.call("add_marker_as_user", frame, text)

    def marker_texts(self) -> list[str]:
        return [text for _, text in self._process.call("markers")]

    def move_playhead(self, frame: int) -> None:
        self._process.call("go_to", frame)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The media of CLIPS, and their renders with handles of 8 frames."""
    folder = tmp_path_factory.mktemp("footage")
    for name in ("media", "renders"):
        (folder / name).mkdir()
    for name, file, source, _ in CLIPS:
        if not (folder / "media" / file).exists():
            numbered(folder / "media" / file, range(2032 if file == "A002.mov" else 1132))
        numbered(folder / "renders" / f"{name}_v001.mov", range(source[0] - 8, source[1] + 8))
    return folder


class TestBlender(HostContract):
    @pytest.fixture
    def stage(self, tmp_path: Path, footage: Path, blender: BlenderProcess) -> BlenderStage:
        for path in footage.rglob("*.mov"):
            new = tmp_path / path.relative_to(footage)
            new.parent.mkdir(exist_ok=True)
            os.link(path, new)
        return BlenderStage(tmp_path, blender)
