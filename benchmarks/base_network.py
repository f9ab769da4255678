"""Teach the network that every actor's own starts from, and measure what it gives.

    python -m benchmarks.base_network teach --out FILE [--minutes 30] [--kept FOLDER]
    python -m benchmarks.base_network without NAME [--minutes 6] [--kept FOLDER]

`teach` pools the lessons of every clip of TAUGHT (clips with some licence, and the sample reel's
synthetic performers) and prints the file's digest for engine/base_network.py.  `without` teaches
one on everybody but NAME, and prints what it draws of NAME, held back, beside a network of NAME's
own from nothing for as long.  Lessons, and a teaching that was cut off, stay in the kept folder.
"""

from __future__ import annotations

import argparse
import json
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save, save_file

from dubsync.cli.progress import shown
from dubsync.core.progress import Progress
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Footage
from dubsync.engine import build
from dubsync.engine.actor import ours
from dubsync.engine.schedule import Course, Lessons, Trained, trained
from dubsync.engine.training import lessons_of
from dubsync.media.probe import probe_plate
from dubsync.service.heldout import square_of

ROOT = Path(__file__).parents[1]
FOOTAGE = ROOT.parent / "shared" / "footage"
PLATES = ROOT / "sample_projects" / "two_hander" / "plates"
SIZE = 160
#: name -> clip, and how much of it: what benchmarks.renderer judges is left out.
TAUGHT = {
    "andrew": (FOOTAGE / "andrew_a_25s.mov", Fraction(1)),
    "obama": (FOOTAGE / "obama_address_30s.mov", Fraction(1)),
    "obama_2020": (FOOTAGE / "obama_2020_20s.mov", Fraction(1)),
    "sweater": (FOOTAGE / "man_black_sweater_1080x1920_20s.mp4", Fraction(4, 5)),
    "bbaf": (FOOTAGE / "grid_bbaf2n.mpg", Fraction(1)),
    "brbk": (FOOTAGE / "grid_brbk7n.mpg", Fraction(1)),
    "lbax": (FOOTAGE / "grid_lbax4n.mpg", Fraction(1)),
    "lbbc": (FOOTAGE / "grid_lbbc2a.mpg", Fraction(1)),
    "lrwp": (FOOTAGE / "grid_lrwp9a.mpg", Fraction(1)),
    "lwbs": (FOOTAGE / "grid_lwbsza.mpg", Fraction(1)),
    "elise": (PLATES / "A001C004_251114_ELISE_MCU.mov", Fraction(1)),
    "marc": (PLATES / "A002C002_251114_MARC_CU.mov", Fraction(1)),
}
#: Clips of one person.
SAME = {"obama_2020": "obama"}
#: Lessons of one clip at most, so that a long clip does not drown the others.
MOST = 240
CPU = torch.device("cpu")


def lessons(name: str, kept: Path, progress: Progress) -> Lessons:
    """The clip's lessons, worked out once and kept."""
    path = kept / f"lessons_{name}.safetensors"
    if not path.exists():
        made = _thinned(_worked_out(name, progress))
        arrays = {"shown": made.shown, "truth": made.truth,
                  "held": torch.from_numpy(made.held.astype(np.uint8)),
                  "often": torch.from_numpy(made.often)}  # fmt: skip
        kept.mkdir(parents=True, exist_ok=True)
        save_file(arrays, path)
    found = load_file(path)
    held = found["held"].numpy().astype(bool)
    return Lessons(found["shown"], found["truth"], held, found["often"].numpy())


def _worked_out(name: str, progress: Progress) -> Lessons:
    path, share = TAUGHT[name]
    engine = build(EngineSettings())
    plate = probe_plate(path)
    count = int(len(plate.frames) * share)
    square = square_of(plate, engine, SIZE, progress)
    begins = square.track.frames.start - plate.frames.start
    track = square.part(0, min(len(square.track.frames), count - begins))
    footage = Footage(name, track, square.read)
    actor = ours(engine.learn(name, [footage], progress=progress))
    return lessons_of(actor.bank, SIZE, CPU)


def _thinned(found: Lessons) -> Lessons:
    step = max(1, -(-len(found.held) // MOST))
    rows = np.arange(0, len(found.held), step)
    return Lessons(found.shown[rows], found.truth[rows], found.held[rows], found.often[rows])


def pooled(parts: list[Lessons]) -> Lessons:
    """All of them, padded to one size; each clip's lessons are taken equally often."""
    height = max(part.shown.shape[2] for part in parts)
    width = max(part.shown.shape[3] for part in parts)

    def padded(picture: torch.Tensor) -> torch.Tensor:
        room = (0, width - picture.shape[3], 0, height - picture.shape[2])
        return torch.nn.functional.pad(picture, room)

    often = [part.often / part.often.sum() * 100 for part in parts]
    return Lessons(
        torch.cat([padded(part.shown) for part in parts]),
        torch.cat([padded(part.truth) for part in parts]),
        np.concatenate([part.held for part in parts]),
        np.concatenate(often).astype(np.float32),
    )


def taught(names: list[str], minutes: float, kept: Path, progress: Progress) -> Trained:
    """A base taught on the named clips."""
    together = pooled([lessons(name, kept, progress) for name in names])
    course = Course("S", minutes * 60, "base", "+".join(names))
    folder = kept / sha256(course.key.encode()).hexdigest()[:12]
    return trained(course, together, device=CPU, kept=folder, progress=progress)


def _teach(asked: argparse.Namespace, progress: Progress) -> None:
    found = taught(list(TAUGHT), asked.minutes, asked.kept, progress)
    weights = {n: v.half().contiguous() for n, v in found.network.state_dict().items()}
    data = save(weights)
    asked.out.write_bytes(data)
    print(json.dumps({"sha256": sha256(data).hexdigest(), "bytes": len(data),
                      "steps": found.steps, "curve": found.curve}))  # fmt: skip


def _without(asked: argparse.Namespace, progress: Progress) -> None:
    who = SAME.get(asked.name, asked.name)
    others = [name for name in TAUGHT if SAME.get(name, name) != who]
    base = taught(others, asked.minutes, asked.kept, progress)
    own = lessons(asked.name, asked.kept, progress)
    alone = trained(Course("S", asked.minutes * 60, asked.name, ""), own,
                    device=CPU, kept=None, progress=progress)  # fmt: skip
    start = base.network.state_dict()
    seen = trained(Course("S", 0, asked.name, "", start=start), own,
                   device=CPU, kept=None, progress=progress)  # fmt: skip
    fused = alone.curve[0][1]
    print(json.dumps({"name": asked.name, "fused": 1.0,
                      "own, from nothing": min(v for _, v in alone.curve) / fused,
                      "base that never saw them": seen.curve[0][1] / fused}))  # fmt: skip


def main() -> None:
    """Teach, or measure."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--kept", type=Path, default=Path(".base_network"))
    verbs = options.add_subparsers(required=True)
    teach = verbs.add_parser("teach")
    teach.add_argument("--out", type=Path, required=True)
    teach.set_defaults(run=_teach, minutes=30.0)
    without = verbs.add_parser("without")
    without.add_argument("name", choices=sorted(TAUGHT))
    without.set_defaults(run=_without, minutes=6.0)
    for verb in (teach, without):
        verb.add_argument("--minutes", type=float)
    asked = options.parse_args()
    with shown() as progress:
        asked.run(asked, progress)


if __name__ == "__main__":
    main()
