"""Drive: does the mouth follow the take, and does sound alone move it as the actor's own did?

    python -m benchmarks.drive [--json] [--motion-only] [--seconds N] [--part take|sound]

Take drive, across people: a take of ../shared/takes drives the face of a clip of
../shared/footage; jaw and lip opening are compared with the take's own, once as coefficients
(motion) and once on the rendered frames, composited and tracked again (render).

Sound drive: fitted on one clip of a speaker, judged on another.  Several public clips are out of
sync, so the judged clip's own offset, measured on its own sound and picture with no use of the
fitted model, is taken out first.  Intervals are the middle 80 % of 400 resamplings of 1 s blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from dubsync.core.face import FaceTrack, Performance, Tweak
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Plate
from dubsync.core.steps import Engine, Footage, Heard, TakeCue
from dubsync.core.timecode import FrameRange
from dubsync.engine import build
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.basis import Basis, learn_basis
from dubsync.engine.drive_audio import SoundMouth, drive_audio, learn_sound
from dubsync.engine.drive_take import drive_take, take_channels
from dubsync.engine.fit import channels, fit, frontal, mouth_shape
from dubsync.engine.reach import JAW, OPENING, WIDTH, reach
from dubsync.engine.sound_offset import NATURAL_S, sound_offset
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.stem import read_sound
from dubsync.speech.hearing import hear

SHARED = Path(__file__).parents[2] / "shared"
TAKES = ("woman_lipsync_15s.mp4", "man_shout.mp4", "mead_happy.mp4", "woman_long_34s.mp4")
TARGETS = ("woman_braids_720p_24s.mp4", "andrew_a_25s.mov", "katiehill_512_8s.mp4")
#: Fitted on, judged on.
SPEAKERS = (
    ("andrew_a_25s.mov", "andrew_b_27s.mov"),
    ("obama_address_30s.mov", "obama_oval_20s.mov"),
    ("andrew_b_27s.mov", "andrew_a_25s.mov"),
    ("obama_oval_20s.mov", "obama_address_30s.mov"),
    ("obama_address_30s.mov", "obama_2020_20s.mov"),
)
#: The pairs that the project's target speaks of.
JUDGED = 2
LEAST_JAW, MOST_LAG, LEAST_OPENING = 0.85, 1, 0.5
SEARCH = 8  #: frames of lag either way

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TakeRow:
    """One take on one face: correlation and lag in frames of jaw and lip opening; `kept` is the
    part of the take's closed frames whose lips meet."""

    take: str
    target: str
    stage: str
    frames: int
    jaw: float
    jaw_lag: int
    opening: float
    opening_lag: int
    kept: float | None


@dataclass(frozen=True, slots=True)
class SoundRow:
    """One speaker: correlation of what sound says with what the face did, over all frames.

    by "own" is the fitted model, "anybody" the rule alone; `spread` is the opening's deviation
    over the true one.
    """

    fitted: str
    judged: str
    by: str
    frames: int
    offsets_ms: tuple[float | None, float | None]
    opening: float
    interval: tuple[float, float]
    width: float
    jaw: float
    spread: float


@cache
def _engine() -> Engine:
    return build(EngineSettings(crop_px=256, exemplars=200))


@cache
def _tracked(name: str) -> tuple[Plate, FaceTrack]:
    folder = "takes" if name in TAKES else "footage"
    plate = probe_plate(SHARED / folder / name)
    with open_plate(plate) as reader:
        tracks = _engine().track(
            reader.frames(plate.frames), plate.frames, shot=name, progress=silent
        )
    return plate, max(tracks, key=lambda track: len(track.frames))


def _read(plate: Plate) -> Iterator[Frame]:
    with open_plate(plate) as reader:
        yield from reader.frames(plate.frames)


@cache
def _heard(name: str) -> Heard:
    plate, track = _tracked(name)
    times = np.arange(len(track.frames)) + track.frames.start - plate.frames.start
    return Heard(hear(read_sound(Path(plate.path))), times / float(plate.frames.rate))


@cache
def _actor(name: str) -> LearntActor:
    plate, track = _tracked(name)

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_plate(plate) as reader:
            yield from reader.read(numbers)

    return ours(_engine().learn(name, [Footage(name, track, read)], progress=silent))


def take_rows(take: str, target: str, seconds: float, *, render: bool) -> Iterator[TakeRow]:
    """How a take's mouth comes out on the target: as motion, and as rendered and tracked again."""
    _, take_track = _tracked(take)
    plate, whole = _tracked(target)
    rate = float(plate.frames.rate)
    most = int(min(seconds, len(take_track.frames) / float(take_track.frames.rate)) * rate)
    basis = _actor(target).model if render else _basis(target)
    track = _first(whole, most)
    times = np.arange(len(track.frames)) / rate
    at = np.arange(len(take_track.frames)) / float(take_track.frames.rate)
    cue = TakeCue(take_track, at, (0.0, float(at[-1])))
    driven = drive_take(cue, times, basis, reach(basis, [fit(whole, basis).mouth]))
    theirs = take_channels(cue).stacked().astype(np.float64)
    wanted = np.stack([np.interp(times, at, column) for column in theirs.T], axis=1)
    mouth = driven.mouth.astype(np.float32)
    meant = channels(basis.rest + mouth_shape(mouth, basis)).stacked()
    yield _take_row(take, target, "motion", meant - _rest(basis), wanted, driven.sure)
    if render:
        again, seen = _rendered(plate, track, mouth, target)
        shown = channels(frontal(again, basis)).stacked() - _rest(basis)
        yield _take_row(take, target, "render", shown, wanted[: len(shown)], seen)


@cache
def _basis(target: str) -> Basis:
    return learn_basis([_tracked(target)[1]])


def _rest(basis: Basis) -> Values:
    return np.asarray(channels(basis.rest[None]).stacked(), np.float64)


def _first(track: FaceTrack, most: int) -> FaceTrack:
    n = min(most, len(track.frames))
    frames = FrameRange(track.frames.start, track.frames.start + n, track.frames.rate)
    return FaceTrack(
        track.face, frames, track.landmarks[:n], track.blendshapes[:n], track.confidence[:n],
        track.appearance,
    )  # fmt: skip


def _rendered(
    plate: Plate, track: FaceTrack, mouth: NDArray[np.float32], target: str
) -> tuple[FaceTrack, NDArray[np.bool_]]:
    """The target with this mouth, drawn, composited and tracked again; and where it is seen."""
    engine, actor = _engine(), _actor(target)
    original = engine.fit(track, actor)
    weight = np.ones(len(mouth), np.float32)
    performance = Performance("take", original.basis, original.frames, mouth, weight)
    corrected = engine.retarget(original, performance, Tweak(ease=0))
    renderer = engine.prepare(actor, track, original, corrected, weight)

    def made() -> Iterator[Frame]:
        frames = (frame for frame in _read(plate) if frame.number in track.frames)
        while batch := list(islice(frames, 8)):
            for frame, patch in zip(batch, renderer(batch), strict=True):
                yield engine.composite(frame, [patch] if patch else []).frame

    tracks = engine.track(made(), track.frames, shot=target, progress=silent)
    again = max(tracks, key=lambda found: len(found.frames))
    return again, np.asarray(again.confidence) > 0


def _take_row(
    take: str, target: str, stage: str, shown: Values, wanted: Values, use: NDArray[np.bool_]
) -> TakeRow:
    jaw, jaw_lag = _likeness(shown[:, JAW], wanted[:, JAW], use)
    opening, opening_lag = _likeness(shown[:, OPENING], wanted[:, OPENING], use)
    shut = use & (wanted[:, OPENING] < 0.01)
    kept = float((shown[shut, OPENING] < 0.03).mean()) if shut.sum() > 2 else None
    take, target = Path(take).stem, Path(target).stem
    return TakeRow(take, target, stage, len(shown), jaw, jaw_lag, opening, opening_lag, kept)


def _likeness(shown: Values, wanted: Values, use: NDArray[np.bool_]) -> tuple[float, int]:
    """Correlation with no lag, and the lag in frames at which it is best (+: shown is late)."""
    scores = {}
    for lag in range(-SEARCH, SEARCH + 1):
        late, early = max(lag, 0), max(-lag, 0)
        both = use[late : len(use) - early] & use[early : len(use) - late]
        pair = shown[late : len(use) - early][both], wanted[early : len(use) - late][both]
        scores[lag] = float(np.corrcoef(*pair)[0, 1])
    return scores[0], max(scores, key=lambda lag: scores[lag])


def sound_rows(fitted: str, judged: str) -> Iterator[SoundRow]:
    """Held-out speech of one speaker, by the fitted model and by the rule for anybody."""
    _, track = _tracked(fitted)
    basis = _basis(fitted)
    footage = [Footage(fitted, track, lambda numbers: iter(()), _heard(fitted))]
    sound = learn_sound(footage, basis, [fit(track, basis)])
    assert sound is not None
    _, other = _tracked(judged)
    truth = channels(frontal(other, basis)).stacked().astype(np.float64)
    heard = _heard(judged)
    late, _ = sound_offset(heard, truth[:, [OPENING, WIDTH, JAW]], other.confidence > 0)
    in_sync = Heard(heard.hearing, np.asarray(heard.times) + (late or NATURAL_S) - NATURAL_S)
    offsets = (
        float(sound.offsets_ms[0]) if sound.sure[0] else None,
        None if late is None else 1000 * late,
    )
    models: tuple[tuple[str, SoundMouth | None], ...] = (("own", sound), ("anybody", None))
    for by, model in models:
        mouth = drive_audio(in_sync, model, basis)
        said = channels(basis.rest + mouth_shape(mouth, basis)).stacked().astype(np.float64)
        seen = np.asarray(other.confidence) > 0
        block = round(float(other.frames.rate))
        yield SoundRow(
            Path(fitted).stem,
            Path(judged).stem,
            by,
            int(seen.sum()),
            offsets,
            _correlation(said[seen, OPENING], truth[seen, OPENING]),
            _interval(said[seen, OPENING], truth[seen, OPENING], block),
            _correlation(said[seen, WIDTH], truth[seen, WIDTH]),
            _correlation(said[seen, JAW], truth[seen, JAW]),
            float(said[seen, OPENING].std() / truth[seen, OPENING].std()),
        )


def _correlation(one: Values, other: Values) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _interval(one: Values, other: Values, block: int) -> tuple[float, float]:
    """10th and 90th percent of the correlation over resampled blocks."""
    rng = np.random.default_rng(0)
    blocks = np.arange(len(one) // block * block).reshape(-1, block)
    drawn = [blocks[rng.integers(len(blocks), size=len(blocks))].ravel() for _ in range(400)]
    low, high = np.quantile([_correlation(one[at], other[at]) for at in drawn], [0.1, 0.9])
    return float(low), float(high)


def take_table(rows: Sequence[TakeRow]) -> Table:
    """Take drive, a row a pair and stage."""
    shown = Table(title="Take drive across people")
    names = ("take", "target", "stage", "frames", "jaw r", "lag", "opening r", "lag", "shut kept")
    for name in names:
        shown.add_column(name, justify="left" if name in names[:3] else "right")
    for row in rows:
        kept = "-" if row.kept is None else f"{row.kept:.0%}"
        shown.add_row(
            row.take, row.target, row.stage, str(row.frames), f"{row.jaw:.3f}", str(row.jaw_lag),
            f"{row.opening:.3f}", str(row.opening_lag), kept,
        )  # fmt: skip
    return shown


def sound_table(rows: Sequence[SoundRow]) -> Table:
    """Sound drive, a row a speaker and model."""
    shown = Table(title="Sound drive, held-out speech of the same speaker")
    names = ("fitted on", "judged on", "by", "offsets ms", "opening r", "10-90 %", "width r",
             "jaw r", "spread")  # fmt: skip
    for name in names:
        shown.add_column(name, justify="left" if name in names[:3] else "right")
    for row in rows:
        offsets = ", ".join("?" if ms is None else f"{ms:+.0f}" for ms in row.offsets_ms)
        low, high = row.interval
        shown.add_row(
            row.fitted, row.judged, row.by, offsets, f"{row.opening:.2f}",
            f"{low:.2f} .. {high:.2f}", f"{row.width:.2f}", f"{row.jaw:.2f}", f"{row.spread:.2f}",
        )  # fmt: skip
    return shown


def kept_to(takes: Sequence[TakeRow], sounds: Sequence[SoundRow]) -> bool:
    """Whether the targets are met: takes at the last stage measured, sound on its two pairs."""
    last = "render" if any(row.stage == "render" for row in takes) else "motion"
    judged = [tuple(Path(name).stem for name in pair) for pair in SPEAKERS[:JUDGED]]
    return all(
        row.jaw >= LEAST_JAW and abs(row.jaw_lag) <= MOST_LAG for row in takes if row.stage == last
    ) and all(
        row.opening >= LEAST_OPENING
        for row in sounds
        if row.by == "own" and (row.fitted, row.judged) in judged
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--motion-only", is_flag=True, help="Do not render and track again.")
@click.option("--seconds", default=8.0, help="Of each take, at most.")
@click.option("--part", type=click.Choice(["take", "sound"]), help="Only this table.")
def main(as_json: bool, motion_only: bool, seconds: float, part: str | None) -> None:
    """Measure both drives; exit 3 where a figure is missed."""
    pairs = [] if part == "sound" else [(take, target) for target in TARGETS for take in TAKES]
    takes: list[TakeRow] = []
    for take, target in pairs:
        takes += take_rows(take, target, seconds, render=not motion_only)
        click.echo(f"{Path(take).stem} on {Path(target).stem}", err=True)
    sounds = [] if part == "take" else [row for pair in SPEAKERS for row in sound_rows(*pair)]
    passed = kept_to(takes, sounds)
    if as_json:
        found = {"passed": passed, "take": [asdict(row) for row in takes],
                 "sound": [asdict(row) for row in sounds]}  # fmt: skip
        click.echo(json.dumps(found, indent=1))
    else:
        console = Console(width=120)
        for shown, rows in ((take_table(takes), takes), (sound_table(sounds), sounds)):
            if rows:
                console.print(shown)
    raise SystemExit(0 if passed else 3)


if __name__ == "__main__":
    main()
