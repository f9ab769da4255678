"""Who signed a record and for whom, what proves it, and how long what was learnt may be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from dubsync.core.digest import file_digest

#: As whom the signatory signs.
Capacity = Literal["performer", "guardian", "estate", "union", "rights holder"]
CAPACITIES: tuple[Capacity, ...] = ("performer", "guardian", "estate", "union", "rights holder")


@dataclass(frozen=True, slots=True)
class Signing:
    """As whom the signatory signed.

    minor     the performer is a minor: a guardian signs
    of_age    the day they come of age; from then on their own signature is needed; None: not said
    deceased  the day they died: the estate signs
    """

    capacity: Capacity = "performer"
    minor: bool = False
    of_age: date | None = None
    deceased: date | None = None

    def lack(self, day: date) -> str:
        """Why the signature does not count on `day`, as the end of a sentence; "": it counts."""
        if self.of_age is not None and day >= self.of_age:
            return f"was signed by a guardian, and the performer is of age since {self.of_age}"
        return ""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what was learnt may be kept; both days are included; None: not limited.

    until         last day on which it may be used: from then on nobody learns or uses a model
    delete_after  last day on which it may be on disk; then the record allows nothing any more
    """

    until: date | None = None
    delete_after: date | None = None

    def lack(self, day: date, *, learns: bool) -> str:
        """Why nothing may be done on `day`, as the end of a sentence; "": it may.

        Args:
            learns: whether a model is learnt or used.
        """
        if self.delete_after is not None and day > self.delete_after:
            return f"ends with its delete_after, {self.delete_after}"
        if learns and self.until is not None and day > self.until:
            return f"lets what was learnt be used until {self.until} (retention_until)"
        return ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves a record, such as the signed agreement.

    file    its path from the record's folder; it may be kept elsewhere
    sha256  its digest
    """

    file: str
    sha256: str

    def state(self, folder: Path) -> Literal["agrees", "differs", "not here"]:
        """Whether the file in the record's `folder` is the one that the digest names."""
        path = folder / self.file
        try:
            if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
                return "not here"
            return "agrees" if file_digest(path) == self.sha256 else "differs"
        except (OSError, ValueError):
            return "not here"
