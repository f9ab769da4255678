"""How well renderers re-make held-out frames, side by side in one run.

    python -m benchmarks.renderer [--clip NAME ...] [--minutes 5] [--size 160] [--judged 240]
                                  [--few-shot] [--warp] [--gpu] [--json]

Rows: the plate of the second before, the nearest frame seen, the warp, the warp on refined
landmarks, a plain U-Net and the actor's own renderer, the two trained for the same time on the same
frames.  The first 80 % of a clip are for training and the rest for evaluation, or one take each.
--few-shot trains on 1, 8, 32 and all frames; --warp measures the warp alone, whole and at 256, as
the first issue specified; --gpu times the network.
Exit code 3 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.record import record_in
from dubsync.cli.progress import shown
from dubsync.core.progress import Progress
from dubsync.service.evaluate.evaluate import evaluate

FOOTAGE = Path(__file__).parents[1].parent / "shared" / "footage"
#: name -> (clip trained on, take evaluated on or "", split)
TRIALS = {
    "woman_braids": ("woman_braids_720p_24s.mp4", "", 0.8),
    "andrew": ("andrew_a_25s.mov", "andrew_b_27s.mov", 0.8),
    "katiehill": ("katiehill_512_8s.mp4", "", 0.8),
    "man_black_sweater": ("man_black_sweater_1080x1920_20s.mp4", "", 0.8),
    "obama": ("obama_address_30s.mov", "obama_oval_20s.mov", 0.8),
    "franck": ("franck_4800frames_silent.mp4", "", 2000 / 4800),
}
FEW_SHOT, FEW = ("woman_braids", "andrew"), (1, 8, 32, 0)
#: The actor's figures: perceptual distance over the warp's and over the U-Net's, at most; ...
OVER_WARP, OVER_UNET = 0.85, 0.75
SHARPNESS, GAIN_DB, FLICKER = (0.9, 1.1), 0.7, 1.1
#: The warp's, of the first issue, on these clips at 256.
WARP_TRIALS = ("woman_braids", "andrew", "katiehill", "man_black_sweater", "obama")
WARP_EACH_DB, WARP_MEAN_DB, WARP_LANDMARKS = 1.3, 2.2, 0.02
COLUMNS = {
    "perceptual_distance": ("perceptual", ".4f"),
    "psnr_matte_db": ("PSNR, dB", ".2f"),
    "psnr_mouth_db": ("in mouth", ".2f"),
    "ssim_matte": ("SSIM", ".3f"),
    "sharpness_mouth": ("sharpness", ".2f"),
    "landmark_error_iod": ("landmarks", ".4f"),
    "landmark_error_again_iod": ("both again", ".4f"),
    "flicker_ratio": ("flicker", ".2f"),
    "seam": ("seam", ".2f"),
    "identity_distance": ("identity", ".4f"),
    "train_seconds": ("training, s", ".0f"),
    "ms_per_frame": ("ms a frame", ".0f"),
}

Row = dict[str, Any]


def measured(name: str, progress: Progress, **options: Any) -> Row:
    """The figures of one trial; `trial` says which, `few` how many frames it trained on (0:
    all)."""
    clip, take, split = TRIALS[name]
    with tempfile.TemporaryDirectory() as folder:
        result = evaluate(
            FOOTAGE / clip,
            consent=record_in(Path(folder)),
            held_out=FOOTAGE / take if take else None,
            split=split,
            out=Path(folder) / "out",
            progress=progress,
            **options,
        )
    return {"trial": name, "few": options.get("frames", 0), **result}


def missed(row: Row) -> list[str]:
    """Where the actor's renderer falls short in one trial, in words."""
    actor, warp, unet = (row["renderers"][name] for name in ("actor", "warp", "unet"))
    distance = actor["perceptual_distance"]
    ratios = {"warp": OVER_WARP, "unet": OVER_UNET}
    short = [
        f"perceptual {distance / other['perceptual_distance']:.2f} of the {name}'s"
        for name, other in (("warp", warp), ("unet", unet))
        if distance > ratios[name] * other["perceptual_distance"]
    ]
    gain = actor["psnr_matte_db"] - warp["psnr_matte_db"]
    sharp, flicker = actor["sharpness_mouth"], actor["flicker_ratio"]
    if gain < GAIN_DB:
        short.append(f"PSNR {gain:+.2f} dB")
    if not SHARPNESS[0] <= sharp <= SHARPNESS[1]:
        short.append(f"sharpness {sharp:.2f}")
    if (actor["landmark_error_iod"] or 1) > (warp["landmark_error_iod"] or 0):
        short.append(f"landmarks {actor['landmark_error_iod']} for {warp['landmark_error_iod']}")
    if flicker > FLICKER:
        short.append(f"flicker {flicker:.2f}")
    if actor["frames"] < warp["frames"]:
        short.append(f"only {actor['frames']} of {warp['frames']} frames drawn")
    short += [f"{name} not trained: {why}" for name, why in row["untrained"].items()]
    return [f"{row['trial']}: {text}" for text in short]


def warp_missed(rows: list[Row]) -> list[str]:
    """Where the warp falls short of the first issue, in words."""
    short, gains = [], []
    for row in rows:
        nearest, warp = row["renderers"]["nearest"], row["renderers"]["warp"]
        gains.append(warp["psnr_matte_db"] - nearest["psnr_matte_db"])
        if gains[-1] < WARP_EACH_DB:
            short.append(f"{row['trial']}: gain {gains[-1]:.2f} dB")
        if not SHARPNESS[0] <= warp["sharpness_mouth"] <= SHARPNESS[1]:
            short.append(f"{row['trial']}: sharpness {warp['sharpness_mouth']:.2f}")
        if warp["landmark_error_iod"] > WARP_LANDMARKS:
            short.append(f"{row['trial']}: landmark error {warp['landmark_error_iod']:.3f}")
    mean = sum(gains) / len(gains)
    return short if mean >= WARP_MEAN_DB else [*short, f"mean gain {mean:.2f} dB"]


def markdown(rows: Iterable[Row]) -> str:
    """A line for each renderer of each trial."""
    head = ["trial", "renderer", *(title for title, _ in COLUMNS.values())]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        name = f"{row['trial']}, {row['train_frames']} frames" if row["few"] else row["trial"]
        for renderer, figures in row["renderers"].items():
            lines.append([name, renderer, *_cells(figures)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(figures: Mapping[str, float | None]) -> list[str]:
    values = ((figures[key], form) for key, (_, form) in COLUMNS.items())
    return ["-" if value is None else format(value, form) for value, form in values]


def gpu_rows() -> list[Row]:
    """The network alone on whole crops: more than the part of the face that it really draws.

    Arithmetic counted; milliseconds by the device's own events, None without CUDA.
    """
    from dubsync.engine.network.mouth_net import INPUT_CHANNELS, MouthNet, flops, size_for

    rows = []
    for px in (512, 1024):
        size = size_for(px)
        result = {"crop_px": px, "network": size, "gflop": flops(size, px, px) / 1e9}
        rows.append(result | {"ms": _timed(MouthNet(size), INPUT_CHANNELS, px)})
    return rows


def _timed(network: Any, channels: int, px: int) -> float | None:
    import torch

    if not torch.cuda.is_available():
        return None
    network = network.cuda().half().eval().to(memory_format=torch.channels_last)
    shown = torch.zeros(1, channels, px, px, device="cuda", dtype=torch.half)
    shown = shown.contiguous(memory_format=torch.channels_last)
    event: Any = torch.cuda.Event
    began, ended = (event(enable_timing=True) for _ in range(2))
    with torch.inference_mode():
        for _ in range(10):
            network(shown)
        began.record()
        for _ in range(50):
            network(shown)
        ended.record()
    torch.cuda.synchronize()
    return float(began.elapsed_time(ended)) / 50


def main() -> None:
    """Measure and print."""
    options = _options()
    if options.gpu:
        print(json.dumps({"network": gpu_rows()}))
        return
    with shown() as progress:
        if options.warp:
            names = options.clip or WARP_TRIALS
            plain = {name: (TRIALS[name][0], "", 0.8) for name in names}
            TRIALS.update(plain)
            rows = [measured(name, progress, size=256) for name in names]
            short = warp_missed(rows)
        else:
            rows = [
                measured(
                    name, progress, renderer="actor", baselines=True, minutes=options.minutes,
                    size=options.size, judged=options.judged, frames=few,
                )
                for name in options.clip or (FEW_SHOT if options.few_shot else TRIALS)
                for few in (FEW if options.few_shot else (0,))
            ]  # fmt: skip
            short = [text for row in rows if not row["few"] for text in missed(row)]
    if options.json:
        print(json.dumps({"rows": rows, "missed": short}))
    else:
        print(markdown(rows), "missed: " + ("; ".join(short) or "nothing"), sep="\n\n")
    sys.exit(3 if short else 0)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clip", action="append", choices=sorted(TRIALS))
    options.add_argument("--minutes", type=float, default=5.0, help="training of each renderer")
    options.add_argument("--size", type=int, default=160)
    options.add_argument("--judged", type=int, default=240, help="frames at most; 0: all")
    options.add_argument("--few-shot", action="store_true", help="train on 1, 8, 32 and all frames")
    options.add_argument(
        "--warp", action="store_true", help="the warp alone, as in the first issue"
    )
    options.add_argument("--gpu", action="store_true", help="the network's arithmetic and time")
    options.add_argument("--json", action="store_true")
    return options.parse_args()


if __name__ == "__main__":
    main()
