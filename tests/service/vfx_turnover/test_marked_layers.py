"""A marked render is the render: every kind of plate keeps its own samples outside the matte, and
its layers give the marked picture back."""

from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.progress import silent
from dubsync.core.tweak.choices import Choice
from dubsync.core.vfx.layers import layer_encoding
from dubsync.media.verify import count_changed_outside_matte
from dubsync.service.marking.house_mark import HouseMark
from dubsync.service.marking.installed_markers import load_marker
from dubsync.service.render.marked_frames import RenderMark, render_mark
from dubsync.service.vfx_turnover.shot_folder import ShotFolder
from dubsync.service.vfx_turnover.shot_layers import write_shot_layers
from tests.engine.mark.synthetic import EYES, landmarks
from tests.service.vfx_turnover.shots_made import FACE, drawn, plate_of, rendered

KINDS = ("png 8", "png 16", "dpx 10", "exr half", "yuv420p", "yuv422p10le", "gbrp12le", "gray")


HOUSE = HouseMark(load_marker(), "dubsync", "ab" * 32, b"a secret of thirty-two bytes ...")


def part(plate):
    """A face of 12 pixels between the eyes, its lips in the middle of what is drawn."""
    points = landmarks(len(plate.frames), 12 / EYES)
    lips = points[:, [13, 14], :2].mean(axis=(0, 1))
    middle = np.array([(FACE.left + FACE.right) / 2, (FACE.top + FACE.bottom) / 2])
    points[..., :2] += (middle - lips).astype(np.float32)
    track = SimpleNamespace(face=1, frames=plate.frames, landmarks=points,
                            confidence=np.ones(len(points)))  # fmt: skip
    return SimpleNamespace(
        character="ELISE", track=track, tweak=SimpleNamespace(region=Choice("mouth"))
    )


def marked(plate):
    mark = RenderMark(HOUSE, "cd" * 32, [part(plate)], SimpleNamespace(landmarks=None))
    return mark, mark(drawn(plate))


@pytest.mark.parametrize("kind", KINDS)
def test_a_marked_render_differs_inside_the_matte_alone_and_its_layers_give_it_back(tmp_path, kind):
    plate = plate_of(tmp_path / "plates", kind)
    mark, composites = marked(plate)
    render = rendered(tmp_path / "renders", plate, composites)
    assert mark.frames == len(plate.frames) - 1 and mark.strength_db > 35
    counted = count_changed_outside_matte(plate, render.picture, render.matte, plate.frames)
    assert counted.changed_outside == 0 and counted.frames_changed == mark.frames
    encoding = layer_encoding(plate.format)
    folder = ShotFolder(tmp_path / "A_001", "A_001_v001", plate, plate.frames, "source",
                        encoding.own and plate.first_number is not None)  # fmt: skip
    folder.folder.mkdir()
    comp = write_shot_layers(folder, render, marked(plate)[1], {}, silent)
    assert comp.differing == 0


def test_the_same_render_key_gives_the_same_bits_whatever_frames_were_drawn_before(tmp_path):
    plate = plate_of(tmp_path / "plates", "yuv422p10le")
    whole, last = list(marked(plate)[1]), list(drawn(plate))[-1]
    mark, _ = marked(plate)
    (again,) = mark(iter([last]))
    assert all(map(np.array_equal, again.frame.planes, whole[-1].frame.planes))
    assert not all(map(np.array_equal, again.frame.planes, last.frame.planes))


def test_a_render_drawn_again_marks_frames_taken_over_as_they_were(tmp_path):
    plate = plate_of(tmp_path / "plates", "yuv420p")
    first, older = marked(plate)[0], list(marked(plate)[1])
    number = older[-1].frame.number
    taken = {"from": "A/v001", "payload": f"{first.payload:08x}", "spans": [[number, number]]}
    mark = render_mark(
        HOUSE, "ef" * 32, [part(plate)], SimpleNamespace(landmarks=None),
        {"mark": {"payload": "00000001", "taken_over": [taken]}},
    )  # fmt: skip
    again = list(mark(drawn(plate)))
    assert np.array_equal(again[-1].frame.planes[0], older[-1].frame.planes[0])
    assert not np.array_equal(again[-2].frame.planes[0], older[-2].frame.planes[0])
