"""The movie of a reel plays the whole cut with the dub, and says of each shot what it shows."""

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.service.project import Project
from dubsync.service.reel_movie.movie import review_reel
from tests.service.reel_making import make_reel

DISSOLVE = """003  AX       V     C        01:00:02:00 01:00:02:00 01:00:03:14 01:00:03:14
003  AX       V     D    008 02:00:00:20 02:00:01:08 01:00:03:14 01:00:04:02
* FROM CLIP NAME: a.mov
* TO CLIP NAME: b.mov
004  AX       V     C        03:00:00:00 03:00:00:12 01:00:04:02 01:00:04:14
* FROM CLIP NAME: lost.mov
"""
#: Pictures from 0: a (0..38), a gap (38..48), b (48..86), and its dissolve, b again, a lost clip.
LENGTH = 4 * 24 + 14


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a reel whose shot a is rendered, and what `review --json` says of its movie."""
    folder = tmp_path_factory.mktemp("reel_movie")
    reel = make_reel(folder, date.today())
    with (folder / "cut.edl").open("a") as cut:
        cut.write(DISSOLVE)
    Project.open(reel).sync(["a"])
    said = CliRunner().invoke(
        main, ["review", str(reel), "--plate-beside", "--watermark", "NOT FOR AIR", "--json"]
    )
    assert said.exit_code == 0, said.output
    return reel, json.loads(said.stdout)


def chapters(said):
    return [(one["shot"], one["shows"]) for one in said["chapters"]]


def pictures(path, places):
    with av.open(path) as movie:
        frames = {n: f for n, f in enumerate(movie.decode(video=0)) if n in places}
    return {n: frame.to_ndarray(format="rgb24").astype(float) for n, frame in frames.items()}


def test_every_shot_is_in_it_as_its_render_its_plate_or_a_slate(made):
    _, said = made
    assert said["schema"] == "dubsync.reel_review/1"
    assert chapters(said) == [
        ("a", "render"), ("nothing on any track", "black"), ("b", "plate"), ("b_2", "plate"),
        ("lost", "slate"),
    ]  # fmt: skip
    assert said["chapters"][0]["state"].startswith("v001")
    assert said["frames"] == LENGTH


def test_its_chapters_and_the_whole_dub_are_read_by_another_program(made):
    _, said = made
    facts = subprocess.run(
        ["ffprobe", "-v", "error", "-show_chapters", "-show_streams", "-of", "json",
         said["movie"]], capture_output=True, check=True,
    )  # fmt: skip
    told = json.loads(facts.stdout)
    titles = [one["tags"]["title"] for one in told["chapters"]]
    assert [float(one["start_time"]) for one in told["chapters"]] == pytest.approx(
        [one["start"] / 24 for one in said["chapters"]], abs=1e-3
    )
    assert titles[0].startswith("001 a v001") and "lost offline" in titles[-1]
    with av.open(said["movie"]) as movie:
        sound = np.concatenate([f.to_ndarray()[0] for f in movie.decode(audio=0)])
    assert len(sound) / 48000 == pytest.approx(LENGTH / 24, abs=0.1)
    loud = [np.abs(sound[round(a * 48000) : round(b * 48000)]).max()
            for a, b in ((0.5, 1.1), (1.4, 2.2), (2.6, 3.1))]  # fmt: skip
    assert loud[0] > 0.02 and loud[1] < 0.01 and loud[2] > 0.02


def test_a_gap_is_black_and_a_dissolve_goes_from_one_shot_to_the_other(made):
    _, said = made
    seen = pictures(said["movie"], {42, 80, 86, 90, 93, 97})
    quiet = {n: float(picture[5:60, -150:-20].mean()) for n, picture in seen.items()}
    assert quiet[42] < 5
    assert abs(quiet[90] - (quiet[86] + quiet[93]) / 2) < 6
    assert min(quiet[86], quiet[93]) - 3 < quiet[90] < max(quiet[86], quiet[93]) + 3


def test_another_movie_is_another_version_and_the_first_stays(made):
    reel, said = made
    before = Path(said["movie"]).read_bytes()
    again = review_reel(Project.open(reel))
    assert again.version == said["version"] + 1
    assert Path(said["movie"]).read_bytes() == before
    with av.open(again.movie) as alone, av.open(said["movie"]) as beside:
        assert beside.streams.video[0].width == 2 * alone.streams.video[0].width


def test_a_render_without_consent_or_altered_is_not_shown(made, tmp_path):
    reel = shutil.copytree(made[0].parent, tmp_path / "copy") / made[0].name
    records = list((reel / "consent").glob("elise*.toml"))
    records[0].unlink()
    first = review_reel(Project.open(reel)).chapters[0]
    assert first.shows == "plate" and "consent" in first.state


def test_a_watermark_is_for_the_reel(made):
    said = CliRunner().invoke(main, ["review", str(made[0]), "a", "--watermark", "X"])
    assert said.exit_code == 2 and "leave SHOT out" in said.output
