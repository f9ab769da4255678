"""A shot's folder: its script rebuilds the render from plate and layers, whatever the plate is."""

from dataclasses import replace

import cv2
import numpy as np
import OpenEXR
import pytest

from dubsync.core.errors import DeliveryError
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.vfx.layers import count_differing, layer_encoding
from dubsync.service.vfx_turnover.nuke_script import nuke_script
from dubsync.service.vfx_turnover.shot_folder import ShotFolder
from dubsync.service.vfx_turnover.shot_layers import write_shot_layers
from tests.service.vfx_turnover.nuke_double import Script
from tests.service.vfx_turnover.shots_made import (
    FACE,
    FRAMES,
    HIGH,
    MOVED,
    WIDE,
    drawn,
    plate_of,
    render_planes,
    rendered,
)

OWN = ("png 8", "png 16", "dpx 10", "exr half")
MOVIES = ("yuv420p", "yuv422p10le", "gbrp12le", "gray")


class Made:
    """A shot turned over: its plate, its render, its folder, its script read by the double."""

    def __init__(self, folder, kind, frames="source"):
        self.plate = plate_of(folder / "plates", kind)
        self.render = rendered(folder / "renders", self.plate)
        self.encoding = layer_encoding(self.plate.format)
        copied = self.encoding.own and self.plate.first_number is not None
        self.folder = ShotFolder(folder / "A_001", "A_001_v001", self.plate, self.plate.frames,
                                 frames, copied)  # fmt: skip
        self.folder.folder.mkdir()
        self.comp = write_shot_layers(self.folder, self.render, drawn(self.plate), {}, silent)
        text = nuke_script(self.folder, self.encoding, redrawn=True, note='a "note" of [1] {$x}')
        self.folder.beside(".nk").write_text(text)
        self.script = Script(self.folder.beside(".nk"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Turned over shots by kind of plate, each made once."""
    known = {}

    def get(kind):
        if kind not in known:
            known[kind] = Made(tmp_path_factory.mktemp("shot"), kind)
        return known[kind]

    return get


@pytest.mark.parametrize("kind", OWN)
def test_the_script_rebuilds_the_render_from_the_plates_own_files(made, kind):
    one = made(kind)
    for number, render in zip(one.folder.numbers, render_planes(one.render), strict=True):
        comp = one.script.pixels("Comp", number)
        for channel, plane in zip("RGB", render.planes, strict=False):
            assert np.array_equal(comp[channel], plane.astype(comp[channel].dtype))
    assert one.comp.differing == 0


@pytest.mark.parametrize("kind", MOVIES)
def test_of_a_movie_the_script_rebuilds_rgb_from_which_every_stored_sample_follows(made, kind):
    one = made(kind)
    for number, render in zip(one.folder.numbers, render_planes(one.render), strict=True):
        comp = one.script.pixels("Comp", number)
        rgb = np.stack([comp[c] for c in "RGB"], axis=-1).astype(np.float32)
        assert count_differing(rgb, Frame(0, render.planes, one.plate.format)) == 0
    assert one.comp.differing == 0
    assert one.comp.rgb_error < 0.3


def test_outside_the_matte_the_generated_pixels_are_empty(made):
    for kind in OWN + MOVIES:
        first = made(kind).script.pixels("Layers", made(kind).folder.numbers.start)
        last = made(kind).script.pixels("Layers", made(kind).folder.numbers.stop - 1)
        assert not any(first[c].any() for c in "RGBA")
        assert not any(last[c][last["A"] == 0].any() for c in "RGB")
        assert last["A"].any()


def test_the_raw_render_is_what_was_drawn_before_its_matte(made):
    one = made("png 16")
    raw = one.script.pixels("RawRender", one.folder.numbers.stop - 1)
    patch = list(drawn(one.plate))[-1].patches[0]
    got = np.stack([raw[c] for c in "RGB"], axis=-1)
    assert np.abs(got[FACE.rows, FACE.columns] - patch.rgb).max() < 1e-6
    assert raw["A"].sum() == FACE.width * FACE.height


def test_the_st_map_says_where_in_the_plate_the_skin_was(made):
    """u right, v up, pixel centres at +0.5: as Nuke's STMap samples its source."""
    one = made("png 16")
    last = one.script.pixels("Layers", one.folder.numbers.stop - 1)
    y, x = 20, 24  # from the top, as files have it
    assert last["st.u"][y, x] * WIDE == pytest.approx(x + 0.5 - MOVED[0], abs=1e-4)
    assert last["st.v"][y, x] * HIGH == pytest.approx(HIGH - (y + 0.5 - MOVED[1]), abs=1e-4)
    assert last["st.u"][2, 3] * WIDE == pytest.approx(3.5, abs=1e-5)
    assert (last["st.valid"] == 1).all()
    warped = one.script.pixels("PlateWarpedToRender", one.folder.numbers.stop - 1)["R"]
    plate = one.script.pixels("Plate", one.folder.numbers.stop - 1)["R"]
    shift = np.float32([[1, 0, MOVED[0]], [0, 1, MOVED[1]]])
    moved = cv2.warpAffine(plate, shift, (WIDE, HIGH), flags=cv2.INTER_CUBIC)
    inside = (slice(12, 28), slice(12, 36))
    assert np.abs(warped[inside] - moved[inside]).max() < 2e-2  # OpenCV's own 1/32 pixel steps


def test_each_file_has_its_source_timecode_and_says_what_it_is(made):
    one = made("yuv422p10le")
    second = next(iter(sorted((one.folder.folder / "layers").glob("*.exr"))[1:]))
    assert second.name == f"A_001_v001.{one.plate.frames.start + 1:07d}.exr"
    header = OpenEXR.File(str(second), header_only=True).header()
    code = header["timeCode"]
    assert (code.hours, code.minutes, code.seconds, code.frame) == (10, 14, 22, 10)
    assert header["framesPerSecond"] == one.plate.frames.rate


def test_frames_can_be_counted_from_1001(tmp_path):
    one = Made(tmp_path, "exr half", "1001")
    names = sorted(path.name for path in (one.folder.folder / "layers").iterdir())
    assert names == [f"A_001_v001.{1001 + n}.exr" for n in range(FRAMES)]
    assert set(one.script.pixels("Comp", 1002)) == {"R", "G", "B"}


def test_a_shot_that_is_not_drawn_again_as_it_was_is_refused(tmp_path):
    plate = plate_of(tmp_path / "plates", "yuv420p")
    other = list(drawn(plate))
    planes = tuple(np.array(plane) for plane in other[2].frame.planes)
    planes[0][20, 20] ^= 1
    other[2] = replace(other[2], frame=Frame(other[2].frame.number, planes, plate.format))
    shot = rendered(tmp_path / "renders", plate, other)
    folder = ShotFolder(tmp_path / "A", "A_v001", plate, plate.frames, "source", False)
    folder.folder.mkdir()
    with pytest.raises(DeliveryError, match=f"frame {plate.frames.start + 2}, drawn again") as no:
        write_shot_layers(folder, shot, drawn(plate), {}, silent)
    assert "redraw = false" in no.value.hint
