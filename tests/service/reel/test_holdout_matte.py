"""An artist's holdout matte is obeyed, checked, and part of what makes a render stale."""

import shutil

import av
import cv2
import numpy as np
import pytest

from dubsync.core.errors import SettingsError
from dubsync.service.project import Project
from dubsync.service.render.provenance import read_record
from dubsync.service.settings.project_file import read_project_file
from tests.service.test_bad_input import RATE


def matte_movie(path, white, *, size=(128, 72)):
    """A movie of len(white) frames, each wholly white or black."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for n, value in enumerate(white):
            picture = np.full((size[1], size[0], 3), 255 * value, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = n, 1 / RATE
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def with_matte(reel, line, shot="a"):
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text() + f"\n[shots.{shot}]\nholdout = {line}\n")


def synced(reel, name="a"):
    return next(result for result in Project.open(reel).sync([name]) if result.name == name)


HIDDEN = [20 <= n < 30 for n in range(60)]


@pytest.mark.parametrize("stills", [False, True])
def test_frames_that_the_matte_hides_keep_the_plate_and_are_said(reel, stills):
    plates = reel.parent / "plates"
    if stills:
        for n, white in enumerate(HIDDEN):
            cv2.imwrite(
                str(plates / f"m.{n:04d}.png"), np.full((72, 128, 3), 255 * white, np.uint8)
            )
    else:
        matte_movie(plates / "m.mov", HIDDEN)
    with_matte(reel, '"m.%04d.png"' if stills else '"m.mov"')

    result = synced(reel)

    first = 24 * 3600 + 20
    assert result.status == "done", result.reason
    (warning,) = [w for w in result.warnings if "covered" in w.message]
    assert f"10 dubbed frames ({first}..{first + 9})" in warning.message
    kept = [s for s in result.rendered.mouths["ELISE"] if s.source == "plate"]
    assert [(s.first, s.last, s.reason) for s in kept] == [
        (first, first + 9, "its mouth is covered")
    ]


@pytest.mark.parametrize("stills", [False, True])
def test_a_matte_with_the_name_and_timecode_of_its_plate_is_not_taken_for_the_plate(reel, stills):
    mattes = reel.parent / "plates" / "mattes"
    mattes.mkdir()
    if stills:
        for n in range(60):
            cv2.imwrite(str(mattes / f"a.{24 * 3600 + n}.png"), np.zeros((72, 128, 3), np.uint8))
    else:
        shutil.copy(reel.parent / "plates" / "a.mov", mattes / "a.mov")
    assert (
        any("equally well" in w.message for w in Project.open(reel).turnover().warnings) != stills
    )

    with_matte(reel, '"mattes/a.86400.png"' if stills else '"mattes/a.mov"')

    project = Project.open(reel)
    assert [shot.name for shot in project.turnover().shots] == ["a", "b"]
    assert not any("equally well" in w.message for w in project.turnover().warnings)


def test_another_matte_makes_the_render_stale(reel):
    path = reel.parent / "plates" / "m.mov"
    matte_movie(path, HIDDEN)
    with_matte(reel, '"m.mov"')
    assert synced(reel).status == "done" and synced(reel).status == "unchanged"

    matte_movie(path, [not white for white in HIDDEN])

    assert synced(reel).status == "done"
    record = read_record(Project.open(reel).store.latest("renders", "a"))
    assert {"holdout matte"} == {one["role"] for one in record["inputs"] if "m.mov" in one["name"]}


@pytest.mark.parametrize(
    ("frames", "size", "says"),
    [
        (59, (128, 72), "59 frames; it needs 60"),
        (60, (64, 72), "64 x 72, but the plate is 128 x 72"),
    ],
)
def test_a_matte_of_another_size_or_length_stops_the_shot_with_the_reason(reel, frames, size, says):
    matte_movie(reel.parent / "plates" / "m.mov", HIDDEN[:frames], size=size)
    with_matte(reel, '"m.mov"')
    result = synced(reel)
    assert result.status == "failed" and says in result.reason and "m.mov" in result.reason
    assert "render the matte" in result.hint
    assert synced(reel, "b").status == "done"


def test_a_missing_matte_is_named(reel):
    with_matte(reel, '"m.mov"')
    result = synced(reel)
    assert result.status == "failed" and "m.mov of a does not exist" in result.reason


def test_a_matte_for_an_unknown_shot_is_named_with_the_known_ones(reel):
    matte_movie(reel.parent / "plates" / "m.mov", HIDDEN)
    with_matte(reel, '"m.mov"', shot="SH999")
    result = synced(reel)
    assert result.status == "failed" and "[shots.SH999]" in result.reason and "a, b" in result.hint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[shots.a]\nholdout = "/etc/hostname"\n', "outside the media folders"),
        ('[shots.a]\nholdout = "../../m.mov"\n', "outside the media folders"),
        ("[shots.a]\nholdout = 3\n", "must be a path"),
        ('[shots.a]\nmatte = "m.mov"\n', "unknown key 'matte'"),
        ('[shots]\na = "m.mov"\n', "a table for each shot"),
    ],
)
def test_each_mistake_in_shots_is_named(reel, text, says):
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text() + "\n" + text)
    with pytest.raises(SettingsError, match=says):
        read_project_file(reel)
