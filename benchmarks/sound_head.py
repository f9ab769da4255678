"""The sound head: its training data, training and evaluation.

    python -m benchmarks.sound_head [--kept FOLDER] [--fit]

Clips of ../shared/footage.
Without --fit it evaluates on held-out people: for every person a head is trained without any of
their clips.  With --fit it also writes the head that ships, trained on all, and prints its digest.
About two minutes a head on one core.

Trained on: the clips of benchmarks/clean_footage.py.  Only numbers of sound and lips enter, and
none can be read back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save, save_file

from benchmarks.clean_footage import CLIPS, SHARED, clip_path
from benchmarks.offsets import LATE_MS
from dubsync.core.digest import digest
from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Plate
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio
from dubsync.engine import build
from dubsync.engine.motion.motion_range import JAW, OPENING, WIDTH
from dubsync.engine.sound.av_offset import likeness, sound_offset
from dubsync.engine.sound.head_pairs import tracked_channels, training_pair
from dubsync.engine.sound.sound_head import SHIPPED, Head
from dubsync.engine.sound.train_head import FROM_SCRATCH, TrainingPair, train_from_scratch
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from dubsync.service.store.folder import Store
from dubsync.speech.audio_features import extract_features

FOOTAGE = SHARED
#: Clip -> the person in it: all of benchmarks/clean_footage.py.
TRAINED_ON = {clip.name: clip.person for clip in CLIPS}
#: Evaluation only: no head is trained on them.
HELD_OUT = {
    "woman_braids_720p_24s.mp4": "braids", "andrew_a_25s.mov": "andrew",
    "andrew_b_27s.mov": "andrew", "obama_2020_20s.mov": "obama",
    "man_black_sweater_1080x1920_20s.mp4": "sweater", "woman_bluewall_700_7s.mp4": "bluewall",
    "syncnet_example_offset3.avi": "syncnet", "biden_whitehouse_720p_7s.mp4": "biden",
}  # fmt: skip
SEEDS = (0, 1, 2)
CONFIG = replace(FROM_SCRATCH, steps=800)  #: a minute of one person and three seconds of fifteen
#: Tracks are kept under this and the clip's digest: the engine's version when the tracker last
#: changed, so that a change of another step does not track the clips again.
TRACKED_BY = "actor-9/0/450"

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """A clip of one person who talks; `late` is how late its sound is, seconds."""

    name: str
    plate: Plate
    track: FaceTrack
    features: AudioFeatures
    late: float

    @property
    def times(self) -> Values:
        """(T,) seconds of each frame."""
        count = np.arange(len(self.track.frames)) + self.track.frames.start
        return np.asarray((count - self.plate.frames.start) / float(self.plate.frames.rate))

    @property
    def audio(self) -> AlignedAudio:
        """The clip's own sound against its frames."""
        return AlignedAudio(self.features, self.times)

    @property
    def in_sync(self) -> AlignedAudio:
        """The sound against the frames, the clip's A/V offset removed."""
        return AlignedAudio(self.features, self.times + self.late)


class Talks:
    """Clips, tracked once; saved in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._store = folder, Store(folder)
        self._engine = build(EngineSettings())
        self._known: dict[str, Talk] = {}

    def __getitem__(self, name: str) -> Talk:
        if name not in self._known:
            self._known[name] = self._tracked(name)
        return self._known[name]

    def _tracked(self, name: str) -> Talk:
        path = clip_path(name)
        plate = probe_plate(path)
        key = digest(TRACKED_BY, self._store.file_digest(path))[:32]

        def track_faces() -> tuple[FaceTrack, ...]:
            with open_plate(plate) as reader:
                frames = reader.frames(plate.frames)
                return self._engine.track(frames, plate.frames, shot=name, progress=silent)

        track = max(self._store.tracks(key, track_faces), key=lambda result: len(result.frames))
        features = extract_features(read_sound(path))
        if name in LATE_MS or name.startswith("grid_"):
            return Talk(name, plate, track, features, LATE_MS.get(name, 0.0) / 1000)
        seen = np.asarray(track.confidence) > 0
        audio = Talk(name, plate, track, features, 0.0).audio
        result = sound_offset(audio, tracked_channels(track), seen)
        return Talk(name, plate, track, features, result.seconds)

    def head_without(self, person: str) -> Head:
        """A head trained on everybody of TRAINED_ON but `person`; saved in the folder."""
        pairs = [self.pair(name) for name, owner in TRAINED_ON.items() if owner != person]
        key = digest(CONFIG, SEEDS, [(one.inputs, one.mouth) for one in pairs])[:32]
        path = self.folder / f"head_{key}.safetensors"
        if not path.exists():
            save_file(_arrays(train_from_scratch(pairs, SEEDS, CONFIG)), path)
        return Head(**load_file(path))

    def pair(self, name: str) -> TrainingPair:
        """The clip as a training pair."""
        talk = self[name]
        return training_pair(talk.track, talk.features, talk.times, talk.late)


def _arrays(head: Head) -> dict[str, NDArray[np.float32]]:
    names = ("level", "spread", "weights")
    return {name: np.array(getattr(head, name), np.float32) for name in names}


@cache
def talks(folder: Path) -> Talks:
    """The clips saved in `folder`."""
    return Talks(folder)


def held_out_rows(clips: Talks) -> Iterator[tuple[str, list[float], list[float]]]:
    """Each clip, correlations of opening, width and jaw as predicted by a head trained without the
    person, and the standard deviation of its predictions in speech."""
    for name, person in (TRAINED_ON | HELD_OUT).items():
        if name.startswith("grid"):
            continue  # three seconds each
        pair, head = clips.pair(name), clips.head_without(person)
        predicted = head.predict(head.hidden_layers(pair.inputs))
        use = pair.seen > 0
        correlations = [
            likeness(predicted[use, c], pair.mouth[use, c]) for c in (OPENING, WIDTH, JAW)
        ]
        yield name, correlations, [float(v) for v in predicted[use].std(axis=0)]


def shipped_file(clips: Talks) -> bytes:
    """The file that ships: trained on everybody of TRAINED_ON, weights in 16 bits."""
    head = clips.head_without("nobody")
    arrays: dict[str, NDArray[np.floating]] = dict(_arrays(head))
    arrays["weights"] = arrays["weights"].astype(np.float16)
    return save(arrays)


def _line(values: Sequence[float]) -> str:
    return " ".join(f"{value:5.2f}" for value in values)


@click.command()
@click.option("--kept", type=click.Path(path_type=Path), default=Path("sound_head_kept"))
@click.option("--fit", is_flag=True, help="Also train the head that ships.")
@click.option("--only-fit", is_flag=True, help="Only train the head that ships.")
def main(kept: Path, fit: bool, only_fit: bool) -> None:
    """Evaluate on held-out people; train the head that ships."""
    clips = talks(kept)
    if fit or only_fit:
        data = shipped_file(clips)
        SHIPPED.write_bytes(data)
        click.echo(f"{SHIPPED.name} {len(data)} bytes, sha256 {sha256(data).hexdigest()}")
    if only_fit:
        return
    rows = list(held_out_rows(clips))
    for name, alike, spread in rows:
        click.echo(f"{name:40s} {_line(alike)}   deviations {_line(spread)}")
    click.echo(f"{'mean':40s} {_line(np.mean([row[1] for row in rows], axis=0))}")


if __name__ == "__main__":
    main()
