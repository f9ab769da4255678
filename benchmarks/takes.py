"""Takes: does the actor do what the take does, within the actor's range, with every closure?

    python -m benchmarks.takes [--json] [--tracks FOLDER]

Each take of ../shared/takes drives each actor of ../shared/footage, as motion: nothing is drawn.
Channels are compared with the take's own; the actor's range is the minimum and maximum of each
channel in the actor's own clip.  A closure is a frame of the take whose lips touch; it is kept when
the actor's lips are within 0.01 eye distances within a frame.

Comp: one line is comped from two takes, each with a part hidden; the mouth there should be the
other's.  Skipped: a clip dubbed with its own sound and its own mouth changes nothing; one with
another clip's mouth changes everything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio, TakeCue
from dubsync.engine import build
from dubsync.engine.drive.comping import comp
from dubsync.engine.drive.keep_plate import frames_to_keep
from dubsync.engine.motion.basis import Basis, learn_basis
from dubsync.engine.motion.fit import CHANNELS, channels, fit, mouth_shape
from dubsync.engine.motion.motion_range import JAW, OPENING, WIDTH, MotionRange, motion_range_of
from dubsync.engine.take.drive import drive_take, take_channels
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from dubsync.service.store.folder import Store
from dubsync.speech.audio_features import extract_features

SHARED = Path(__file__).parents[2] / "shared"
TAKES = (
    "woman_lipsync_15s.mp4", "man_shout.mp4", "mead_happy.mp4", "woman_long_34s.mp4",
    "man_glasses_phone.mp4", "man_greenscreen.mp4", "mead_contempt.mp4", "woman_grimaces.mp4",
)  # fmt: skip
ACTORS = (
    "woman_braids_720p_24s.mp4", "andrew_a_25s.mov", "katiehill_512_8s.mp4",
    "obama_address_30s.mov", "man_black_sweater_1080x1920_20s.mp4", "woman_bluewall_700_7s.mp4",
    "man_suit_700_6s.mp4",
)  # fmt: skip
LEAST_JAW, LEAST_WIDTH, MOST_BEYOND = 0.9, 0.8, 0.10
TOUCH, KEPT = 0.012, 0.01  #: a take's lips touch; an actor's are together, model units
#: Clips with sound, which can serve as takes of their own words.
COMPED = ("andrew_b_27s.mov", "obama_oval_20s.mov")
TALKING = ("andrew_a_25s.mov", "obama_address_30s.mov", "katiehill_512_8s.mp4")

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Row:
    """One take on one actor.  `beyond` is the farthest any channel leaves the actor's range, as a
    fraction of it; `size` the standard deviation of the opening over the take's."""

    take: str
    actor: str
    frames: int
    jaw: float
    width: float
    opening: float
    beyond: float
    farthest: str
    closures: int
    kept: int
    size: float


class Kept:
    """Faces, tracked once and saved."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder)
        self._engine = build(EngineSettings())

    @cache  # noqa: B019 - one of them lives as long as the program
    def track(self, name: str) -> FaceTrack:
        """The longest face track of the clip."""
        home = "takes" if name in TAKES else "footage"
        plate = probe_plate(SHARED / home / name)

        def make() -> tuple[FaceTrack, ...]:
            with open_plate(plate) as reader:
                frames = reader.frames(plate.frames)
                return self._engine.track(frames, plate.frames, shot=name, progress=silent)

        key = f"{Path(name).stem}_{self._engine.version.replace('/', '_')}"
        return max(self._store.tracks(key, make), key=lambda track: len(track.frames))

    @cache  # noqa: B019
    def actor(self, name: str) -> tuple[Basis, MotionRange, Values]:
        """The actor's basis, motion range, and the channels of their own clip as offsets from
        rest."""
        track = self.track(name)
        basis = learn_basis([track])
        mouths = fit(track, basis).mouth[track.confidence > 0]
        return basis, motion_range_of(basis, [mouths]), shown(mouths, basis)


def shown(mouth: NDArray[np.floating], basis: Basis) -> Values:
    """(T, 7) channels of mouths (T, M), as offsets from rest."""
    faces = basis.rest + mouth_shape(np.asarray(mouth, np.float32), basis)
    apart = channels(faces).stacked() - channels(basis.rest[None]).stacked()
    return np.asarray(apart, np.float64)


def cue_of(track: FaceTrack, name: str = "take") -> TakeCue:
    """The take as its own dub."""
    at = np.arange(len(track.frames)) / float(track.frames.rate)
    return TakeCue(track, at, (0.0, float(at[-1])), name)


def row(kept: Kept, take: str, actor: str) -> Row:
    """How a take comes out on an actor."""
    basis, motion_range, own = kept.actor(actor)
    cue = cue_of(kept.track(take))
    times = np.arange(0, cue.span[1], 1 / float(kept.track(actor).frames.rate))
    driven = drive_take(cue, times, basis, motion_range)
    theirs = take_channels(cue).stacked().astype(np.float64)
    wanted = np.stack([np.interp(times, cue.times, c) for c in theirs.T], axis=1)
    made, use = shown(driven.mouth, basis), driven.sure
    low, high = own.min(axis=0), own.max(axis=0)
    beyond = (np.maximum(made - high, low - made) / (high - low))[use].max(axis=0)
    touch = theirs[:, OPENING] <= TOUCH
    closures = [t for t in np.asarray(cue.times)[touch] if times[0] <= t <= times[-1]]
    near = [int(np.argmin(np.abs(times - t))) for t in closures]
    met = sum(made[max(n - 1, 0) : n + 2, OPENING].min() <= KEPT for n in near)
    return Row(
        Path(take).stem, Path(actor).stem, int(use.sum()),
        *(_alike(made[use, c], wanted[use, c]) for c in (JAW, WIDTH, OPENING)),
        float(beyond.max()), CHANNELS[int(beyond.argmax())], len(closures), int(met),
        float(made[use, OPENING].std() / wanted[use, OPENING].std()),
    )  # fmt: skip


def _alike(one: Values, other: Values) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@dataclass(frozen=True, slots=True)
class CompRow:
    """A line comped from two takes, each lost over half of it.

    right    fraction of frames that come from the take that shows them
    off      root mean square of the opening against the whole take, eye distances
    by_sound the same where sound fills what one take alone lacks
    """

    take: str
    right: float
    off: float
    by_sound: float


def comp_row(kept: Kept, take: str, actor: str) -> CompRow:
    """A take with its first half lost and one with its second half lost."""
    basis, motion_range, _ = kept.actor(actor)
    track, sound = kept.track(take), extract_features(read_sound(SHARED / "footage" / take))
    whole = cue_of(track)
    times = np.arange(0.2, whole.span[1] - 0.2, 1 / 25)
    half = float(np.median(times))
    dub, sound_mouth = AlignedAudio(sound, times), np.zeros((len(times), len(basis.mouth_moves)))
    one, two = (
        cue_of(replace(track, confidence=np.where(lost, 0, track.confidence)), name)
        for lost, name in ((whole.times > half, "one"), (whole.times < half, "two"))
    )
    truth = drive_take(whole, times, basis, motion_range).mouth
    both, alone = (
        comp(sound_mouth, dub, [one, two], basis, motion_range),
        comp(sound_mouth, dub, [one], basis, motion_range),
    )
    away = [float(np.sqrt(((shown(m, basis) - shown(truth, basis))[:, OPENING] ** 2).mean()))
            for m in (both.mouth, alone.mouth)]  # fmt: skip
    right = np.where(times <= half, both.owner == 0, both.owner == 1)
    return CompRow(Path(take).stem, float(right.mean()), *away)


def alone_shares(kept: Kept, name: str) -> tuple[float, float]:
    """Fraction of spoken frames skipped: with the clip's own mouth, and with another moment's."""
    track = kept.track(name)
    basis, _, _ = kept.actor(name)
    motion = fit(track, basis)
    sound: AudioFeatures = extract_features(read_sound(SHARED / "footage" / name))
    times = np.arange(len(track.frames)) / float(track.frames.rate)
    dub, weight = AlignedAudio(sound, times), np.ones(len(times))
    shares = []
    for late in (0, len(times) // 3):
        wanted = np.roll(np.asarray(motion.mouth, np.float64), late, axis=0)
        same = frames_to_keep(motion, wanted, dub, basis, weight, 3)
        spoken = np.interp(times, np.arange(len(sound.speech)) / 100, sound.speech) > 0.5
        shares.append(float(same[spoken].mean()))
    return shares[0], shares[1]


def tables(
    rows: Sequence[Row], comps: Sequence[CompRow], alone: dict[str, tuple[float, float]]
) -> list[Table]:
    """The figures as tables."""
    takes = Table(title="Takes across people, as motion")
    for name in ("take", "actor", "frames", "jaw r", "width r", "opening r", "beyond", "",
                 "closures", "size"):  # fmt: skip
        takes.add_column(name)
    for r in rows:
        takes.add_row(r.take, r.actor, str(r.frames), f"{r.jaw:.3f}", f"{r.width:.3f}",
                      f"{r.opening:.3f}", f"{r.beyond:+.1%}", r.farthest,
                      f"{r.kept}/{r.closures}", f"{r.size:.2f}")  # fmt: skip
    joined = Table("take", "right take", "opening off", "one take alone", title="Comp")
    for c in comps:
        joined.add_row(c.take, f"{c.right:.1%}", f"{c.off:.4f}", f"{c.by_sound:.4f}")
    left = Table("clip", "its own mouth", "another moment's", title="Skipped, spoken frames")
    for clip, (own, other) in alone.items():
        left.add_row(Path(clip).stem, f"{own:.1%}", f"{other:.1%}")
    return [takes, joined, left]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--tracks", type=click.Path(path_type=Path, file_okay=False),
              default=Path(".bench"), help="Where face tracks are saved.")  # fmt: skip
def main(as_json: bool, tracks: Path) -> None:
    """Measure; exit 3 where a target is missed."""
    kept = Kept(tracks)
    rows = [row(kept, take, actor) for actor in ACTORS for take in TAKES]
    comps = [comp_row(kept, take, ACTORS[0]) for take in COMPED]
    alone = {name: alone_shares(kept, name) for name in TALKING}
    passed = all(
        r.jaw >= LEAST_JAW and r.width >= LEAST_WIDTH and r.beyond <= MOST_BEYOND
        and r.kept == r.closures
        for r in rows
    )  # fmt: skip
    if as_json:
        result = {"passed": passed, "takes": [asdict(r) for r in rows],
                 "comp": [asdict(c) for c in comps], "skipped": alone}  # fmt: skip
        click.echo(json.dumps(result, indent=1))
    else:
        console = Console(width=130)
        for table in tables(rows, comps, alone):
            console.print(table)
    raise SystemExit(0 if passed else 3)


if __name__ == "__main__":
    main()
