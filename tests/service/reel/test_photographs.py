"""Photographs that a project names are further frames of a performer's whole head."""

from fractions import Fraction
from types import SimpleNamespace

import pytest
from PIL import Image

from dubsync.core.errors import MissingMedia, NoFace, SettingsError
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.reel.heads.photographs import photograph_footage
from dubsync.service.settings.photo_setting import parse_photos, photograph_files
from tests.service.faces.test_cast import face

ONE = FrameRange(0, 1, Fraction(25))


@pytest.fixture
def folder(tmp_path):
    """A folder of two photographs and something else."""
    for n, name in enumerate(("b.png", "a.jpg")):
        Image.new("RGB", (40, 30), (200 - n, 120, 90)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    return tmp_path


def seen(*people):
    """An engine that sees these people in every photograph."""
    faces = tuple(face(n, who, frames=ONE) for n, who in enumerate(people, 1))
    return SimpleNamespace(track=lambda frames, span, **more: faces)


def test_a_folder_is_its_photographs_by_name_and_nothing_else(folder):
    assert [path.name for path in photograph_files([folder])] == ["a.jpg", "b.png"]
    assert [path.name for path in photograph_files([folder / "b.png"])] == ["b.png"]


def test_a_folder_that_is_not_there_or_empty_is_told(folder):
    (folder / "none").mkdir()
    for gone, why in (("gone", "does not exist"), ("none", "holds no photograph")):
        with pytest.raises(MissingMedia, match=why):
            photograph_files([folder / gone])


def test_each_photograph_is_footage_of_one_frame_in_the_pictures_own_colours(folder):
    footage = photograph_footage(
        photograph_files([folder]), [face(1, "ELISE")], seen("ELISE"), silent
    )
    assert [part.plate for part in footage] == ["photograph a.jpg", "photograph b.png"]
    (frame,) = footage[1].read([0])
    assert [int(plane[0, 0]) for plane in frame.planes] == [200, 120, 90]
    assert footage[0].track.frames == ONE


def test_of_several_faces_the_performers_is_taken(folder):
    (part, _) = photograph_footage(
        photograph_files([folder]), [face(1, "MARC")], seen("ELISE", "MARC"), silent
    )
    assert part.track.face == 2


def test_somebody_else_or_nobody_is_refused_by_the_photographs_name(folder):
    files = photograph_files([folder / "a.jpg"])
    with pytest.raises(SettingsError, match=r"a.jpg does not show the performer") as refused:
        photograph_footage(files, [face(1, "MARC")], seen("ELISE"), silent)
    assert "photos" in refused.value.hint
    with pytest.raises(NoFace, match=r"a.jpg shows no face"):
        photograph_footage(files, [face(1, "MARC")], seen(), silent)


def test_a_project_names_photographs_inside_its_own_folders_only(folder):
    media = folder / "media"
    named = parse_photos({"ELISE": {"photos": "stills"}}, folder, [media])
    assert named == {"ELISE": ((folder / "stills").resolve(),)}
    assert parse_photos({"ELISE": {}}, folder, [media]) == {}
    for bad in ("../other", [""]):
        with pytest.raises(SettingsError, match="photos"):
            parse_photos({"ELISE": {"photos": bad}}, folder, [media])
