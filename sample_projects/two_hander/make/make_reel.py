"""Make the sample reel: plates, take, stems, EDL and .otio, from nothing but seeds and a script.

    python make/make_reel.py --work WORK [--reel REEL] [--only NAME ...]

WORK keeps the fetched weights and the solved faces, and may be thrown away afterwards. What is
already in REEL is made again; --only limits the movies made to the reels named (or TAKE).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cut
import directions
import film
import screenplay as sp
import sound
import weights
from generator import Generator
from landmarks import Landmarker
from matte import Matting
from voice import Voices


def arguments() -> argparse.Namespace:
    """What the user asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for weights and faces")
    parser.add_argument(
        "--reel",
        type=Path,
        default=Path(__file__).resolve().parent.parent,
        help="folder the reel is made in (default: the one above this script)",
    )
    parser.add_argument("--only", nargs="*", help="reels to render, or TAKE; none: sound and cut")
    return parser.parse_args()


def studio(result: weights.Weights, work: Path) -> film.Studio:
    """The generator with everything known about steering it."""
    generator, landmarker = Generator(), Landmarker(result.landmarks)
    drawn = work / "drawn.npz"
    if not drawn.exists():
        print(f"drawing {directions.FACES} faces (minutes)", flush=True)
        directions.draw(generator, landmarker, drawn)
    return film.Studio(generator, landmarker, Matting(result.matting), directions.fit(drawn), work)


def main() -> None:
    """Make the reel."""
    asked = arguments()
    result = weights.fetch(asked.work / "weights")
    recordings = sound.record(Voices(result.voice_parts, result.vocabulary, result.voices))
    sound.write_sound(asked.reel, recordings)
    cut.write_edl(asked.reel / "two_hander.edl")
    cut.write_otio(asked.reel / "two_hander.otio")
    wanted = [*sp.PLATES, "TAKE"] if asked.only is None else asked.only
    tools = studio(result, asked.work) if wanted else None
    for name in wanted:
        began = time.monotonic()
        if name == "TAKE":
            character = sp.LINES[sp.TAKE_LINE].character
            path = asked.reel / "takes" / f"{character}_{sp.TAKE_LINE}_t01.mov"
            film.make_take(tools, recordings, path)
        else:
            path = asked.reel / "plates" / sp.PLATES[name].file
            film.make_plate(tools, sp.PLATES[name], recordings, path)
        print(
            f"{path.name}: {path.stat().st_size} bytes, {time.monotonic() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
