"""The folder of a clip as a project: what was rendered is up to date, and can be tweaked."""

import pytest

from dubsync.core.errors import SettingsError
from dubsync.service.clip import SPEAKER, sync_clip
from dubsync.service.project import Project
from tests.service.reel_making import stem
from tests.service.test_bad_input import movie
from tests.service.test_clip import clip  # noqa: F401


@pytest.fixture
def named(tmp_path, clip):  # noqa: F811
    """A clip's arguments, with a dub."""
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.0)
    return {"video": tmp_path / "a.mov", "dub": tmp_path / "dub.wav", "take": None, **clip}


def with_engine(folder, settings):
    toml = folder / "dubsync.toml"
    mine = f'[engine]\nengine = "{settings.engine.engine}"\n'
    toml.write_text(toml.read_text().replace("[engine]\n", mine))
    return Project.open(folder)


def test_a_clip_kept_as_a_project_is_up_to_date_and_a_tweak_makes_it_stale(tmp_path, named):
    made = sync_clip(**named, project=True)
    assert made.project == str(tmp_path / "out.dubsync")
    project = with_engine(tmp_path / "out.dubsync", named["settings"])
    assert [shot.state for shot in project.status().shots] == ["pending review"]
    project.tweak("a", ["jaw=1.2"])
    assert [shot.state for shot in project.status().shots] == ["stale"]
    assert project.sync()[0].status == "done"
    assert project.reel.shot("a").characters == (SPEAKER,)


def test_the_clip_project_needs_no_file_of_the_folder_its_video_lies_in(tmp_path, named):
    movie(tmp_path / "other.mov", start="01:00:00:00")
    sync_clip(**named, project=True)
    project = with_engine(tmp_path / "out.dubsync", named["settings"])
    assert project.file.media == (tmp_path / "out.dubsync" / "plates",)
    assert sorted(path.name for path in project.file.media[0].iterdir()) == ["a.mov"]


def test_a_clip_is_no_project_unless_asked(tmp_path, named):
    assert sync_clip(**named).project == ""
    assert not (tmp_path / "out.dubsync" / "dubsync.toml").exists()


def test_what_cannot_be_a_project_is_refused_before_anything_is_rendered(tmp_path, named):
    movie(tmp_path / "silent.mov", start="01:00:00:00")
    silent = {**named, "dub": None, "take": tmp_path / "silent.mov"}
    with pytest.raises(SettingsError, match="without sound and without a dub"):
        sync_clip(**silent, project=True)
    (tmp_path / "out.dubsync").mkdir(exist_ok=True)
    (tmp_path / "out.dubsync" / "dubsync.toml").write_text("")
    with pytest.raises(SettingsError, match="is a project already"):
        sync_clip(**named, project=True)
    assert not (tmp_path / "out.mov").exists()
