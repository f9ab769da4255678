"""Plates in the codecs of editors' rooms come back from a render with no sample changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubsync.core.picture import Region
from dubsync.media.probe import probe_plate
from dubsync.media.verify import count_changed_outside_matte
from tests.media.edit.edit_synthesis import edited, hdr_plate
from tests.media.written_plates import write_shot


@pytest.mark.parametrize("container", ["mkv", "mov"])
@pytest.mark.parametrize(
    ("codec", "kind"), [("prores4444xq", "mov"), ("dnxhr_hqx", "mxf"), ("exr", "sequence")]
)
def test_no_sample_outside_the_matte_changes(tmp_path, codec, kind, container):
    source = hdr_plate(tmp_path, (256, 128), timecode="01:00:00:10")
    made = edited(source, tmp_path / "plate", codec, kind)
    plate = probe_plate(Path(made.picture))
    assert plate.frames == source.frames
    shot = tmp_path / "shot"
    shot.mkdir()
    writer, _ = write_shot(shot, plate, region=Region(64, 32, 128, 96), container=container)
    found = count_changed_outside_matte(plate, str(writer.picture), str(writer.matte), plate.frames)
    assert found.changed_outside == 0 and found.frames_changed == len(plate.frames) - 1
    assert found.plate_digest == found.picture_digest
