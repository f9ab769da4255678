"""Any frame of a shot is shown with a tweak that is not saved, as a render would have it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import ConsentMissing, EngineError, MediaError, SettingsError
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.stills.encode import rgb8
from dubsync.service.preview import previewed_face
from dubsync.service.preview.plates import PlateFrames
from dubsync.service.preview.previewed_shot import open_preview
from dubsync.service.project import Project
from tests.service.preview.painting_engine import DRIVEN, MOUTH, SILENT

JAW = Tweak().held("jaw", 0.5)


@pytest.fixture
def shown(looked_at):
    return looked_at


def rendered(reel, shot):
    """Frame number -> what the render of the shot shows."""
    result = Project.open(reel).sync([shot])[0].rendered
    picture = probe_plate(Path(result.picture))
    shift = result.frames.start - picture.frames.start
    with open_plate(picture) as reader:
        return {f.number + shift: rgb8(f) for f in reader.frames(picture.frames)}


def test_every_frame_is_what_a_render_with_the_saved_tweak_shows(painted):
    Project.open(painted).tweak("a", ["jaw=0.6"])
    true = rendered(painted, "a")
    shown = open_preview(Project.open(painted), "a")

    for frame in range(shown.frames.start, shown.frames.stop):
        picture = shown.picture(frame, width=960)
        np.testing.assert_array_equal(picture.image, true[frame])
        assert (picture.matte is None) == (picture.renderer == "")


def test_an_unsaved_tweak_shows_what_saving_it_would(painted):
    shown = open_preview(Project.open(painted), "a")
    frame = shown.shot.source.start + 6
    before = shown.picture(frame, {"ELISE": JAW}, width=960)
    Project.open(painted).tweak("a", ["jaw=0.5"])
    after = open_preview(Project.open(painted), "a").picture(frame, width=960)

    np.testing.assert_array_equal(before.image, after.image)
    assert not np.array_equal(before.image, shown.picture(frame, width=960).image)


def test_where_nobody_speaks_the_plate_is_untouched(shown):
    frame = shown.frames.start + SILENT - 1
    picture = shown.picture(frame, {"ELISE": JAW}, width=960)

    assert picture.matte is None and picture.renderer == ""
    np.testing.assert_array_equal(picture.image, shown.plate(frame, 960))


def test_outside_the_matte_the_plate_is_untouched(shown):
    frame = shown.frames.start + SILENT + 3
    picture, plate = shown.picture(frame, {"ELISE": JAW}, width=960), shown.plate(frame, 960)

    left, top, right, bottom = MOUTH
    assert picture.box == MOUTH
    beyond = np.ones(plate.shape[:2], bool)
    beyond[top - 4 : bottom + 4, left - 4 : right + 4] = False
    np.testing.assert_array_equal(picture.image[beyond], plate[beyond])


def test_a_smaller_picture_has_its_matte_and_landmarks_at_its_own_size(shown):
    frame = shown.frames.start + SILENT + 3
    whole, half = (shown.picture(frame, {"ELISE": JAW}, width=w) for w in (128, 64))

    assert whole.image.shape == (72, 128, 3) and half.image.shape == (36, 64, 3)
    assert half.matte.shape == (36, 64) and half.box == tuple(edge // 2 for edge in MOUTH)
    np.testing.assert_allclose(half.landmarks["ELISE"], whole.landmarks["ELISE"] / 2)
    assert abs(int(half.image[20, 32, 0]) - int(whole.image[40, 64, 0])) <= 1


def test_a_picture_is_never_wider_than_its_plate(shown):
    assert shown.plate(shown.frames.start, 4000).shape == (72, 128, 3)


def test_a_change_drives_the_mouth_once_and_going_back_not_again(shown):
    frame = shown.frames.start + 10
    shown.picture(frame, width=960)
    DRIVEN.clear()
    one, other = Tweak().held("jaw", 0.71), Tweak().held("jaw", 0.72)

    for tweak in (one, other, one, Tweak()):
        shown.picture(frame, {"ELISE": tweak}, width=960)
        shown.picture(frame + 1, {"ELISE": tweak}, width=960)

    assert len(DRIVEN) == 2


def test_only_the_character_whose_tweak_changed_is_driven_again(project):
    shown = open_preview(project, "a")
    other = previewed_face.PreviewedFace(
        shown.shot, replace(shown.faces[0].face, character="MARC"), shown.faces[0].to_drive,
        shown.reel.engine,
    )  # fmt: skip
    shown.faces += (other,)
    shown.shot = replace(
        shown.shot, lines=(*shown.shot.lines, replace(shown.shot.lines[0], character="MARC"))
    )
    shown.require_consent = lambda _: None
    frame = shown.frames.start + 10
    shown.picture(frame, width=960)
    drives = [face.drives for face in shown.faces]

    shown.picture(frame, {"MARC": JAW}, width=960)

    assert [face.drives for face in shown.faces] == [drives[0], drives[1] + 1]


def test_in_a_long_shot_a_change_drives_the_frames_near_it_alone(shown, monkeypatch):
    monkeypatch.setattr(previewed_face, "WHOLE", 20)
    monkeypatch.setattr(previewed_face, "BLOCK", 10)
    monkeypatch.setattr(previewed_face, "AROUND", 3)
    frame, last = shown.frames.start + 15, shown.frames.stop - 6
    for at in (frame, last):
        shown.picture(at, width=960)
    DRIVEN.clear()
    near = Tweak().spanned("jaw", frame, frame, 0.5)
    for at in (frame, last):
        shown.picture(at, {"ELISE": near}, width=960)

    assert DRIVEN == [("ELISE", 16)]


def test_a_frame_outside_the_shot_and_a_stranger_are_refused_with_what_there_is(shown):
    with pytest.raises(SettingsError, match="frame 3 is not in a") as refused:
        shown.picture(3, width=960)
    assert str(shown.frames.start) in refused.value.hint
    with pytest.raises(SettingsError, match="'MARC' is not dubbed in a") as refused:
        shown.picture(shown.frames.start, {"MARC": JAW}, width=960)
    assert "ELISE" in refused.value.hint
    with pytest.raises(SettingsError, match="0 pixels wide"):
        shown.plate(shown.frames.start, 0)


def test_without_consent_no_mouth_is_shown_but_the_plate_is(painted):
    shown = open_preview(Project.open(painted), "a")
    frame = shown.frames.start + 10
    (painted / "consent" / "elise-m.toml").unlink()

    with pytest.raises(ConsentMissing):
        shown.picture(frame, width=960)
    assert shown.plate(frame, 960).shape == (72, 128, 3)
    with pytest.raises(ConsentMissing):
        open_preview(Project.open(painted), "a")


def test_a_plate_gone_offline_is_an_error_until_it_is_back(painted):
    shown = open_preview(Project.open(painted), "a")
    path = painted.parent / "plates" / "a.mov"
    frame = shown.frames.start
    shown.plate(frame, 960)
    shown.close()
    away = path.rename(path.with_suffix(".away"))

    with pytest.raises(MediaError, match="a.mov"):
        shown.plate(frame + 20, 960)
    assert shown.plate(frame, 960) is not None  # held
    away.rename(path)
    assert shown.plate(frame + 20, 960).shape == (72, 128, 3)


def test_a_plate_holds_no_more_bytes_than_it_may(project):
    shot = project.reel.shot("a")
    frames = PlateFrames(shot.plate, most_bytes=5 * 128 * 72 * 6)
    every = range(shot.render.start, shot.render.stop)
    first = [np.array(frames.at(n, 128).rgb) for n in every]

    assert frames._bytes <= 5 * 128 * 72 * 6
    for n in (20, 19, 3, 18, 0, 30):  # back, forth, and what is held no more
        np.testing.assert_array_equal(frames.at(every[n], 128).rgb, first[n])


def test_a_shot_that_is_not_there_is_named(project):
    with pytest.raises(EngineError, match="no shot is called 'z'"):
        open_preview(project, "z")
