"""How far a record reaches: territories, media, shots, whose part, and how many uses.

A record without these keys reaches everywhere, as records did before the keys existed.  A wider
scope allows whatever a narrower one allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from typing import Literal

from dubsync.core.errors import SettingsError

#: Everything of a kind: every territory, every medium, every shot.
ALL = "*"
#: It leaves the house, and nobody said where to, or in what.
UNSTATED = "?"
#: Media that a record can name; a house's own begin with "x-", such as "x-museum".
MEDIA = (
    "theatrical", "television", "streaming", "home-video", "online", "transport", "promotion",
    "festival", "archive",
)  # fmt: skip
#: Whose part a record is about.
Role = Literal["screen performer", "voice actor", "both"]
ROLES: tuple[Role, ...] = ("screen performer", "voice actor", "both")
SCREEN, VOICE = ROLES[:2]
#: What uses are counted of: versions of rendered shots, and versions of deliveries.
Counted = Literal["renders", "deliveries"]
COUNTED: tuple[Counted, ...] = ("renders", "deliveries")

_TERRITORY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_OWN_MEDIUM = re.compile(r"x-[a-z0-9-]{1,30}")
#: What people write for a territory that has no code of its own.
_MEANT = {"UK": "GB", "EU": "each country, such as DE, FR, IT", "EN": "GB, US ..."}


@dataclass(frozen=True, slots=True)
class Where:
    """Where, in what, and for which shot something is done; "" is: that does not matter here.

    shot       name of the shot
    territory  where it goes: an ISO 3166 code, ALL, or UNSTATED; "": it stays in the house
    media      in what it is shown: one of MEDIA, ALL, or UNSTATED; "": it stays in the house
    role       whose part is asked for: SCREEN or VOICE
    new        what is about to be made anew, and counts as a use
    """

    shot: str = ""
    territory: str = ""
    media: str = ""
    role: str = ""
    new: Counted | Literal[""] = ""


#: A use of which only performer, operation, language and day matter.
ANYWHERE = Where()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a record reaches.

    territory   ISO 3166 codes: "DE", "US-CA"; "US" covers "US-CA"
    media       of MEDIA, or a house's own
    shots       names of shots, or patterns of them: "A001C003", "SC012_*"
    role        whose part
    renders, deliveries  how many may be made; None: any number
    """

    territory: tuple[str, ...] = (ALL,)
    media: tuple[str, ...] = (ALL,)
    shots: tuple[str, ...] = (ALL,)
    role: Role = "both"
    renders: int | None = None
    deliveries: int | None = None

    def lack(self, where: Where, used: Used) -> str:
        """What the scope does not reach of `where`, as the end of a sentence; "": it reaches it."""
        if where.role and self.role not in ("both", where.role):
            return f"is about them as {self.role} only"
        if where.shot and not any(fnmatchcase(where.shot, one) for one in self.shots):
            return f"covers only the shots {', '.join(self.shots)}"
        if where.territory and not any(_within(where.territory, one) for one in self.territory):
            return f"covers only {', '.join(self.territory)}{_unsaid(where.territory)}"
        if where.media and not any(one in (ALL, where.media) for one in self.media):
            return f"covers only {', '.join(self.media)}{_unsaid(where.media)}"
        if where.new and (left := self.left(where.new, used)) is not None and left <= 0:
            return f"allows {self.most(where.new)} {where.new}, and all of them are made"
        return ""

    def most(self, kind: Counted) -> int | None:
        """How many renders or deliveries may be made in all; None: any number."""
        return self.renders if kind == "renders" else self.deliveries

    def left(self, kind: Counted, used: Used) -> int | None:
        """How many may still be made; None: any number."""
        most = self.most(kind)
        return None if most is None else max(0, most - used.of(kind))

    @property
    def limits_places(self) -> bool:
        """Whether it matters where a delivery goes, and in what."""
        return ALL not in self.territory or ALL not in self.media


@dataclass(frozen=True, slots=True)
class Used:
    """How many renders and deliveries were made under a record."""

    renders: int = 0
    deliveries: int = 0

    def of(self, kind: Counted) -> int:
        return self.renders if kind == "renders" else self.deliveries


def places(territory: Sequence[str], media: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Every (territory, medium) that a delivery goes to; UNSTATED for what nobody said."""
    return tuple(product(territory or (UNSTATED,), media or (UNSTATED,)))


def delivery_places(territory: str, media: str) -> tuple[tuple[str, str], ...]:
    """Every (territory, medium) of a delivery, from its settings: "DE, AT" and "streaming".

    Raises:
        SettingsError: one of them is no territory or no medium.
    """
    where, what = listed(territory), listed(media)
    for fault in (*map(territory_fault, where), *map(media_fault, what)):
        if fault:
            raise SettingsError(
                f"the delivery's places: {fault}",
                hint="correct --territory and --media, or territory and media under [delivery]",
            )
    return places(where, what)


def territory_fault(tag: str) -> str:
    """What is wrong with a territory; "": nothing."""
    if tag in _MEANT:
        return f"{tag!r} is no ISO 3166 country; write {_MEANT[tag]}"
    if tag == ALL or _TERRITORY.fullmatch(tag):
        return ""
    return f'{tag!r} is no territory; write ISO 3166 codes, such as "DE" or "US-CA", or "*"'


def media_fault(name: str) -> str:
    """What is wrong with a medium; "": nothing."""
    if name == ALL or name in MEDIA or _OWN_MEDIUM.fullmatch(name):
        return ""
    return f'{name!r} is no medium; write {", ".join(MEDIA)}, "x-" and a name of your own, or "*"'


def listed(text: str) -> tuple[str, ...]:
    """The names in a setting or an option: "DE, AT" is ("DE", "AT"); each once."""
    return tuple(dict.fromkeys(one for part in text.split(",") if (one := part.strip())))


def spoken(scope: Scope, used: Used) -> Iterator[str]:
    """What the scope limits, in words for people; nothing where it limits nothing."""
    if ALL not in scope.territory:
        yield f"territory {', '.join(scope.territory)}"
    if ALL not in scope.media:
        yield f"media {', '.join(scope.media)}"
    if ALL not in scope.shots:
        yield f"shots {', '.join(scope.shots)}"
    if scope.role != "both":
        yield f"as {scope.role}"
    for kind in COUNTED:
        if (left := scope.left(kind, used)) is not None:
            yield f"{left} of {scope.most(kind)} {kind} left"


def _within(asked: str, tag: str) -> bool:
    return tag == ALL or asked == tag or asked.startswith(f"{tag}-")


def _unsaid(asked: str) -> str:
    return ", and it is not said where this goes" if asked == UNSTATED else ""
