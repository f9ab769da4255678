"""What Blender sends: its timeline as OpenTimelineIO, read by OpenTimelineIO itself."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from dubsync.editorial.probe import probe_cut
from tests.hosts.blender.blender_process import BlenderProcess
from tests.hosts.blender.movies import numbered
from tests.hosts.contract import Problem


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A.mov of 120 frames at 24000/1001, and the pictures S.0101.png to S.0110.png."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("media")
    numbered(folder / "A.mov", range(120), Fraction(24000, 1001))
    for number in range(101, 111):
        Image.new("L", (16, 16), number).save(folder / f"S.{number:04d}.png")
    return folder


class Timeline:
    """A scene, and what is exported of it."""

    def __init__(self, blender: BlenderProcess, folder: Path, media: Path) -> None:
        self.call, self.folder, self.media = blender.call, folder, media
        self.movie = str(media / "A.mov")
        blender.call("begin", str(folder), 24, 1.001)

    def add(self, name: str, record: tuple[int, int], first: int, **more: Any) -> None:
        self.call("add_movie", name, self.movie, more.pop("channel", 1), record, first, **more)

    def export(self) -> tuple[otio.schema.Timeline, list[str]]:
        path = self.folder / "out.otio"
        losses = self.call("export", str(path))
        return otio.adapters.read_from_file(str(path)), losses

    def events(self) -> dict[str, Any]:
        """As dubsync reads them: clip name -> event."""
        self.export()
        return {one.name: one for one in probe_cut(self.folder / "out.otio").events}


@pytest.fixture
def timeline(blender: BlenderProcess, tmp_path: Path, media: Path) -> Timeline:
    return Timeline(blender, tmp_path, media)


def test_clips_keep_their_frames_and_the_rate_is_exact(timeline: Timeline) -> None:
    timeline.add("SH010", (1, 41), 12)
    timeline.add("SH020", (51, 71), 60, channel=3)
    made, losses = timeline.export()
    assert not losses
    assert Fraction(made.global_start_time.rate).limit_denominator(2000) == Fraction(24000, 1001)
    assert made.global_start_time.value == 1
    assert [track.name for track in made.tracks] == ["V1", "V3"]
    events = timeline.events()
    for name, record, source in (("SH010", (1, 41), (12, 52)), ("SH020", (51, 71), (60, 80))):
        event = events[name]
        assert (event.record.start, event.record.stop) == record
        assert (event.source.start, event.source.stop) == source
        assert event.record.rate == event.source.rate == Fraction(24000, 1001)
        assert (event.available.start, event.available.stop) == (0, 120)
        assert Path(event.media.removeprefix("file://")) == timeline.media / "A.mov"


@pytest.mark.parametrize(
    ("fps", "base", "rate"),
    [(24, 1.0, "24/1"), (24, 1.001, "24000/1001"), (30, 1.001, "30000/1001"), (25, 1.0, "25/1"),
     (60, 1.001, "60000/1001"), (2997, 100.0, "2997/100")],
)  # fmt: skip
def test_every_rate_is_an_exact_rational(
    timeline: Timeline, fps: int, base: float, rate: str
) -> None:
    timeline.add("A", (1, 11), 0)
    timeline.call("rate", fps, base)
    assert timeline.call("host", "current_timeline")["rate"] == rate


def test_a_retimed_clip_states_its_speed_and_first_frame(timeline: Timeline) -> None:
    timeline.add("SLOW", (1, 81), 16, speed="4/5")
    made, losses = timeline.export()
    (clip,) = made.tracks[0]
    assert (clip.effects[0].time_scalar, clip.source_range.start_time.value) == (0.8, 16)
    assert not losses
    event = timeline.events()["SLOW"]
    assert (event.speed, event.source.start, event.source.stop) == (Fraction(4, 5), 16, 80)


def test_a_clip_that_plays_backwards_covers_the_same_frames(timeline: Timeline) -> None:
    timeline.add("BACK", (1, 41), 12)
    timeline.call("put", "BACK", "use_reverse_frames", True)
    event = timeline.events()["BACK"]
    assert (event.speed, event.source.start, event.source.stop) == (-1, 120 - 52, 120 - 12)


def test_a_clip_of_a_meta_strip_is_found_where_the_meta_shows_it(timeline: Timeline) -> None:
    timeline.add("IN", (11, 51), 20)
    timeline.call("into_meta", "Meta", ["IN"], 1)
    timeline.call("put", "Meta", "frame_final_end", 41)
    timeline.call("put", "Meta", "frame_final_start", 16)
    event = timeline.events()["IN"]
    assert (event.record.start, event.record.stop) == (16, 41)
    assert (event.source.start, event.source.stop) == (25, 50)


def test_an_image_sequence_is_one_clip(timeline: Timeline) -> None:
    names = [f"S.{number:04d}.png" for number in range(101, 111)]
    timeline.call("add_images", "SEQ", str(timeline.media), names, 1, 5)
    made, _ = timeline.export()
    media = made.tracks[0][0].media_reference
    assert media.target_url_for_image_number(3).endswith("/S.0104.png")
    assert media.available_range.duration.value == 10


def test_what_has_no_footage_is_sent_by_its_kind_and_named(timeline: Timeline) -> None:
    timeline.add("A", (1, 41), 0)
    timeline.add("B", (31, 61), 0, channel=2)
    timeline.call("add_effect", "Black", "COLOR", 3, 1, 10)
    timeline.call("add_effect", "Fade", "CROSS", 4, 31, 10, "A", "B")
    timeline.call("add_scene_strip", "Set", 5, 70)
    made, losses = timeline.export()
    names = {clip.name: clip for clip in made.find_clips()}
    assert names["Black"].media_reference.generator_kind == "SolidColor"
    assert isinstance(names["Set"].media_reference, otio.schema.MissingReference)
    assert set(names) == {"A", "B", "Black", "Set"}
    said = " ".join(losses)
    assert "Fade" in said and "dissolve" in said and "Set" in said and "bake it" in said


def test_names_that_blender_made_of_file_names_are_the_plates(timeline: Timeline) -> None:
    for n, name in enumerate(("A.mov", "A.mov.001", "A.002", "Lips 1.001")):
        timeline.add(name, (1 + 10 * n, 11 + 10 * n), 0)
    made, _ = timeline.export()
    assert [clip.name for clip in made.find_clips()] == ["A", "A", "A", "Lips 1.001"]


def test_a_muted_strip_is_off_and_results_are_not_sent(timeline: Timeline) -> None:
    timeline.add("A", (1, 41), 0)
    timeline.add("OFF", (41, 51), 0)
    timeline.call("put", "OFF", "mute", True)
    timeline.add("RENDER", (1, 41), 0, channel=2)
    timeline.call("mark_as_result", "RENDER")
    made, _ = timeline.export()
    assert {clip.name: clip.enabled for clip in made.find_clips()} == {"A": True, "OFF": False}


def test_strips_before_frame_0_and_an_empty_scene_are_said(timeline: Timeline) -> None:
    with pytest.raises(Problem, match="no strips"):
        timeline.call("host", "current_timeline")
    timeline.add("EARLY", (-5, 20), 0)
    with pytest.raises(Problem, match="before frame 0"):
        timeline.export()


def test_a_clip_of_another_rate_says_what_to_set(timeline: Timeline) -> None:
    timeline.add("A", (1, 41), 0)
    timeline.call("rate", 25, 1.0)
    _, losses = timeline.export()
    assert "23.976" in losses[0] and "set the scene's frame rate" in losses[0]


def test_only_footage_is_selected_and_a_result_stands_for_its_clip(timeline: Timeline) -> None:
    timeline.add("A", (1, 41), 0)
    timeline.add("RENDER", (1, 41), 0, channel=2)
    timeline.call("mark_as_result", "RENDER", clip="A")
    timeline.call("add_effect", "Black", "COLOR", 3, 1, 10)
    timeline.call("select", ["RENDER", "Black"])
    assert [one["id"] for one in timeline.call("host", "selected_clips")] == ["A"]
    timeline.call("select", ["Black"])
    with pytest.raises(Problem, match="Black is a colour strip"):
        timeline.call("host", "selected_clips")
