"""Presets, and tweaks copied from shot to shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, as_json_option, folder_path, print_json, verb

if TYPE_CHECKING:
    from dubsync.core.tweak.carry import Carried
    from dubsync.service.project import Project
    from dubsync.service.tweaks.presets import Preset


@dataclass(frozen=True, slots=True)
class Carrying:
    """What `dubsync tweak` was asked to carry: the values of its options, "" where not given."""

    preset: str
    source: str
    saved: str
    only: str
    with_keys: bool
    character: str


def carry_out(
    project: Project, shots: Sequence[str], asked: Carrying
) -> tuple[dict[str, Any], list[str]]:
    """Apply or save a preset, or copy tweaks: JSON keys and lines of text about it."""
    from dubsync.service.shape import shots as shape

    only = [name.strip() for name in asked.only.split(",") if name.strip()]
    if asked.saved:
        if len(shots) > 1:
            raise click.UsageError("--save-preset takes one shot")
        preset = shape.save_preset(
            project, shots[0], asked.saved, only=only, character=asked.character
        )
        return {"preset": _json(preset)}, [f"Preset {preset.name}: {preset.path}"]
    if asked.preset:
        done = shape.apply_preset(
            project, shots, asked.preset, only=only, with_keys=asked.with_keys,
            character=asked.character,
        )  # fmt: skip
    elif asked.source:
        done = shape.copy_tweak(
            project, shots, asked.source, only=only, with_keys=asked.with_keys,
            character=asked.character,
        )  # fmt: skip
    else:
        return {}, []
    rows = [(one.shot, who, what) for one in done for who, what in one.characters]
    framed = any("plate" in why for _, _, what in rows for _, why in what.left)
    hint = ["--with-keys brings keys and spans too."] if framed and not asked.with_keys else []
    return (
        {"carried": [_carried_json(*row) for row in rows]},
        ["\n".join([*(_carried_text(*row) for row in rows), *hint])],
    )


def _carried_text(shot: str, character: str, what: Carried) -> str:
    done = f"{', '.join(what.names)} carried" if what.names else "nothing carried"
    left = ", ".join(f"{name} ({reason})" for name, reason in what.left)
    return f"{shot}, {character}: {done}" + (f"; left: {left}" if left else "") + "."


def _carried_json(shot: str, character: str, what: Carried) -> dict[str, Any]:
    return {
        "shot": shot,
        "character": character,
        "controls": list(what.names),
        "left": [{"control": name, "reason": reason} for name, reason in what.left],
    }


def _json(preset: Preset) -> dict[str, Any]:
    from dubsync.core.tweak.tweak_json import plain

    return {
        "name": preset.name,
        "version": preset.version,
        "shot": preset.shot,
        "character": preset.character,
        "file": preset.path,
        "tweak": plain(preset.tweak),
    }


@click.command(short_help="List the presets of a reel.")
@click.argument("reel", type=folder_path)
@as_json_option
@verb
def presets(reel: Path, as_json: bool) -> int:
    """List the presets of REEL: tweaks saved by name with `dubsync tweak --save-preset`."""
    from dubsync.service.project import Project
    from dubsync.service.shape.shots import presets as every

    found = every(Project.open(reel))
    if as_json:
        print_json("dubsync.presets/1", {"presets": [_json(preset) for preset in found]})
    elif found:
        rows = [
            (one.name, ", ".join(_controls(one)), f"{one.shot}, {one.character}", str(one.version))
            for one in found
        ]
        click.echo(table(("preset", "controls", "saved from", "version"), rows))
    else:
        click.echo("No presets. Save one: dubsync tweak REEL SHOT --save-preset NAME")
    return DONE


def _controls(preset: Preset) -> list[str]:
    """What the preset sets, in words."""
    from dubsync.core.tweak.tweak_json import plain

    return [
        f"{name}={value:g}" if isinstance(value, float | int) else name
        for name, value in plain(preset.tweak).items()
    ]
