"""`dubsync new --for HOST` writes settings of edit media, each with a comment."""

from dataclasses import replace

import pytest

from dubsync.core.picture import PictureFormat
from dubsync.core.settings import HOST_NAMES, DeliverySettings, Settings
from dubsync.service.new_project import settings_for
from dubsync.service.settings.project_file import ProjectFile, Role, read_project_file
from dubsync.service.settings.project_text import project_text
from dubsync.service.settings.toml_fields import FILE_NAME


class _Plate:
    def __init__(self, **form):
        self.format = PictureFormat(64, 36, **form)


EIGHT = _Plate(model="yuv", bits=8, chroma=(1, 1))
DEEP = _Plate(model="rgb", bits=12)


def _file(folder, settings):
    dub = Role("ELISE", "elise-m", folder / "e.wav")
    return ProjectFile(folder, "R", "fr-FR", folder / "c.otio", (folder,), (dub,),
                       settings=settings)  # fmt: skip


@pytest.mark.parametrize("host", HOST_NAMES)
def test_settings_for_each_host_are_written_with_comments_and_read_back(tmp_path, host):
    settings = settings_for(host, Settings(), [EIGHT])
    text = project_text(_file(tmp_path, settings))
    section = text.split("[delivery]\n")[1].split("\n\n")[0].splitlines()
    assert all("    # " in line for line in section)
    (tmp_path / FILE_NAME).write_text(text)
    assert read_project_file(tmp_path).settings.delivery == settings.delivery
    assert settings.delivery.host == host


def test_deep_plates_get_a_codec_with_full_chroma():
    assert settings_for("avid", Settings(), [EIGHT]).delivery.edit == "dnxhr_hqx"
    assert settings_for("avid", Settings(), [EIGHT, DEEP]).delivery.edit == "dnxhr_444"


def test_without_a_host_the_file_shows_what_could_be_set_and_sets_nothing(tmp_path):
    (tmp_path / FILE_NAME).write_text(project_text(_file(tmp_path, Settings())))
    assert read_project_file(tmp_path).settings.delivery == DeliverySettings()
    shown = (tmp_path / FILE_NAME).read_text().replace("# host", "host").replace("# edit", "edit")
    (tmp_path / FILE_NAME).write_text(shown)
    wanted = replace(DeliverySettings(), host="avid", edit="prores422hq", edit_container="mov")
    assert read_project_file(tmp_path).settings.delivery == wanted
