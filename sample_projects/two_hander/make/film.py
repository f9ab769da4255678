"""Plates and takes: frames rendered one after the other and written as movies.

Movies carry what a camera's would: source timecode in a tmcd track, BT.709 tags, production sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import mouth
import numpy as np
import screenplay as sp
import sound
import stage
from av.video.reformatter import Colorspace
from directions import Directions
from generator import Generator
from landmarks import Landmarker
from matte import Matting
from motion import Motion, ease, talking_head
from performer import Performer
from solve import load_or_solve
from voice import RATE as SOUND_RATE

COMMENT = "SYNTHETIC: generated faces and voices, nobody real (dubsync sample reel)"
VIDEO = {
    "h264": (
        "libx264",
        "yuv420p",
        {"crf": "18.5", "preset": "slow", "profile": "high", "threads": "2"},
    ),
    "prores": (
        "prores_ks",
        "yuv422p10le",
        {"profile": "2", "bits_per_mb": "170", "vendor": "apl0"},
    ),
}
"""Encoder, pixel format and options by Plate.codec."""

TAKE_FRAMING = stage.Framing(1.14, 0.5, -0.03)


@dataclass(frozen=True)
class Studio:
    """The tools all plates are made with."""

    generator: Generator
    landmarker: Landmarker
    matting: Matting
    known: Directions
    cache: Path

    def performer(self, seed: int, yaw: float) -> Performer:
        """A performer turned to a yaw in degrees."""
        solved = load_or_solve(seed, self.known, self.generator, self.landmarker, self.cache)
        return Performer(self.generator, self.landmarker, self.matting, self.known, solved, yaw)


@dataclass(frozen=True)
class Acting:
    """One performer through one shot."""

    performer: Performer
    framing: stage.Framing
    mouth: np.ndarray
    """Weights [frames, 4] of mouth.SHAPES."""
    motion: Motion

    def placed(self, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Picture and matte in the frame."""
        m = self.motion
        pose = (float(m.yaw[frame]), float(m.pitch[frame]), float(m.roll[frame]))
        layer = self.performer.layer(self.mouth[frame], int(m.lids[frame]), m.gaze[frame], pose)
        return stage.place(layer, self.performer.middle, self.framing, m.shift[frame])


def shoot(
    acting: list[Acting], background: np.ndarray, frames: int, seed: int
) -> Iterator[np.ndarray]:
    """Frames [HEIGHT, WIDTH, 3], BGR float32, 0 to 255; the last performer stands in front."""
    rng = np.random.default_rng(seed)
    times = np.arange(frames) / float(sp.RATE)
    drift = np.stack([2.2 * np.sin(times / 1.9 + seed), 1.1 * np.sin(times / 1.3 + 2 * seed)], 1)
    for k in range(frames):
        picture = stage.window(background, drift[k])
        for one in acting:
            picture = stage.over(one.placed(k), picture)
        yield stage.grain(stage.grade(picture), rng)


def plate_acting(studio: Studio, plate: sp.Plate, recordings: sound.Recordings) -> list[Acting]:
    """Everybody in a plate, speaking the lines they have there."""
    out = []
    for number, stand in enumerate(plate.stands):
        phones = []
        for name, frame in plate.lines.items():
            if sp.LINES[name].character == stand.character:
                start = sound.seconds(frame)
                phones += sound.shifted(recordings.original[name].phones, start)
        weights = mouth.weights(phones, plate.frames, float(sp.RATE), energy=1.2)
        turn = 0.0 if stand.turn is None else _turn(plate.frames, *stand.turn)
        moves = talking_head(
            plate.motion + 100 * number,
            weights,
            float(sp.RATE),
            turn=turn,
            liveliness=stand.liveliness,
        )
        performer = studio.performer(sp.CHARACTERS[stand.character].seed, stand.yaw)
        out.append(Acting(performer, stand.framing, weights, moves))
    return out


def _turn(frames: int, before: float, after: float, start: float, end: float) -> np.ndarray:
    """Yaw of a head turn [frames], in degrees."""
    return before + (after - before) * ease(frames, start, end)


def make_plate(studio: Studio, plate: sp.Plate, recordings: sound.Recordings, path: Path) -> None:
    """Render one plate."""
    acting = plate_acting(studio, plate, recordings)
    frames = shoot(acting, stage.garden(*plate.garden), plate.frames, plate.motion)
    track = sound.production(plate, recordings)
    write_movie(path, frames, track, plate.codec, plate.timecode, plate.reel)


def make_take(studio: Studio, recordings: sound.Recordings, path: Path) -> None:
    """Render the filmed take: a third performer speaks one dub line, livelier than the cast."""
    spoken = recordings.dubs[sp.TAKE_LANGUAGE][sp.TAKE_LINE]
    length = int(np.ceil(spoken.length * float(sp.RATE)))
    frames = length + 2 * sp.TAKE_ROOM
    phones = sound.shifted(spoken.phones, sound.seconds(sp.TAKE_ROOM))
    weights = mouth.weights(phones, frames, float(sp.RATE), energy=1.35)
    moves = talking_head(sp.TAKE_SEED, weights, float(sp.RATE), liveliness=1.5)
    performer = studio.performer(sp.TAKE_SEED, 3.0)
    track = sound.room_tone(round(sound.seconds(frames) * SOUND_RATE), sp.TAKE_SEED)
    sound.add(track, spoken, sp.TAKE_ROOM)
    shot = shoot([Acting(performer, TAKE_FRAMING, weights, moves)], stage.booth(), frames, 7)
    write_movie(path, shot, track, "h264", "15:02:10:00", "T001C001")


def write_movie(
    path: Path,
    frames: Iterator[np.ndarray],
    track: np.ndarray,
    codec: str,
    timecode: str,
    reel: str,
) -> None:
    """Write frames (BGR float) and mono sound as a QuickTime movie."""
    encoder, pixels, options = VIDEO[codec]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("part_" + path.name)
    flags = {"movflags": "+faststart+write_colr"}
    with av.open(str(part), "w", format="mov", options=flags) as out:
        out.metadata.update({"comment": COMMENT, "title": path.stem})
        video = out.add_stream(encoder, rate=sp.RATE, options=options)
        video.width, video.height, video.pix_fmt = stage.WIDTH, stage.HEIGHT, pixels
        video.metadata.update({"timecode": timecode, "reel_name": reel})
        context = video.codec_context
        context.time_base = Fraction(1) / sp.RATE
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # video levels
        if codec == "h264":
            context.gop_size = 24
        audio = out.add_stream("alac", rate=SOUND_RATE, layout="mono")
        audio.format = "s16p"  # or the encoder takes 24 bits of which a third are nought
        for number, picture in enumerate(frames):
            out.mux(video.encode(_video_frame(picture, pixels, number)))
        out.mux(video.encode(None))
        for packet in _sound_packets(audio, track):
            out.mux(packet)
    part.replace(path)


def _video_frame(bgr: np.ndarray, pixels: str, number: int) -> av.VideoFrame:
    """One frame in the movie's pixel format, converted and tagged BT.709."""
    rgb = np.clip(np.round(bgr[:, :, ::-1] * 257), 0, 65535).astype(np.uint16)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb48le")
    frame = frame.reformat(format=pixels, dst_colorspace=Colorspace.ITU709)
    frame.colorspace, frame.color_range = 1, 1
    frame.color_primaries = frame.color_trc = 1
    frame.pts, frame.time_base = number, Fraction(1) / sp.RATE
    return frame


def _sound_packets(audio: av.AudioStream, track: np.ndarray) -> Iterator[list[av.Packet]]:
    """The track encoded in pieces of 4096 samples."""
    samples = sound.to_16_bit(track)
    for start in range(0, len(samples), 4096):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 4096], "s16p", "mono")
        frame.sample_rate, frame.pts = SOUND_RATE, start
        frame.time_base = Fraction(1, SOUND_RATE)
        yield audio.encode(frame)
    yield audio.encode(None)
