"""Write a scene as a camera would: 10-bit 4:2:2 ProRes with sound, and half-float EXR."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.uhd.scene import Scene
from dubsync.core.progress import Progress, Step
from dubsync.media.files.exr import write_exr

RATE = Fraction(24000, 1001)
REEL = Path(__file__).parents[2] / "sample_projects" / "two_hander"
SOUND_RATE = 48_000
FIRST, UHD_WIDTH = 1001, 3840


def plate_files(folder: Path, px: int) -> tuple[Path, Path, Path]:
    """Where the plate of a face of `px` pixels is, and the whole UHD frame: movie, first EXR."""
    exr = folder / f"uhd_{px}_exr" / f"uhd_{px}.{FIRST}.exr"
    return folder / f"close_{px}.mov", folder / f"uhd_{px}.mov", exr


def make_plate(faces: Path, folder: Path, px: int, frames: int, progress: Progress) -> Path:
    """The plate of one face size, made if it is not there."""
    movie = plate_files(folder, px)[0]
    if not movie.exists():
        scene = Scene(faces, px)
        shown = _told(scene.frames(min(frames, len(scene))), px, frames, progress)
        _write_movie(movie, shown, spoken("original", frames))
    return movie


def make_wide(folder: Path, px: int, frames: int, exr_frames: int) -> tuple[Path, Path]:
    """The first frames of that plate in whole UHD frames, movie and EXR: mirrored at its sides."""
    close, movie, exr = plate_files(folder, px)
    if not movie.exists():
        exr.parent.mkdir(parents=True, exist_ok=True)
        shown = _with_exr(_widened(close, frames), exr, exr_frames)
        _write_movie(movie, shown, spoken("original", frames))
    return movie, exr


def _widened(close: Path, frames: int) -> Iterator[NDArray[np.float32]]:
    with av.open(str(close)) as file:
        for frame in islice(file.decode(video=0), frames):
            rgb = frame.to_ndarray(format="rgb48le").astype(np.float32) / 65535
            beside = (UHD_WIDTH - rgb.shape[1]) // 2
            yield np.pad(rgb, ((0, 0), (beside, beside), (0, 0)), mode="reflect")


def spoken(which: str, frames: int, character: str = "MARC") -> NDArray[np.float32]:
    """The character's lines one after the other, as `large_face.phones_of` has them.

    Args:
        which: "original", or "dub" for the Italian.
    """
    lines = json.loads((REEL / which / "lines.json").read_text())["lines"]
    file = "original/two_hander_en.flac" if which == "original" else f"dub/{character}_it.wav"
    whole, rate = soundfile.read(str(REEL / file), dtype="float32")
    whole = whole if whole.ndim == 1 else whole.mean(axis=1)
    result, at = np.zeros(round(frames / float(RATE) * rate), np.float32), 0.25
    for line in lines:
        if line["character"] != character:
            continue
        start, stop = line["phones"][0][1], line["phones"][-1][2]
        part = whole[round(start * rate) : round(stop * rate)]
        first = round(at * rate)
        part = part[: max(0, len(result) - first)]
        result[first : first + len(part)] += part
        at += stop - start + 0.2
    return np.interp(
        np.arange(round(frames / float(RATE) * SOUND_RATE)) / SOUND_RATE,
        np.arange(len(result)) / rate, result,
    ).astype(np.float32)  # fmt: skip


def _told(
    frames: Iterable[NDArray[np.float32]], px: int, count: int, progress: Progress
) -> Iterator[NDArray[np.float32]]:
    for n, frame in enumerate(frames, start=1):
        progress(Step("plate", f"{px} px", n, count))
        yield frame


def _with_exr(
    frames: Iterable[NDArray[np.float32]], first: Path, count: int
) -> Iterator[NDArray[np.float32]]:
    """The same frames, the first `count` of them written as EXR beside."""
    from OpenEXR import ZIP_COMPRESSION, scanlineimage

    stem = first.name.split(".")[0]
    for n, rgb in enumerate(frames):
        if n < count:
            linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
            header: dict[str, Any] = {
                "compression": ZIP_COMPRESSION, "type": scanlineimage, "framesPerSecond": RATE,
            }  # fmt: skip
            channels = {c: linear[..., k].astype(np.float16) for k, c in enumerate("RGB")}
            write_exr(first.with_name(f"{stem}.{FIRST + n}.exr"), header, channels)
        yield rgb


def _write_movie(
    path: Path, frames: Iterable[NDArray[np.float32]], sound: NDArray[np.float32]
) -> None:
    part = path.with_name("part_" + path.name)
    with av.open(str(part), "w", format="mov") as out:
        video = out.add_stream("prores_ks", rate=RATE, options={"profile": "3", "vendor": "apl0"})
        frames = iter(frames)
        first = next(frames)
        video.height, video.width = first.shape[:2]
        video.pix_fmt = "yuv422p10le"
        video.metadata.update({"timecode": "10:00:00:00", "reel_name": "A001C001"})
        context = video.codec_context
        context.time_base = 1 / RATE
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        audio = out.add_stream("pcm_s16le", rate=SOUND_RATE, layout="mono")
        for n, rgb in enumerate(chain([first], frames)):
            whole = np.rint(np.clip(rgb, 0, 1) * 65535).astype(np.uint16)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(whole), format="rgb48le")
            frame = frame.reformat(format="yuv422p10le", dst_colorspace=1)
            frame.colorspace, frame.color_range = 1, 1
            frame.color_primaries = frame.color_trc = 1
            frame.pts, frame.time_base = n, 1 / RATE
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        samples = np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)
        heard = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
        heard.sample_rate, heard.pts, heard.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        out.mux(audio.encode(heard))
        out.mux(audio.encode(None))
    part.rename(path)
