"""Which version of each shot a delivery is to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dubsync.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Choice:
    """The versions that a user chose for a delivery.

    use         shot -> version, "v002", whatever is approved
    unapproved  whether shots of which no version is approved are delivered as rendered last,
                although others are approved; else they keep their plate
    """

    use: Mapping[str, str] = field(default_factory=dict)
    unapproved: bool = False

    def on(self, shots: Iterable[str]) -> Choice:
        """The choice for `shots` alone."""
        names = set(shots)
        return Choice({s: v for s, v in self.use.items() if s in names}, self.unapproved)


#: What is approved, or the newest renders where nothing is.
CHOSEN = Choice()


def parse_use(texts: Iterable[str]) -> dict[str, str]:
    """Shot -> version, from "SH010=v002" or "SH010=2".

    Raises:
        SettingsError: it is not of this form, or a shot is named twice.
    """
    result: dict[str, str] = {}
    for text in texts:
        shot, _, version = text.rpartition("=")
        number = version.strip().removeprefix("v")
        if not shot.strip() or not (number.isascii() and number.isdigit()):
            raise SettingsError(f"{text!r} is not SHOT=vNNN", hint="as in --use SH010=v002")
        if shot.strip() in result:
            raise SettingsError(f"--use names {shot.strip()} twice", hint="name each shot once")
        result[shot.strip()] = f"v{int(number):03d}"
    return result
