"""Edit media as movies state where they are from, and hold what they say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.errors import Cancelled, DeliveryError, MediaError
from dubsync.core.progress import Step
from dubsync.media.edit import encoders
from dubsync.media.edit.movie_file import EditMovie
from dubsync.media.probe import probe_plate
from tests.media.edit.edit_synthesis import (
    DISPLAY,
    LIGHT,
    N_FRAMES,
    NTSC,
    edited,
    hdr_plate,
    ramp,
)
from tests.media.written_plates import write_plate

#: Codec and container, sample description or "", pixel format that FFmpeg decodes.
MOVIES = {
    ("prores422hq", "mov"): ("apch", "yuv422p10le"),
    ("prores4444", "mov"): ("ap4h", "yuv444p12le"),
    ("prores4444xq", "mov"): ("ap4x", "yuv444p12le"),
    ("dnxhr_hqx", "mov"): ("AVdh", "yuv422p10le"),
    ("dnxhr_444", "mov"): ("AVdh", "gbrp10le"),
    ("dnxhr_hqx", "mxf"): ("", "yuv422p10le"),
    ("dnxhr_444", "mxf_opatom"): ("", "gbrp10le"),
    ("h264", "mov"): ("avc1", "yuv420p"),
    ("h264", "mp4"): ("avc1", "yuv420p"),
}


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    return hdr_plate(tmp_path_factory.mktemp("plate"), (256, 128))


@pytest.fixture(scope="module")
def media(plate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("edit")
    return {key: edited(plate, folder / "_".join(key), *key) for key in MOVIES}


@pytest.mark.parametrize("key", MOVIES)
def test_frames_rate_size_timecode_and_colour_read_back(media, plate, key):
    found = probe_plate(Path(media[key].picture))
    assert found.frames == plate.frames and found.drop
    form = found.format
    assert (form.width, form.height, form.storage) == (256, 128, MOVIES[key][1])
    matrix = "rgb" if form.model == "rgb" else "bt2020"
    assert (form.primaries, form.transfer, form.matrix) == ("9", "16", matrix)
    if key[1] != "mp4":
        assert found.reel == "A001R1"
    if key[1] in ("mov", "mp4"):
        assert (form.mastering_display, form.content_light) == (DISPLAY, LIGHT)
        assert not any("HDR10" in loss.message for loss in media[key].losses)
    else:
        assert any("HDR10" in loss.message for loss in media[key].losses)


@pytest.mark.parametrize("key", [key for key in MOVIES if MOVIES[key][0]])
def test_an_independent_reader_finds_the_codec_that_hosts_ask_for(media, key):
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-of", "json", media[key].picture],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    video = json.loads(said)["streams"][0]
    assert video["codec_tag_string"] == MOVIES[key][0]
    assert video["field_order"] == "progressive"
    assert (video["nb_frames"], video["color_primaries"]) == (str(N_FRAMES), "bt2020")
    assert video["sample_aspect_ratio"] == "1:1"


@pytest.mark.parametrize("key", [key for key in MOVIES if key[1] == "mov"])
def test_sound_beside_prores_is_the_plates_own_to_the_sample(media, plate, key):
    with av.open(media[key].picture) as movie:
        heard = np.concatenate([f.to_ndarray()[0] for f in movie.decode(audio=0)])
    wanted = len(plate.frames.__class__(0, N_FRAMES, NTSC).samples(48000))
    assert np.array_equal(heard, (np.arange(wanted) % 2000).astype(np.int16))


def test_timecode_without_drop_frame_stays_so(tmp_path):
    plate = hdr_plate(tmp_path, (256, 128), timecode="01:00:00:10")
    for container in ("mov", "mxf"):
        found = probe_plate(
            Path(edited(plate, tmp_path / container, "dnxhr_hqx", container).picture)
        )
        assert found.frames == plate.frames and not found.drop


def test_a_plate_without_timecode_makes_media_without_it(tmp_path):
    plate = write_plate(tmp_path / "p.mkv", "yuv422p10le", size=(256, 128), picture=ramp)
    found = probe_plate(Path(edited(plate, tmp_path / "e", "prores422hq", sound=None).picture))
    assert not found.has_timecode and found.format.primaries == ""


def test_progress_is_told_frame_by_frame(plate, tmp_path):
    steps: list[Step] = []
    edited(plate, tmp_path, "prores422hq", progress=steps.append, shot="sh010")
    assert [(s.name, s.shot, s.done, s.total) for s in steps] == [
        ("edit media", "sh010", n, N_FRAMES) for n in range(1, N_FRAMES + 1)
    ]


@pytest.mark.parametrize(
    ("codec", "container"),
    [("prores422hq", "mov"), ("dnxhr_hqx", "mxf_opatom"), ("exr", "sequence")],
)
def test_cancelled_in_mid_export_nothing_is_left(plate, tmp_path, codec, container):
    def stop(step: Step) -> None:
        if step.done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        edited(plate, tmp_path / "e", codec, container, progress=stop)
    assert not list((tmp_path / "e").iterdir())


def test_a_full_disk_in_mid_export_leaves_nothing(plate, tmp_path, monkeypatch):
    def full(movie: EditMovie, planes: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(EditMovie, "add", full)
    with pytest.raises(DeliveryError, match="the disk is full"):
        edited(plate, tmp_path / "e", "prores422hq")
    assert not list((tmp_path / "e").iterdir())


def test_media_that_is_there_already_is_not_written_over(plate, tmp_path):
    edited(plate, tmp_path, "prores422hq")
    before = (tmp_path / "sh010.mov").read_bytes()
    with pytest.raises(DeliveryError, match="exists"):
        edited(plate, tmp_path, "prores422hq")
    assert (tmp_path / "sh010.mov").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["sh010.mov"]


def test_an_encoder_that_ffmpeg_lacks_is_named(plate, tmp_path, monkeypatch):
    table = {**encoders._ENCODERS, "prores422hq": ("prores_missing", {})}
    monkeypatch.setattr(encoders, "_ENCODERS", table)
    with pytest.raises(MediaError, match="no encoder prores_missing"):
        edited(plate, tmp_path / "e", "prores422hq")
    assert not list((tmp_path / "e").iterdir())


def test_bt2020_is_stated_in_each_dnxhr_frame(media):
    with av.open(media["dnxhr_hqx", "mxf"].picture) as movie:
        assert {int(frame.colorspace) for frame in movie.decode(video=0)} == {9}


def test_a_12_bit_master_in_a_10_bit_codec_is_a_named_loss(tmp_path):
    plate = write_plate(tmp_path / "p.mkv", "yuv444p12le", size=(256, 128), n_frames=1)
    made = edited(plate, tmp_path / "e", "prores4444xq", sound=None)
    assert any("12 bits are coded as 10" in loss.message for loss in made.losses)
