"""What a whole `sync` and a whole `run` cost against the bare work, by stage; and their memory.

    python -m benchmarks.pipeline [--clip CLIP ...] [--frames N] [--uhd N] [--memory] [--json]

All figures are processor seconds of all threads, so that other programs do not count, and all
ratios are within one run.  The bare work is decoding, the landmark model, and lossless encoding of
the same frames, measured before and after.  `sync` is look, plan, and make (draw, composite, write
three files, read them back for the proof); `run` is that with learning, the check, and loading the
engine.  A `run` makes and checks at once: the check's measures are taken while the proof reads.
`apart` is a sync and a check after it, each by itself; they come first.  A second drawing finds its
buffers warm, so what the check adds is counted against a second one: `make again`.  Each clip
has a process of its own, which finds dubsync compiled, as one that is installed.  The dub is as
long as the shot: a stem is heard once, for a whole reel.  --uhd N: the first clip as well, N frames
of it, enlarged to 3840 x 2160, ProRes 422 HQ (a scratch file, by ffmpeg).

--profile adds the functions of dubsync in which the main thread was seen most.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.record import record_in
from benchmarks.stage_meter import Sampler, StageMeter, peak_mib
from dubsync.core.progress import silent
from dubsync.core.settings import DeliverySettings, Settings
from dubsync.core.shot import Cut, Event, Line, Plate, Shot, Stem, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.freed_memory import give_back_freed
from dubsync.media.movie.codecs import lossless
from dubsync.media.movie.write import MovieWriter
from dubsync.media.pixels.formats import frame_of
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import probe_sound
from dubsync.service.consent.live import LiveConsent
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store

SHARED = Path(__file__).parents[1].parent / "shared"
CLIP = SHARED / "footage" / "woman_braids_720p_24s.mp4"
HELD_OUT = SHARED / "footage" / "biden_whitehouse_720p_7s.mp4"
LONG = SHARED / "footage" / "obama_address_30s.mov"
DUB = SHARED / "speech" / "en_musetalk.wav"
SYNC = ("look", "plan", "make")
APART = (*SYNC, "load", "learn", "check")
_ENLARGED = ("-vf", "scale=3840:2160:flags=lanczos", "-pix_fmt", "yuv422p10le", "-c:v",
             "prores_ks", "-profile:v", "3", "-c:a", "copy")  # fmt: skip


def reel_of(clip: Path, dub: Path, folder: Path, frames: int) -> Reel:
    """A reel whose only shot is the first `frames` of `clip`, dubbed with `dub`."""
    plate = probe_plate(clip)
    start, rate = plate.frames.start, plate.frames.rate
    span = FrameRange(start, start + min(frames, len(plate.frames)), rate)
    record = FrameRange(0, len(span), rate)
    event = Event("1", "SHOT", plate.name, plate.reel, "", record, span)
    sound = probe_sound(dub)
    stem = Stem("A", "und", str(dub), sound.sample_rate, sound.n_samples, Fraction(0))
    line = Line("A_L001", "A", "und", str(dub), record)
    shot = Shot("SHOT", event, plate, span, record, span, lines=(line,))
    consent = LiveConsent(record_in(folder))
    store = Store(folder)
    return Reel(
        Turnover(Cut("bench", str(clip), rate, False, (event,)), (shot,)), {"A": stem}, "und",
        {"A": "a"}, consent, Settings(delivery=DeliverySettings()), store,
        AudioAnalysisCache(store),
    )  # fmt: skip


def bare(reel: Reel, folder: Path, meter: StageMeter) -> None:
    """Decoding, tracking by the bare model, and FFV1 encoding, each on its own."""
    shot = reel.turnover.shots[0]
    meter.run("decode", lambda: _decode(shot.plate, shot.render))
    meter.run("bare tracker", lambda: _bare_tracker(shot.plate, shot.render))
    meter.run("encode", lambda: _encode(shot.plate, shot.render, folder / "bare.mkv"))


def _decode(plate: Plate, span: FrameRange) -> None:
    with open_plate(plate) as reader:
        for _ in reader.frames(span):
            pass


def _bare_tracker(plate: Plate, span: FrameRange) -> None:
    """Decoding, and the landmark model alone on every frame: no smoothing, no confirmation."""
    from dubsync.engine.track.landmarker import Landmarker, square_of

    model = Landmarker()
    square = None
    with open_plate(plate) as reader:
        for frame in reader.frames(span):
            if square is None:
                square = square_of(model.find(frame)[0].points)
            square = square_of(model.read(frame, square).points)


def _encode(plate: Plate, span: FrameRange, path: Path) -> None:
    """Decoding, and FFV1 encoding."""
    writer = MovieWriter(path, lossless(plate.format, ".mkv"), plate.format, span, plate)
    with open_plate(plate) as reader:
        for frame in reader.frames(span):
            writer.add(frame_of(frame.planes, frame.format))
    writer.close()


def cost(clip: Path, frames: int, profiled: bool) -> dict[str, Any]:
    """Milliseconds of processor per frame by stage, bare and as made, and their ratios."""
    work, floor = StageMeter(), StageMeter()
    with tempfile.TemporaryDirectory() as name, Sampler() as seen:
        folder = Path(name)
        work.run("import", _import)
        reel = reel_of(clip, _as_long(DUB, clip, frames, folder), folder, frames)
        n = len(reel.turnover.shots[0].render)
        work.run("load", lambda: reel.engine)
        bare(reel, folder, floor)
        _make(reel, work)
        bare(reel, folder, floor)  # both ends of a noisy machine
    decode = floor.spent["decode"].cpu
    least = (floor.total("decode", "bare tracker", "encode") - 2 * decode) / 2
    ms = 1000 / n
    found = {
        "clip": clip.name, "size": _size(reel), "frames": n,
        "bare_ms": {
            "decode": round(decode / 2 * ms, 1),
            "tracker": round((floor.spent["bare tracker"].cpu - decode) / 2 * ms, 1),
            "encode": round((floor.spent["encode"].cpu - decode) / 2 * ms, 1),
            "all": round(least * ms, 1),
        },
        "stages": {
            stage: {"cpu_ms": round(one.cpu * ms, 1), "main_ms": round(one.main * ms, 1),
                    "wall_ms": round(one.wall * ms, 1), "peak_mib": round(one.peak_mib)}
            for stage, one in work.spent.items()
        },
        "sync_over_bare": round(work.total(*SYNC) / least, 2),
        "run_over_bare": round(_run(work) / least, 2),
        "apart_over_bare": round(work.total(*APART) / least, 2),
    }  # fmt: skip
    if profiled:
        found["seen"] = [f"{share:.1%} {name}" for share, name in seen.table()]
    return found


def _as_long(dub: Path, clip: Path, frames: int, folder: Path) -> Path:
    """The beginning of `dub`, as long as the first `frames` of `clip`."""
    plate, out = probe_plate(clip).frames, folder / "dub.wav"
    seconds = float(min(frames, len(plate)) / plate.rate)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(dub), "-t", f"{seconds:.6f}",
               "-c", "copy", str(out)]  # fmt: skip
    subprocess.run(command, check=True)
    return out


def _run(work: StageMeter) -> float:
    """Processor seconds of a run: made once, with what the check adds to a drawing."""
    added = work.total("make and check", "report") - work.total("make again")
    return work.total(*SYNC, "load", "learn") + added


def _import() -> None:
    """What `dubsync run` imports besides the engine."""
    import dubsync.service.project
    import dubsync.service.qc.check_with_sync
    import dubsync.service.render.sync  # noqa: F401


def _make(reel: Reel, work: StageMeter) -> None:
    """Every stage of a `run` of the reel's one shot; make and check apart, and then at once."""
    from dubsync.service.qc.check import check_reel
    from dubsync.service.qc.check_with_sync import sync_and_check_shots
    from dubsync.service.render.sync import sync_shots

    shot = reel.turnover.shots[0]
    looked = work.run("look", lambda: reel.look(silent))
    work.run("learn", lambda: looked.actors.actor("A", silent))
    work.run("plan", lambda: looked.plan(shot).driven(silent))
    for making, checking, synced in (
        ("make", "check", sync_shots),
        ("make again", "", sync_shots),
        ("make and check", "report", sync_and_check_shots),
    ):
        made = work.run(making, partial(_done, synced, reel))
        if checking:
            work.run(checking, partial(
                check_reel, reel, ["SHOT"], name="bench", results=[made], progress=silent
            ))  # fmt: skip
        for derived in ("renders", ".dubsync/proofs", ".dubsync/pages"):
            shutil.rmtree(reel.store.folder / derived, ignore_errors=True)
        give_back_freed()


def _done(synced: Callable[..., Iterator[ShotResult]], reel: Reel) -> ShotResult:
    (made,) = synced(reel, ["SHOT"], silent)
    if made.status != "done":
        raise SystemExit(f"{made.status}: {made.reason}")
    return made


def _size(reel: Reel) -> str:
    form = reel.turnover.shots[0].plate.format
    return f"{form.width}x{form.height} {form.storage}"


def enlarged(clip: Path, frames: int, folder: Path) -> Path:
    """The first `frames` of `clip` at 3840 x 2160, 10-bit 4:2:2."""
    out = folder / f"{clip.stem}_uhd.mov"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(clip), "-frames:v", str(frames),
               *_ENLARGED, str(out)]  # fmt: skip
    subprocess.run(command, check=True)
    return out


def _in_a_process(clip: Path, frames: int, profiled: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.pipeline", "--alone", str(clip),
               "--frames", str(frames), *(["--profile"] if profiled else [])]  # fmt: skip
    compileall.compile_dir(Path(__file__).parents[1] / "dubsync", quiet=1)
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def memory(frames: int) -> float:
    """Peak resident MiB of a process that syncs `frames` of the long clip."""
    command = [sys.executable, "-m", "benchmarks.pipeline", "--peak", str(frames)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak(frames: int) -> float:
    """Sync here, and return this process's peak memory."""
    from dubsync.service.render.sync import sync_shots

    with tempfile.TemporaryDirectory() as name:
        reel = reel_of(LONG, DUB, Path(name), frames)
        (result,) = sync_shots(reel, ["SHOT"], silent)
        if result.status != "done":
            raise SystemExit(f"{result.status}: {result.reason}")
    return peak_mib()


def _told(figures: dict[str, Any]) -> str:
    """The figures of one clip as a table of Markdown."""
    rows = [
        f"\n**{figures['clip']}**, {figures['size']}, {figures['frames']} frames; bare work "
        f"{figures['bare_ms']} ms a frame", "",
        "| stage | CPU ms/frame | main thread | wall | peak MiB |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for name, one in figures["stages"].items():
        rows.append(f"| {name} | {one['cpu_ms']} | {one['main_ms']} | {one['wall_ms']} "
                    f"| {one['peak_mib']} |")  # fmt: skip
    rows += ["", f"sync {figures['sync_over_bare']} times the bare work, "
             f"run {figures['run_over_bare']}, apart {figures['apart_over_bare']}"]  # fmt: skip
    return "\n".join([*rows, *figures.get("seen", [])])


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clip", type=Path, nargs="+", default=[CLIP, HELD_OUT])
    options.add_argument("--frames", type=int, default=150)
    options.add_argument("--uhd", type=int, default=0, metavar="N")
    options.add_argument("--memory", action="store_true", help="peak of 90 and of 900 frames")
    options.add_argument("--profile", action="store_true")
    options.add_argument("--json", action="store_true")
    options.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.peak:
        print(peak(asked.peak))
    elif asked.alone:
        print(json.dumps(cost(asked.alone, asked.frames, asked.profile)))
    else:
        _all(asked)


def _all(asked: argparse.Namespace) -> None:
    began, clips = time.monotonic(), [(clip, asked.frames) for clip in asked.clip]
    with tempfile.TemporaryDirectory() as name:
        if asked.uhd:
            clips.append((enlarged(asked.clip[0], asked.uhd, Path(name)), asked.uhd))
        found = []
        for clip, frames in clips:
            found.append(_in_a_process(clip, frames, asked.profile))
            if not asked.json:
                print(_told(found[-1]), flush=True)
    figures: dict[str, Any] = {"clips": found}
    if asked.memory:
        short, long = memory(90), memory(900)
        figures |= {"peak_mib": {"90 frames": short, "900 frames": long}, "ratio": long / short}
    if asked.json:
        print(json.dumps(figures))
    else:
        print(figures.get("peak_mib", ""), f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
