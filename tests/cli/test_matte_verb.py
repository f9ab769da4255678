"""`dubsync matte` and `dubsync landmarks` set, list and undo, as text and as JSON."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main

CUT = "collar=+5:10,10;40,10;40,30"


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_a_cut_out_is_set_listed_and_undone(reel):
    answer = json.loads(
        dubsync("matte", reel, "a", "--feather", "3", "--cut", CUT, "--json").stdout
    )
    assert answer["schema"] == "dubsync.matte/1"
    assert answer["characters"]["ELISE"] == {
        "matte_feather": 3.0,
        "cut_outs": [{"name": "collar", "keys": [[86415, [[10, 10], [40, 10], [40, 30]]]]}],
    }
    listed = dubsync("matte", reel, "a").stdout
    assert "cut-out collar" in listed and "3 points, soft 4 px" in listed and "86415" in listed
    assert "cut-out collar" in dubsync("tweak", reel, "a").stdout
    dubsync("tweak", reel, "a", "--undo")
    assert "The matte is as usual" in dubsync("matte", reel, "a").stdout


def test_a_landmark_is_set_listed_and_cleared(reel):
    answer = json.loads(dubsync("landmarks", reel, "a", "--set", "+5:61=60,40", "--json").stdout)
    assert answer["characters"] == {
        "ELISE": [{"frame": 86415, "index": 61, "x": 60, "y": 40, "reach": 18}]
    }
    assert "86415" in dubsync("landmarks", reel, "a").stdout
    assert "as tracked" in dubsync("landmarks", reel, "a", "--clear", "all").stdout


def test_what_is_refused_says_why_and_what_to_try(reel):
    ran = dubsync("matte", reel, "a", "--cut", "collar=+5:10,10;40,10")
    assert ran.exit_code == 1 and "2 points" in ran.output and "Try:" in ran.output
    assert dubsync("matte", reel, "a", "--from", "m.mov", "--from-none").exit_code == 2
