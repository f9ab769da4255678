"""Drive: does the mouth follow the take, and does sound alone move it as the actor's own speech
did?

    python -m benchmarks.drive [--json] [--motion-only] [--seconds N] [--part take|sound]
                               [--kept FOLDER]

Take drive, across people: a take of ../shared/takes drives the face of a clip of
../shared/footage; jaw and lip opening are compared with the take's own, once as coefficients
(motion) and once on the rendered frames, composited and tracked again (render).

Sound drive: learnt from one clip of a speaker, evaluated on another, or on a clip's last fifth.
Compared with ridge regressions on mel bands and on bands and phone code (context 120 ms either way,
strictness 1000).  The sound head is trained without the person evaluated; "never seen" is that head
alone, on whole clips.  Several public clips are out of sync, so the evaluated clip's own offset is
removed first.  The truth is smoothed by 0.8 frames, as in sound_to_mouth/README.md.  Intervals are
the middle 80 % of 400 resamplings of 1 s blocks.  Closures and silence are counted by
qc/driven_mouth.py; the ridge regressions have no lip rules, ours has all.
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

from benchmarks.ridge import ridge
from benchmarks.sound_head import HELD_OUT, TRAINED_ON, Talks, talks
from dubsync.core.face import FaceTrack, Performance
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Plate
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio, Engine, Footage, TakeCue
from dubsync.core.tweak import Tweak
from dubsync.engine import build
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.motion.basis import Basis, learn_basis
from dubsync.engine.motion.fit import channels, fit, frontal, mouth_shape
from dubsync.engine.motion.motion_range import JAW, OPENING, WIDTH, motion_range_of
from dubsync.engine.sound.av_offset import NATURAL_S, readings
from dubsync.engine.sound.drive import drive_audio, learn_sound, predict_mouth
from dubsync.engine.sound.model import CONTEXT, sound_inputs
BANDS = 40
from dubsync.engine.take.drive import drive_take, take_channels
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.qc.driven_mouth import Driven, compare_mouths, smoothed
from dubsync.qc.mouth import MouthCurves

SHARED = Path(__file__).parents[2] / "shared"
TAKES = ("woman_lipsync_15s.mp4", "man_shout.mp4", "mead_happy.mp4", "woman_long_34s.mp4")
TARGETS = ("woman_braids_720p_24s.mp4", "andrew_a_25s.mov", "katiehill_512_8s.mp4")
#: Learnt from, evaluated on; one clip twice: its first four fifths, and the last.
SPEAKERS = (
    ("andrew_a_25s.mov", "andrew_b_27s.mov"),
    ("obama_address_30s.mov", "obama_oval_20s.mov"),
    ("obama_address_30s.mov", "obama_2020_20s.mov"),
    ("woman_braids_720p_24s.mp4", "woman_braids_720p_24s.mp4"),
    ("man_black_sweater_1080x1920_20s.mp4", "man_black_sweater_1080x1920_20s.mp4"),
)
#: Evaluated with a head that was trained without them.
STRANGERS = (
    "andrew_a_25s.mov", "andrew_b_27s.mov", "obama_address_30s.mov", "obama_oval_20s.mov",
    "obama_2020_20s.mov", "woman_braids_720p_24s.mp4", "man_black_sweater_1080x1920_20s.mp4",
)  # fmt: skip
SPLIT = 0.8
STRICTNESS = 1000.0
LEAST_JAW, MOST_LAG = 0.85, 1
#: Means of opening, width and jaw; closures hit at least, motion in silence at most.
AIM, AIM_STRANGERS = (0.75, 0.55, 0.65), (0.60, 0.45, 0.50)
LEAST_CLOSURES, MOST_MOTION = 0.9, 0.05
SEARCH = 8  #: frames of lag either way

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TakeRow:
    """One take on one face: correlation and lag in frames of jaw and lip opening; `kept` is the
    fraction of the take's closed frames in which the lips meet."""

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
    """One speaker by one model; `spread` is the opening's standard deviation over the true one.

    by  "mel ridge", "code ridge", "no rules" (ours without the lip rules), "ours", or
        "never seen"
    """

    learnt: str
    tested: str
    by: str
    frames: int
    late_ms: float
    figures: Driven
    interval: tuple[float, float]
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
def _actor(name: str) -> LearntActor:
    plate, track = _tracked(name)

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_plate(plate) as reader:
            yield from reader.read(numbers)

    return ours(_engine().learn(name, [Footage(name, track, read)], progress=silent))


def take_rows(take: str, target: str, seconds: float, *, render: bool) -> Iterator[TakeRow]:
    """A take's mouth on the target: as motion, and as rendered and tracked again."""
    _, take_track = _tracked(take)
    plate, whole = _tracked(target)
    rate = float(plate.frames.rate)
    most = int(min(seconds, len(take_track.frames) / float(take_track.frames.rate)) * rate)
    basis = _actor(target).model if render else _basis(target)
    track = whole.part(0, min(most, len(whole.frames)))
    times = np.arange(len(track.frames)) / rate
    at = np.arange(len(take_track.frames)) / float(take_track.frames.rate)
    cue = TakeCue(take_track, at, (0.0, float(at[-1])))
    driven = drive_take(cue, times, basis, motion_range_of(basis, [fit(whole, basis).mouth]))
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
    again = max(tracks, key=lambda result: len(result.frames))
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


def sound_rows(clips: Talks, learnt: str, tested_on: str) -> Iterator[SoundRow]:
    """Held-out speech of one speaker: two ridges, and ours."""
    one, other = clips[learnt], clips[tested_on]
    count = len(one.track.frames)
    first = round(SPLIT * count) if learnt == tested_on else count
    begin = first if learnt == tested_on else 0
    track = one.track.part(0, first)
    basis = learn_basis([track])
    motion = fit(track, basis)
    audio = AlignedAudio(one.features, one.times[:first])
    head = clips.head_without((TRAINED_ON | HELD_OUT)[learnt])
    footage = [Footage(learnt, track, lambda numbers: iter(()), audio)]
    sound = learn_sound(footage, basis, [motion], head=head)
    assert sound is not None
    test = other.track.part(begin, len(other.track.frames))
    dub = AlignedAudio(other.features, (other.times + other.late)[begin:])
    truth = channels(frontal(test, basis)).stacked().astype(np.float64)
    known = channels(frontal(track, basis)).stacked().astype(np.float64)
    seen = np.asarray(track.confidence) > 0
    for by, coded in (("mel ridge", False), ("code ridge", True)):
        at = one.times[:first] + one.late + NATURAL_S
        use = seen & (_speech(one.features, at) > 0.3)
        level, spread, weights, mean = ridge(
            _ridge_input(one.features, at[use], coded), known[use], STRICTNESS
        )
        inputs = _ridge_input(dub.features, np.asarray(dub.times) + NATURAL_S, coded)
        predicted = (inputs - level) / spread @ weights + mean
        yield sound_row((learnt, tested_on, by), other.late, predicted, truth, test, dub)
    predicted, _ = predict_mouth(dub.features, np.asarray(dub.times), sound, head)
    predicted = predicted * sound.deviation + sound.middle + _rest(basis)
    yield sound_row((learnt, tested_on, "no rules"), other.late, predicted, truth, test, dub)
    mouth = drive_audio(dub, sound, basis, head=head)
    predicted = channels(basis.rest + mouth_shape(mouth, basis)).stacked().astype(np.float64)
    yield sound_row((learnt, tested_on, "ours"), other.late, predicted, truth, test, dub)


def stranger_row(clips: Talks, name: str) -> SoundRow:
    """A clip driven by a head trained without the person; its own picture gives the motion
    range."""
    talk, head = clips[name], clips.head_without((TRAINED_ON | HELD_OUT)[name])
    basis = learn_basis([talk.track])
    footage = [Footage(name, talk.track, lambda numbers: iter(()), None)]
    sound = learn_sound(footage, basis, [fit(talk.track, basis)], head=head)
    mouth = drive_audio(talk.in_sync, sound, basis, head=head)
    predicted = channels(basis.rest + mouth_shape(mouth, basis)).stacked().astype(np.float64)
    truth = channels(frontal(talk.track, basis)).stacked().astype(np.float64)
    names = ("", name, "never seen")
    return sound_row(names, talk.late, predicted, truth, talk.track, talk.in_sync)


def sound_row(
    names: tuple[str, str, str],
    late: float,
    predicted: Values,
    truth: Values,
    track: FaceTrack,
    dub: AlignedAudio,
) -> SoundRow:
    """One mouth predicted from sound, compared with the one seen.

    Args:
        names: learnt from, evaluated on, by: the first three columns of the row.
        late: how late the evaluated clip's sound is, seconds.
        predicted, truth: (T, 7) channels in the order of `fit.CHANNELS`.
        track: of the evaluated frames; those where no face is seen do not count.
        dub: the sound against them.
    """
    seen = np.asarray(track.confidence) > 0
    rate = float(track.frames.rate)
    real = np.where(seen[:, None], truth, np.nan)
    spoken = _speech(dub.features, np.asarray(dub.times)) > 0.5
    result = compare_mouths(_curves(predicted), _curves(real), spoken, rate)
    calm = smoothed(real[:, OPENING])
    learnt, tested_on = (Path(name).stem for name in names[:2])
    return SoundRow(
        learnt,
        tested_on,
        names[2],
        int(seen.sum()),
        1000 * late,
        result,
        _interval(predicted[seen, OPENING], calm[seen], round(rate)),
        float(predicted[seen, OPENING].std() / truth[seen, OPENING].std()),
    )


def _curves(values: Values) -> MouthCurves:
    return MouthCurves(values[:, OPENING], values[:, WIDTH], values[:, JAW])


def _speech(features: AudioFeatures, at: Values) -> Values:
    return readings(np.asarray(features.speech, np.float64)[:, None], features, at)[:, 0]


def _ridge_input(features: AudioFeatures, at: Values, coded: bool) -> Values:
    """(T, F) bands, loudness and speech, and the phone code if `coded`, 120 ms either way."""
    whole = sound_inputs(features, at).reshape(len(at), len(CONTEXT), -1)
    return (whole if coded else whole[:, :, : BANDS + 2]).reshape(len(at), -1)


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
    """Take drive, one row per pair and stage."""
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


def sound_table(rows: Sequence[SoundRow], title: str) -> Table:
    """Sound drive, one row per speaker and model, and their means."""
    shown = Table(title=title)
    names = ("learnt from", "tested on", "by", "late ms", "opening r", "10-90 %", "width r",
             "jaw r", "lag ms", "closures", "in silence", "spread")  # fmt: skip
    for name in names:
        shown.add_column(name, justify="left" if name in names[:3] else "right")
    for row in rows:
        low, high = row.interval
        result = row.figures
        shown.add_row(
            row.learnt[:16], row.tested[:16], row.by, f"{row.late_ms:+.0f}",
            _two(result.correlation_opening), f"{low:.2f} .. {high:.2f}",
            _two(result.correlation_width), _two(result.correlation_jaw),
            "-" if result.lag_ms is None else f"{result.lag_ms:+.0f}",
            f"{_two(result.closures_hit)} of {result.closures}",
            f"{_two(result.motion_in_silence)} of {result.silent}",
            f"{row.spread:.2f}",
        )  # fmt: skip
    for by in dict.fromkeys(row.by for row in rows):
        opening, width, jaw, closed, moving = means([row for row in rows if row.by == by])
        shown.add_row("mean", "", by, "", _two(opening), "", _two(width), _two(jaw), "",
                      _two(closed), _two(moving), "")  # fmt: skip
    return shown


def means(rows: Sequence[SoundRow]) -> tuple[float, float, float, float, float]:
    """Opening, width and jaw over clips; closures hit, and motion in silence, over all of them."""
    each = [row.figures for row in rows]
    r = [
        float(np.mean([getattr(one, f"correlation_{name}") or 0.0 for one in each]))
        for name in ("opening", "width", "jaw")
    ]
    closed = sum((one.closures_hit or 0.0) * one.closures for one in each)
    moving = sum((one.motion_in_silence or 0.0) * one.silent for one in each)
    closures = max(sum(one.closures for one in each), 1)
    return r[0], r[1], r[2], closed / closures, moving / max(sum(one.silent for one in each), 1)


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def kept_to(takes: Sequence[TakeRow], sounds: Sequence[SoundRow]) -> bool:
    """Whether the targets are met: takes at the last stage measured, sound on its means."""
    last = "render" if any(row.stage == "render" for row in takes) else "motion"
    followed = all(
        row.jaw >= LEAST_JAW and abs(row.jaw_lag) <= MOST_LAG for row in takes if row.stage == last
    )
    for by, aim in (("ours", AIM), ("never seen", AIM_STRANGERS)):
        rows = [row for row in sounds if row.by == by]
        if rows:
            *alike, closed, moving = means(rows)
            followed &= all(r >= least for r, least in zip(alike, aim, strict=True))
            followed &= by != "ours" or (closed >= LEAST_CLOSURES and moving <= MOST_MOTION)
    return followed


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--motion-only", is_flag=True, help="Do not render and track again.")
@click.option("--seconds", default=8.0, help="Of each take, at most.")
@click.option("--part", type=click.Choice(["take", "sound"]), help="Only this table.")
@click.option("--kept", type=click.Path(path_type=Path), default=Path("sound_head_kept"),
              help="Tracks and heads are kept here.")  # fmt: skip
def main(as_json: bool, motion_only: bool, seconds: float, part: str | None, kept: Path) -> None:
    """Measure both drives; exit 3 where a target is missed."""
    pairs = [] if part == "sound" else [(take, target) for target in TARGETS for take in TAKES]
    takes: list[TakeRow] = []
    for take, target in pairs:
        takes += take_rows(take, target, seconds, render=not motion_only)
        click.echo(f"{Path(take).stem} on {Path(target).stem}", err=True)
    sounds: list[SoundRow] = []
    if part != "take":
        clips = talks(kept)
        sounds = [row for pair in SPEAKERS for row in sound_rows(clips, *pair)]
        sounds += [stranger_row(clips, name) for name in STRANGERS]
    passed = kept_to(takes, sounds)
    if as_json:
        result = {"passed": passed, "take": [asdict(row) for row in takes],
                 "sound": [asdict(row) for row in sounds]}  # fmt: skip
        click.echo(json.dumps(result, indent=1))
    else:
        console = Console(width=150)
        own = [row for row in sounds if row.by != "never seen"]
        strange = [row for row in sounds if row.by == "never seen"]
        if takes:
            console.print(take_table(takes))
        for rows, title in ((own, "held-out speech of the same actor"), (strange, "never seen")):
            if rows:
                console.print(sound_table(rows, f"Sound drive, {title}"))
    raise SystemExit(0 if passed else 3)


if __name__ == "__main__":
    main()
