"""How exactly a take without sound is laid along its dub by its lips.

    python -m benchmarks.silent_takes

Each clip of ../shared/footage is its own take: its picture alone, against a dub that is its sound
with 2.37 s of silence before.  The line begins 0.4 s after the take and ends 0.6 s before its end,
as with a take that was not trimmed.  The filter that predicts mouths from sound (engine/sound) was
fitted on some of these people.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from dubsync.core.errors import DubsyncError
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Line
from dubsync.core.sound.audio import Sound
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import build
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.reel.silent_take import silent_take_times
from dubsync.service.store.folder import Store
from dubsync.speech.audio_features import extract_features

FOOTAGE = Path(__file__).parents[1].parent / "shared" / "footage"
CLIPS = (
    "katiehill_512_8s.mp4", "grid_ans_man_fair.mpg", "grid_bbaf2n.mpg", "grid_lbax4n.mpg",
    "grid_s1_bbas1s.mpg", "woman_bluewall_700_7s.mp4", "obama_whcd_podium_480p_5s.mp4",
    "vox2_a00015.mp4", "vox2_p00473.mp4",
)  # fmt: skip
START, HEAD_S, TAIL_S = 3600, 2.37, 2.0
RATE = 16000


def main() -> None:
    """Print a row for each clip."""
    engine = build(EngineSettings())
    print("| clip | off by, ms | how |\n| --- | --- | --- |")
    with TemporaryDirectory() as folder:
        tracks = FaceTrackCache(Store(Path(folder)), engine)
        for name in CLIPS:
            plate = probe_plate(FOOTAGE / name)
            sound = read_sound(FOOTAGE / name, rate=RATE)
            padding = [np.zeros(round(s * RATE), np.float32) for s in (HEAD_S, TAIL_S)]
            samples = np.concatenate([padding[0], np.asarray(sound.samples), padding[1]])
            features = extract_features(Sound(samples, RATE, Fraction(START)))
            true = START + HEAD_S
            ends = round((true + 0.4) * 25), round((true + sound.seconds - 0.6) * 25)
            line = Line("A_L001", "A", "en", name, FrameRange(*ends, Fraction(25)))
            take = replace(plate, has_sound=False, has_timecode=False)
            try:
                track = tracks.voice_actor(plate, progress=silent)
                placed = silent_take_times(take, track, line, features, engine)
                print(f"| {name} | {1000 * (placed.times[0] - true):+.0f} | {placed.how} |")
            except DubsyncError as error:
                print(f"| {name} | - | {error} |")


if __name__ == "__main__":
    main()
