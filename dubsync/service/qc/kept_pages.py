"""The report's page of each checked shot, kept until the shot or a limit changes.

.dubsync/pages/SHOT/KEY.json     (of several languages: .dubsync/pages/LANGUAGE/SHOT/KEY.json)

So a check that was killed goes on where it was, and several processes can check one reel.
"""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np

from dubsync.core.shot import ProjectWarning
from dubsync.qc.report import ShotPage
from dubsync.service.qc.coverage.of_shot import ShotCoverage
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import PAGES, Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class CheckedShot:
    """What the check found in one shot.

    warning  that the render is older than its inputs; None: it is not
    """

    page: ShotPage
    coverage: ShotCoverage
    warning: ProjectWarning | None = None


class KeptPages:
    """The pages of one reel in one language."""

    def __init__(self, store: Store) -> None:
        tag = store.layout.language if store.layout.several else ""
        self._home = store.derived / PAGES / tag

    def get(self, shot: str, key: str) -> CheckedShot | None:
        """What was found in the shot under `key`; None: nothing, or the file is damaged."""
        path = self._home / shot / f"{key}.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=CheckedShot, dec_hook=_decoded)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, ValueError, TypeError) as error:
            _log.warning("kept page %s is damaged (%s): checked again", path, error)
            return None

    def keep(self, shot: str, key: str, found: CheckedShot) -> None:
        """Keep what was found; pages of the shot's earlier renders go."""
        path = self._home / shot / f"{key}.json"
        write_derived(path, msgspec.json.encode(found, enc_hook=_encoded))
        for old in path.parent.glob("*.json"):
            if old != path:
                with suppress(OSError):  # it is not found under the new key anyway
                    old.unlink(missing_ok=True)


def _encoded(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, np.ndarray):
        whole = np.ascontiguousarray(value)
        return [whole.dtype.str, list(value.shape), b64encode(whole.tobytes()).decode()]
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(type(value).__name__)


def _decoded(kind: Any, value: Any) -> Any:
    if kind is Fraction:
        return Fraction(value)
    if getattr(kind, "__origin__", kind) is np.ndarray:
        dtype, shape, data = value
        if np.dtype(dtype).kind not in "biuf":
            raise ValueError(f"an array of {dtype}")
        return np.frombuffer(b64decode(data), dtype).reshape(shape)
    raise NotImplementedError(str(kind))
