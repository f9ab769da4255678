"""MLT plays what is written: every frame where the cut has it, every sample as it is.

The real MLT (Debian 12: 7.12), on 8-bit 4:2:2, which it does not convert.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from math import floor
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline, probed_range
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.mlt.read import read_mlt
from dubsync.editorial.mlt.write import write_mlt
from dubsync.editorial.timeline.resolve import resolve

RATE, START, FIRST = Fraction(24000, 1001), 86400, 1000
WIDE, HIGH, LENGTH = 64, 36, 40
SHAPE = PictureFormat(WIDE, HIGH, "yuv", 8, chroma=(1, 0))
Planes = tuple[np.ndarray, ...]

#: The system's Python: MLT's module is not in a registry.
PYTHON, MODULE = Path("/usr/bin/python3"), Path("/usr/lib/python3/dist-packages/mlt7.py")

pytestmark = pytest.mark.skipif(not MODULE.exists(), reason="python3-mlt is not installed")


def movie(path: Path, seed: int) -> list[Planes]:
    """A film of noise, lossless, with its colours tagged; its frames."""
    rng, frames = np.random.default_rng(seed), []
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv422p"
        stream.codec_context.color_range, stream.codec_context.colorspace = 1, 1
        for n in range(LENGTH):
            frame = av.VideoFrame(WIDE, HIGH, "yuv422p")
            frame.pts = n
            planes = []
            for plane in frame.planes:
                samples = rng.integers(16, 236, (plane.height, plane.line_size), dtype=np.uint8)
                plane.update(samples.tobytes())
                planes.append(samples[:, : plane.width])
            frames.append(tuple(planes))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return frames


def played(path: Path) -> list[Planes]:
    """What MLT shows of a document, from another folder, frame by frame."""
    words = [str(PYTHON), "-I", str(Path(__file__).with_name("play_mlt.py")), str(path)]
    shown = subprocess.run(words, check=True, capture_output=True, timeout=60, cwd="/").stdout
    packed = np.frombuffer(shown, np.uint8).reshape(-1, HIGH, WIDE * 2)
    return [(one[:, 0::2], one[:, 1::4], one[:, 3::4]) for one in packed]


def event(name: str, at: int, low: int, length: int, speed: Fraction, track: str) -> ProbedEvent:
    record = probed_range(Fraction(START + at), Fraction(START + at + length), RATE)
    used = max(length * abs(speed), Fraction(1))
    source = probed_range(Fraction(FIRST + low), FIRST + low + used, RATE)
    whole = probed_range(Fraction(FIRST), Fraction(FIRST + LENGTH), RATE)
    return ProbedEvent((track,), name, "cut", record, source, speed=speed, media=f"{name}.mkv",
                       timeline="R1", available=whole)  # fmt: skip


def cut_and_render() -> tuple[ProbedCut, Sequence[Corrected]]:
    """A plate at every kind of speed, an insert above, and a render of the first shot."""
    events = (
        event("plate", 0, 8, 10, Fraction(1), "V1"),
        event("plate", 12, 4, 8, Fraction(2), "V1"),
        event("plate", 20, 3, 8, Fraction(1, 2), "V1"),
        event("plate", 28, 2, 6, Fraction(-1), "V1"),
        event("plate", 34, 30, 4, Fraction(0), "V1"),
        event("insert", 6, 0, 8, Fraction(1), "V2"),
    )
    timeline = ProbedTimeline("R1", RATE, Fraction(START), Fraction(38))
    source = FrameRange(FIRST + 8, FIRST + 18, RATE)
    whole = FrameRange(FIRST, FIRST + LENGTH, RATE)
    render = Corrected(0, "sh", "sh_it-IT_v001", "render.mkv", whole, source, SHAPE, "it-IT")
    return ProbedCut("r1.otio", "OpenTimelineIO", (timeline,), events), (render,)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Planes]]]:
    folder = tmp_path_factory.mktemp("melt")
    names = ("plate.mkv", "insert.mkv", "render.mkv")
    return folder, {name: movie(folder / name, n) for n, name in enumerate(names)}


@pytest.mark.parametrize("kdenlive", [False, True])
def test_mlt_shows_every_frame_where_the_cut_has_it_sample_for_sample(
    films: tuple[Path, dict[str, list[Planes]]], kdenlive: bool
) -> None:
    folder, frames = films
    cut, corrected = cut_and_render()
    path = folder / f"cut.{'kdenlive' if kdenlive else 'mlt'}"
    path.write_bytes(write_mlt(cut, corrected, kdenlive=kdenlive).data)
    again = read_mlt(path.read_bytes())
    shown = played(path)
    assert len(shown) == 38
    seen = set()
    for run in resolve(again):
        for record in range(run.record.start, run.record.stop):
            got = shown[record - START]
            if not run.shown:
                assert got[0].max() <= 16, "nothing is black"
                continue
            one = run.shown[-1]
            assert one.map is not None
            name, exact = again.events[one.event].media, one.map.at(Fraction(record))
            at = floor(exact + Fraction(1, 2))  # between frames melt shows the nearer one
            if one.map.steady is not None and one.map.steady < 0:
                at -= 1  # in reverse the map names the upper edge of a frame
            seen.add(name)
            assert all(map(np.array_equal, got, frames[name][at - FIRST])), (record, name, at)
    assert seen == set(frames)
