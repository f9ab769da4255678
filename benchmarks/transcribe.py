"""Machine-made scripts: word errors, what is heard where nobody speaks, time and memory.

    python -m benchmarks.transcribe MODEL [--part words|nobody|long] [--minutes M]

MODEL is the folder of a Whisper model; needs dubsync[transcribe].

words   the sample reel's two dubs, whose texts are known (synthetic voices); GRID's sentences,
        which their file names encode; talking clips, whose texts were made with Whisper base and
        corrected by ear, so that a Whisper model is flattered there.
nobody  music, drums, noise and silence made here, and takes without a word: words heard, wanted 0.
long    a stem of M minutes of speech and pauses: seconds of one core, and memory.
"""

from __future__ import annotations

import json
import re
import resource
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import click
import numpy as np
import soundfile

from benchmarks.texts import TEXTS, said_in
from dubsync.core.arrays import Array
from dubsync.core.digest import file_digest
from dubsync.core.errors import SettingsError
from dubsync.core.progress import silent
from dubsync.core.script import UNSURE
from dubsync.core.shot import Stem
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.sound.stem import probe_sound, read_sound
from dubsync.service.script.transcript import Model, Transcript, transcribed
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.speech.transcription import open_transcriber

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
DUB = ROOT / "sample_projects" / "two_hander" / "dub"
JFK = "And so my fellow Americans ask not what your country can do for you ask what you can do for your country"  # noqa: E501
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RATE = 16000
RECORD = FrameRange(0, 25 * 3600 * 4, Fraction(25))


def words_of(text: str) -> list[str]:
    """The words without case and marks; "K7" is "k", "7", and so is "K seven"."""
    plain = unicodedata.normalize("NFKC", text.replace(UNSURE, " ").casefold())
    found = re.findall(r"[^\W\d_]+|\d+", plain.replace("'", "").replace("\u2019", ""))
    return [str(DIGITS.index(word)) if word in DIGITS else word for word in found]


def errors(wanted: Sequence[str], heard: Sequence[str]) -> tuple[int, set[int]]:
    """Words to insert, delete or replace (the edit distance, Levenshtein 1966), and which of
    `heard` are wrong: their places."""
    rows = [list(range(len(heard) + 1))]
    for n, want in enumerate(wanted, start=1):
        before, row = rows[-1], [n]
        for m, had in enumerate(heard, start=1):
            row.append(min(before[m] + 1, row[-1] + 1, before[m - 1] + (want != had)))
        rows.append(row)
    n, m, wrong = len(wanted), len(heard), set()
    while m:
        if n and rows[n][m] == rows[n - 1][m - 1] + (wanted[n - 1] != heard[m - 1]):
            if wanted[n - 1] != heard[m - 1]:
                wrong.add(m - 1)
            n, m = n - 1, m - 1
        elif n and rows[n][m] == rows[n - 1][m] + 1:
            n -= 1
        else:
            wrong.add(m - 1)
            m -= 1
    return rows[-1][-1], wrong


def marked_places(text: str) -> set[int]:
    """Places, among `words_of` a text, of the words before each UNSURE."""
    parts = text.split(UNSURE)
    ends = [len(words_of(UNSURE.join(parts[: n + 1]))) for n in range(len(parts) - 1)]
    return {end - 1 for end in ends}


def transcript(path: Path, language: str, model: Model, folder: Path) -> Transcript:
    """The machine-made script of one file, as the product makes it."""
    sound = probe_sound(path)
    stem = Stem("A", language, str(path), sound.sample_rate, sound.n_samples, Fraction(0))
    store = Store(folder)
    return transcribed(
        [stem], RECORD, model, AudioAnalysisCache(store), store, drop=False, progress=silent
    )


def known() -> Iterator[tuple[str, Path, str, str]]:
    """(kind, file, language, text) of every sound with a known text."""
    for name in ("lines.json", "lines_es.json"):
        lines = json.loads((DUB / name).read_text(encoding="utf-8"))["lines"]
        for character in ("ELISE", "MARC"):
            own = [line for line in lines if line["character"] == character]
            language = own[0]["language"]
            path = DUB / f"{character}_{language[:2]}.wav"
            yield f"sample reel, {language}", path, language, " ".join(x["text"] for x in own)
    for path in sorted((SHARED / "footage").glob("grid_*.mpg")):
        letters = path.stem.removeprefix("grid_")
        if len(letters) == 6 and letters[4].isalnum():
            yield "GRID", path, *said_in(path.name)
    yield "JFK's address", SHARED / "speech" / "en_jfk_inaugural.flac", "en", JFK
    for name, (language, text) in TEXTS.items():
        yield f"talking clips, {language}", SHARED / "footage" / name, language, text


def word_rows(model: Model, folder: Path, show: bool) -> None:
    """Print word errors by kind."""
    totals: dict[str, list[int]] = {}
    for kind, path, language, text in known():
        try:
            made = transcript(path, language, model, folder)
        except SettingsError:
            continue  # a model of English alone
        heard = " ".join(line.text for line in made.script.lines)
        words, marked = len(words_of(text)), marked_places(heard)
        wrong, places = errors(words_of(text), words_of(heard))
        row = totals.setdefault(kind, [0, 0, 0, 0, 0, 0])
        counts = (1, words, wrong, len(marked), len(places), len(marked & places))
        for n, value in enumerate(counts):
            row[n] += value
        if show:
            print(f"{path.name}: {wrong} of {words}: {heard}")
    print("| sounds | files | words | word errors | words marked (?) | wrong words marked |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for kind, (files, words, wrong, marked_n, places_n, both) in totals.items():
        print(f"| {kind} | {files} | {words} | {wrong / words:.0%} | {marked_n} | "
              f"{both} of {places_n} |")  # fmt: skip


def made_sounds() -> dict[str, Array]:
    """Half a minute each of what is no speech."""
    draw = np.random.default_rng(3)
    at = np.arange(RATE * 30) / RATE
    chords, melody, drums = (np.zeros_like(at) for _ in range(3))
    for n in range(15):
        swell = np.clip((at - 2 * n) / 0.3, 0, 1) * np.clip((2 * n + 2.2 - at) / 0.4, 0, 1)
        for third in (1, 1.26, 1.5):
            pitch = (220, 262, 196, 175, 247)[n % 5] * third
            chords += swell * sum(np.sin(2 * np.pi * k * pitch * at) / k**1.3 for k in range(1, 12))
    for n in range(75):
        since = np.clip(at - 0.4 * n, 0, None)
        pitch = 220 * 2 ** (draw.integers(0, 14) / 12)
        struck = np.clip(since / 0.03, 0, 1) * np.exp(-4 * since)
        melody += struck * sum(np.sin(2 * np.pi * k * pitch * since) / k for k in range(1, 9))
    for n in range(60):
        since = np.clip(at - 0.5 * n, 0, None)
        hit = draw.standard_normal(len(at)) if n % 2 else np.sin(2 * np.pi * 60 * since)
        drums += (at >= 0.5 * n) * np.exp(-since * (30 if n % 2 else 12)) * hit
    even = [one / one.std() for one in (chords, melody, drums)]
    noise = draw.standard_normal(len(at))
    sounds = dict(zip(("chords", "melody", "drums"), even, strict=True))
    sounds |= {"all three": sum(even) / 2, "noise": noise, "silence": np.zeros_like(at)}
    return {name: np.asarray(0.1 * one, np.float32) for name, one in sounds.items()}


def nobody_rows(model: Model, folder: Path) -> None:
    """Print how many words are heard where nobody speaks."""
    files = []
    for name, samples in made_sounds().items():
        files.append(folder / f"{name}.wav")
        soundfile.write(files[-1], samples, RATE)
    files += [SHARED / "takes" / name for name in ("man_shout.mp4", "woman_grimaces.mp4")]
    print("| sound without words | words heard | lines without words |\n| --- | ---: | ---: |")
    for path in files:
        made = transcript(path, "en", model, folder)
        heard = sum(len(words_of(line.text)) for line in made.script.lines)
        print(f"| {path.stem} | {heard} | {made.unheard} |")


def long_row(model: Model, folder: Path, minutes: int) -> None:
    """Print seconds and memory for a long stem: the talking clips again and again, with pauses."""
    spoken = [read_sound(SHARED / "footage" / n, rate=RATE).samples for n, (tag, _) in TEXTS.items()
              if tag == "en"]  # fmt: skip
    pause = np.zeros(4 * RATE, np.float32)
    path, length = folder / "long.wav", 0
    with soundfile.SoundFile(path, "w", RATE, 1) as out:
        while length < minutes * 60 * RATE:
            for part in (*spoken, pause):
                out.write(part)
                length += len(part)
    sound = probe_sound(path)
    stem = Stem("A", "en", str(path), sound.sample_rate, sound.n_samples, Fraction(0))
    store = Store(folder)
    audio = AudioAnalysisCache(store)
    audio.stem_features(stem)  # made by turnover already
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock = time.process_time()
    made = transcribed([stem], RECORD, model, audio, store, drop=False, progress=silent)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, lines = time.process_time() - clock, len(made.script.lines)
    print(f"{minutes} min: {seconds:.0f} s of processor, {lines} lines; memory "
          f"{before / 1024:.0f} MiB before, {after / 1024:.0f} MiB at most")  # fmt: skip


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--part", default="", type=click.Choice(["", "words", "nobody", "long"]))
@click.option("--minutes", default=20)
@click.option("--show", is_flag=True, help="Print every text as heard.")
def main(folder: Path, part: str, minutes: int, show: bool) -> None:
    """Measure with the Whisper model in FOLDER."""
    model = Model(open_transcriber(folder), file_digest(folder / "model.bin"))
    with tempfile.TemporaryDirectory() as work:
        if part in ("", "words"):
            word_rows(model, Path(work), show)
        if part in ("", "nobody"):
            nobody_rows(model, Path(work))
        if part in ("", "long"):
            long_row(model, Path(work), minutes)


if __name__ == "__main__":
    main()
