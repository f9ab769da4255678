"""A plate that is overwritten while it is read is noticed, and said as that."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dubsync.core.errors import MediaError
from dubsync.media.plate import open_plate, plate_state, refuse_changed
from dubsync.media.probe import probe_plate
from tests.media.written_plates import write_plate


@pytest.mark.parametrize("how", ["in place", "replaced", "grown", "gone"])
def test_a_movie_that_changes_between_two_frames_is_refused(how: str, tmp_path: Path) -> None:
    path = tmp_path / "p.mkv"
    plate = write_plate(path, "yuv420p", n_frames=12)
    with open_plate(plate) as reader:
        frames = reader.frames(plate.frames)
        next(frames)
        _change(path, how)
        with pytest.raises(MediaError, match="changed while it was read") as refused:
            list(frames)
    assert "completely copied" in refused.value.hint


def test_a_movie_that_is_cut_short_while_it_is_read_has_changed_not_only_a_damaged_frame(
    tmp_path: Path,
) -> None:
    path = tmp_path / "p.mkv"
    plate = write_plate(path, "yuv420p", n_frames=60, size=(320, 240))
    with open_plate(plate) as reader:
        frames = reader.frames(plate.frames)
        next(frames)
        os.truncate(path, 100_000)
        with pytest.raises(MediaError, match="changed while it was read"):
            list(frames)


def test_the_files_of_a_sequence_have_their_own_states(tmp_path: Path) -> None:
    import numpy as np

    from dubsync.media.stills.encode import png

    for n in range(1001, 1005):
        (tmp_path / f"a.{n}.png").write_bytes(png(np.full((8, 8, 3), n % 256, np.uint8)))
    plate = probe_plate(tmp_path / "a.1001.png", rate=24)  # type: ignore[arg-type]
    before = plate_state(plate, plate.frames)
    assert len(before) == 4 and len(set(before)) == 4
    refuse_changed(plate, plate_state(plate, plate.frames), before)
    (tmp_path / "a.1003.png").write_bytes(b"another")
    with pytest.raises(MediaError, match="changed"):
        refuse_changed(plate, plate_state(plate, plate.frames), before)


def _change(path: Path, how: str) -> None:
    if how == "in place":
        state = path.stat()
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    elif how == "replaced":
        shutil.copyfile(path, path.with_suffix(".other"))
        os.replace(path.with_suffix(".other"), path)
    elif how == "grown":
        with path.open("ab") as file:
            file.write(b"x")
    else:
        path.unlink()
