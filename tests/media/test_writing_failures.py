"""When writing fails or is stopped, no file is left, and the error gives the reason."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from pathlib import Path

import av
import pytest

from dubsync.core.errors import Cancelled, DeliveryError, MediaError
from dubsync.core.settings import DeliverySettings
from dubsync.media import write
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.movie.write import MovieWriter
from dubsync.media.write import ShotWriter
from tests.media.written_plates import composites, write_plate, write_shot

FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from tests.media.written_plates import write_shot
from dubsync.core.errors import DeliveryError
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.probe import probe_plate
plate = probe_plate(Path(sys.argv[1]))
out = Path(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))
try:
    if len(list(out.iterdir())) == 0:
        write_shot(out, plate)
    else:
        write_movie_with_sound(plate.path, Path(plate.path), out / "joined.mkv")
except DeliveryError as error:
    print("DeliveryError", error, error.hint)
"""


def _in_a_full_disk(plate: Path, out: Path) -> str:
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(plate), str(out), str(here), str(here.parents[1])],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_is_a_delivery_error_and_leaves_no_file(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=30)
    out = tmp_path / "out"
    out.mkdir()
    said = _in_a_full_disk(tmp_path / "p.mkv", out)
    assert said.startswith("DeliveryError cannot write") and "this user's limit" in said
    assert not list(out.iterdir())
    assert plate.frames


SMALL_DISK = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from tests.media.written_plates import write_shot
from dubsync.core.errors import DeliveryError
from dubsync.media.probe import probe_plate
out = Path(sys.argv[2])
try:
    write_shot(out, probe_plate(Path(sys.argv[1])), picture=sys.argv[4])
except DeliveryError as error:
    print("DeliveryError", error, error.hint, sorted(path.name for path in out.iterdir()))
"""


@pytest.mark.parametrize("picture", ["lossless", "prores422hq"])
def test_a_full_disk_says_what_is_free_and_what_is_needed(picture: str, tmp_path: Path) -> None:
    write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=60, size=(160, 120))
    out = tmp_path / "out"
    out.mkdir()
    mount = f'mount -t tmpfs -o size=400k none {out} && exec {sys.executable} -c "$@"'
    here = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", SMALL_DISK, str(tmp_path / "p.mkv"), str(out),
         here[1], picture],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("this user may not mount a small disk")
    assert done.returncode == 0, done.stderr
    assert "the disk is full (4" in done.stdout and "KB are free, about " in done.stdout
    assert "B are needed)" in done.stdout and "larger disk" in done.stdout
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize(
    "failure", [av.error.ExternalError(1, "libx264"), OSError(errno.ENOSPC, "No space left"),
                av.error.InvalidDataError(2, "libx265")]
)  # fmt: skip
@pytest.mark.parametrize("where", ["add", "close"])
def test_what_an_encoder_raises_is_a_delivery_error(
    failure: Exception, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: MovieWriter, *_: object) -> None:
        raise failure

    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=30)
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr(MovieWriter, where, fails)
    with pytest.raises(DeliveryError, match="cannot write .*sh010_v001.mkv") as refused:
        write_shot(out, plate)
    assert refused.value.hint
    assert not list(out.iterdir())


def test_a_full_disk_while_joining_sound_leaves_nothing(tmp_path: Path) -> None:
    import numpy as np

    write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=30, sound=np.zeros(48000, np.int16))
    out = tmp_path / "out"
    out.mkdir()
    (out / "other").write_text("kept")
    said = _in_a_full_disk(tmp_path / "p.mkv", out)
    assert said.startswith("DeliveryError cannot write")
    assert [path.name for path in out.iterdir()] == ["other"]


@pytest.mark.parametrize("stop", [Cancelled(), KeyboardInterrupt(), RuntimeError("ours")])
def test_an_exception_inside_the_block_leaves_nothing(stop: BaseException, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=12)
    out = tmp_path / "out"
    out.mkdir()
    with (
        pytest.raises(type(stop)),
        ShotWriter(out, "s", plate, plate.frames, DeliverySettings()) as writer,
    ):
        for n, composite in enumerate(composites(plate, plate.frames, None)):
            writer.add(composite)
            if n == 7:
                raise stop
    assert not list(out.iterdir())
    assert not [t for t in threading.enumerate() if t.name.startswith("ThreadPoolExecutor")]


def test_too_few_frames_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=6)
    out = tmp_path / "out"
    out.mkdir()
    with (
        pytest.raises(MediaError, match="5 of 6 frames were written"),
        ShotWriter(out, "s", plate, plate.frames, DeliverySettings()) as writer,
    ):
        for composite in list(composites(plate, plate.frames, None))[:5]:
            writer.add(composite)
    assert not list(out.iterdir())


def test_a_bug_in_an_encoder_is_raised_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(writer: object, composite: object) -> None:
        raise ZeroDivisionError("a bug")

    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=30)
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr(write.ShotWriter, "_samples", broken)
    with pytest.raises(ZeroDivisionError):
        write_shot(out, plate)
    assert not list(out.iterdir())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=2)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(DeliveryError, match="cannot write .*file"):
        write_shot(blocked, plate)
    with pytest.raises(DeliveryError, match="cannot write .*absent"):
        write_shot(tmp_path / "absent", plate)


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=2)
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o500)
    try:
        (out / "try").touch()
    except OSError:
        pass
    else:
        (out / "try").unlink()
        out.chmod(0o700)
        pytest.skip("this user may write to read-only folders (root)")
    with pytest.raises(DeliveryError, match="cannot write"):
        write_shot(out, plate)
    out.chmod(0o700)
    assert not list(out.iterdir())


@pytest.mark.parametrize("name", ["sh010_v001.mkv", "sh010_v001_matte.mkv", "sh010_v001_layer.mov"])
def test_no_file_is_overwritten(name: str, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=3)
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(DeliveryError, match="exists"):
        write_shot(out, plate)
    assert [(p.name, p.read_text()) for p in out.iterdir()] == [(name, "mine")]


def test_sound_from_a_plate_without_sound_is_refused(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=3)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(MediaError, match="holds no sound"):
        write_shot(out, plate, sound=tmp_path / "p.mkv")
    assert not list(out.iterdir())


def test_muxing_sound_never_overwrites_and_names_a_bad_source(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=3)
    out = tmp_path / "out.mkv"
    out.write_text("mine")
    with pytest.raises(DeliveryError, match="exists"):
        write_movie_with_sound(plate.path, tmp_path / "dub.wav", out)
    assert out.read_text() == "mine"
    (tmp_path / "dub.wav").write_bytes(b"RIFF" + bytes(200))
    with pytest.raises(MediaError, match=r"dub\.wav"):
        write_movie_with_sound(plate.path, tmp_path / "dub.wav", tmp_path / "new.mkv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dub.wav", "out.mkv", "p.mkv"]


def test_names_with_special_characters(tmp_path: Path) -> None:
    folder = tmp_path / "100% %d ünïcode"
    folder.mkdir()
    plate = write_plate(folder / "p%04d.mkv", "yuv420p", n_frames=2)
    writer, _ = write_shot(folder, plate)
    assert writer.picture.is_file() and writer.matte.is_file() and writer.layer.is_file()
