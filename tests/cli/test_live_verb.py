"""dubsync live: what it refuses before anything is opened, and one whole run."""

import json
from datetime import date, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.digest import file_digest
from dubsync.service.consent.operations import LIVE, PORTRAIT
from dubsync.service.render.record_form import sealed
from tests.service.live.driver_movie import grey_movie

RECORD = """\
[consent]
id = "anna-001"
performer = "anna"
operations = [{operations}]
languages = ["*"]
basis = "consent"
statement = "may be driven live"
signatory = "Anna Example"
valid_from = {first}
valid_until = {last}
"""


@pytest.fixture
def consent(tmp_path):
    def write(operations=(PORTRAIT, LIVE), days=30):
        path = tmp_path / "anna.toml"
        today = date.today()
        allowed = json.dumps(operations)[1:-1]
        path.write_text(RECORD.format(operations=allowed, first=today - timedelta(40),
                                      last=today + timedelta(days)))  # fmt: skip
        return path

    return write


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "anna.png"
    cv2.imwrite(str(path), np.full((64, 64, 3), 128, np.uint8))
    return path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name WHO is driven"),
        (("{photo}", "--gaze", "camera"), "name WHO is driven"),
        (("{photo}", "--camera", "0", "--from", "{driver}"), "not both"),
        (("{photo}", "--to", "file"), "--to file needs -o OUT"),
        (("{photo}", "--to", "v4l2", "-o", "out.mov"), "--to file needs -o OUT"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments, words, photo, tmp_path):
    driver = grey_movie(tmp_path / "driver.mov", 3)
    given = [a.format(photo=photo, driver=driver) for a in arguments]
    result = dubsync("live", *given)
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (None, "no consent record"),
        (((PORTRAIT,), 30), "allows only"),
        (((LIVE, PORTRAIT), -1), "expired"),
    ],
)
def test_without_consent_to_live_nothing_is_shown(record, words, photo, consent, tmp_path):
    given = ("--consent", consent(*record)) if record else ()
    result = dubsync("live", photo, "--from", grey_movie(tmp_path / "d.mov", 3), *given, "-o",
                     tmp_path / "out.mov")  # fmt: skip
    assert result.exit_code == 1
    assert words in result.output
    assert not (tmp_path / "out.mov").exists()


def test_a_virtual_camera_that_is_not_there_is_told_before_anything_is_loaded(
    photo, consent, tmp_path
):
    result = dubsync("live", photo, "--from", grey_movie(tmp_path / "d.mov", 3), "--consent",
                     consent(), "--to", "v4l2", "--device", tmp_path / "video10")  # fmt: skip
    assert result.exit_code == 1
    assert "modprobe v4l2loopback" in result.output


def test_a_photograph_is_driven_into_a_marked_movie_with_a_record(shared, consent, tmp_path):
    out = tmp_path / "out.mov"
    result = dubsync(
        "live", shared / "portraits" / "woman_photo_512.jpg", "--from",
        shared / "takes" / "woman_lipsync_15s.mp4", "--consent", consent(), "-o", out, "--seconds",
        "1.5", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["schema"] == "dubsync.live/1" and answer["figures"]["shown"] >= 2
    with av.open(str(out)) as movie:
        assert movie.streams.video[0].height == 480 and movie.streams.audio
        assert movie.metadata["comment"].startswith("synthetic: a photograph driven live")
    record = json.loads(Path(answer["record"]).read_text())
    assert record["seal"] == sealed(record)["seal"]
    assert [given["id"] for given in record["consent"]] == ["anna-001"]
    assert record["output"]["sha256"] == file_digest(out)
    assert record["driver"]["movie"] == "woman_lipsync_15s.mp4"
    assert "Anna Example" not in json.dumps(record)  # papers stay in the house
