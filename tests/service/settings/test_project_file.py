"""dubsync.toml: written and read back; each mistake is named."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.settings import Settings
from dubsync.editorial.turnover.other_rate import Answers
from dubsync.service.settings.project_file import (
    Dubbing,
    ProjectFile,
    Role,
    checked_character,
    checked_language,
    read_project_file,
)
from dubsync.service.settings.project_text import points_text, project_text
from dubsync.service.settings.shot_tables import parse_points

SOUND = "[project]\nname='x'\nlanguage='fr'\ncut='c'\n[characters.E]\nperformer='e'\ndub='e.wav'\n"
words = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="/\0"), min_size=1, max_size=40
).filter(lambda s: s not in (".", ".."))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=words, performer=words, file=words)
def test_any_name_survives_writing_and_reading(tmp_path, name, performer, file):
    folder = tmp_path.resolve()
    project = ProjectFile(
        folder=folder, name=name, language="fr-FR", cut=folder / file,
        media=(folder / "plates",), takes=(Path("/far/away/takes"),),
        roles=(Role("ELISE", performer, folder / "dub" / "e.wav", "01:00:00:00",
                    voice_actor=performer),),
        rate=Fraction(24000, 1001), settings=Settings(handles=12), timeline=name,
        dub_cut=folder / "old" / file, dub_timeline=name,
        pauses={"ELISE": "shut", "ANNA": "actor"},
        plays=Answers("real time", {name: "frame for frame"}),
        further=(
            Dubbing("de-DE", (Role("ANNA", performer, folder / "dub" / file, "01:00:00:00",
                                   folder / file, name),),
                    (folder / "takes" / "de",), {"Speaker 1": "ANNA"}, ("ELISE",)),
        ),
    )  # fmt: skip
    (folder / "dubsync.toml").write_text(project_text(project), encoding="utf-8")
    assert read_project_file(folder) == project


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[project", "not valid TOML"),
        ("[project]\nname='x'\n", "language"),
        ("[projekt]\n", "projekt"),
        ("[project]\nname='x'\nlanguage='french'\ncut='c'\n[characters]", "french"),
        ("[project]\nname='x'\nlanguage='fr'\ncut='c'\nhandle=3\n[characters]", "handle"),
        ("[project]\nname='x'\nlanguage='fr'\ncut='c'\nrate='23.5'\n[characters]", "23.5"),
        ("[project]\nname='x'\nlanguage='fr'\ncut='c'\ndub_timeline='t'\n", "no dub_cut"),
        ("[project]\nname='x'\nlanguage='fr'\ncut='c'\n[characters.E]\nperformer='e'\n", "dub"),
        (SOUND + "pauses='open'\n", "pauses = 'open'"),
        (SOUND + "[languages]\nde='e.wav'\n", "a table for each"),
        (SOUND + "[languages.fr.dub]\nE='f.wav'\n", "already"),
        (SOUND + "[languages.FR.dub]\nE='f.wav'\n", "already"),
        (SOUND + "[languages.german.dub]\nE='f.wav'\n", "german"),
        (SOUND + "[languages.de]\n", "any dub"),
        (SOUND + "[languages.de]\nstems='x'\n", "stems"),
        (SOUND + "[languages.de.dub]\nF='f.wav'\n", "unknown character 'F'"),
        (SOUND + "[languages.de.dub]\nE=3\n", "CHARACTER ="),
        (SOUND + "[languages.de]\ndub.E=''\nstart.E='01:00:00:00'\n", "E's dub"),
        (SOUND + "[languages.de]\ndub.E='f.wav'\nvoices.'Speaker 1'='X'\n", "'X'"),
        (SOUND + "[voices]\n'Speeker 1'='E'\n", "'Speeker 1' is not the name of a voice"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_a_hint(tmp_path, text, named):
    (tmp_path / "dubsync.toml").write_text(text)
    with pytest.raises(DubsyncError, match=named) as refused:
        read_project_file(tmp_path)
    assert refused.value.hint


def test_a_folder_without_a_project_says_how_to_make_one(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read_project_file(tmp_path)
    assert "dubsync new" in caught.value.hint


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".", "x" * 65, "a\nb", " A"])
def test_a_character_name_that_is_unsafe_in_file_names_is_refused(name):
    with pytest.raises(SettingsError):
        checked_character(name)


@pytest.mark.parametrize("name", ["ELISE", "MARC JR.", "Élise", "老王"])
def test_characters_may_have_any_letters(name):
    assert checked_character(name) == name


def test_an_unknown_character_is_refused_with_the_known_ones(tmp_path):
    (tmp_path / "dubsync.toml").write_text(SOUND)

    with pytest.raises(SettingsError, match="'NOBODY'") as refused:
        read_project_file(tmp_path).performer("NOBODY")

    assert refused.value.hint == "its characters: E"


@pytest.mark.parametrize("tag", ["fr-FR", "de", "zh-Hant-TW", "es-419"])
def test_language_tags_of_bcp47_are_accepted(tag):
    assert checked_language(tag) == tag


def test_face_points_are_read_back():
    import tomllib

    points = {
        "SH 010": {"ELISE": ((12.5, 40.0),)},
        "SH020": {"É": ((1.0, 2.0, 86412.0), (3.0, 4.0))},
    }
    assert parse_points(tomllib.loads(points_text(points))) == points
    with pytest.raises(SettingsError):
        parse_points({"SH": {"E": [1]}})


def test_in_language_gives_one_language_alone(tmp_path):
    (tmp_path / "dubsync.toml").write_text(
        SOUND + "[languages.de]\ntakes='t/de'\ndub.E='d.wav'\nstart.E='02:00:00:00'\n"
    )
    project = read_project_file(tmp_path)
    assert project.languages == ("fr", "de")
    french, german = (project.in_language(tag) for tag in project.languages)
    assert (german.language, german.takes) == ("de", (tmp_path.resolve() / "t/de",))
    assert [(r.performer, r.dub.name, r.start) for r in german.roles] == [
        ("e", "d.wav", "02:00:00:00")
    ]  # fmt: skip
    assert (french.roles[0].dub.name, french.takes, french.languages) == ("e.wav", (), ("fr",))


def test_a_character_dubbed_only_in_another_language_is_missing_unless_declared(tmp_path):
    anna = "[characters.ANNA]\nperformer='a'\n[languages.de.dub]\nANNA='a.wav'\n"
    (tmp_path / "dubsync.toml").write_text(SOUND + anna)
    project = read_project_file(tmp_path)
    assert (project.missing_dubs("fr"), project.missing_dubs("de")) == (("ANNA",), ("E",))
    assert project.performers == {"E": "e", "ANNA": "a"}
    declared = SOUND + anna.replace("'a'", "'a'\ndub=''") + "E=''\n"
    (tmp_path / "dubsync.toml").write_text(declared)
    project = read_project_file(tmp_path)
    assert (project.missing_dubs("fr"), project.missing_dubs("de")) == ((), ())


@pytest.mark.parametrize("table", ["[project]", "[shots.SH010]"])
def test_another_way_to_play_is_named(tmp_path, table):
    text = SOUND + "[shots.SH010]\nplays='slow'\n"
    if table == "[project]":
        text = SOUND.replace("cut='c'", "cut='c'\nplays='slow'")
    (tmp_path / "dubsync.toml").write_text(text)
    with pytest.raises(SettingsError, match="plays = 'slow'") as refused:
        read_project_file(tmp_path)
    assert table in str(refused.value) and "real time, frame for frame" in refused.value.hint
