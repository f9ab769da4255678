"""Save and load learnt heads."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from dubsync.core.documents import read_json
from dubsync.core.errors import DeliveryError, DubsyncError, ModelError
from dubsync.core.learning.head import Head
from dubsync.engine.actor import write_file
from dubsync.engine.head.head_model import HeadModel

WEIGHTS, FACTS = "head.safetensors", "head.json"
HINT = "learn the head again"


def our_head(head: Head) -> HeadModel:
    """`head`, if this engine learnt it.  Raises ModelError otherwise."""
    if not isinstance(head, HeadModel):
        raise ModelError(f"{head.character}'s head was learnt by another engine", hint=HINT)
    return head


def save_head(head: Head, folder: Path) -> None:
    """Write the head into `folder`, which must not hold one: weights first, facts last.

    Raises:
        DeliveryError: the folder cannot be written, or holds a head already.
    """
    if (folder / FACTS).exists():
        raise DeliveryError(f"{folder} holds a head already", hint="choose another folder")
    ours = our_head(head)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(folder / WEIGHTS, to_safetensors(ours.arrays()))
        facts = json.dumps(ours.facts(), indent=1, ensure_ascii=False)
        write_file(folder / FACTS, facts.encode())
    except OSError as error:
        raise DeliveryError(f"cannot write the head to {folder}: {error}") from error


def load_head(folder: Path) -> HeadModel:
    """The head in `folder`.

    Raises:
        ModelError: no head there, another schema, or contents that do not match their digest.
    """
    try:
        facts = read_json(folder / FACTS, finite=False)
        arrays = from_safetensors((folder / WEIGHTS).read_bytes())
        return HeadModel.from_arrays(facts, arrays)
    except DubsyncError as error:
        raise ModelError(f"the head in {folder} cannot be used: {error}", hint=HINT) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise ModelError(f"the head in {folder} cannot be read: {error}", hint=HINT) from error
