"""What `train`, `sync --renderer` and `run` say, on a reel whose engine draws nothing."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_train_shows_how_each_renderer_did_and_which_will_be_used(reel, engine):
    ran = dubsync("train", reel, "ELISE", "--minutes", "2", "--size", "192")
    assert ran.exit_code == 0, ran.output
    assert [asked for asked in engine.ASKED if asked[0] == "train"] == [("train", "ELISE", 2, 192)]
    warp, actor = (line.split() for line in ran.stdout.splitlines()[2:4])
    assert warp == ["ELISE", "40", "120.0", "warp", "0.0080", "30.00", "0.90"]
    assert actor == ["actor", "0.0060", "31.00", "0.95", "used"]


def test_so_many_steps_need_no_minutes(reel, engine):
    settings = reel / "dubsync.toml"
    lines = settings.read_text().replace("train_minutes", "# train_minutes").splitlines()
    lines.insert(lines.index("[engine]") + 1, "train_minutes = 0")
    settings.write_text("\n".join(lines))
    refused = dubsync("train", reel, "ELISE")
    assert refused.exit_code == 1 and "--steps" in refused.output
    assert dubsync("train", reel, "ELISE", "--steps", "3").exit_code == 0


def test_train_says_the_same_in_json_with_every_plate(reel):
    said = json.loads(dubsync("train", reel, "ELISE", "--minutes", "1", "--json").stdout)
    assert said["schema"] == "dubsync.train/1"
    (elise,) = said["characters"]
    assert (elise["status"], elise["frames"], elise["seconds"]) == ("done", 40, 60)
    assert elise["held_out"]["mean"]["actor"]["perceptual"] == 0.006
    assert elise["held_out"]["plates"]["a.mov"]["warp"]["frames"] == 24
    assert elise["renderer"] == "actor"
    assert "on 24 held-out frames of 1 plate" in elise["reason"]
    assert elise["strip"] is None


def test_one_that_cannot_be_trained_makes_exit_code_1_and_the_others_go_on(reel, engine):
    engine.FAILS.add("ELISE")
    ran = dubsync("train", reel, "--minutes", "1", "--json")
    assert ran.exit_code == 1
    states = {row["character"]: row["status"] for row in json.loads(ran.stdout)["characters"]}
    assert states == {"ELISE": "failed", "MARC": "done"}
    assert "too few" in dubsync("train", reel, "ELISE", "--minutes", "1").output


def test_a_renderer_is_asked_for_shots_and_stays(reel):
    shots = json.loads(dubsync("sync", reel, "a", "--renderer", "warp", "--json").stdout)["shots"]
    assert shots[0]["renderers"] == {"ELISE": {"renderer": "warp", "reason": "set by the user"}}
    again = json.loads(dubsync("sync", reel, "a", "--json").stdout)["shots"]
    assert again[0]["status"] == "unchanged"
    assert again[0]["renderers"]["ELISE"]["reason"] == "set by the user"
    plate = json.loads(dubsync("sync", reel, "a", "--renderer", "plate", "--json").stdout)["shots"]
    assert (plate[0]["status"], plate[0]["renderers"]) == ("skipped", {})


def test_a_renderer_without_shots_points_to_the_setting(reel):
    asked = dubsync("sync", reel, "--renderer", "warp")
    assert asked.exit_code == 2
    assert "engine.renderer" in asked.output


def test_a_stale_actor_that_is_asked_for_says_so(reel, engine):
    dubsync("train", reel, "ELISE", "--minutes", "1")
    engine.VERSION[0] = "drawn-2"
    shots = json.loads(dubsync("sync", reel, "a", "--renderer", "actor", "--json").stdout)["shots"]
    assert shots[0]["status"] == "failed"
    assert "stale" in shots[0]["reason"]
    assert shots[0]["hint"] == "dubsync train REEL ELISE"
