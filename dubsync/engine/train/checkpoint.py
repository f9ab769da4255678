"""Training checkpoints: written atomically, and resumed from only when complete.

One safetensors file: tensors prefixed by their part's name, and facts (numbers, and a key that
identifies the training) in its header.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from dubsync.core.documents import parse_json

STATE = "training.safetensors"
_LONGEST_HEADER = 1 << 24

Tensors = Mapping[str, torch.Tensor]


def write(folder: Path, facts: Mapping[str, Any], parts: Mapping[str, Tensors]) -> None:
    """Replace the checkpoint in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{part}.{name}": value.contiguous()
        for part, part_tensors in parts.items()
        for name, value in part_tensors.items()
    }
    partial = folder / f".{STATE}.{token_hex(4)}"
    try:
        save_file(tensors, partial, metadata={"facts": json.dumps(facts)})
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(partial, folder / STATE)
    finally:
        partial.unlink(missing_ok=True)


def facts_of(path: Path) -> dict[str, Any]:
    """The facts in a checkpoint's header.

    Raises:
        OSError, ValueError, KeyError, TypeError: they cannot be read.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = parse_json(file.read(min(length, _LONGEST_HEADER)).decode(), finite=False)
    return dict(parse_json(header["__metadata__"]["facts"], finite=False))


def parts_of(path: Path) -> dict[str, dict[str, torch.Tensor]]:
    """The tensors of each part.

    Raises:
        OSError, SafetensorError: not a complete file.
    """
    parts: dict[str, dict[str, torch.Tensor]] = {}
    for name, value in load_file(path).items():
        part, _, rest = name.partition(".")
        parts.setdefault(part, {})[rest] = value
    return parts


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """An optimiser's state of each weight, for `restore_optimiser`."""
    return {
        f"{number}.{name}": value
        for number, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Restore what `optimiser_tensors` returned.

    Raises:
        ValueError, KeyError: not the state of such an optimiser.
    """
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        number, _, part = name.partition(".")
        state.setdefault(int(number), {})[part] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
