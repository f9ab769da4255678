"""python -m benchmarks.phones speak|teach|blend|measure: see README.md beside this file."""

from __future__ import annotations

import argparse
from pathlib import Path

OUT = Path(__file__).parents[2] / "dubsync" / "speech" / "weights" / "phones.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.phones", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    said = steps.add_parser("speak", help="make speech with phone times")
    said.add_argument("work", type=Path, help="folder for speech and downloaded voices")
    said.add_argument("--minutes", type=float, default=60)
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("--pico", action="store_true", help="by Pico: fast, without times")
    said.add_argument("--held-out", action="store_true", help="by voices kept for tests only")
    taught = steps.add_parser("teach", help="teach the network on that speech")
    taught.add_argument("work", type=Path)
    taught.add_argument("--out", type=Path, default=OUT)
    taught.add_argument("--minutes", type=float, default=60)
    taught.add_argument("--rounds", type=int, default=3, help="phones are told again after each")
    taught.add_argument("--start", type=Path, help="weights (.teachable) to go on from")
    taught.add_argument("--seed", type=int, default=1)
    mixed = steps.add_parser("blend", help="the mean of networks taught on one from the other")
    mixed.add_argument("networks", type=Path, nargs="+", help="their .safetensors")
    mixed.add_argument("--out", type=Path, default=OUT)
    measured = steps.add_parser("measure", help="on held-out voices, real sentences, real lips")
    measured.add_argument("work", type=Path)
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
    elif args.step == "teach":
        from benchmarks.phones.teach import teach_all

        teach_all(args.work, args.out, args.minutes, args.rounds, args.start, args.seed)
    elif args.step == "blend":
        from benchmarks.phones.teach import blend

        blend(args.networks, args.out)
    else:
        from benchmarks.phones.measure import measure

        measure(args.work)


if __name__ == "__main__":
    main()
