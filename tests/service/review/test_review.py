"""A review shows the newest render, or the plate if there is none, and says which."""

import json
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import ConsentMissing, EngineError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.project import Project
from dubsync.service.review.shot import dub_over, record_span
from tests.service.tweaks.test_tweak_commands import a_shot


def test_a_rendered_shot_is_drawn_with_its_movie(synced_reel):
    reel = synced_reel
    said = json.loads(CliRunner().invoke(main, ["review", str(reel), "a", "--json"]).stdout)
    assert said["schema"] == "dubsync.review/1"
    assert (said["render"], said["stale"], list(said["strips"])) == (1, False, ["ELISE"])
    assert said["strips"]["ELISE"].endswith("reports/review/a/v001/a_v001_ELISE.png")
    assert cv2.imread(said["strips"]["ELISE"]).shape[1] > 800
    with av.open(said["movie"]) as movie:
        frames = movie.streams.video[0].frames
        assert movie.streams.audio
    shot = Project.open(reel).reel.shot("a")
    assert frames == len(shot.render)


def test_before_any_render_the_plate_is_shown_and_nothing_is_rendered(reel):
    made = Project.open(reel).review("b", plate_beside=True)
    assert made.render is None and not made.stale
    assert not (reel / "renders").exists()
    assert cv2.imread(made.strips["MARC"]) is not None


def test_a_render_older_than_its_tweak_is_stale_and_versions_are_kept(synced_reel):
    reel = synced_reel
    Project.open(reel).review("a")
    Project.open(reel).tweak("a", ["intensity=0.5"])
    made = Project.open(reel).review("a", plate_beside=True)
    assert made.stale and made.version == 2
    with av.open(made.movie) as movie:
        frame = next(movie.decode(video=0))
    assert frame.width >= 2 * 60


def test_a_shot_without_consent_or_left_to_the_plate_is_refused(reel):
    Project.open(reel).draw_with("b", "plate")
    with pytest.raises(EngineError, match="no mouth is moved in b"):
        Project.open(reel).review("b")
    (reel / "consent/elise-m.toml").unlink()
    with pytest.raises(ConsentMissing):
        Project.open(reel).review("a")
    assert not (reel / "reports").exists()


@pytest.mark.parametrize("speed", [1, Fraction(1, 2), -1])
def test_the_movie_lasts_as_long_as_the_programme_shows_the_frames(speed):
    shot = a_shot(speed)
    assert record_span(shot, shot.source) == shot.record


def test_the_movie_shows_the_handles_too():
    shot = a_shot(1)
    assert record_span(shot, shot.render) == FrameRange(86392, 86508, Fraction(24))


def test_a_stem_that_two_characters_share_is_heard_once(reel):
    opened = Project.open(reel)
    opened.turnover()
    shot = opened.reel.shot("a")
    once = dub_over(opened.reel, shot, shot.render).samples

    stem = opened.reel.stems["ELISE"]
    two = replace(opened.reel, stems={"ELISE": stem, "MARC": replace(stem, character="MARC")})
    shared = dub_over(two, shot, shot.render).samples
    one = replace(opened.reel, stems={"ELISE": stem})

    assert len(once) and np.abs(shared).max() > 0
    np.testing.assert_array_equal(shared, dub_over(one, shot, shot.render).samples)
