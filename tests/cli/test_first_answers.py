"""Answers before any work: help at once, usage errors, errors with a hint."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main

VERBS = ("new", "turnover", "train", "coverage", "sync", "check", "deliver", "run", "consent",
         "clip", "evaluate")  # fmt: skip


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_help_answers_in_under_half_a_second():
    def once():  # CPU seconds: other work on the machine does not count
        began = os.times()
        subprocess.run([sys.executable, "-m", "dubsync", "--help"], check=True, capture_output=True)
        ended = os.times()
        return (
            ended.children_user
            + ended.children_system
            - (began.children_user + began.children_system)
        )

    assert min(once() for _ in range(5)) < 0.5


def test_help_starts_without_torch_av_or_numpy():
    code = (
        "import sys; from dubsync.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "assert not {'torch', 'av', 'numpy', 'opentimelineio', 'librosa'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_a_json_option(verb):
    shown = dubsync(verb, "--help")
    assert shown.exit_code == 0
    assert "--json" in shown.output


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["sync"], ["clip", "x.mov"]])
def test_wrong_usage_is_exit_code_2(arguments):
    assert dubsync(*arguments).exit_code == 2


@pytest.mark.parametrize("verb", VERBS[1:-2])
def test_the_error_for_a_folder_without_project_names_dubsync_new(tmp_path, verb):
    refused = dubsync(verb, tmp_path, "--json")
    assert refused.exit_code == 1
    answer = json.loads(refused.stdout)
    assert answer["schema"] == "dubsync.error/1"
    assert "dubsync new" in answer["hint"]
    assert "not a dubsync project" in refused.stderr


@pytest.mark.parametrize("point", ["0", "-1", "1.5", "3,4,5", "x,y", "nan,4", "3,inf", "3,4@x"])
def test_an_invalid_point_is_wrong_usage(point):
    refused = dubsync("clip", "x.mov", "-o", "y.mov", "--face", point)
    assert refused.exit_code == 2 and "neither the number of a face" in refused.output


@pytest.mark.parametrize("more", [[], ["good.edl"]], ids=["alone", "of several"])
def test_control_characters_in_file_names_are_replaced(more):
    refused = dubsync("probe", "wipe\x1b[2J.edl", *more)
    assert refused.exit_code == 1
    assert "wipe\N{REPLACEMENT CHARACTER}[2J.edl" in refused.output and "\x1b" not in refused.output


def test_a_dub_without_a_character_is_wrong_usage(tmp_path):
    (tmp_path / "m").mkdir()
    refused = dubsync("new", tmp_path / "R", "--cut", "c.edl", "--media", tmp_path / "m",
                    "--dub", "stem.wav", "--language", "fr-FR")  # fmt: skip
    assert refused.exit_code == 2
    assert "CHARACTER=VALUE" in refused.output
