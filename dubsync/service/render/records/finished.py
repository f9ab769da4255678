"""Writes what makes a render finished: its record, then its credentials, which name the record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dubsync.core.settings import ProofSettings
from dubsync.service.credentials.write import sign_render
from dubsync.service.render.provenance import write_record


def write_finished(
    folder: Path, name: str, record: Mapping[str, Any], proof: ProofSettings
) -> None:
    """Write the record of the render called `name` into its version folder, and its credentials.

    Raises:
        HouseKeyError: the key cannot sign.
        DeliveryError: they cannot be written, or do not read back.
    """
    path = folder / f"{name}.record.json"
    write_record(path, record)
    sign_render(path, proof)
