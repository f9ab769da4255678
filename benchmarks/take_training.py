"""Training on takes: what a voice actor's filmed takes add where a line has no take.

    python -m benchmarks.take_training [--kept FOLDER]

An actor is learnt from their own plate, and then from the plate and another person's filmed take,
as in `learn_speaking_style`.  Both are driven by later speech of that other person, and compared
with the film of that speech, brought into the actor's range by `drive_take`: the mouth that a take
would have given.  The head is trained without the other person.  Folder: as in
benchmarks/sound_head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.drive.clips import SPLIT
from benchmarks.drive.figures import Row, means, measured
from benchmarks.drive.trials import trial as compared
from benchmarks.sound_head import HELD_OUT, TRAINED_ON, Talk, Talks, talks
from dubsync.core.steps import AlignedAudio, FilmedTake, Footage, TakeCue
from dubsync.engine.motion.basis import Basis, learn_basis
from dubsync.engine.motion.fit import channels, fit, mouth_shape
from dubsync.engine.motion.motion_range import MotionRange, motion_range_of
from dubsync.engine.sound.drive import drive_audio, learn_sound
from dubsync.engine.take.drive import drive_take

#: The actor's plate, the take, the test speech; a take that is also tested on: its last fifth.
TRIALS = (
    ("obama_address_30s.mov", "andrew_a_25s.mov", "andrew_b_27s.mov"),
    ("andrew_a_25s.mov", "obama_address_30s.mov", "obama_oval_20s.mov"),
    ("andrew_a_25s.mov", "obama_address_30s.mov", "obama_2020_20s.mov"),
    ("obama_address_30s.mov", "woman_braids_720p_24s.mp4", "woman_braids_720p_24s.mp4"),
    ("andrew_a_25s.mov", "man_black_sweater_1080x1920_20s.mp4",
     "man_black_sweater_1080x1920_20s.mp4"),
)  # fmt: skip
BY = ("plate", "plate and take")

Values = NDArray[np.float64]


def trial(clips: Talks, plate: str, take: str, tested_on: str) -> Iterator[Row]:
    """One row for the plate alone, one for plate and take."""
    own, head = clips[plate], clips.head_without((TRAINED_ON | HELD_OUT)[take])
    basis = learn_basis([own.track])
    motion = fit(own.track, basis)
    motion_range = motion_range_of(basis, [motion.mouth])
    split = SPLIT if take == tested_on else 1.0
    taught_take = _filmed(clips[take], 0.0, split)
    test_take = _filmed(clips[tested_on], split if split < 1 else 0.0, 1.0)
    truth, sure = _mouth(test_take, basis, motion_range)
    late = clips[tested_on].late
    dub = AlignedAudio(test_take.audio.features, np.asarray(test_take.audio.times) + late)
    plates = Footage(plate, own.track, lambda numbers: iter(()), own.audio)
    for by, takes in ((BY[0], ()), (BY[1], (taught_take,))):
        sound = learn_sound([plates], basis, [motion], takes=takes, head=head)
        mouth = drive_audio(dub, sound, basis, head=head)
        predicted = channels(basis.rest + mouth_shape(mouth, basis)).stacked().astype(np.float64)
        seen = replace(test_take.track, confidence=sure)
        one = compared((plate, tested_on, by), predicted, truth, seen, dub)
        yield Row("takes", take, plate, tested_on, by, measured(one))


def _filmed(talk: Talk, begin: float, end: float) -> FilmedTake:
    """From share `begin` to `end` of a clip."""
    count = len(talk.track.frames)
    rows = slice(round(begin * count), round(end * count))
    track = talk.track.part(rows.start, rows.stop)
    return FilmedTake("take", track, AlignedAudio(talk.features, talk.times[rows]))


def _mouth(
    take: FilmedTake, basis: Basis, motion_range: MotionRange
) -> tuple[Values, NDArray[np.float32]]:
    """(T, 7) channels that the take would give the actor; (T,) above 0 where it is sure."""
    times = np.asarray(take.audio.times)
    cue = TakeCue(take.track, times, (float(times[0]), float(times[-1])))
    result = drive_take(cue, times, basis, motion_range)
    shown = channels(basis.rest + mouth_shape(np.asarray(result.mouth, np.float32), basis))
    sure = np.where(result.sure, np.asarray(take.track.confidence), 0).astype(np.float32)
    return shown.stacked().astype(np.float64), sure


@click.command()
@click.option("--kept", type=click.Path(path_type=Path), default=Path("sound_head_kept"))
def main(kept: Path) -> None:
    """Measure how much takes add."""
    rows = [row for names in TRIALS for row in trial(talks(kept), *names)]
    for row in rows:
        of = row.figures
        alike = _numbers((of.opening, of.width, of.jaw))
        click.echo(f"{row.learnt:20.20s} {row.tested:20.20s} {row.by:15s} {alike}")
    for by in BY:
        of = means([row.figures for row in rows if row.by == by])
        click.echo(
            f"{'mean':41s} {by:15s} {_numbers((of.opening, of.width, of.jaw))}  "
            f"closures {of.hit:.2f}"
        )


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:5.3f}" for value in values)


if __name__ == "__main__":
    main()
