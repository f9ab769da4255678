"""What comes back: renders as strips, compared picture by picture in Blender's own renders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hosts.blender.blender_process import BlenderProcess
from tests.hosts.blender.movies import SIZE, number_in, numbered

#: The render of a shot that shows frames 20 to 60 of its plate: its frames show 1000 more, so
#: that a picture says both what it is of and which frame it is.
HANDLES, SOURCE, MORE = 8, (20, 60), 1000


class Cutting:
    """A plate on channel 1 from frame 101, and the render of its shot."""

    def __init__(self, blender: BlenderProcess, folder: Path, media: Path) -> None:
        self.call, self.folder, self.media = blender.call, folder, media
        blender.call("begin", str(folder))

    def plate(self, record: tuple[int, int], first: int = SOURCE[0], **more: Any) -> None:
        self.call("add_movie", "P", str(self.media / "P.mov"), 1, record, first, **more)

    def result(self, record: tuple[int, int], version: str = "v001") -> dict[str, Any]:
        files = {kind: str(self.media / f"P_{version}_{kind}.mov") for kind in ("matte", "layer")}
        return {
            "name": "P", "state": "rendered", "version": version, "edit": "",
            "picture": str(self.media / f"P_{version}.mov"), **files, "source": SOURCE,
            "record": record, "first_frame": SOURCE[0] - HANDLES, "handles": [HANDLES, HANDLES],
        }  # fmt: skip

    def send(self) -> dict[str, Any]:
        """Send the timeline, as a sync does; the timeline's row."""
        self.call("host", "export_timeline", str(self.folder / "sent.otio"))
        return self.call("host", "current_timeline")

    def lay(self, *results: dict[str, Any], timeline: Any = None) -> list[dict[str, Any]]:
        return self.call("host", "add_results", results, timeline or self.send())

    def shows(self, frames: range) -> list[int]:
        """The number that each frame of the timeline shows."""
        return [
            number_in(path) for path in self.call("render", list(frames), str(self.folder), SIZE)
        ]

    def laid(self, kind: str = "picture") -> list[dict[str, Any]]:
        rows = [row for row in self.call("listed").values() if row["mark"].get("kind") == kind]
        return sorted(rows, key=lambda row: (row["channel"], row["record"]))


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    numbered(folder / "P.mov", range(100))
    shown = range(MORE + SOURCE[0] - HANDLES, MORE + SOURCE[1] + HANDLES)
    for name in ("v001", "v002", "v001_matte", "v001_layer"):
        numbered(folder / f"P_{name}.mov", shown)
    return folder


@pytest.fixture
def cutting(blender: BlenderProcess, tmp_path: Path, media: Path) -> Cutting:
    return Cutting(blender, tmp_path, media)


def test_every_frame_of_the_clip_shows_the_same_frame_of_the_render(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    assert cutting.shows(range(101, 141)) == list(range(*SOURCE))
    (row,) = cutting.lay(cutting.result((101, 141)))
    assert row == {"name": "P", "placed": True, "how": "track", "message": ""}
    assert cutting.shows(range(101, 141)) == [MORE + frame for frame in range(*SOURCE)]
    assert [row["record"] for row in cutting.laid()] == [[101, 141]]


def test_a_retimed_clip_and_its_render_show_the_same_frames(cutting: Cutting) -> None:
    cutting.plate((101, 151), speed="4/5")
    plate = cutting.shows(range(101, 151))
    assert plate[0] == SOURCE[0] and plate[-1] in (SOURCE[1] - 1, SOURCE[1])
    cutting.lay(cutting.result((101, 151)))
    assert cutting.shows(range(101, 151)) == [MORE + frame for frame in plate]


def test_the_clip_may_move_and_be_trimmed_while_it_is_rendered(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    sent = cutting.send()
    cutting.call("put", "P", "frame_start", 281.0)  # its first frame, 20, is at 301 now
    cutting.call("put", "P", "frame_final_start", 306)
    cutting.lay(cutting.result((101, 141)), timeline=sent)
    assert [row["record"] for row in cutting.laid()] == [[306, 341]]
    assert cutting.shows(range(306, 341)) == [MORE + frame for frame in range(25, 60)]


def test_a_clip_made_longer_than_its_render_says_so(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    sent = cutting.send()
    cutting.call("put", "P", "frame_final_end", 160)
    (row,) = cutting.lay(cutting.result((101, 141)), timeline=sent)
    assert row["placed"] and "longer" in row["message"]
    assert [one["record"] for one in cutting.laid()] == [[101, 149]]


def test_a_clip_that_is_gone_is_said_with_the_renders_path(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    cutting.call("add_effect", "Black", "COLOR", 5, 1, 10)
    sent = cutting.send()
    cutting.call("cut_out", "P")
    (row,) = cutting.lay(cutting.result((101, 141)), timeline=sent)
    assert not row["placed"] and "removed or renamed" in row["message"]
    assert "P_v001.mov" in row["message"]


def test_a_result_takes_the_lowest_free_channel_above_its_clip(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    cutting.call("add_effect", "Title", "COLOR", 2, 130, 30)
    cutting.call("put", "P", "channel", 1)
    cutting.lay(cutting.result((101, 141)))
    assert [row["channel"] for row in cutting.laid()] == [3]
    rows = cutting.call("listed")
    assert (rows["P"]["record"], rows["P"]["channel"]) == ([101, 141], 1)
    assert rows["Title"]["record"] == [130, 160]


def test_a_second_version_lies_above_the_first_and_the_same_one_is_not_laid_twice(
    cutting: Cutting,
) -> None:
    cutting.plate((101, 141))
    for version in ("v001", "v001", "v002"):
        cutting.lay(cutting.result((101, 141), version))
    assert [(row["channel"], row["mark"]["version"]) for row in cutting.laid()] == [
        (2, "v001"), (3, "v002"),
    ]  # fmt: skip


def test_the_render_stands_where_the_plate_stood(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    cutting.call("put_transform", "P", "scale_x", 0.5)
    cutting.lay(cutting.result((101, 141)))
    assert [row["scale"] for row in cutting.laid()] == [0.5]


def test_matte_and_layer_lie_above_the_render_muted_and_in_its_place(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    cutting.lay(cutting.result((101, 141)))
    said = cutting.call("press", "layers")
    assert said["problem"] is None and said["said"][0] == "2 strips added, muted."
    for kind, channel in (("matte", 3), ("layer", 4)):
        (row,) = cutting.laid(kind)
        assert (row["channel"], row["record"], row["mute"]) == (channel, [101, 141], True)
        assert row["source"] == [HANDLES, HANDLES + 40]
    assert cutting.call("press", "layers")["said"][0] == "0 strips added, muted."


def test_a_render_that_blender_cannot_open_leaves_nothing(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    broken = cutting.folder / "broken.mov"
    broken.write_bytes(b"no movie")
    (row,) = cutting.lay({**cutting.result((101, 141)), "edit": str(broken)})
    assert not row["placed"] and "cannot open" in row["message"]
    assert not cutting.laid()


def test_a_clip_in_a_meta_strip_gets_its_render_above_the_meta(cutting: Cutting) -> None:
    cutting.plate((101, 141))
    cutting.call("into_meta", "Meta", ["P"], 1)
    cutting.call("put", "Meta", "frame_final_end", 131)
    cutting.call("put", "Meta", "frame_final_start", 101)
    cutting.lay(cutting.result((101, 131)))
    assert [(row["channel"], row["record"]) for row in cutting.laid()] == [(2, [101, 131])]
    assert cutting.shows(range(101, 131)) == [MORE + frame for frame in range(20, 50)]
