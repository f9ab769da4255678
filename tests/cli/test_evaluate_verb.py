"""`dubsync evaluate` passes its options on and prints a table or one JSON object."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.service.evaluate import drive as driving_module
from dubsync.service.evaluate import evaluate as module

FIGURES = {
    "clip": "a.mov", "held_out": None, "frames": 100, "train_frames": 80, "test_frames": 20,
    "minutes": 5.0, "untrained": {"actor": "8 frames are too few"},
    "renderers": {
        "warp": {"psnr_matte_db": 30.1234, "seam": 0.98765, "identity_distance": None, "frames": 20}
    },
    "strip": "s.png", "frames_dir": "frames",
}  # fmt: skip


@pytest.fixture
def options(monkeypatch):
    options = {}

    def measure(clip, **given):
        options.update(given, clip=clip)
        return FIGURES

    monkeypatch.setattr(module, "evaluate", measure)
    return options


def evaluate(*arguments):
    return CliRunner().invoke(main, ["evaluate", "a.mov", *arguments])


def test_every_option_reaches_the_measurement(options):
    shown = evaluate(
        "--renderer", "actor", "--minutes", "2.5", "--size", "160", "--split", "0.5", "--baselines",
        "--held-out", "b.mov", "--frames", "8", "--consent", "c.toml", "-o", "there", "--json",
    )  # fmt: skip

    assert shown.exit_code == 0
    assert json.loads(shown.stdout) == FIGURES
    del options["progress"]
    assert options == {
        "clip": Path("a.mov"), "renderer": "actor", "minutes": 2.5, "size": 160, "split": 0.5,
        "baselines": True, "held_out": Path("b.mov"), "frames": 8, "out": Path("there"),
        "consent": Path("c.toml"),
    }  # fmt: skip


def test_the_defaults_measure_the_warp_for_five_minutes_training(options):
    evaluate()

    assert (options["renderer"], options["minutes"], options["baselines"]) == ("warp", 5.0, False)
    assert (options["frames"], options["held_out"]) == (0, None)
    assert options["out"] == Path("a_evaluate")


def test_the_table_has_a_row_per_measure_and_untrained_renderers(options):
    shown = evaluate().stdout

    assert "psnr_matte_db" in shown and "30.12" in shown and "0.9877" in shown
    assert "actor was not trained: 8 frames are too few" in shown
    assert "s.png" in shown


@pytest.mark.parametrize(
    "wrong", [("--renderer", "paint"), ("--minutes", "0"), ("--frames", "-1"), ("--size", "8")]
)
def test_wrong_options_are_wrong_usage(options, wrong):
    assert evaluate(*wrong).exit_code == 2


def test_driving_is_measured_only_on_request_and_listed_beside_the_renderers(options, monkeypatch):
    calls = []

    def driving(clip, **given):
        calls.append((clip, given["split"], given["held_out"]))
        return {"correlation_opening": 0.61, "closures_hit": None}

    monkeypatch.setattr(driving_module, "driving", driving)

    assert "drive" not in json.loads(evaluate("--json").stdout)
    shown = evaluate("--drive", "audio", "--split", "0.7", "--json")
    text = evaluate("--drive", "audio")

    result = {"correlation_opening": 0.61, "closures_hit": None}
    assert json.loads(shown.stdout) == FIGURES | {"drive": result}
    assert calls[0] == (Path("a.mov"), 0.7, None)
    assert "drive correlation opening: 0.61" in text.output
    assert "drive closures hit: -" in text.output
