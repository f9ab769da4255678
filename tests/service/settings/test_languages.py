"""One reel, several languages: face tracks and actors are made once for all of them."""

import json
import shutil
from datetime import date

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import SettingsError
from dubsync.core.progress import silent
from dubsync.service.project import Project
from dubsync.service.qc import check_with_sync
from dubsync.service.render.sync import sync_shots
from dubsync.service.store.folder import Layout, NewVersion, Store
from dubsync.service.tweaks.commands import change_tweaks
from dubsync.service.tweaks.tweak_store import TweakStore
from dubsync.service.voices.voice_memory import forget, recall, remember
from tests.service.reel_making import add_language, consent, make_reel


def german_too(reel):
    """`reel` with German beside its French, consented in both."""
    add_language(reel, "de-DE", ELISE=(0.5, 1.3), MARC=(2.5, 3.3))
    allow(reel, "fr de")
    return reel


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A folder with that project, whose stems were heard in both languages."""
    folder = tmp_path_factory.mktemp("two")
    made = german_too(make_reel(folder, date.today()))
    for project in Project.open(made).into_each():
        project.turnover()
    return folder


@pytest.fixture(scope="module")
def drawn_in_french(heard, tmp_path_factory):
    """The same, of which only French was drawn."""
    folder = shutil.copytree(heard, tmp_path_factory.mktemp("drawn") / "two")
    synced(folder / "REEL", "fr")
    return folder


@pytest.fixture
def two(heard, tmp_path, engine):
    """A project of two languages that nobody drew."""
    return shutil.copytree(heard, tmp_path / "two") / "REEL"


@pytest.fixture
def french(drawn_in_french, tmp_path, engine):
    """A project of two languages that was drawn in French."""
    return shutil.copytree(drawn_in_french, tmp_path / "two") / "REEL"


def allow(reel, languages, *performers):
    for who in performers or ("elise-m", "marc-d"):
        consent(reel / "consent" / f"{who}.toml", who, date.today(), languages)


def into(folder, tag):
    return Project.open(folder).into(tag)


def synced(folder, tag, *names):
    return {result.name: result for result in into(folder, tag).sync(names)}


def steps(engine):
    return {asked[0] for asked in engine.ASKED}


def test_a_second_language_tracks_learns_and_trains_nothing_again(two, engine):
    into(two, "fr").train(minutes=1)
    synced(two, "fr")
    assert steps(engine) == {"track", "learn", "train", "prepare"}
    engine.ASKED.clear()
    german = synced(two, "de")
    assert into(two, "de").train(["ELISE"], minutes=1)  # only on request
    assert [r.status for r in german.values()] == ["done", "done"]
    assert [asked for asked in engine.ASKED if asked[0] != "train"] == [
        ("prepare", "ELISE", "actor", True), ("prepare", "MARC", "actor", True),
    ]  # fmt: skip


def test_a_run_of_two_languages_tracks_learns_and_trains_once(two, engine, monkeypatch):
    monkeypatch.setattr("dubsync.service.project.Project.check", lambda *_, **__: Report())
    monkeypatch.setattr(check_with_sync, "sync_and_check_shots", sync_shots)  # renders, not tracked
    for project in Project.open(two).into_each():
        project.run()
    asked = [asked[0] for asked in engine.ASKED]
    counts = {step: asked.count(step) for step in ("track", "learn", "train", "prepare")}
    assert counts == {"track": 2, "learn": 2, "train": 2, "prepare": 4}


def test_a_line_that_runs_into_another_shot_does_not_change_the_actors_footage(reel, engine):
    """The German ELISE still speaks over shot b, which shows MARC: she is learnt from a alone."""
    add_language(reel, "de-DE", ELISE=(0.5, 3.1), MARC=(2.5, 3.3))
    allow(reel, "fr de")
    french, german = (into(reel, tag).reel for tag in ("fr", "de"))
    keys = [one.look(silent).actors.actor_key("ELISE") for one in (french, german)]
    assert keys[0] == keys[1]
    synced(reel, "fr")
    engine.ASKED.clear()
    synced(reel, "de")
    assert steps(engine) == {"prepare"}


def test_a_character_dubbed_only_in_a_further_language_is_learnt_from_it(reel, engine):
    toml = reel / "dubsync.toml"
    add_language(reel, "de-DE", ELISE=(0.5, 1.3), MARC=(2.5, 3.3))
    text = toml.read_text()
    begin = text.index('[characters."MARC"]')
    dub = text[text.index("dub = ", begin) : text.index("\n", text.index("dub = ", begin))]
    toml.write_text(text.replace(dub, ""))
    allow(reel, "fr de")
    french = into(reel, "fr").turnover()
    assert [shot.name for shot in french.shots] == ["a"]
    assert "MARC has no dub in fr-FR" in " ".join(d.message for d in french.warnings)
    assert [r.status for r in synced(reel, "de").values()] == ["done", "done"]
    assert ("learn", "MARC", ["b.mov"]) in engine.ASKED
    toml.write_text(toml.read_text().replace('"marc-d"', '"marc-d"\ndub = ""'))
    assert "MARC" not in " ".join(d.message for d in into(reel, "fr").turnover().warnings)


def test_each_language_has_its_own_render_folder_and_file_names(french):
    german = synced(french, "de", "a")["a"].rendered
    kept = synced(french, "fr", "a")["a"].rendered
    assert kept.picture.endswith("renders/fr-FR/a/v001/a_fr-FR_v001.mkv")
    assert german.picture.endswith("renders/de-DE/a/v001/a_de-DE_v001.mkv")
    record = json.loads((french / "renders/de-DE/a/v001/a_de-DE_v001.record.json").read_text())
    assert record["language"] == "de-DE"
    assert [entry["name"] for entry in record["inputs"]] == ["a.mov", "ELISE_de-DE.wav"]


def test_renders_of_one_language_stay_valid_when_another_is_added(synced_reel):
    reel = synced_reel
    assert (reel / "renders/a/v001/a_v001.mkv").is_file()
    add_language(reel, "de-DE", ELISE=(0.5, 1.3), MARC=(2.5, 3.3))
    allow(reel, "fr de")
    french = synced(reel, "fr")
    assert [r.status for r in french.values()] == ["unchanged", "unchanged"]
    assert french["a"].rendered.picture.endswith("renders/a/v001/a_v001.mkv")
    assert synced(reel, "de")["a"].rendered.version == 1
    into(reel, "fr").draw_with("a", "warp")
    into(reel, "fr").tweak("a", ["jaw=1.2"])
    again = synced(reel, "fr")["a"].rendered
    assert again.picture.endswith("renders/fr-FR/a/v002/a_fr-FR_v002.mkv")


def test_renders_of_one_language_stay_valid_when_the_other_is_removed(french):
    toml = french / "dubsync.toml"
    toml.write_text(toml.read_text().split("[languages.de-DE")[0])
    assert [r.status for r in synced(french, "fr").values()] == ["unchanged", "unchanged"]


def test_a_language_never_reuses_anothers_render(synced_reel):
    """French renders of a one-language project must not pass for German ones."""
    reel = synced_reel
    toml = reel / "dubsync.toml"
    text = toml.read_text().replace('language = "fr-FR"', 'language = "de-DE"')
    toml.write_text(text)
    allow(reel, "fr de")
    german = synced(reel, "de", "a")["a"]
    assert (german.status, german.rendered.version) == ("done", 2)


def test_a_language_without_consent_blocks_only_itself(two):
    allow(two, "fr")
    german, french = synced(two, "de"), synced(two, "fr")
    assert {r.status for r in german.values()} == {"blocked"}
    assert "in de-DE" in german["a"].reason
    assert {r.status for r in french.values()} == {"done"}


def test_actors_learn_from_the_first_languages_shots_with_consent_for_the_second(two, engine):
    allow(two, "de")
    assert {r.status for r in synced(two, "fr").values()} == {"blocked"}
    assert not engine.ASKED
    assert {r.status for r in synced(two, "de").values()} == {"done"}
    allow(two, "fr de")
    engine.ASKED.clear()
    assert {r.status for r in synced(two, "fr").values()} == {"done"}
    assert steps(engine) == {"prepare"}


def test_training_uses_the_language_that_the_consent_covers(two, engine):
    allow(two, "de", "elise-m")
    trained = into(two, "fr").train(minutes=1)
    record = json.loads((trained["ELISE"].folder / "training.record.json").read_text())
    assert record["language"] == "de-DE"
    assert [asked[1] for asked in engine.ASKED if asked[0] == "train"] == ["MARC", "ELISE"]


def test_a_face_point_applies_to_every_language(two):
    project = into(two, "fr")
    project.point("a", "ELISE", [(1.0, 1.0)], silent)  # no face is there
    assert "no face at 1,1" in synced(two, "fr")["a"].reason
    assert "no face at 1,1" in synced(two, "de")["a"].reason


def test_tweaks_belong_to_one_language_unless_set_for_all(two):
    run = CliRunner().invoke
    run(main, ["tweak", str(two), "a", "--set", "jaw=1.2"])
    run(main, ["tweak", str(two), "a", "--set", "width=0.9", "--language", "all"])
    french, german = (into(two, tag).reel.tweaks["a"]["ELISE"] for tag in ("fr", "de"))
    assert [name for name, _ in french.curves] == ["jaw", "width"]
    assert [name for name, _ in german.curves] == ["width"]
    assert (two / "tweaks/de-DE/a/v001.json").is_file()


def test_tweaks_from_before_a_language_was_added_stay_the_first_languages(reel):
    into(reel, "fr").tweak("a", ["jaw=1.2"])
    add_language(reel, "de-DE", ELISE=(0.5, 1.3), MARC=(2.5, 3.3))
    assert into(reel, "de").reel.tweaks == {}
    assert "ELISE" in into(reel, "fr").reel.tweaks["a"]
    undone = into(reel, "fr").tweak("a", change="undo")
    assert undone.version.number == 2
    assert undone.version.tweaks == {}
    assert undone.version.path.endswith("tweaks/fr-FR/a/v002.json")


def test_a_shot_skipped_in_one_language_is_drawn_in_the_other(two):
    run = CliRunner().invoke
    run(main, ["sync", str(two), "a", "--renderer", "plate", "--language", "de"])
    assert (synced(two, "fr")["a"].status, synced(two, "de")["a"].status) == ("done", "skipped")
    run(main, ["sync", str(two), "a", "--renderer", "warp"])  # of every language, de-DE too
    assert synced(two, "de")["a"].status == "unchanged"


def test_json_lists_all_languages_and_repeats_the_first_at_the_top(two):
    allow(two, "fr")
    ran = CliRunner().invoke(main, ["sync", str(two), "--json"])
    result = json.loads(ran.stdout)
    assert [one["language"] for one in result["languages"]] == ["fr-FR", "de-DE"]
    assert result["shots"] == result["languages"][0]["shots"]
    assert {shot["status"] for shot in result["languages"][1]["shots"]} == {"blocked"}
    assert ran.exit_code == 1
    one = CliRunner().invoke(main, ["sync", str(two), "--json", "--language", "fr"])
    assert "languages" not in json.loads(one.stdout)
    assert one.exit_code == 0


def test_a_missing_dub_does_not_stop_the_other_language(two):
    (two.parent / "ELISE_de-DE.wav").unlink()
    ran = CliRunner().invoke(main, ["sync", str(two), "--json"])
    french, german = json.loads(ran.stdout)["languages"]
    assert {shot["status"] for shot in french["shots"]} == {"done"}
    assert german["kind"] == "MissingMedia"
    assert ran.exit_code == 1


def test_a_missing_dub_of_the_first_language_is_a_warning_in_the_other(french, engine):
    (french.parent / "e.wav").unlink()
    engine.ASKED.clear()
    assert {r.status for r in synced(french, "de").values()} == {"done"}
    assert steps(engine) == {"prepare"}  # the same shots: the same actors
    (warning,) = [d for d in into(french, "de").reel.turnover.warnings if d.about == "fr-FR"]
    assert "dub of ELISE was not found" in warning.message


def test_a_shot_dubbed_in_only_one_language_is_not_an_error(reel):
    add_language(reel, "de-DE", ELISE=(0.5, 1.3))
    allow(reel, "fr de")
    ran = CliRunner().invoke(main, ["sync", str(reel), "b", "--json"])
    french, german = json.loads(ran.stdout)["languages"]
    assert [shot["status"] for shot in french["shots"]] == ["done"]
    assert german["skipped"] == "no dubbed character in b for de-DE"
    assert ran.exit_code == 0
    nowhere = CliRunner().invoke(main, ["sync", str(reel), "c", "--json"])
    assert nowhere.exit_code == 1


def new(reel, *arguments):
    parts = reel.parent
    (parts / "takes").mkdir(exist_ok=True)
    (parts / "cues.csv").touch()
    cut = ["--cut", str(parts / "cut.edl"), "--media", str(parts / "plates")]
    filled = [text.format(parts) for text in arguments]
    return CliRunner().invoke(main, ["new", str(parts / "NEW"), *cut, *filled])


def test_a_project_of_two_languages_is_made_in_one_command(reel):
    ran = new(reel, "--dub", "fr-FR:ELISE={}/e.wav", "--dub", "de-DE:ELISE+MARC={}/m.wav",
              "--takes", "de-DE:{}/takes", "--script", "de-DE:{}/cues.csv")  # fmt: skip
    assert ran.exit_code == 0, ran.output
    project = Project.open(reel.parent / "NEW").whole
    assert project.languages == ("fr-FR", "de-DE")
    assert [role.character for role in project.in_language("fr-FR").roles] == ["ELISE"]
    german = project.in_language("de-DE")
    assert [role.dub.name for role in german.roles] == ["m.wav", "m.wav"]
    assert [folder.name for folder in german.takes] == ["takes"]
    assert german.script.path.name == "cues.csv"
    assert project.script is None
    form = (reel.parent / "NEW/consent/elise.toml.example").read_text()
    assert 'languages = ["fr-FR", "de-DE"]' in form
    assert 'languages = ["de-DE"]' in (reel.parent / "NEW/consent/marc.toml.example").read_text()


@pytest.mark.parametrize("more", [["--language", "fr-FR"], ["--takes", "fr-FR:{}/takes"]])
def test_the_language_named_first_is_the_projects_first(reel, more):
    ran = new(reel, *more, "--dub", "fr-FR:ELISE={}/e.wav", "--dub", "de-DE:ELISE={}/m.wav", *more)
    assert ran.exit_code == 0, ran.output
    assert Project.open(reel.parent / "NEW").whole.languages == ("fr-FR", "de-DE")


def test_a_language_without_a_dub_is_refused_by_name(reel):
    ran = new(reel, "--language", "fr-FR", "--dub", "de-DE:ELISE={}/m.wav")
    assert ran.exit_code == 2 and "--dub fr-FR:CHARACTER=STEM" in ran.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dub", "ELISE={}/e.wav"],
        ["--dub", "fr-FR:ELISE={}/e.wav", "--dub", "de-DE:ELISE={}/m.wav", "--takes", "{}/takes"],
        ["--language", "fr-FR", "--language", "de-DE", "--dub", "ELISE={}/e.wav"],
        [
            "--dub",
            "fr-FR:ELISE={}/e.wav",
            "--dub",
            "de-DE:ELISE={}/m.wav",
            "--script",
            "{}/cues.csv",
        ],
        ["--dub", "fr:ELISE={}/e.wav", "--script", "{}/cues.csv", "--script", "{}/cues.csv"],
    ],
)
def test_the_language_of_a_dub_is_never_guessed(reel, arguments):
    ran = new(reel, *arguments)
    assert ran.exit_code == 2
    assert not (reel.parent / "NEW").exists()


def test_a_new_project_of_one_language_names_its_script(reel):
    named = ["--language", "fr-FR", "--dub", "ELISE={}/e.wav", "--script"]
    gone = new(reel, *named, "{}/none.csv")
    assert gone.exit_code == 1 and "none.csv" in gone.output
    ran = new(reel, *named, "{}/cues.csv")
    assert ran.exit_code == 0, ran.output
    script = Project.open(reel.parent / "NEW").whole.script
    assert script is not None and script.path.resolve() == (reel.parent / "cues.csv").resolve()


@pytest.mark.parametrize(("name", "tag"), [("de", "de-DE"), ("DE-de", "de-DE"), ("fr", "fr-FR")])
def test_a_language_may_be_abbreviated(two, name, tag):
    assert into(two, name).language == tag


@pytest.mark.parametrize("name", ["it", "d", "", "de-AT"])
def test_an_unknown_language_is_refused_with_the_known_ones(two, name):
    with pytest.raises(SettingsError) as caught:
        into(two, name)
    assert caught.value.hint == "choose one of: fr-FR, de-DE"


def test_withdrawn_consent_names_the_renders_of_every_language(two):
    for tag in ("fr", "de"):
        synced(two, tag)
        into(two, tag).review("a")
    elise, _ = Project.open(two).consents()
    assert [(r.language, r.shot, r.version) for r in elise.renders] == [
        ("de-DE", "a", "v001"), ("fr-FR", "a", "v001"),
    ]  # fmt: skip
    assert sorted(str(p.relative_to(two)) for p in elise.reviews) == [
        "reports/de-DE/review/a/v001", "reports/fr-FR/review/a/v001",
    ]  # fmt: skip


def test_version_numbers_continue_when_a_second_language_is_added(tmp_path):
    alone = Store(tmp_path).laid_out(Layout("fr-FR"))
    with NewVersion(alone, "delivery") as first:
        (first.folder / "cut").write_text("x")
    french = alone.laid_out(Layout("fr-FR", several=True))
    with NewVersion(french, "delivery") as second:
        (second.folder / "cut").write_text("x")
    assert second.final == tmp_path / "delivery/fr-FR/v002"
    assert [p.name for p in french.versions("delivery")] == ["v002", "v001"]
    german = alone.laid_out(Layout("de-DE", several=True, first=False))
    assert german.versions("delivery") == ()


def test_a_tweak_store_without_a_language_reads_the_files_of_one_with_a_language(two):
    project = into(two, "fr")
    alone = TweakStore(two, Layout("fr-FR"))
    change_tweaks(alone, project.reel.shot("a"), False, settings=["jaw=1.2"])
    assert TweakStore(two).latest("a").tweaks == alone.latest("a").tweaks


def test_a_characters_voice_is_stored_for_each_language(tmp_path):
    one = Store(tmp_path).laid_out(Layout("fr-FR"))
    remember(one, {"ELISE": voice(0)})
    french = one.laid_out(Layout("fr-FR", several=True))
    german = one.laid_out(Layout("de-DE", several=True, first=False))
    assert recall(german) == {}
    remember(german, {"ELISE": voice(1)})
    remember(french, {"MARC": voice(2)})
    assert (recall(french)["ELISE"] == voice(0)).all()
    assert set(recall(french)) == {"ELISE", "MARC"}
    assert (recall(german)["ELISE"] == voice(1)).all()
    forget(french, ["ELISE"])
    assert (set(recall(french)), set(recall(german))) == ({"MARC"}, set())


def voice(n):
    import numpy as np

    return np.eye(4, dtype=np.float32)[n]


class Report:
    html = ""
