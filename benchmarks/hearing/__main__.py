"""python -m benchmarks.hearing hear|teach|measure: see README.md beside this file."""

from __future__ import annotations

import argparse
from pathlib import Path

SHARED = Path(__file__).parents[3] / "shared"
FACE = "andrew_a_25s.mov"  #: whose face the head drives


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hearing", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    hearing = steps.add_parser("hear", help="make scenes, and their states")
    hearing.add_argument("work", type=Path, help="the folder of benchmarks.phones")
    hearing.add_argument("--scenes", type=int, default=900)
    teaching = steps.add_parser("teach", help="fit the network, and write the package's weights")
    teaching.add_argument("work", type=Path)
    teaching.add_argument("--seed", type=int, default=1)
    measuring = steps.add_parser("measure", help="on held-out voices and music, and real files")
    measuring.add_argument("work", type=Path)
    measuring.add_argument("--kept", type=Path, required=True, help="of benchmarks.sound_head")
    measuring.add_argument("--real", action="store_true", help="only the files of ../shared")
    args = parser.parse_args()
    if args.step == "measure":
        _measure(args.work, args.kept, args.real)
        return
    from benchmarks.hearing import teach

    if args.step == "hear":
        lines = teach.made_lines(args.work / "speech", held_out=False)
        teach.hear(lines, args.work / "heard", 0, args.scenes)
    else:
        teach.write(teach.teach(teach.heard(args.work / "heard"), args.seed))


def _measure(work: Path, kept: Path, real: bool) -> None:
    from benchmarks.hearing import measure, teach
    from benchmarks.sound_head import talks
    from dubsync.engine.motion.basis import learn_basis

    if real:
        print("file, seconds, of speech by level and voicing, now, gone of the first")
        folders = [SHARED / name for name in ("speech", "footage", "takes")]
        for name, *figures in measure.real(folders):
            print(f"{name:36s}", " ".join(f"{value:6.2f}" for value in figures), flush=True)
        return
    lines = teach.made_lines(work / "speech", held_out=True)
    plain, _ = measure.voices_track(
        measure.np.random.default_rng(1), lines, measure.MANNERS["plain"], 30.0, 0.2
    )
    mouth = measure.Mouth(learn_basis([talks(kept)[FACE].track]), 0.1 * plain)
    print("kind, speech by level and voicing, now, moving frames, turns a second of speech")
    for rows in (measure.spoilt(mouth, lines), measure.alone(mouth)):
        for row in rows:
            print(
                f"{row.kind:18s} {row.before:.3f} {row.heard:.3f} {row.moving:.3f} {row.turns:.1f}",
                flush=True,
            )
    print("over music: manner, voice heard, music-only time heard, music-only frames that move")
    for manner, *figures in measure.mixed(mouth, lines):
        print(f"{manner:18s}", " ".join(f"{value:.3f}" for value in figures), flush=True)


if __name__ == "__main__":
    main()
