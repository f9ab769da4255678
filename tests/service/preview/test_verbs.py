"""`dubsync preview` and `dubsync curves` show a shot before it is rendered, and save nothing."""

import json

import cv2
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.service.preview.previewed_shot import open_preview
from dubsync.service.project import Project
from tests.service.preview.painting_engine import MOUTH


def said(*words):
    done = CliRunner().invoke(main, [*map(str, words), "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_a_frame_is_drawn_with_a_tweak_that_is_not_saved(painted, tmp_path):
    out = tmp_path / "frame.png"
    code, answer = said("preview", painted, "a", "--at", "+6", "--set", "jaw=0.5", "-o", out)

    shown = open_preview(Project.open(painted), "a")
    assert (code, answer["schema"], answer["shot"]) == (0, "dubsync.preview/1", "a")
    assert answer["frame"] == shown.shot.source.start + 6
    assert (answer["width"], answer["height"], answer["renderer"]) == (128, 72, "warp")
    assert tuple(answer["matte"]) == MOUTH and list(answer["faces"]) == ["ELISE"]
    drawn = cv2.imread(str(out))
    saved = shown.picture(answer["frame"], width=960).image[..., ::-1]
    assert drawn.shape == saved.shape and (drawn != saved).any()
    assert not (painted / "tweaks").exists() and not (painted / "renders").exists()


def test_curves_are_listed_and_told_in_full_as_json(painted):
    code, answer = said("curves", painted, "a")
    text = CliRunner().invoke(main, ["curves", str(painted), "a"]).stdout

    assert (code, answer["schema"], list(answer["characters"])) == (
        0,
        "dubsync.curves/1",
        ["ELISE"],
    )
    first, last = answer["frames"]["first"], answer["frames"]["last"]
    assert len(answer["characters"]["ELISE"]["opening"]["plate"]) == last - first + 1
    assert "ELISE" in text and f"{first}..{last}" in text and "sound" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--at", "3"), "frame 3"),
        (("--at", "+2..+5"), "more than one frame"),
        (("--set", "jaw=hello"), "not a number"),
        (("--set", "jaw=1", "--character", "MARC"), "not dubbed in a"),
    ],
)
def test_what_cannot_be_shown_is_said_and_nothing_is_written(painted, tmp_path, words, message):
    out = tmp_path / "frame.png"
    code, answer = said("preview", painted, "a", "-o", out, *words)

    assert code == 1 and message in answer["error"] and not out.exists()
