"""`dubsync evaluate`: measure renderers on the end of a clip that they have not seen."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dubsync.cli import tables
from dubsync.cli.progress import shown
from dubsync.cli.verb import as_json_option, file_path, folder_path, verb


@click.command(short_help="Compare renderers on a clip.")
@click.argument("video", type=file_path)
@click.option("--renderer", default="warp", show_default=True,
              type=click.Choice(["warp", "actor"]))  # fmt: skip
@click.option("--minutes", default=5.0, show_default=True, type=click.FloatRange(0, min_open=True),
              help="Training time of each trained renderer.")  # fmt: skip
@click.option("--size", default=256, show_default=True, type=click.IntRange(64, 1024),
              help="Side of the face crop in pixels.")  # fmt: skip
@click.option("--split", default=0.8, show_default=True, type=click.FloatRange(0.1, 0.95),
              help="Share of the clip to train on.")  # fmt: skip
@click.option("--baselines", is_flag=True,
              help="Also evaluate two baselines: the plate a second earlier, and a plain U-Net.",
)  # fmt: skip
@click.option("--held-out", type=file_path,
              help="Evaluate on this clip of the same face, and train on all of VIDEO.",
)  # fmt: skip
@click.option("--consent", type=file_path, help="The performer's consent record.")
@click.option("--frames", default=0, type=click.IntRange(0),
              help="Train on N frames only; 0: all.")  # fmt: skip
@click.option("--drive", type=click.Choice(["audio"]),
              help="Also measure how well audio alone drives the mouth.")  # fmt: skip
@click.option("-o", "--out", type=folder_path, help="Folder for the frames and the strip.")
@as_json_option
@verb
def evaluate(
    video: Path, renderer: str, minutes: float, size: int, split: float, baselines: bool,
    held_out: Path | None, consent: Path | None, frames: int, drive: str | None, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Compare renderers on VIDEO: train on its first part, render the rest and measure it.

    The performer's consent record must allow train_model and lip_reenact.
    """
    from dubsync.service.evaluate.drive import driving
    from dubsync.service.evaluate.evaluate import evaluate as measure

    folder = out or Path(f"{video.stem}_evaluate")
    with shown() as progress:
        figures = measure(
            video, consent=consent, renderer=renderer, size=size, split=split, minutes=minutes,
            baselines=baselines, held_out=held_out, frames=frames, out=folder, progress=progress,
        )  # fmt: skip
        if drive:
            moved = driving(
                video, consent=consent, split=split, held_out=held_out, progress=progress
            )
            figures = {**figures, "drive": moved}
    if as_json:
        click.echo(json.dumps(figures))
    else:
        click.echo(tables.evaluation_text(figures))
        for name, value in figures.get("drive", {}).items():
            click.echo(f"drive {name.replace('_', ' ')}: {'-' if value is None else value}")
