"""Presets and tweaks copied between shots, as a user types them."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def tweaks(reel, shot):
    return json.loads(dubsync("tweak", reel, shot, "--json").stdout)["characters"]


def test_a_preset_is_saved_listed_and_applied_to_another_character_in_one_step(reel):
    dubsync("tweak", reel, "a", "--set", "jaw=0.8", "--set", "width=1.2@+3..+9")
    assert dubsync("tweak", reel, "a", "--save-preset", "calm").exit_code == 0
    (listed,) = json.loads(dubsync("presets", reel, "--json").stdout)["presets"]
    assert (listed["name"], listed["shot"], listed["character"]) == ("calm", "a", "ELISE")
    said = dubsync("tweak", reel, "b", "--preset", "calm").stdout
    assert "b, MARC: jaw carried; left: width" in said and "--with-keys" in said
    assert tweaks(reel, "b") == {"MARC": {"jaw": 0.8}}
    dubsync("tweak", reel, "b", "--preset", "calm", "--with-keys")
    first = json.loads(dubsync("tweak", reel, "b", "--json").stdout)["cut"]["first"]
    assert tweaks(reel, "b")["MARC"]["width"]["spans"] == [[first + 3, first + 9, 1.2]]
    dubsync("tweak", reel, "b", "--undo")
    assert tweaks(reel, "b") == {"MARC": {"jaw": 0.8}}


def test_a_preset_saved_again_is_a_new_version_and_the_older_file_stays(reel):
    for jaw in ("0.8", "0.9"):
        dubsync("tweak", reel, "a", "--set", f"jaw={jaw}")
        dubsync("tweak", reel, "a", "--save-preset", "calm")
    names = sorted(p.name for p in (reel / "presets/calm").iterdir() if p.suffix == ".json")
    assert names == ["v001.json", "v002.json"]
    assert "jaw=0.9" in dubsync("presets", reel).stdout


def test_a_tweak_is_copied_from_the_character_of_another_shot(reel):
    dubsync("tweak", reel, "a", "--set", "jaw=0.8", "--set", "width=1.1")
    answer = json.loads(
        dubsync("tweak", reel, "b", "--copy-from", "a:ELISE", "--only", "jaw", "--json").stdout
    )
    assert answer["characters"] == {"MARC": {"jaw": 0.8}}
    (carried,) = answer["carried"]
    assert (carried["shot"], carried["character"], carried["controls"]) == ("b", "MARC", ["jaw"])


def test_several_shots_are_changed_alike_or_not_at_all(reel):
    assert dubsync("tweak", reel, "a", "b", "--set", "jaw=0.8").exit_code == 0
    assert tweaks(reel, "a") == {"ELISE": {"jaw": 0.8}} and tweaks(reel, "b")["MARC"]
    for refused in ("jaw=1.2@+3", "take:*=sound", "jaw=7"):
        assert dubsync("tweak", reel, "a", "b", "--set", "width=1.1", "--set", refused).exit_code
    assert tweaks(reel, "a") == {"ELISE": {"jaw": 0.8}}


def test_what_cannot_be_carried_is_refused_by_name(reel):
    assert "no preset 'calm'" in dubsync("tweak", reel, "a", "--preset", "calm").output
    assert "cannot be a preset's name" in dubsync("tweak", reel, "a", "--preset", "../x").output
    assert "b has no tweak to copy" in dubsync("tweak", reel, "a", "--copy-from", "b").output
    assert "no tweak to save" in dubsync("tweak", reel, "a", "--save-preset", "calm").output
    assert "nobody" in dubsync("tweak", reel, "a", "--copy-from", "b:nobody").output
    assert not (reel / "presets").exists()
