"""DaVinci Resolve's adapter keeps the contract, over a fake made of the published README."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dubsync_resolve import start
from dubsync_resolve.adapter import ResolveHost

from tests.hosts import fake_resolve
from tests.hosts.contract import CLIPS, START, HostContract, Problem, Stage
from tests.hosts.fake_resolve import MediaPoolItem, NotInTheDocuments, Resolve, TimelineItem, World


class ResolveStage(Stage):
    """The fake as the contract arranges it; media start at frame 900 of their own timecode."""

    def __init__(self, folder: Path, **about: Any) -> None:
        self.folder, self.world = folder, World(folder, **about)
        self.host = ResolveHost(Resolve(self.world))
        self.host.folder = str(folder / "reels")
        self.open_namesake()

    def open_namesake(self) -> None:
        timeline = fake_resolve.Timeline(self.world, "cut", START)
        timeline.at = START - 1
        for name, file, source, record in CLIPS:
            media = MediaPoolItem(self.world, str(self.folder / "media" / file), "00:00:37:12")
            item = TimelineItem(
                self.world, media, source[0] - 900, record[0], record[1] - record[0]
            )
            item.name = name
            timeline.tracks[0].append(item)
        self.world.timelines.append(timeline)
        self.world.current = timeline

    def item(self, name: str) -> TimelineItem:
        assert self.world.current is not None
        return next(item for item in self.world.current.tracks[0] if item.name == name)

    def select(self, *names: str) -> None:
        assert self.world.current is not None
        self.world.current.selected = [self.item(name) for name in names]

    def unsave(self) -> None:
        self.world.name = "Untitled Project"

    def take_offline(self, name: str) -> None:
        self.item(name).media.told["Online Status"] = "Offline"

    def answer_nothing(self) -> None:
        self.world.mute = True

    def originals(self) -> list[Any]:
        assert self.world.current is not None
        return [
            (
                item.name,
                item.start,
                item.length,
                item.takes[0]["mediaPoolItem"] if item.takes else item.media,
            )
            for item in self.world.current.tracks[0]
        ]

    def laid(self) -> dict[str, Any]:
        assert self.world.current is not None
        found: dict[str, Any] = {}
        for item in self.world.current.tracks[0]:
            if item.chosen > 1:
                take = item.takes[item.chosen - 1]
                path = take["mediaPoolItem"].told["File Path"]
                found[item.name] = path, (item.start, item.start + item.length), take["startFrame"]
        for track in self.world.current.tracks[1:]:
            for item in track:
                name = item.name.rpartition("_v")[0]
                found[name] = item.name, (item.start, item.start + item.length), item.first
        return found

    def set_marker(self, frame: int, text: str) -> None:
        assert self.world.current is not None
        assert self.world.current.AddMarker(frame - START, "Green", "Marker 1", text, 1)

    def marker_texts(self) -> list[str]:
        assert self.world.current is not None
        return [told["note"] for told in self.world.current.marks.values()]

    def move_playhead(self, frame: int) -> None:
        assert self.world.current is not None
        self.world.current.at = frame


class TestResolve(HostContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> ResolveStage:
        return ResolveStage(tmp_path)


def result(folder: Path, name: str, version: int = 1) -> dict[str, Any]:
    """A Result of a clip of CLIPS, with its file."""
    _, _, source, record = next(clip for clip in CLIPS if clip[0] == name)
    path = folder / f"{name}_v{version:03d}.mov"
    path.touch()
    return {"name": name, "picture": "", "edit": str(path), "matte": "", "layer": "",
            "record": list(record), "source": list(source), "handles": [8, 8]}  # fmt: skip


def lay(stage: ResolveStage, *results: dict[str, Any]) -> list[dict[str, Any]]:
    return stage.host.add_results(list(results), stage.host.current_timeline())


@pytest.mark.parametrize("counted_in", [False, True])
@pytest.mark.parametrize("version", [18, 21])
def test_a_take_is_as_long_as_the_clip_however_resolve_counts_its_end(
    tmp_path, version, counted_in
):
    stage = ResolveStage(tmp_path, version=version, counted_in=counted_in)
    (made,) = lay(stage, result(tmp_path, "A001"))
    assert (made["how"], made["message"]) == ("take", "")
    item = stage.item("A001")
    assert item.length == 48 and len(item.takes) == 2, "a take of another length is taken out"


@pytest.mark.parametrize("counted_in", [False, True])
def test_where_no_clip_has_its_place_a_render_goes_on_a_track_of_its_own(tmp_path, counted_in):
    stage = ResolveStage(tmp_path, counted_in=counted_in)
    moved = {**result(tmp_path, "A001"), "record": [START + 10, START + 58]}
    (made,) = lay(stage, moved)
    timeline = stage.world.current
    assert made["how"] == "track" and timeline.names[1] == "dubsync"
    (item,) = timeline.tracks[1]
    assert (item.start, item.length, item.first) == (START + 10, 48, 8)
    lay(stage, moved)
    assert len(timeline.tracks) == 2 and len(timeline.tracks[1]) == 1, "it is there already"
    lay(stage, {**result(tmp_path, "A001", 2), "record": moved["record"]})
    assert [len(track) for track in timeline.tracks] == [3, 1, 1], "a newer one goes above"
    assert not stage.host._items()[3:], "what dubsync laid in is not sent as the editor's"


def test_the_editor_can_go_back_and_a_newer_version_is_one_more_take(tmp_path):
    stage = ResolveStage(tmp_path)
    for version in (1, 2, 2):
        lay(stage, result(tmp_path, "A001", version))
    item = stage.item("A001")
    assert (len(item.takes), item.chosen) == (3, 3)
    assert item.takes[0]["mediaPoolItem"] is item.media
    assert not hasattr(TimelineItem, "FinalizeTake"), "a take selector is never finalised"


def test_an_export_shows_the_editors_takes_and_afterwards_dubsyncs_again(tmp_path):
    stage = ResolveStage(tmp_path)
    item, mine = stage.item("A002"), MediaPoolItem(stage.world, "/plates/other.mov")
    item.AddTake(mine, 5, 29)
    item.SelectTakeByIndex(2)  # the editor's own take
    lay(stage, result(tmp_path, "A001"), result(tmp_path, "A002"))
    assert (stage.item("A001").chosen, item.chosen) == (2, 3)
    path = stage.host.export_timeline(str(tmp_path / "cut.otio"))
    names = [Path(line).name for line in Path(path).read_text().splitlines()]
    assert names == ["A001.mov", "other.mov", "A001.mov"]
    assert (stage.item("A001").chosen, item.chosen) == (2, 3)
    stage.select("A002")
    (clip,) = stage.host.selected_clips()
    assert Path(clip["media"]).name == "other.mov" and clip["source"][0] == 5


def test_media_that_resolve_does_not_import_is_named_with_what_to_choose(tmp_path):
    stage = ResolveStage(tmp_path)
    wanted = {**result(tmp_path, "A001"), "edit": ""}
    wanted["picture"] = str(tmp_path / "A001.mkv")
    (tmp_path / "A001.mkv").touch()
    (made,) = lay(stage, wanted)
    assert not made["placed"] and "[delivery]" in made["message"]


def test_an_older_resolve_takes_what_lies_between_in_and_out_else_at_the_playhead(tmp_path):
    stage = ResolveStage(tmp_path, version=20)
    timeline = stage.world.current
    assert stage.host.selected_clips() == []
    timeline.at = START + 50
    assert [clip["name"] for clip in stage.host.selected_clips()] == ["A002"]
    timeline.between = {"video": {"in": 40, "out": 71}}
    assert [clip["name"] for clip in stage.host.selected_clips()] == ["A001", "A002"]
    old = ResolveStage(tmp_path, version=18)
    old.world.current.at = START + 80
    assert [clip["name"] for clip in old.host.selected_clips()] == ["A001_2"]


def test_a_marker_keeps_its_name_when_the_editor_moves_it(tmp_path):
    stage = ResolveStage(tmp_path)
    stage.set_marker(START + 5, "lips")
    (before,) = stage.host.markers()
    timeline = stage.world.current
    timeline.marks[9.0] = timeline.marks.pop(5.0)
    (after,) = stage.host.markers()
    assert (after["id"], after["frame"]) == (before["id"], START + 9)


def test_two_notes_on_one_frame_stand_side_by_side(tmp_path):
    stage = ResolveStage(tmp_path)
    for name in ("N0001", "N0002"):
        stage.host.add_marker(START, {"name": name, "text": name, "colour": "magenta"})
    assert [one["note"] for one in stage.host.markers()] == ["N0001", "N0002"]
    assert {one["color"] for one in stage.world.current.marks.values()} == {"Fuchsia"}


def test_resolve_is_found_from_inside_in_every_version(tmp_path):
    resolve = Resolve(World(tmp_path))

    class App:
        def GetResolve(self):  # noqa: N802
            return resolve

    class Bmd:
        def scriptapp(self, name):
            return resolve if name == "Resolve" else None

    for names in ({"resolve": resolve}, {"app": App()}, {"fusion": App()}, {"bmd": Bmd()}):
        assert start.find_resolve(names) is resolve
    assert start.find_resolve({}) is None


def test_the_fake_refuses_what_the_readme_does_not_have(tmp_path):
    stage = ResolveStage(tmp_path)
    with pytest.raises(NotInTheDocuments):
        stage.world.current.MakeCoffee()
    with pytest.raises(NotInTheDocuments):
        stage.world.current.GetTrackCount(1)
    with pytest.raises(NotInTheDocuments):
        stage.item("A001").SelectTakeByIndex()
    assert stage.world.current.Export(str(tmp_path / "x.edl"), "edl", "none") is False
    stage.world.mute = True
    with pytest.raises(Problem, match="did not show its project"):
        stage.host.current_timeline()
