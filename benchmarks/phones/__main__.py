"""python -m benchmarks.phones speak|train|blend|measure: see README.md beside this file."""

from __future__ import annotations

import argparse
from pathlib import Path

OUT = Path(__file__).parents[2] / "dubsync" / "speech" / "weights" / "phones.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.phones", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    speaking = steps.add_parser("speak", help="make speech with phone times")
    speaking.add_argument("work", type=Path, help="folder for speech and downloaded voices")
    speaking.add_argument("--minutes", type=float, default=60)
    speaking.add_argument("--seed", type=int, default=1)
    speaking.add_argument("--pico", action="store_true", help="use Pico: fast, without times")
    speaking.add_argument("--held-out", action="store_true", help="use held-out voices only")
    training = steps.add_parser("train", help="train the network on that speech")
    training.add_argument("work", type=Path)
    training.add_argument("--out", type=Path, default=OUT)
    training.add_argument("--minutes", type=float, default=60)
    training.add_argument(
        "--rounds", type=int, default=3, help="phones are aligned again after each"
    )
    training.add_argument("--start", type=Path, help="weights (.trainable) to continue from")
    training.add_argument("--seed", type=int, default=1)
    blending = steps.add_parser(
        "blend", help="the mean of networks, each trained from the one before"
    )
    blending.add_argument("networks", type=Path, nargs="+", help="their .safetensors")
    blending.add_argument("--out", type=Path, default=OUT)
    measuring = steps.add_parser("measure", help="on held-out voices, real sentences, real lips")
    measuring.add_argument("work", type=Path)
    args = parser.parse_args()
    if args.step == "speak":
        from benchmarks.phones import speak

        speech, seconds = args.work / "speech", 60 * args.minutes
        if args.pico:
            speak.speak_pico(speech, seconds, args.seed)
        elif args.held_out:
            speak.speak_tests(speech, args.work / "kokoro", seconds, args.seed)
        else:
            speak.speak(speech, args.work / "kokoro", seconds, args.seed)
    elif args.step == "train":
        from benchmarks.phones.train import train_all

        train_all(args.work, args.out, args.minutes, args.rounds, args.start, args.seed)
    elif args.step == "blend":
        from benchmarks.phones.train import blend

        blend(args.networks, args.out)
    else:
        from benchmarks.phones.measure import measure

        measure(args.work)


if __name__ == "__main__":
    main()
