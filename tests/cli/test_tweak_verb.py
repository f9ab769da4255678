"""`dubsync tweak` prints the current settings as text and as JSON."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_a_tweak_is_set_shown_and_undone(reel):
    answer = json.loads(dubsync("tweak", reel, "a", "--set", "jaw=1.2@+3..+9", "--json").stdout)
    assert answer["schema"] == "dubsync.tweak/1"
    assert answer["characters"] == {
        "ELISE": {"jaw": {"value": 1.0, "keys": [], "spans": [[86413, 86419, 1.2]]}}
    }
    assert answer["frames"]["first"] <= 86413 and answer["can_undo"] and not answer["can_redo"]
    shown = dubsync("tweak", reel, "a", "--show").stdout
    row = next(line for line in shown.splitlines() if line.startswith("ELISE"))
    assert row.split() == ["ELISE", "jaw", "1.2", "86413..86419", "01:00:00:03..01:00:00:09"]
    assert "protrusion" in shown
    assert "No tweaks." in dubsync("tweak", reel, "a", "--undo").stdout
    assert json.loads(dubsync("tweak", reel, "a", "--json").stdout)["can_redo"]


def test_an_error_names_the_frames_of_the_shot(reel):
    ran = dubsync("tweak", reel, "a", "--set", "jaw=1.2@1012..1040")
    assert ran.exit_code == 1
    assert "frame 1012" in ran.output and "a has plate frames 864" in ran.output
    assert not (reel / "tweaks/a/v001.json").exists()
    assert dubsync("tweak", reel, "a", "--undo", "--set", "jaw=1").exit_code == 2
