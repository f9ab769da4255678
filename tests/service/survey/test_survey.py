"""What lies around a cut is found, and nothing outside its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dubsync.core.errors import MissingMedia
from dubsync.service.survey.linked_plates import look_at_cut
from dubsync.service.survey.surroundings import survey

SAMPLE = Path(__file__).parents[3] / "sample_projects" / "two_hander"


def test_dubs_are_sorted_by_character_and_language(tmp_path):
    for name in ("ELISE_it.wav", "MARC_it.wav", "ELISE_fr-FR.wav", "NORA.wav"):
        (tmp_path / name).touch()
    dubs = survey(tmp_path).dubs
    assert set(dubs["it"]) == {"ELISE", "MARC"}
    assert set(dubs["fr-FR"]) == {"ELISE"}
    assert set(dubs[""]) == {"NORA"}


def test_takes_are_kept_apart_from_plates(tmp_path):
    for name in ("plates/A001.mov", "takes/MARC_L001_t01.mov"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    around = survey(tmp_path)
    assert [path.name for path in around.media] == ["plates"]
    assert [path.name for path in around.takes] == ["takes"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.mov").touch()
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.mov").symlink_to(outside / "secret.mov")
    (inside / "folder").symlink_to(outside)
    assert survey(inside).media == ()


def test_a_project_is_known_as_one():
    assert survey(SAMPLE).project


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(MissingMedia):
        survey(tmp_path / "gone.edl")


def test_a_cut_says_which_plate_is_missing(tmp_path):
    plates = tmp_path / "plates"
    shutil.copytree(SAMPLE / "plates", plates)
    (plates / "A003C001_251114_TWO.mov").unlink()
    look = look_at_cut(SAMPLE / "two_hander.edl", [plates])
    (missing,) = [wanted for wanted in look.plates if wanted.plate is None]
    assert "A003C001" in missing.name
    assert missing.warnings
    assert look.found == len(look.plates) - 1
