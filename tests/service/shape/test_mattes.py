"""Inside a cut-out the render is the plate, sample for sample; outside the matte it is too."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.matte_edit import MOST_GROWTH
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.qc.mouth import eye_distance
from dubsync.service.plugins import allow_engine
from dubsync.service.preview.previewed_shot import open_preview
from dubsync.service.project import Project
from dubsync.service.render.provenance import read_record
from dubsync.service.shape.landmarks import mend_landmarks
from dubsync.service.shape.mattes import MatteChange, shape_matte, shot_matte, take_matte
from tests.service.preview import painting_engine
from tests.service.reel_making import ENGINE

PAINTING = "tests.service.preview.painting_engine:build"
#: Inside the painted mouth (48, 32, 80, 48), moving to the right.
CUT = ("hand=+0:52,34;66,33;60,46", "hand=+8:58,34;72,33;66,46")


@pytest.fixture
def painted(reel):
    allow_engine(PAINTING)
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace(ENGINE, PAINTING))
    painting_engine.DRIVEN.clear()
    return reel


def shaped(reel, **change):
    return shape_matte(Project.open(reel), "a", MatteChange(**change))


def inside(one, frame, size=(72, 128)):
    """Pixels whose centre lies inside the outline."""
    outline = np.array(one.at(frame), np.float32)
    result = np.zeros(size, bool)
    for y in range(size[0]):
        for x in range(size[1]):
            result[y, x] = cv2.pointPolygonTest(outline, (x + 0.5, y + 0.5), False) > 0
    return result


def frames_of(path, first):
    """Frame number -> its planes."""
    plate = probe_plate(Path(path))
    shift = first - plate.frames.start
    with open_plate(plate) as reader:
        return {f.number + shift: [np.array(p) for p in f.planes] for f in reader.read(
            range(plate.frames.start, plate.frames.stop))}  # fmt: skip


def test_inside_a_cut_out_every_sample_of_the_render_is_the_plates(painted):
    made = shaped(painted, cuts=CUT)
    (one,) = made.version.tweaks["ELISE"].cut_outs
    result = Project.open(painted).sync(["a"])[0].rendered
    assert result.samples_changed_outside_matte == 0
    drawn = frames_of(result.picture, result.frames.start)
    matte = frames_of(result.matte, result.frames.start)
    shot = made.shot
    plate = frames_of(shot.plate.path, shot.plate.frames.start)
    changed = 0
    for frame, planes in drawn.items():
        held, here = inside(one, frame), matte[frame][0]
        differs = planes[0] != plate[frame][0]
        assert not differs[held].any()
        assert not here[held].any()
        assert not differs[here == 0].any()
        for got, true in zip(planes[1:], plate[frame][1:], strict=True):
            # Chroma is shared by 2 x 2 pixels: none that a pixel inside takes part in changes.
            step = held.shape[0] // got.shape[0]
            shared = held.reshape(got.shape[0], step, got.shape[1], -1).any(axis=(1, 3))
            assert (got[shared] == true[shared]).all()
        changed += differs.sum()
    assert changed > 0


def test_an_unsaved_cut_out_shows_what_rendering_it_would(painted):
    tweak = shaped(painted, cuts=CUT).version.tweaks["ELISE"]
    Project.open(painted).tweak("a", change="undo")
    shown = open_preview(Project.open(painted), "a")
    frame = shown.shot.source.start + 6
    without, with_cut = (shown.picture(frame, {"ELISE": one}, width=960)
                         for one in (tweak.cleared("cut_outs"), tweak))  # fmt: skip
    held = inside(tweak.cut_outs[0], frame)
    assert without.matte[held].all() and not with_cut.matte[held].any()
    np.testing.assert_array_equal(with_cut.image[held], shown.plate(frame, 960)[held])
    assert painting_engine.DRIVEN.count(("ELISE", len(shown.faces[0].track.frames))) == 1
    shown.close()


def test_a_cut_out_is_undone_and_makes_the_render_stale_until_then(painted):
    assert Project.open(painted).sync(["a"])[0].status == "done"
    shaped(painted, cuts=CUT)
    assert Project.open(painted).sync(["a"])[0].status == "done"
    record = read_record(Project.open(painted).store.latest("renders", "a"))
    assert record["tweak"]["ELISE"]["cut_outs"][0]["name"] == "hand"
    assert not Project.open(painted).tweak("a", change="undo").version.tweaks
    assert Project.open(painted).sync(["a"])[0].status == "done"
    assert Project.open(painted).tweak("a", change="redo").version.tweaks["ELISE"].cut_outs


def test_only_frames_in_which_it_applies_are_cut(painted):
    shaped(painted, cuts=CUT[:1], spans=("hand=+2..+4",))
    shown = open_preview(Project.open(painted), "a")
    first = shown.shot.source.start
    held = inside(shown.meant(None)["ELISE"].cut_outs[0], first)
    cut = [not shown.picture(first + n, width=960).matte[held].any() for n in range(1, 7)]
    assert cut == [False, True, True, True, False, False]
    shown.close()


def test_a_hidden_cut_out_is_kept_and_a_removed_one_is_gone(painted):
    shaped(painted, cuts=CUT, softs=("hand=9",))
    hidden = shaped(painted, hidden=("hand",)).version.tweaks["ELISE"].cut_outs[0]
    assert not hidden.shown and hidden.soft == 9 and len(hidden.keys) == 2
    assert shaped(painted, shown=("hand",)).version.tweaks["ELISE"].cut_outs[0].shown
    assert not shaped(painted, removed=("hand",)).version.tweaks


def test_a_matte_grown_beyond_what_is_drawn_is_refused_with_the_limit(painted):
    project = Project.open(painted)
    face = project.reel.look(lambda step: None).plan(project.reel.shot("a")).faces[0]
    most = MOST_GROWTH * min(float(eye_distance(t.landmarks).min()) for t in face.tracks)
    with pytest.raises(SettingsError, match=f"beyond {most:.0f} px"):
        shaped(painted, grow=(f"{most + 2:.1f}",))
    assert not shot_matte(Project.open(painted), "a").version.tweaks
    made = shaped(painted, grow=(f"{int(most)}",))
    assert made.most["ELISE"] == pytest.approx(most)


@pytest.mark.parametrize(("change", "says"), [
    ({"cuts": ("hand=+0:1,1;2,2",)}, "2 points"),
    ({"cuts": ("hand=+0:1,1;2,x;3,3",)}, "no point"),
    ({"cuts": ("hand=9999999:1,1;2,2;3,1",)}, "not in a"),
    ({"cuts": ("1,1;2,2;3,1",)}, "names no cut-out"),
    ({"removed": ("cup",)}, "no cut-out is called 'cup'"),
    ({"spans": ("cup=+0..+1",)}, "no cut-out is called 'cup'"),
])  # fmt: skip
def test_what_cannot_be_cut_is_refused_with_the_reason(painted, change, says):
    with pytest.raises(SettingsError, match=says):
        shaped(painted, **change)
    assert not shot_matte(Project.open(painted), "a").version.tweaks


def test_landmarks_are_set_listed_undone_and_make_a_render_stale(painted):
    assert Project.open(painted).sync(["a"])[0].status == "done"
    frame = Project.open(painted).reel.shot("a").source.start + 5
    made = mend_landmarks(Project.open(painted), "a", (f"{frame}:61=60,40", "+7:61=61,41,25"))
    keys = made.version.tweaks["ELISE"].landmarks
    assert [(k.frame, k.index, k.x, k.reach) for k in keys] == [
        (frame, 61, 60, 18), (frame + 2, 61, 61, 25)
    ]  # fmt: skip
    shown = open_preview(Project.open(painted), "a")
    points = shown.picture(frame, width=960).landmarks["ELISE"]
    np.testing.assert_allclose(points[61], (60, 40), atol=0.1)
    shown.close()
    assert Project.open(painted).sync(["a"])[0].status == "done"
    cleared = mend_landmarks(Project.open(painted), "a", (), (f"{frame}",))
    assert len(cleared.version.tweaks["ELISE"].landmarks) == 1
    assert len(Project.open(painted).tweak("a", change="undo").version.tweaks[
        "ELISE"].landmarks) == 2  # fmt: skip


@pytest.mark.parametrize("setting", ["+0:61=1", "+0:999=1,1", "61=1,1", "+9999:61=1,1"])
def test_what_is_no_landmark_is_refused(painted, setting):
    with pytest.raises(SettingsError):
        mend_landmarks(Project.open(painted), "a", (setting,))


def test_a_matte_from_a_file_is_set_and_taken_away_and_the_rest_of_the_project_file_stays(reel):
    from tests.service.reel.test_holdout_matte import HIDDEN, matte_movie

    toml = reel / "dubsync.toml"
    before = toml.read_text() + "# a remark\n"
    toml.write_text(before)
    matte_movie(reel.parent / "plates" / "m.mov", HIDDEN)
    take_matte(Project.open(reel), "a", "m.mov")
    assert shot_matte(Project.open(reel), "a").file.name == "m.mov"
    assert "# a remark" in toml.read_text()
    take_matte(Project.open(reel), "a", "")
    assert shot_matte(Project.open(reel), "a").file is None
    assert toml.read_text().strip() == before.strip()


@pytest.mark.parametrize(("named", "says"), [
    ("../../outside.mov", "outside the media folders"), ("none.mov", "does not exist"),
])  # fmt: skip
def test_a_matte_that_cannot_be_used_leaves_the_project_as_it_was(reel, named, says):
    toml = reel / "dubsync.toml"
    before = toml.read_text()
    with pytest.raises(Exception, match=says):
        take_matte(Project.open(reel), "a", named)
    assert toml.read_text() == before
