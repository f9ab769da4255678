"""How well `dubsync align` brings a line into a guide's rhythm.

    python -m benchmarks.dub_to_guide [--part warps|voice|reel]

warps  clips of ../shared/speech, each phrase moved by up to 0.3 s and its tempo changed by up to
       10 %, its pauses by up to 0.1 s; the clip itself is the guide.  The map is known, so the
       error is, too.  `sounds`: the words are the same, and so compared; `beats`: they are not, as
       with a dub in another language.  Also in another voice (pitch and formants 6 % higher: there
       the warp is 4 %), and with a guide in which noise is 15 dB below the speech.
voice  the pitch and the sharpness of the same clips at constant tempos, by this product, by
       overlap and add (WSOLA) and by librosa's phase vocoder.
reel   sample_projects/two_hander, each language to the plates' own sound.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import librosa
import libtsm
import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, Sound
from dubsync.media.sound.stem import read_sound
from dubsync.service.align.in_project import align_in_project
from dubsync.service.align.results import Fitted
from dubsync.service.project import Project
from dubsync.speech.audio_features import extract_features
from dubsync.speech.dtw import same_words
from dubsync.speech.elastic.fit import Phrase, fit
from dubsync.speech.elastic.rhythm import Rhythm, phrases, rhythm_of
from dubsync.speech.elastic.stretch import render

SPEECH = Path(__file__).parents[2] / "shared" / "speech"
SAMPLE = Path(__file__).parents[1] / "sample_projects" / "two_hander"
MADE = ("make", ".dubsync", "renders", "reports", "delivery")
#: Clip, and the seconds of it that are used.
CLIPS = (
    ("de_1.wav", 0, 5), ("de_2.wav", 0, 6), ("en_1.wav", 0, 8), ("en_musetalk.wav", 2, 10),
    ("es_1.wav", 0, 4.5), ("fr_1.wav", 0, 6.5), ("fr_2.wav", 0, 5), ("it_1.wav", 0, 8),
    ("ja_1.wav", 0, 6), ("ko_1.wav", 0, 8), ("zh_1.wav", 0, 8),
)  # fmt: skip
RATE = 48000
SEEDS = 2
LEAD_S = 1.0  #: silence before and after a clip
VOICE, NOISE_DB = 1.06, 15.0
TEMPOS = (0.88, 0.94, 1.06, 1.12)
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recovered:
    """Errors of maps, in ms: median, and 90th percentile, before and after.

    within  share of the speech that is within 40 ms early and 60 ms late, before and after
    """

    of: str
    lines: int
    same: float
    before: tuple[float, float]
    after: tuple[float, float]
    within: tuple[float, float]


def clip(name: str, first: float, last: float) -> Values:
    """The clip at RATE, with room tone 60 dB below full scale around it."""
    sound = read_sound(SPEECH / name, rate=RATE).samples
    part = np.asarray(sound[round(first * RATE) : round(last * RATE)], np.float64)
    chance = np.random.default_rng(0)
    padded = np.pad(part, round(LEAD_S * RATE))
    return np.asarray(padded + 1e-4 * chance.standard_normal(len(padded)), np.float64)


def heard(samples: Values) -> Rhythm:
    """The rhythm of some sound at RATE."""
    return rhythm_of(extract_features(Sound(np.asarray(samples, np.float32), RATE)))


def warped(samples: Values, seed: int, most: float) -> tuple[Values, list[Phrase]]:
    """The sound with its phrases moved and bent by chance, and their map."""
    chance = np.random.default_rng(seed)
    made: list[Phrase] = []
    shift = chance.uniform(-0.3, 0.3)
    for start, stop in phrases(heard(samples)):
        source = np.arange(start, stop + 1) / READING_RATE
        turns = np.arange(0, stop - start + 40, 40)
        bend = np.interp(np.arange(stop - start), turns, chance.uniform(-most, most, len(turns)))
        lasts = np.concatenate([[0.0], np.cumsum(1 / READING_RATE / (1 + bend))])
        begin = source[0] + shift
        if made:
            pause = source[0] - made[-1].source[-1] + chance.uniform(-0.1, 0.1)
            begin = made[-1].out[-1] + max(pause, 0.06)
        made.append(Phrase(source, begin + lasts))
    return render(samples[:, None], RATE, made, 0.0)[:, 0], made


def warps() -> Iterator[Recovered]:
    """Every clip and seed, by sounds and by beats; in another voice, and in noise."""
    for of, most, change in (
        ("the same recording", 0.1, _same),
        ("another voice", 0.04, _other_voice),
        (f"guide with noise {NOISE_DB:.0f} dB below", 0.1, _same),
    ):
        by: dict[bool, list[tuple[Values, Values, bool]]] = {True: [], False: []}
        for clip_n, one in enumerate(CLIPS):
            samples = clip(*one)
            for seed in range(SEEDS):
                line, made = warped(samples, 100 * clip_n + seed, most)
                for same in (True, False):
                    guide = _noisy(samples) if of.startswith("guide") else samples
                    by[same].append(_errors(guide, change(line), made, same))
        for same, name in ((True, "sounds"), (False, "beats")):
            yield _recovered(f"{of}, {name}", by[same])


def _other_voice(samples: Values) -> Values:
    """Pitch and formants VOICE times as high, in the same time."""
    faster = librosa.resample(samples, orig_sr=RATE, target_sr=round(RATE / VOICE))
    return np.asarray(librosa.effects.time_stretch(faster, rate=1 / VOICE), np.float64)


def _same(samples: Values) -> Values:
    return samples


def _noisy(samples: Values) -> Values:
    noise = np.random.default_rng(5).standard_normal(len(samples))
    loud = samples[np.abs(samples) > 0.1 * np.abs(samples).max()].std()
    return samples + noise * loud * 10 ** (-NOISE_DB / 20)


def _errors(
    samples: Values, line: Values, made: list[Phrase], same: bool
) -> tuple[Values, Values, bool]:
    """(before, after) errors in ms of each reading of the line's speech; and whether the words
    are found to be the same."""
    guide, mine = heard(samples), heard(line)
    times = np.arange(min(len(guide.speech), len(mine.speech))) / READING_RATE
    guide, mine = guide.at(times, 0.0), mine.at(times, 0.0)
    known = same_words(guide.shape, mine.shape) >= 0.5
    fitted = fit(mine, guide, phrases(mine), (0.0, float(times[-1])), same_words=same)
    source = np.concatenate([phrase.source for phrase in fitted])
    out = np.concatenate([phrase.out for phrase in fitted])
    truth = np.interp(
        source,
        np.concatenate([phrase.out for phrase in made]),
        np.concatenate([phrase.source for phrase in made]),
    )
    return (source - truth) * 1000, (out - truth) * 1000, known


def _recovered(of: str, rows: list[tuple[Values, Values, bool]]) -> Recovered:
    before, after = (np.concatenate([row[n] for row in rows]) for n in (0, 1))

    def told(values: Values) -> tuple[float, float]:
        away = np.abs(values)
        return float(np.median(away)), float(np.percentile(away, 90))

    def within(values: Values) -> float:
        return float(((values >= -40) & (values <= 60)).mean())

    same = float(np.mean([row[2] for row in rows]))
    return Recovered(
        of, len(rows), same, told(before), told(after), (within(before), within(after))
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stretch does to a voice, over all clips and tempos.

    cents  deviation of the pitch: median of its size, and 90th percentile
    bias   median of the deviation itself
    db     RMS difference of the spectrum, over 70 dB, of 48 mel bands
    """

    of: str
    cents: tuple[float, float]
    bias: float
    db: float


def voice() -> Iterator[Kept]:
    """This product's stretch beside librosa's."""
    methods = {
        "dubsync (libtsm, locked)": _by_render, "libtsm's WSOLA": _by_wsola,
        "librosa's phase vocoder": _by_librosa,
    }  # fmt: skip
    for of, method in methods.items():
        cents, levels = [], []
        for one in CLIPS:
            samples = clip(*one)
            for tempo in TEMPOS:
                made = method(samples, tempo)
                cents.append(_cents(samples, made, tempo))
                levels.append(_apart_db(samples, made, tempo))
        away = np.concatenate(cents)
        size = np.abs(away)
        yield Kept(
            of, (float(np.median(size)), float(np.percentile(size, 90))),
            float(np.median(away)), float(np.mean(levels)),
        )  # fmt: skip


def _by_render(samples: Values, tempo: float) -> Values:
    seconds = len(samples) / RATE
    source = np.linspace(0, seconds, round(seconds * READING_RATE) + 1)
    room = np.pad(samples, (0, round(len(samples) * 0.2)))
    made = render(room[:, None], RATE, [Phrase(source, source / tempo)], 0.0)
    return made[: round(len(samples) / tempo), 0]


def _by_wsola(samples: Values, tempo: float) -> Values:
    """Overlap and add of 30 ms windows, each shifted by up to 10 ms to fit its neighbour."""
    window = round(0.03 * RATE)
    made = libtsm.wsola_tsm(
        samples, 1 / tempo, syn_hop=window // 2, win_length=window, tol=round(0.01 * RATE)
    )
    return np.asarray(made[:, 0], np.float64)


def _by_librosa(samples: Values, tempo: float) -> Values:
    return np.asarray(librosa.effects.time_stretch(samples, rate=tempo), np.float64)


def _cents(samples: Values, made: Values, tempo: float) -> Values:
    """Deviation of the pitch where both are loud; jumps of over 300 cents are the tracker's."""
    tracks = []
    for sound in (samples, made):
        low = librosa.resample(sound, orig_sr=RATE, target_sr=16000)
        pitch = librosa.yin(low, fmin=65, fmax=450, sr=16000, frame_length=1024, hop_length=160)
        loud = heard(sound).loud
        count = min(len(pitch), len(loud))
        tracks.append(np.where(loud[:count] > 0.6, pitch[:count], np.nan))
    at = np.arange(len(tracks[1])) * tempo
    pitch = np.interp(at, np.arange(len(tracks[0])), tracks[0])
    cents = 1200 * np.log2(tracks[1] / pitch)
    return np.asarray(cents[np.isfinite(cents) & (np.abs(cents) < 300)], np.float64)


def _apart_db(samples: Values, made: Values, tempo: float) -> float:
    def bands(sound: Values) -> Values:
        power = librosa.feature.melspectrogram(
            y=sound, sr=RATE, n_fft=1024, hop_length=240, n_mels=48, fmax=12000
        )
        return np.asarray(librosa.power_to_db(power, ref=np.max, top_db=70), np.float64)

    one, other = bands(samples), bands(made)
    at = np.minimum(np.rint(np.arange(other.shape[1]) * tempo), one.shape[1] - 1).astype(int)
    return float(np.sqrt(((other - one[:, at]) ** 2).mean()))


@dataclass(frozen=True, slots=True)
class OfReel:
    """A language of the reel: begins and ends of phrases, before and after.

    away    median ms of begins and ends from the original's, of their size
    within  how many of them are within EBU R37, of `ends`
    over    seconds of speech in the original's pauses
    limited seconds of speech at the limit of tempo
    """

    language: str
    lines: int
    ends: tuple[int, int]
    away: tuple[float, float]
    within: tuple[int, int]
    over: tuple[float, float]
    limited: float


def reel() -> Iterator[OfReel]:
    """Each language of the sample to the plates' own sound."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "two_hander"
        shutil.copytree(SAMPLE, copy, ignore=shutil.ignore_patterns(*MADE))
        for project in Project.open(copy).into_each():
            made, _ = align_in_project(project.file, project.intake, project.store, (), "original")
            fitted = [result.fitted for result in made.lines if result.fitted is not None]
            ms = [_ms(fitted, after=after) for after in (False, True)]
            yield OfReel(
                project.language, len(fitted), (len(ms[0]), len(ms[1])),
                (float(np.median(np.abs(ms[0]))), float(np.median(np.abs(ms[1])))),
                (_fits(ms[0]), _fits(ms[1])),
                (sum(f.before.over_pause for f in fitted), sum(f.after.over_pause for f in fitted)),
                sum(f.limited for f in fitted),
            )  # fmt: skip


def _ms(fitted: list[Fitted], *, after: bool) -> Values:
    left = [f.after if after else f.before for f in fitted]
    return np.array(
        [ms for one in left for p in one.phrases for ms in (p.begin_ms, p.end_ms) if ms is not None]
    )


def _fits(ms: Values) -> int:
    return int(((ms >= -40) & (ms <= 60)).sum())


@click.command()
@click.option("--part", type=click.Choice(["warps", "voice", "reel"]))
@click.option("--json", "as_json", is_flag=True)
def main(part: str | None, as_json: bool) -> None:
    """Measure the alignment of a line to a guide."""
    parts = {"warps": warps, "voice": voice, "reel": reel}
    for name, measure in parts.items():
        if part in (None, name):
            for row in measure():
                click.echo(json.dumps({name: asdict(row)}) if as_json else _shown(row))


def _shown(row: Recovered | Kept | OfReel) -> str:
    if isinstance(row, Recovered):
        return (
            f"{row.of:34s} {row.lines} lines, the same words {row.same:.2f}; "
            f"{row.before[0]:.0f} > {row.after[0]:.1f} ms, nine in ten {row.before[1]:.0f} > "
            f"{row.after[1]:.1f}; within R37 {row.within[0]:.2f} > {row.within[1]:.2f}"
        )
    if isinstance(row, Kept):
        return (
            f"{row.of:26s} pitch {row.cents[0]:.1f} cents, nine in ten {row.cents[1]:.1f}, "
            f"bias {row.bias:+.1f}; spectrum {row.db:.2f} dB"
        )
    return (
        f"{row.language} {row.lines} lines; begins and ends {row.away[0]:.0f} > {row.away[1]:.0f} "
        f"ms, within R37 {row.within[0]} of {row.ends[0]} > {row.within[1]} of {row.ends[1]}; in "
        f"pauses {row.over[0]:.2f} > {row.over[1]:.2f} s; at the limit {row.limited:.1f} s"
    )


if __name__ == "__main__":
    main()
