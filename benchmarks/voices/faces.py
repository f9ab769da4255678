"""Matching the voices of mixed stems to the faces that speak the original, with ground truth.

    python -m benchmarks.voices.faces [--reels N] [--no-sample]

Random dialogue (tests/service/dialogue_synthesis.py): two to four people, the engine wrong for
15 of 100 lines (20 of 100 off screen), 5 % of turns given to the wrong voice.  Then the sample
project and its other cut as a user has them: stems added up, no takes, no answers, plates looked
at.  Of each voice: right, asked about, or wrong.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from dubsync.service.project import Project
from dubsync.service.voices.voice_cast import Clock, cast_voices
from dubsync.service.voices.voice_face_match import voice_face_evidence
from tests.service.dialogue_synthesis import RATE, Scene, scene

SAMPLES = Path(__file__).parents[2] / "sample_projects"
WAYS: Mapping[str, Mapping[str, Any]] = {
    "6 to 29 shots": {},
    "30 shots": {"shots": 30},
    "100 shots": {"shots": 100},
    "30 shots, half the lines off screen": {"shots": 30, "off_screen": 0.5},
    "30 shots, words up to 1 s off": {"shots": 30, "jitter": 1.0},
    "30 shots, two people in one voice": {"shots": 30, "merged": True},
    "nobody seen": {"nobody": True},
}


def outcomes(made: Scene) -> Iterator[str]:
    """The outcome of each voice.  Two people in one voice can only be "wrong" or "asked"."""
    seen = voice_face_evidence(made.voices, made.characters, made.faces)
    result = cast_voices("m", made.voices, made.characters, (), {}, Clock(RATE), seen=seen)
    for voice in (v for v in made.voices if v.turns):
        who = result.characters.get(voice.name)
        if who is None:
            yield "asked"
        elif who == made.truth[voice.name] and voice.name not in made.merged:
            yield "right" if result.by[voice.name] == "faces" else "right, left over"
        else:
            yield "wrong" if result.by[voice.name] == "faces" else "wrong, left over"


def mixed_samples(folder: Path) -> Iterator[Path]:
    """The sample projects in `folder`, each with one mixed stem per language and no other clue."""
    for name in ("two_hander", "reel_change"):
        made = shutil.ignore_patterns(".dubsync", "renders", "reports")
        shutil.copytree(SAMPLES / name, folder / name, ignore=made)
        file = folder / name / "dubsync.toml"
        lines = [ln for ln in file.read_text().splitlines() if not ln.startswith("takes")]
        text = "\n".join(lines) + "\n"
        for tag in ("it", "es"):
            for who in ("ELISE", "MARC"):
                text = text.replace(f"{who}_{tag}.wav", f"mix_{tag}.wav")
        file.write_text(text)
    for tag in ("it", "es"):
        _add_up(folder / "two_hander" / "dub", tag)
    yield from (folder / "two_hander", folder / "reel_change")


def _add_up(dub: Path, tag: str) -> None:
    parts = [(dub / f"{who}_{tag}.wav").read_bytes() for who in ("ELISE", "MARC")]
    head = parts[0].index(b"data") + 8  # with the clock that its bext chunk keeps
    total = sum(np.frombuffer(part[head:], "<i2").astype(int) for part in parts)
    mixed = np.clip(total, -32768, 32767).astype("<i2").tobytes()
    (dub / f"mix_{tag}.wav").write_bytes(parts[0][:head] + mixed)


@click.command(help=__doc__)
@click.option("--reels", default=200, show_default=True)
@click.option("--sample/--no-sample", default=True)
def main(reels: int, sample: bool) -> None:
    console = Console()
    table = Table("random dialogue", "voices", *OUTCOMES)
    for name, way in WAYS.items():
        result = Counter(o for seed in range(reels) for o in outcomes(scene(seed, **way)))
        shares = (f"{result[o] / result.total():.1%}" for o in OUTCOMES)
        table.add_row(name, str(result.total()), *shares)
    console.print(table)
    if not sample:
        return
    table = Table(
        "reel", "language", "voice", "whose", "by", "with the faces of", "margin", "CPU s"
    )
    with TemporaryDirectory() as aside:
        for folder in mixed_samples(Path(aside)):
            for project in Project.open(folder).into_each():
                began = process_time()
                project.turnover(look=True)
                took = process_time() - began
                for voice in project.intake.voices:
                    faces = ", ".join(f"{s.character} {s.seconds:.1f} s" for s in voice.seen)
                    margin = "-" if voice.margin is None else f"{voice.margin:+.1f}"
                    table.add_row(folder.name, project.language, voice.name, str(voice.character),
                                  voice.by or "-", faces, margin, f"{took:.0f}")  # fmt: skip
    console.print(table)


OUTCOMES = ("right", "right, left over", "asked", "wrong", "wrong, left over")

if __name__ == "__main__":
    main()
