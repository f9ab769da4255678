"""The mark that this machine's house puts into what it draws."""

from __future__ import annotations

from dataclasses import dataclass, field

from dubsync.core.proof.mark_payload import mark_payload
from dubsync.core.proof.marker import Marker
from dubsync.core.settings import ProofSettings
from dubsync.service.keys.house_key import house_key
from dubsync.service.marking.installed_markers import OWN, load_marker


@dataclass(frozen=True, slots=True, eq=False)
class HouseMark:
    """A marker, and whose mark it makes.

    name    of the marker
    house   fingerprint of the house's key
    secret  of the house; it is never written anywhere
    """

    marker: Marker
    name: str
    house: str
    secret: bytes = field(repr=False)

    @property
    def key(self) -> tuple[str, ...]:
        """Part of the key of every render and frame that carries this mark."""
        return "mark", self.name, self.marker.version, self.house

    def payload(self, render_key: str) -> int:
        """What the render of that key carries."""
        return mark_payload(self.house, render_key)


def house_mark(proof: ProofSettings) -> HouseMark | None:
    """The mark to make; None where the production turned it off, or this machine has no key.

    Raises:
        SettingsError: the marker is not installed.
        HouseKeyError: the key cannot be read.
    """
    key = house_key() if proof.mark else None
    if key is None:
        return None
    return HouseMark(
        load_marker(proof.marker), proof.marker or OWN.name, key.fingerprint, key.mark_secret
    )
