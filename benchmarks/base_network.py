"""Train the base network that every actor's own network starts from, and evaluate it.

    python -m benchmarks.base_network [--kept FOLDER] teach --out FILE [--minutes 30]
    python -m benchmarks.base_network [--kept FOLDER] without NAME [--minutes 6]
    python -m benchmarks.base_network [--kept FOLDER] alone BASE... [--clips NAME...]
    python -m benchmarks.base_network teach --out FILE --start FIRST --rate 4e-4 --window 64
        --score .5 --features .5 --alone 600 --steps 800

`teach` pools the training pairs of every clip of TRAINED_ON (see benchmarks/clean_footage.py) and
prints the file's digest for engine/network/base_network.py.
`without` trains one on everybody but NAME, and compares it on NAME's held-out frames with a network
trained on NAME from scratch for as long.  Training pairs and checkpoints stay in the kept folder.
`alone` gives the loss of BASE files on the held-out pairs of clips, as a share of the fused
picture's.  The last command continues from a FIRST that `teach` wrote, as the base that ships did;
`without` starts from scratch, because FIRST was trained on NAME too.  Both take loss terms: the
discriminator's score and features, of single frames or of clips (engine/train/discriminator.py),
and steady errors (losses.steady), each by its gradient relative to the base losses; and
--landmarks, by its weight: lips and jaw by the tracking network (engine/train/landmark_loss.py).
"""

from __future__ import annotations

import argparse
import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save, save_file

from benchmarks.clean_footage import CLIPS, clip_path
from dubsync.cli.progress import shown
from dubsync.core.progress import Progress
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Footage
from dubsync.engine import build
from dubsync.engine.actor import ours
from dubsync.engine.device import chosen_device
from dubsync.engine.track.landmark_net import LandmarkNet
from dubsync.engine.train.discriminator import AdversarialConfig
from dubsync.engine.train.landmark_loss import LandmarkTerm, View, Views
from dubsync.engine.train.schedule import RATE, TrainedNetwork, TrainingConfig, train_network
from dubsync.engine.train.teach_base import pooled
from dubsync.engine.train.training import pairs_of
from dubsync.engine.train.training_pairs import WINDOW, TrainingPairs
from dubsync.media.probe import probe_plate
from dubsync.service.evaluate.held_out import square_of

SIZE = 160
#: Clip -> person: all of benchmarks/clean_footage.py but obama_oval, which benchmarks.renderer
#: evaluates on.
TRAINED_ON = {clip.name: clip.person for clip in CLIPS if clip.name != "obama_oval_20s.mov"}
#: Clips of people that the base never sees, but for the person in obama_oval.
JUDGED = ("woman_braids_720p_24s.mp4", "katiehill_512_8s.mp4", "andrew_b_27s.mov",
          "man_black_sweater_1080x1920_20s.mp4", "woman_bluewall_700_7s.mp4",
          "obama_oval_20s.mov")  # fmt: skip
#: Training pairs of one clip at most, so that a long clip does not drown the others.
MOST = 240
#: Tensors saved for a clip: its training pairs, and the tracker's views of them.
PAIR_PARTS, VIEW_PARTS = ("shown", "truth", "held", "often", "follows"), ("seen", "places", "units")
CPU = torch.device("cpu")


def training_pairs(name: str, kept: Path, progress: Progress) -> TrainingPairs:
    """The clip's training pairs, computed once and saved with the tracker's views of them."""
    path = _path(name, kept)
    if not path.exists():
        every, views_of_pairs = _compute_pairs(name, progress)
        step = max(1, -(-len(every.held_out) // MOST))
        made, seen = every.thinned(step), views_of_pairs[::step]
        arrays = {"shown": made.shown, "truth": made.truth,
                  "held": torch.from_numpy(made.held_out.astype(np.uint8)),
                  "follows": torch.from_numpy(made.follows.astype(np.uint8)),
                  "often": torch.from_numpy(made.sampling_weight),
                  "seen": torch.from_numpy(np.stack([v.picture for v in seen])),
                  "places": torch.from_numpy(np.stack([v.place for v in seen])),
                  "units": torch.tensor([v.unit for v in seen])}  # fmt: skip
        kept.mkdir(parents=True, exist_ok=True)
        save_file(arrays, path)
    with safe_open(path, "pt") as file:
        if missing := {*PAIR_PARTS, *VIEW_PARTS} - set(file.keys()):
            raise SystemExit(
                f"{path} was written by an older version, without {', '.join(sorted(missing))}: "
                "delete it, and its training pairs are computed again"
            )
        shown, truth, held_out, sampling_weight, follows = (
            file.get_tensor(part) for part in PAIR_PARTS
        )
    return TrainingPairs(
        shown, truth, held_out.numpy() > 0, sampling_weight.numpy(), follows.numpy() > 0
    )


def views(name: str, kept: Path) -> list[View]:
    """The tracker's views of the clip's training pairs, after `training_pairs` has saved them."""
    with safe_open(_path(name, kept), "np") as file:
        parts = [file.get_tensor(part) for part in VIEW_PARTS]
    return [View(seen, place, float(unit)) for seen, place, unit in zip(*parts, strict=True)]


def _path(name: str, kept: Path) -> Path:
    return kept / f"lessons_{name}.safetensors"


def _compute_pairs(name: str, progress: Progress) -> tuple[TrainingPairs, list[View]]:
    engine = build(EngineSettings())
    square = square_of(probe_plate(clip_path(name)), engine, SIZE, progress)
    footage = Footage(name, square.track, square.read)
    actor = ours(engine.learn(name, [footage], progress=progress))
    return pairs_of(actor.bank, SIZE, CPU)


def train_base(
    names: list[str], arguments: argparse.Namespace, progress: Progress
) -> TrainedNetwork:
    """A base network trained on the named clips."""
    together = pooled([training_pairs(name, arguments.kept, progress) for name in names])
    keyed = ("score", "features", "frames", "alone", "steady", "rate", "window", "start",
            "landmarks")  # fmt: skip
    key = f"{'+'.join(names)}/{[str(getattr(arguments, name)) for name in keyed]}"
    device = chosen_device(arguments.device)
    config = TrainingConfig(
        "S", arguments.minutes * 60, "base", key, steps=arguments.steps, steady=arguments.steady,
        start=_starting_weights(arguments.start), rate=arguments.rate, window=arguments.window,
        adversarial=_adversarial_config(arguments), terms=_terms(names, arguments, device),
    )  # fmt: skip
    folder = arguments.kept / sha256(config.key.encode()).hexdigest()[:12]
    return train_network(config, together, device=device, kept=folder, progress=progress)


def _starting_weights(start: Path | None) -> dict[str, torch.Tensor] | None:
    return {name: v.float() for name, v in load_file(start).items()} if start else None


def _terms(
    names: list[str], arguments: argparse.Namespace, device: torch.device
) -> tuple[LandmarkTerm, ...]:
    if not arguments.landmarks:
        return ()
    network = LandmarkNet.shipped().to(device)
    seen = [each for name in names for each in views(name, arguments.kept)]
    return (LandmarkTerm(Views.of(seen, network), network, arguments.landmarks),)


def _adversarial_config(arguments: argparse.Namespace) -> AdversarialConfig | None:
    if not (arguments.score or arguments.features):
        return None
    return AdversarialConfig(arguments.score, arguments.features, arguments.frames, arguments.alone)


def _teach(arguments: argparse.Namespace, progress: Progress) -> None:
    result = train_base(list(TRAINED_ON), arguments, progress)
    weights = {n: v.half().contiguous() for n, v in result.network.state_dict().items()}
    data = save(weights)
    arguments.out.write_bytes(data)
    print(json.dumps({"sha256": sha256(data).hexdigest(), "bytes": len(data),
                      "steps": result.steps, "curve": result.curve}))  # fmt: skip


def _without(arguments: argparse.Namespace, progress: Progress) -> None:
    person = TRAINED_ON[arguments.name]
    others = [name for name, owner in TRAINED_ON.items() if owner != person]
    base = train_base(others, arguments, progress)
    own = training_pairs(arguments.name, arguments.kept, progress)
    config = TrainingConfig("S", arguments.minutes * 60, arguments.name, "", steps=arguments.steps)
    alone = train_network(config, own, device=CPU, kept=None, progress=progress)
    start = base.network.state_dict()
    untrained = TrainingConfig("S", 0, arguments.name, "", start=start)
    seen = train_network(untrained, own, device=CPU, kept=None, progress=progress)
    fused = alone.curve[0][1]
    print(json.dumps({"name": arguments.name, "fused": 1.0,
                      "own, from nothing": min(v for _, v in alone.curve) / fused,
                      "base that never saw them": seen.curve[0][1] / fused}))  # fmt: skip


def _alone(arguments: argparse.Namespace, progress: Progress) -> None:
    """Bases with no fit at all, on held-out pairs of people, against the fused picture."""
    for name in arguments.clips or JUDGED:
        own = training_pairs(name, arguments.kept, progress)

        def loss(start: dict[str, torch.Tensor] | None, own: TrainingPairs = own) -> float:
            config = TrainingConfig("S", 0, "judged", "", start=start)
            judged = train_network(config, own, device=CPU, kept=None, progress=progress)
            return judged.curve[0][1]

        fused = loss(None)
        of_fused = {path.stem: loss(_starting_weights(path)) / fused for path in arguments.bases}
        print(json.dumps({"clip": name, "fused": fused, **of_fused}), flush=True)


def main() -> None:
    """Train, or evaluate."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--kept", type=Path, default=Path(".base_network"))
    verbs = options.add_subparsers(required=True)
    teach = verbs.add_parser("teach")
    teach.add_argument("--out", type=Path, required=True)
    teach.add_argument("--start", type=Path, help="a base to continue from, as `teach` writes it")
    teach.set_defaults(run=_teach, minutes=30.0)
    without = verbs.add_parser("without")
    without.add_argument("name", choices=sorted(TRAINED_ON))
    without.set_defaults(run=_without, minutes=6.0, start=None)
    alone = verbs.add_parser("alone")
    alone.add_argument("bases", type=Path, nargs="+")
    alone.add_argument("--clips", nargs="*", help="instead of JUDGED")
    alone.set_defaults(run=_alone)
    for verb in (teach, without):
        verb.add_argument("--minutes", type=float)
        verb.add_argument("--steps", type=int, default=0, help="instead of minutes")
        verb.add_argument("--rate", type=float, default=RATE)
        verb.add_argument(
            "--window", type=int, default=WINDOW, help="side of the training crops, pixels"
        )
        verb.add_argument("--device", default="cpu", choices=("auto", "cpu", "cuda", "mps"))
        for share in ("--score", "--features", "--steady"):
            verb.add_argument(
                share, type=float, default=0.0, help="gradient relative to the others'"
            )
        verb.add_argument("--landmarks", type=float, default=0.0, help="weight; .5 was tried")
        verb.add_argument(
            "--frames", type=int, default=1, help="frames per clip for the discriminator"
        )
        verb.add_argument(
            "--alone", type=int, default=500, help="initial steps of the discriminator alone"
        )
    arguments = options.parse_args()
    with shown() as progress:
        arguments.run(arguments, progress)


if __name__ == "__main__":
    main()
