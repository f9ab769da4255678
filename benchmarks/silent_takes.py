"""How exactly a take without sound is laid along its dub by its lips.

    python -m benchmarks.silent_takes [--kept FOLDER]

Each clip of ../shared/footage is its own take: its picture alone, against a dub that is its sound
with 2.37 s of silence before.  The line begins 0.4 s after the take and ends 0.6 s before its end,
as with a take that was not trimmed.  Then each is laid along the dubs of three others, where none
belongs.  The filter that predicts mouths from sound (engine/sound) was fitted on those of these
people that benchmarks.sound_head.TRAINED_ON names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import click
import numpy as np

from benchmarks.sound_head import FOOTAGE, Talk, talks
from dubsync.core.errors import MediaError
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Line
from dubsync.core.sound.audio import AudioFeatures, Sound
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import build
from dubsync.media.sound.stem import read_sound
from dubsync.service.reel.silent_take import silent_take_times
from dubsync.speech.audio_features import extract_features

CLIPS = (
    "katiehill_512_8s.mp4", "grid_ans_man_fair.mpg", "grid_ans_woman_curly.mpg",
    "grid_bbaf2n.mpg", "grid_lbax4n.mpg", "grid_s1_bbas1s.mpg", "woman_bluewall_700_7s.mp4",
    "biden_whitehouse_720p_7s.mp4", "woman_braids_720p_24s.mp4", "obama_whcd_podium_480p_5s.mp4",
    "vox2_a00015.mp4", "vox2_a00104.mp4", "vox2_i00098.mp4", "vox2_p00473.mp4",
    "vox2_p517600055.mp4", "vox2_p620900105.mp4", "vox2_p741400163.mp4",
)  # fmt: skip
STRANGERS = 3
START, HEAD_S, TAIL_S = 3600, 2.37, 2.0
TRUE_S = START + HEAD_S
RATE = 16000


@dataclass(frozen=True)
class Dub:
    """A clip's sound as a dub: its features on record time, and the line in it."""

    features: AudioFeatures
    line: Line


def dub_of(name: str) -> Dub:
    """The clip's own sound, silence before and after it."""
    sound = read_sound(FOOTAGE / name, rate=RATE)
    before, after = (np.zeros(round(s * RATE), np.float32) for s in (HEAD_S, TAIL_S))
    samples = np.concatenate([before, np.asarray(sound.samples), after])
    features = extract_features(Sound(samples, RATE, Fraction(START)))
    ends = round((TRUE_S + 0.4) * 25), round((TRUE_S + sound.seconds - 0.6) * 25)
    return Dub(features, Line("A_L001", "A", "en", name, FrameRange(*ends, Fraction(25))))


def placed(talk: Talk, dub: Dub, engine: Engine) -> tuple[float | None, str]:
    """Seconds by which the take is laid after the clip's own place, and how; None: refused."""
    take = replace(talk.plate, has_sound=False, has_timecode=False)
    try:
        result = silent_take_times(take, talk.track, dub.line, dub.features, engine)
    except MediaError as error:
        return None, str(error)
    return float(result.times[0]) - TRUE_S, result.how


@click.command(help=__doc__)
@click.option("--kept", type=click.Path(path_type=Path), default=Path("sound_head_kept"))
def main(kept: Path) -> None:
    """Print a row for each clip, then how strangers' takes were placed."""
    engine, clips = build(EngineSettings()), talks(kept)
    dubs = {name: dub_of(name) for name in CLIPS}
    print("| clip | off by, ms | how |\n| --- | --- | --- |")
    for name in CLIPS:
        by, how = placed(clips[name], dubs[name], engine)
        print(f"| {name} | {'-' if by is None else f'{1000 * by:+.0f}'} | {how} |")
    rng = np.random.default_rng(0)
    hows: Counter[str] = Counter()
    for name in CLIPS:
        others = [other for other in CLIPS if other[:6] != name[:6]]
        for other in rng.permutation(others)[:STRANGERS]:
            by, how = placed(clips[name], dubs[str(other)], engine)
            hows["refused" if by is None else how] += 1
    print("along another's dub:", dict(hows))


if __name__ == "__main__":
    main()
