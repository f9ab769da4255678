"""Edit media of interlaced and of turned plates say what they are, or turn the picture itself."""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.picture import FieldName
from dubsync.core.reading.turned import Turned
from dubsync.media.plate import open_plate, open_square
from dubsync.media.probe import probe_plate
from tests.media.edit.edit_synthesis import edited, ramp
from tests.media.written_plates import write_plate


def plate_of(folder: Path, **facts: object):  # type: ignore[no-untyped-def]
    return write_plate(
        folder / "p.mkv",
        "yuv422p10le",
        n_frames=2,
        picture=ramp,
        sound=np.zeros(8000, np.int16),
        **facts,
    )  # type: ignore[arg-type]


def said(path: str) -> dict[str, object]:
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_streams", "-show_frames",
         "-of", "json", path], capture_output=True, check=True,
    ).stdout  # fmt: skip
    found = json.loads(told)
    frames = {(one["interlaced_frame"], one["top_field_first"]) for one in found["frames"]}
    return {"order": found["streams"][0].get("field_order"), "frames": frames}


@pytest.mark.parametrize(
    ("codec", "container", "flagged", "order"),
    [("prores422hq", "mov", "top", "tb"), ("prores422hq", "mov", "bottom", "bt"),
     ("h264", "mp4", "top", "tt"), ("h264", "mp4", "bottom", "bb"),
     ("dnxhd", "mxf", "bottom", "tt"), ("xavc", "mxf", "bottom", "tt")],
)  # fmt: skip
def test_fields_are_flagged_in_file_and_frames(
    codec: str, container: str, flagged: FieldName, order: str, tmp_path: Path
) -> None:
    size = (1920, 1080) if codec in ("dnxhd", "xavc") else (256, 128)
    plate = plate_of(tmp_path, size=size, rate=Fraction(25), flagged=flagged)
    made = edited(plate, tmp_path / "e", codec, container)
    found = said(made.picture)
    assert found["order"] == order
    one_way = codec == "xavc"  # whose stream has no place for the order
    assert found["frames"] == {(1, int(flagged == "top" or one_way))}
    told = any("the order of its two fields" in loss.message for loss in made.losses)
    assert told == (one_way and flagged == "bottom")
    assert not any("the flag of its two fields" in loss.message for loss in made.losses)


def test_codecs_without_a_flag_for_fields_say_so(tmp_path: Path) -> None:
    plate = plate_of(tmp_path, size=(256, 128), flagged="top")
    made = edited(plate, tmp_path / "e", "dnxhr_hqx", "mov")
    assert any("the flag of its two fields" in loss.message for loss in made.losses)


@pytest.mark.parametrize("way", [Turned(1), Turned(2, mirrored=True)], ids=str)
@pytest.mark.parametrize(("codec", "container"), [("prores422hq", "mov"), ("dpx", "sequence")])
def test_a_turn_is_noted_or_the_picture_turned(
    codec: str, container: str, way: Turned, tmp_path: Path
) -> None:
    plate = plate_of(tmp_path, size=(256, 128), turned=way, rate=Fraction(25))
    made = edited(plate, tmp_path / "e", codec, container)
    found = probe_plate(Path(made.picture), rate=plate.frames.rate)
    noted = container == "mov"
    assert found.format.turned == (way if noted else Turned())
    assert found.format.shown_size == way.size(256, 128)
    assert any("the picture itself is turned" in loss.message for loss in made.losses) != noted
    with open_square(plate) as reader, open_plate(found) as written:
        seen = next(iter(reader.frames(plate.frames))).planes[0].astype(float)
        stored = next(iter(written.frames(found.frames)))
    shown = stored.format.turned.shown(stored.planes[0]).astype(float)
    if codec == "dpx":  # R'G'B' of full range
        shown = np.mean([one.astype(float) for one in stored.planes], axis=0)
    assert np.corrcoef(seen.ravel(), shown.ravel())[0, 1] > 0.98
