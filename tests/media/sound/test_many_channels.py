"""Files of many channels are read and written in a process of their own: a crash fails the test."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.core.shot import Plate
from dubsync.core.sound.tracks import SoundChoice
from dubsync.media.movie.mux import write_movie_with_sound
from dubsync.media.sound.stem import probe_sound, read_channels, read_sound
from tests.media.sound_synthesis import Track, voice_like, write_tracks
from tests.media.written_plates import write_plate

RATE, N = 48000, 2400
COUNTS = (1, 2, 6, 7, 8, 9, 16, 32)
#: container -> codecs whose samples come back to the bit, or nearly (None).
CONTAINERS = {"wav": ("pcm_s16le", "pcm_s24le", "pcm_f32le"), "w64": ("pcm_s24le",),
              "mov": ("pcm_s16le", "pcm_s24le"), "mkv": ("pcm_s24le",), "caf": ("pcm_s24be",),
              "aiff": ("pcm_s24be",)}  # fmt: skip
CASES = [
    *product(COUNTS, [""], [(s, c) for s, codecs in CONTAINERS.items() for c in codecs]),
    *((channels, layout, kind) for (channels, layout), kind in product(
        [(6, "5.1"), (8, "7.1")],
        [("flac", "flac"), ("m4a", "aac"), ("opus", "libopus"), ("wav", "pcm_s24le"),
         ("mov", "pcm_s24le")],
    )),
]  # fmt: skip


def _read_every_case(folder: Path) -> list[str]:
    """What is wrong, in words; run in a process of its own."""
    wrong = []
    for channels, layout, (suffix, codec) in CASES:
        name = f"{channels} {layout} {codec} .{suffix}"
        samples = voice_like(N, channels, seed=channels)
        path = write_tracks(folder / f"{len(wrong)}_{channels}.{suffix}", [Track(samples, layout)],
                            codec=codec)  # fmt: skip
        exact = codec.startswith(("pcm", "flac"))
        sound = probe_sound(path)
        heard = read_channels(path, rate=RATE)
        if sound.channels != channels or len(heard) != channels:
            wrong.append(f"{name}: {sound.channels} channels")
            continue
        for n, one in enumerate(heard):
            if len(one.samples) != N or not _same(one.samples, samples, n, exact):
                wrong.append(f"{name}: channel {n + 1}")
        mean = read_sound(path, rate=RATE).samples
        last = read_sound(path, rate=RATE, choice=SoundChoice(0, (channels,))).samples
        average = np.mean([one.samples for one in heard], axis=0)
        if not np.allclose(mean, average, atol=1e-6) or not np.array_equal(last, heard[-1].samples):
            wrong.append(f"{name}: read_sound")
        read_sound(path, first=Fraction(1, 30), seconds=Fraction(1, 30), rate=16000)
        path.unlink()
    return wrong


def _same(heard: np.ndarray, samples: np.ndarray, n: int, exact: bool) -> bool:
    """Whether what is heard is channel `n`; lossy codecs cut what an LFE cannot play."""
    if exact:
        return bool(np.abs(heard - samples[:, n]).max() < 1e-4)
    likeness = [abs(float(np.corrcoef(heard, channel)[0, 1])) for channel in samples.T]
    return int(np.argmax(likeness)) == n and (n == 3 or likeness[n] > 0.8)


def _write_and_read(folder: Path) -> list[str]:
    """The same for plates with sound, and for movies joined with it."""
    wrong = []
    for channels, codec in ((8, "pcm_s16le"), (16, "pcm_s24le"), (32, "pcm_s16le")):
        samples = voice_like(9600, channels)
        sound = write_tracks(folder / f"s{channels}.wav", [Track(samples)], codec=codec)
        plate = _plate(folder / f"p{channels}.mkv", 5)
        for suffix in ("mov", "mkv"):
            write_movie_with_sound(plate.path, sound, folder / f"o{channels}.{suffix}")
            back = read_channels(folder / f"o{channels}.{suffix}", rate=RATE)
            if len(back) != channels or any(
                np.abs(one.samples[:9600] - samples[:, n]).max() > 1e-4
                for n, one in enumerate(back)
            ):
                wrong.append(f"{channels} channels in .{suffix}")
    return wrong


def _plate(path: Path, n_frames: int) -> Plate:
    return write_plate(path, "yuv420p", n_frames=n_frames, rate=Fraction(25), codec="libx264")


def _in_a_process(what: str, folder: Path) -> list[str]:
    code = f"import json\nfrom pathlib import Path\nfrom {__name__} import {what}\n"
    code += f"print(json.dumps({what}(Path({str(folder)!r}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    result: list[str] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_every_channel_of_every_count_codec_and_container_is_read(tmp_path: Path) -> None:
    assert _in_a_process("_read_every_case", tmp_path) == []


def test_movies_are_written_with_all_channels_of_their_sound(tmp_path: Path) -> None:
    assert _in_a_process("_write_and_read", tmp_path) == []


def _numbered(n_samples: int, streams: int) -> list[Track]:
    return [Track(np.full((n_samples, 1), 0.1 * (n + 1), np.float32)) for n in range(streams)]


@pytest.mark.parametrize("suffix", ["mxf", "mov"])
def test_mono_tracks_of_a_broadcast_file_are_the_channels_of_one_recording(
    suffix: str, tmp_path: Path
) -> None:
    path = write_tracks(tmp_path / f"a.{suffix}", _numbered(RATE * 2, 4), picture=suffix == "mxf",
                        codec="pcm_s16le")  # fmt: skip
    sound = probe_sound(path)
    assert (sound.channels, len(sound.tracks)) == (4, 1)
    middle = [float(one.samples[9000]) for one in read_channels(path, rate=RATE)]
    assert np.allclose(middle, [0.1, 0.2, 0.3, 0.4], atol=1e-3)
    part = read_sound(path, first=Fraction(3, 2), seconds=Fraction(1, 10), rate=RATE)
    assert np.allclose(part.samples[200:-200], 0.25, atol=1e-3)
    plate = _plate(tmp_path / "p.mkv", 25)
    write_movie_with_sound(plate.path, path, tmp_path / "out.mov")
    assert probe_sound(tmp_path / "out.mov").channels == 4


def test_tracks_of_several_languages_are_versions_not_channels(tmp_path: Path) -> None:
    english, german = voice_like(RATE, 1, 1), voice_like(RATE, 2, 2)
    tracks = [Track(english, language="eng", default=False), Track(german, language="ger")]
    path = write_tracks(tmp_path / "m.mkv", tracks)
    sound = probe_sound(path)
    assert [(t.number, t.language, t.channels) for t in sound.tracks] == [
        (1, "eng", 1), (2, "ger", 2)
    ]  # fmt: skip
    second = read_sound(path, rate=RATE, choice=SoundChoice(2)).samples
    assert np.allclose(second, german.mean(axis=1), atol=1e-4)
    plate = _plate(tmp_path / "p.mkv", 25)
    write_movie_with_sound(plate.path, path, tmp_path / "out.mkv", track=2)
    assert probe_sound(tmp_path / "out.mkv").channels == 2


@pytest.mark.parametrize("choice", [SoundChoice(3), SoundChoice(0, (5,)), SoundChoice(1, (0,))])
def test_a_track_or_channel_that_is_not_there_is_named(choice: SoundChoice, tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "s.wav", [Track(voice_like(4800, 4))])
    with pytest.raises(MediaError, match=r"s\.wav has no (sound track 3|channel [05])"):
        read_sound(path, choice=choice)
