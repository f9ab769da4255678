"""Hiero's adapter keeps the contract, over a fake made of the Foundry's API documents."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from dubsync_hiero.adapter import HieroHost
from dubsync_hiero.panel import Panel

from dubsync.editorial.read_cut import read_cut
from tests.hosts import fake_hiero as hiero
from tests.hosts.contract import CLIPS, START, HostContract, Played, Problem, Stage


class HieroStage(Stage):
    """The fake as the contract arranges it; media start at frame 900 of their own timecode."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.world = folder, hiero.World(str(folder / "film.hrox"))
        self.host = HieroHost(self.world.core, self.world.ui)
        self.open_namesake()

    def open_namesake(self) -> None:
        sequence = hiero.Sequence(self.world, "cut", START)
        track = hiero.VideoTrack(self.world, "Video 1")
        sequence.addTrack(track)
        for name, file, source, record in CLIPS:
            clip = hiero.Clip(self.world, str(self.folder / "media" / file), 900)
            item = hiero.TrackItem(self.world, name, track)
            item.clip = clip
            item.times = (record[0] - START, record[1] - START - 1, source[0] - 900,
                          source[1] - 901)  # fmt: skip
            track.held.append(item)
        self.world.project.listed.append(sequence)
        self.world.active = sequence

    def items(self) -> list[hiero.TrackItem]:
        return list(self.world.active.tracks[0].held)

    def item(self, name: str) -> hiero.TrackItem:
        return next(item for item in self.items() if item.called == name)

    def select(self, *names: str) -> None:
        self.world.chosen = [self.item(name) for name in names]

    def unsave(self) -> None:
        self.world.project.file = ""

    def take_offline(self, name: str) -> None:
        self.item(name).clip.media.gone = True

    def answer_nothing(self) -> None:
        self.world.mute = True

    def originals(self) -> list[Any]:
        return [(item.called, item.times, item.clip) for item in self.items()]

    def laid(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for track in self.world.active.tracks[1:]:
            for item in track.held:
                first, last, source, _ = item.times
                found[item.called] = (
                    item.clip.media.called,
                    (START + first, START + last + 1),
                    source,
                )
        return found

    def set_marker(self, frame: int, text: str) -> None:
        tag = hiero.Tag(self.world, "Marker")
        tag.setNote(text)
        self.world.active.addTagToRange(tag, frame - START, frame - START)

    def marker_texts(self) -> list[str]:
        return [tag.text for tag in self.world.active.marks]

    def move_playhead(self, frame: int) -> None:
        self.world.at = frame - START


class TestHiero(HostContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> HieroStage:
        return HieroStage(tmp_path)


def result(folder: Path, name: str, version: int = 1) -> dict[str, Any]:
    """A Result of a clip of CLIPS."""
    _, _, source, record = next(clip for clip in CLIPS if clip[0] == name)
    return {"name": name, "picture": "", "edit": str(folder / f"{name}_v{version:03d}.mov"),
            "matte": "", "layer": "", "record": list(record), "source": list(source),
            "handles": [8, 8]}  # fmt: skip


def lay(stage: HieroStage, *results: dict[str, Any]) -> list[dict[str, Any]]:
    return stage.host.add_results(list(results), stage.host.current_timeline())


def test_a_newer_version_goes_above_and_the_same_one_is_laid_in_once(tmp_path):
    stage = HieroStage(tmp_path)
    for version in (1, 1, 2):
        assert lay(stage, result(tmp_path, "A001", version))[0]["placed"]
    tracks = stage.world.active.tracks
    assert [track.called for track in tracks] == ["Video 1", "dubsync", "dubsync 2"]
    assert [len(track.held) for track in tracks] == [3, 1, 1]
    assert len(stage.host._items()) == 3, "what dubsync laid in is not sent as the editor's"


def test_a_track_that_the_editor_laid_above_is_not_hidden_under(tmp_path):
    stage = HieroStage(tmp_path)
    lay(stage, result(tmp_path, "A001"))
    stage.world.active.addTrack(hiero.VideoTrack(stage.world, "Titles"))
    lay(stage, result(tmp_path, "A002"))
    assert [track.called for track in stage.world.active.tracks][1:] == [
        "dubsync", "Titles", "dubsync 2"]  # fmt: skip


def test_media_that_hiero_does_not_read_is_named_with_what_to_choose(tmp_path):
    stage = HieroStage(tmp_path)
    wanted = {**result(tmp_path, "A001"), "edit": "", "picture": str(tmp_path / "A001.mkv")}
    (made,) = lay(stage, wanted)
    assert not made["placed"] and "[delivery]" in made["message"]
    short = {**result(tmp_path, "A001"), "handles": [9000, 0]}
    assert "refused" in lay(stage, short)[0]["message"]
    assert stage.world.active.tracks[-1].held == []


def test_the_exported_timeline_is_read_by_dubsync_frame_for_frame(tmp_path):
    stage = HieroStage(tmp_path)
    frames = hiero.MediaSource(stage.world, str(tmp_path / "media" / "B.####.exr"), (1001, 100))
    stage.item("A002").clip = hiero.Clip(stage.world, frames)
    stage.item("A002").times = (48, 71, 10, 33)
    stage.select("A002")
    (clip,) = stage.host.selected_clips()
    assert Path(clip["media"]).name == "B.%04d.exr" and clip["source"] == [1011, 1035]
    path = stage.host.export_timeline(str(tmp_path / "cut.otio"))
    cut = read_cut(Path(path), rate=None)
    events = [(e.source.start, e.source.stop, e.record.start, e.record.stop) for e in cut.events]
    wanted = [(*source, *record) for _, _, source, record in CLIPS]
    wanted[1] = (1011, 1035, *CLIPS[1][3])
    assert events == wanted


def test_a_retimed_clip_tells_its_speed_and_the_frames_that_it_plays(tmp_path):
    stage = HieroStage(tmp_path)
    item = stage.item("A001")
    item.rate, item.times = 2.0, (0, 47, 100, 195)
    stage.select("A001")
    assert stage.host.selected_clips()[0]["source"] == [1000, 1096]
    body = json.loads(Path(stage.host.export_timeline(str(tmp_path / "cut.otio"))).read_text())
    clip = body["tracks"]["children"][0]["children"][0]
    assert clip["effects"][0]["time_scalar"] == 2.0


@pytest.mark.parametrize(("speed", "begin", "end"), [(0.5, 8, 31.5), (-0.5, 31, 7.5)])
def test_a_render_of_a_retimed_clip_plays_as_fast_and_the_same_way(tmp_path, speed, begin, end):
    stage = HieroStage(tmp_path)
    stage.item("A001").rate = speed
    half = {**result(tmp_path, "A001"), "source": [1000, 1024]}
    assert lay(stage, half)[0]["placed"]
    (item,) = stage.world.active.tracks[1].held
    assert (item.times, item.rate) == ((0, 47, begin, end), speed)


def test_a_tag_keeps_its_name_when_it_is_moved_and_one_of_the_whole_sequence_is_no_marker(tmp_path):
    stage = HieroStage(tmp_path)
    stage.set_marker(START + 5, "lips")
    stage.world.active.marks.append(hiero.Tag(stage.world, "approved"))
    (before,) = stage.host.markers()
    stage.world.active.marks[0].times = (9, 9)
    (after,) = stage.host.markers()
    assert (after["id"], after["frame"]) == (before["id"], START + 9)
    with pytest.raises(Problem, match="outside"):
        stage.host.add_marker(START - 1, {"name": "N1", "text": "", "colour": "red"})


def test_a_clip_that_is_open_in_a_viewer_is_no_timeline(tmp_path):
    stage = HieroStage(tmp_path)
    stage.world.active = stage.item("A001").clip
    with pytest.raises(Problem, match="No timeline"):
        stage.host.current_timeline()


@pytest.fixture(scope="module")
def qt():
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    widgets = pytest.importorskip("PyQt5.QtWidgets")
    from PyQt5 import QtCore

    application = widgets.QApplication.instance() or widgets.QApplication(["test"])
    return widgets, QtCore, application


def test_every_button_of_the_panel_works_and_what_goes_wrong_is_said_in_it(tmp_path, qt):
    widgets, core, _ = qt
    stage = HieroStage(tmp_path)
    played = Played(stage, "done", [])
    panel = Panel(played.flow, widgets, core)
    try:
        panel.show()
        panel.buttons["notes"].click()
        assert "not sent" in panel.status.text()
        panel.buttons["clips"].click()
        assert "No clip is selected" in panel.status.text()
        assert "select the clips" in panel.details.toPlainText()
        played.flow.choose(dub=["ELISE_it.wav"])
        panel.language.setText("it-IT")
        stage.select("A001")
        panel.buttons["clips"].click()
        assert panel.buttons["cancel"].isEnabled() and not panel.buttons["clips"].isEnabled()
        played.flow.wait(20, pause=0.005)
        panel.show()
        assert panel.status.text() == "1 clip synced" and panel.buttons["clips"].isEnabled()
        assert played.calls("import_timeline")[0]["language"] == "it-IT"
        panel.buttons["notes"].click()
        assert panel.status.text() == "0 tags set, 0 notes kept"
    finally:
        panel.window.close()
        played.flow.close()


def test_the_fake_refuses_what_the_documents_do_not_have(tmp_path):
    stage = HieroStage(tmp_path)
    for wrong in (
        lambda: stage.world.active.makeCoffee(),
        lambda: stage.world.core.Coffee("x"),
        lambda: stage.item("A001").setTimes(0, 1),
        lambda: stage.world.active.addTagToRange("tag", 0, 1),
        lambda: stage.world.core.Clip(3),
    ):
        with pytest.raises(hiero.NotInTheDocuments):
            wrong()
