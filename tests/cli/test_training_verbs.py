"""Output of `train`, `sync --renderer` and `run` on a reel with a stub engine."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_train_prints_the_scores_and_the_chosen_renderer(reel, engine):
    ran = dubsync("train", reel, "ELISE", "--minutes", "2", "--size", "192")
    assert ran.exit_code == 0, ran.output
    assert [call for call in engine.ASKED if call[0] == "train"] == [("train", "ELISE", 2, 192)]
    warp, actor = (line.split() for line in ran.stdout.splitlines()[2:4])
    assert warp == ["ELISE", "40", "120.0", "warp", "0.0080", "30.00", "0.90"]
    assert actor == ["actor", "0.0060", "31.00", "0.95", "used"]


def test_a_number_of_steps_needs_no_time_limit(reel, engine):
    settings = reel / "dubsync.toml"
    lines = settings.read_text().replace("train_minutes", "# train_minutes").splitlines()
    lines.insert(lines.index("[engine]") + 1, "train_minutes = 0")
    settings.write_text("\n".join(lines))
    refused = dubsync("train", reel, "ELISE")
    assert refused.exit_code == 1 and "--steps" in refused.output
    assert dubsync("train", reel, "ELISE", "--steps", "3").exit_code == 0


def test_train_prints_the_same_as_json_with_every_plate(reel):
    answer = json.loads(dubsync("train", reel, "ELISE", "--minutes", "1", "--json").stdout)
    assert answer["schema"] == "dubsync.train/1"
    (elise,) = answer["characters"]
    assert (elise["status"], elise["frames"], elise["seconds"]) == ("done", 40, 60)
    assert elise["held_out"]["mean"]["actor"]["perceptual"] == 0.006
    assert elise["held_out"]["plates"]["a.mov"]["warp"]["frames"] == 24
    assert elise["renderer"] == "actor"
    assert "on 24 held-out frames of 1 plate" in elise["reason"]
    assert elise["strip"] is None


def test_one_failed_training_is_exit_code_1_and_the_others_continue(reel, engine):
    engine.FAILS.add("ELISE")
    ran = dubsync("train", reel, "--minutes", "1", "--json")
    assert ran.exit_code == 1
    states = {row["character"]: row["status"] for row in json.loads(ran.stdout)["characters"]}
    assert states == {"ELISE": "failed", "MARC": "done"}
    assert "too few" in dubsync("train", reel, "ELISE", "--minutes", "1").output


def test_the_renderer_set_for_shots_persists(reel):
    shots = json.loads(dubsync("sync", reel, "a", "--renderer", "warp", "--json").stdout)["shots"]
    assert shots[0]["renderers"] == {"ELISE": {"renderer": "warp", "reason": "set by the user"}}
    again = json.loads(dubsync("sync", reel, "a", "--json").stdout)["shots"]
    assert again[0]["status"] == "unchanged"
    assert again[0]["renderers"]["ELISE"]["reason"] == "set by the user"
    plate = json.loads(dubsync("sync", reel, "a", "--renderer", "plate", "--json").stdout)["shots"]
    assert (plate[0]["status"], plate[0]["renderers"]) == ("skipped", {})


def test_a_renderer_without_shots_points_to_the_setting(reel):
    refused = dubsync("sync", reel, "--renderer", "warp")
    assert refused.exit_code == 2
    assert "engine.renderer" in refused.output


def test_requesting_a_stale_actor_fails_with_a_hint(reel, engine):
    dubsync("train", reel, "ELISE", "--minutes", "1")
    engine.VERSION[0] = "drawn-2"
    shots = json.loads(dubsync("sync", reel, "a", "--renderer", "actor", "--json").stdout)["shots"]
    assert shots[0]["status"] == "failed"
    assert "stale" in shots[0]["reason"]
    assert shots[0]["hint"] == "dubsync train REEL ELISE"
