"""Forced alignment: accuracy of word and phone times, and the effect on the mouth.

    python -m benchmarks.alignment WORK [--part voices|sentences|lips|drive] [--kept FOLDER]

WORK is that of benchmarks/phones (its speech/ and lips/); needs dubsync[script].

voices     synthetic voices that were not trained on: their own times of each phone, which are
           multiples of 25 ms and up to one unit late.  With noise, and with partly wrong texts.
sentences  six GRID sentences: words compared with pocketsphinx's forced alignment.
lips       closure evidence compared with tracked closed lips, as in benchmarks/phones, from the
           sound alone and with the text.
drive      the trials of benchmarks/drive, from the sound alone and with the text.  Actors are
           learnt from the sound alone; only the dub that drives the test clip has the text.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import cast

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.drive.clips import FIVE, SEVEN, Heard
from benchmarks.drive.figures import Row, means
from benchmarks.drive.said import guided
from benchmarks.drive.sound import NEVER_SEEN, SAME_ACTOR, rows_of
from benchmarks.drive.trials import ALL_RULES, never_seen, same_actor
from benchmarks.phones.lines import Line, read_lines, segments
from benchmarks.phones.lips import GRID, LEAD_MS, TALKING
from benchmarks.phones.measure import real_lips, summary
from benchmarks.sound_head import Talk, Talks, talks
from benchmarks.texts import said_in
from dubsync.core.sound.audio import AudioFeatures, Sound
from dubsync.engine.sound.sound_head import Head
from dubsync.media.sound.stem import read_sound
from dubsync.speech.audio_features import ANALYSIS_RATE, extract_features
from dubsync.speech.forced_alignment import AlignedWord, aligned
from dubsync.speech.pronounce import Word, pronounced
from dubsync.speech.text_guided import COUNTS, apply_alignment

FOOTAGE = Path(__file__).parents[2] / "shared" / "footage"
LEAD_S = 0.5  #: silence put before and after a voice's line
NOISE_DB = 10.0
WRONG = 0.2  #: share of a text's words that are removed, and share that are inserted
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Accuracy of some alignments; times in ms.

    words     number of words spoken
    found     share of them that are aligned with confidence
    invented  share of the confident words that were not spoken, or not near there
    median, most   error of phone boundaries: median and 90th percentile
    """

    of: str
    words: int
    found: float
    invented: float
    median: float
    most: float


@cache
def spoken_in(name: str) -> tuple[AudioFeatures, tuple[AlignedWord, ...]]:
    """The features of a clip, and the words of its text aligned to it."""
    features = extract_features(read_sound(FOOTAGE / name))
    language, text = said_in(name)
    return features, aligned(features, pronounced([text], language)[0])


def voices(work: Path) -> Iterator[Placed]:
    """Synthetic voices, language by language, then all, in noise, and with wrong texts."""
    lines = [
        line
        for path in sorted((work / "speech").glob("*.npz"))
        for line in read_lines(path)
        if line.test and line.timed
    ]
    clean = {n: _heard(line, None, n) for n, line in enumerate(lines)}
    for language in dict.fromkeys(line.language for line in lines):
        mine = [n for n, line in enumerate(lines) if line.language == language]
        yield _placed(language, [_compared(lines[n], clean[n], _words(lines[n])) for n in mine])
    every = range(len(lines))
    yield _placed("all", [_compared(lines[n], clean[n], _words(lines[n])) for n in every])
    noisy = [
        _compared(line, _heard(line, NOISE_DB, n), _words(line)) for n, line in enumerate(lines)
    ]
    yield _placed(f"all, noise {NOISE_DB:.0f} dB below", noisy)
    chance = random.Random(1)
    partly = [_wrong(_words(line), _words(chance.choice(lines)), chance) for line in lines]
    yield _placed(
        f"all, {WRONG:.0%} of the text wrong",
        [_compared(lines[n], clean[n], partly[n]) for n in every],
    )
    others = [_marked(_words(lines[(n + 7) % len(lines)])) for n in every]
    yield _placed(
        "all, another line's text", [_compared(lines[n], clean[n], others[n]) for n in every]
    )


def _heard(line: Line, noise_db: float | None, seed: int) -> AudioFeatures:
    samples = line.samples
    if noise_db is not None:
        noise = np.random.default_rng(seed).standard_normal(len(samples))
        noise = np.convolve(noise, [1, 0.9, 0.7, 0.5, 0.3], "same")
        gain = samples.std() / noise.std() * 10 ** (-noise_db / 20)
        samples = np.asarray(samples + gain * noise, np.float32)
    edge = round(LEAD_S * ANALYSIS_RATE)
    start = -Fraction(edge, ANALYSIS_RATE)
    return extract_features(Sound(np.pad(samples, edge), ANALYSIS_RATE, start))


def _times(line: Line) -> list[list[tuple[int, float, float]]]:
    """The phones of each word with their times, from the voice's own durations."""
    words: list[list[tuple[int, float, float]]] = [[]]
    for segment in segments(line):
        if segment.phone:
            words[-1].append((segment.phone, segment.begin, segment.end))
        elif words[-1]:
            words.append([])
    return [word for word in words if word]


def _words(line: Line) -> list[Word]:
    """The line's words as spoken, named by their place."""
    return [
        Word(str(n), (tuple(phone for phone, _, _ in word),)) for n, word in enumerate(_times(line))
    ]


def _marked(words: Sequence[Word]) -> list[Word]:
    """Words marked as not spoken."""
    return [replace(word, written="-") for word in words]


def _wrong(words: list[Word], others: list[Word], chance: random.Random) -> list[Word]:
    """The words, with some removed and as many others inserted."""
    out: list[Word] = []
    for word in words:
        if chance.random() >= WRONG:
            out.append(word)
        if chance.random() < WRONG:
            out += _marked([chance.choice(others)])
    return out


def _compared(
    line: Line, features: AudioFeatures, words: list[Word]
) -> tuple[int, int, int, list[float]]:
    """(words spoken and in the text, found, invented, errors in seconds) of one line."""
    truth = _times(line)
    spoken = [word for word in words if word.written != "-"]
    result = invented = 0
    errors: list[float] = []
    for word in aligned(features, words):
        if word.confidence < COUNTS:
            continue
        if word.written == "-":
            invented += 1
            continue
        phones = truth[int(word.written)]
        if word.end < phones[0][1] or word.begin > phones[-1][2]:
            invented += 1
            continue
        result += 1
        errors += [abs(a[1] - b[1]) for a, b in zip(word.phones, phones, strict=True)]
        errors.append(abs(word.end - phones[-1][2]))
    return len(spoken), result, invented, errors


def _placed(of: str, rows: Sequence[tuple[int, int, int, list[float]]]) -> Placed:
    words, result, invented = (sum(row[n] for row in rows) for n in range(3))
    errors = np.array([error for row in rows for error in row[3]] or [np.nan]) * 1000
    middle, most = np.quantile(errors, [0.5, 0.9])
    sure = max(result + invented, 1)
    return Placed(of, words, result / max(words, 1), invented / sure, float(middle), float(most))


def sentences() -> Placed:
    """GRID's words compared with pocketsphinx's; a boundary is the start or end of a word."""
    words = result = 0
    errors: list[float] = []
    for name in GRID:
        truth = _by_sphinx(f"grid_{name}.mpg")
        words += len(truth)
        _, spoken = spoken_in(f"grid_{name}.mpg")
        for word in spoken:
            if word.confidence >= COUNTS and word.written.lower() in truth:
                begin, end = truth[word.written.lower()]
                result += 1
                errors += [abs(word.begin - begin), abs(word.end - end)]
    middle, most = np.quantile(np.array(errors) * 1000, [0.5, 0.9])
    return Placed("GRID", words, result / words, 0.0, float(middle), float(most))


def _by_sphinx(name: str) -> dict[str, tuple[float, float]]:
    """Start and end of each word in seconds; no GRID sentence repeats a word."""
    from pocketsphinx import Decoder

    sound = read_sound(FOOTAGE / name, rate=ANALYSIS_RATE)
    data = (np.clip(sound.samples, -1, 1) * 32767).astype(np.int16).tobytes()
    decoder = Decoder(samprate=ANALYSIS_RATE, bestpath=False, loglevel="FATAL")
    decoder.set_align_text(said_in(name)[1].lower())
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()
    return {
        segment.word.split("(")[0]: (segment.start_frame / 100, (segment.end_frame + 1) / 100)
        for segment in decoder.seg()
        if not segment.word.startswith(("<", "["))
    }


def lips(work: Path) -> Iterator[tuple[str, str, str]]:
    """(clips, by, figures) of closed lips."""
    for group, clips in (
        ("six GRID sentences", {f"grid_{name}.mpg": 0.0 for name in GRID}),
        ("six talking clips", {name: float(late - LEAD_MS) for name, late in TALKING.items()}),
    ):
        for by in ("sound", "text"):
            rows = []
            for name, late in clips.items():
                features, spoken = spoken_in(name)
                used = features if by == "sound" else apply_alignment(features, spoken)
                rows.append(real_lips(used, FOOTAGE / name, late, work / "lips"))
            yield group, by, summary(rows)


@dataclass(frozen=True, slots=True)
class Texted:
    """Clips as in benchmarks/sound_head, with the features of `name` corrected by its text."""

    clips: Talks
    name: str

    def __getitem__(self, name: str) -> Talk:
        talk = self.clips[name]
        if name != self.name:
            return talk
        return replace(talk, features=guided(talk))

    def head_without(self, person: str) -> Head:
        return self.clips.head_without(person)


def drive(clips: Talks) -> Iterator[Row]:
    """Each trial with the sound alone, then with the text; `group` says which."""
    for group in ("sound", "text"):
        for learnt, tested in FIVE:
            with_text = guided(clips[tested]) if group == "text" else None
            yield from rows_of(SAME_ACTOR, group, same_actor(clips, learnt, tested, with_text))
        for name in SEVEN:
            heard: Heard = Texted(clips, name) if group == "text" else clips
            yield from rows_of(NEVER_SEEN, group, never_seen(heard, name))


def _shown(row: Row) -> str:
    of = row.figures
    numbers = " ".join(f"{value:5.2f}" for value in (of.opening, of.width, of.jaw))
    return (
        f"{row.learnt:20.20s} {row.tested:20.20s} {row.group:6s} {row.by:10s} {numbers}   "
        f"closures {of.hit:.2f} of {of.closures:2d}   in silence {of.moving:.2f} of {of.silent}"
    )


def _report(result: Mapping[str, Sequence[object]]) -> None:
    for row in cast("Sequence[Placed]", [*result.get("voices", ()), *result.get("sentences", ())]):
        click.echo(
            f"{row.of:32s} {row.words:4d} words  found {row.found:.2f}  invented "
            f"{row.invented:.2f}  boundaries {row.median:3.0f} ms, nine in ten {row.most:3.0f} ms"
        )
    for line in result.get("lips", ()):
        click.echo("  ".join(cast("tuple[str, str, str]", line)))
    rows = cast("Sequence[Row]", result.get("drive", ()))
    for one in rows:
        click.echo(_shown(one))
    for table, group in dict.fromkeys((row.table, row.group) for row in rows):
        mean = means([
            row.figures for row in rows
            if (row.table, row.group, row.by) == (table, group, ALL_RULES)
        ])  # fmt: skip
        click.echo(
            f"mean, {table:20s} {group:15s} {mean.opening:.3f} {mean.width:.3f} {mean.jaw:.3f}  "
            f"closures {mean.hit:.3f}  in silence {mean.moving:.3f}"
        )


@click.command()
@click.argument("work", type=click.Path(path_type=Path, exists=True))
@click.option("--kept", type=click.Path(path_type=Path), default=Path("sound_head_kept"))
@click.option("--part", type=click.Choice(["voices", "sentences", "lips", "drive"]))
@click.option("--json", "as_json", is_flag=True)
def main(work: Path, kept: Path, part: str | None, as_json: bool) -> None:
    """Measure the alignment, and the mouth with and without a text."""
    parts: dict[str, object] = {
        "voices": lambda: list(voices(work)),
        "sentences": lambda: [sentences()],
        "lips": lambda: list(lips(work)),
        "drive": lambda: list(drive(talks(kept))),
    }
    result = {
        name: cast("list[object]", make())  # type: ignore[operator]
        for name, make in parts.items()
        if part in (None, name)
    }
    if as_json:
        plain = {
            name: [row if isinstance(row, tuple) else asdict(cast(Placed, row)) for row in rows]
            for name, rows in result.items()
        }
        click.echo(json.dumps(plain, indent=1))
    else:
        _report(result)


if __name__ == "__main__":
    main()
