"""Contacts of the mouth that a sound asks for: closed lips, lip to teeth, rounded lips, teeth near.

The sound asks for them, the picture shows them or not, and an artist may set them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.rising import check_rising

ContactKind = Literal["closed lips", "lip to teeth", "rounded lips", "teeth near"]
CONTACTS: tuple[ContactKind, ...] = get_args(ContactKind)

#: How a person may name each: in one word, or by a phone.
_NAMED: dict[ContactKind, tuple[str, ...]] = {
    "closed lips": ("closed", "m", "b", "p"),
    "lip to teeth": ("teeth", "f", "v"),
    "rounded lips": ("round", "w", "u", "o"),
    "teeth near": ("near", "s", "z", "sh"),
}
_HINT = "use closed (m b p), teeth (f v), round (w u o) or near (s z)"


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact that the dub asks for, and what the picture shows.

    line   name of the line it is in; "" where none is known
    frame  plate frame at which the sound asks for it
    met    whether the picture shows it in time; None: not judged, for the reason in `why`
    ms     how late (+) or early (-) the picture shows it; None: it does not, or is not judged
    """

    kind: ContactKind
    character: str
    line: str
    frame: int
    met: bool | None
    ms: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ContactKey:
    """Plate frames `first` to `last`, both included, show a contact; set by hand or by a repair."""

    first: int
    last: int
    kind: ContactKind

    def __post_init__(self) -> None:
        if self.kind not in CONTACTS:
            raise SettingsError(
                f"unknown contact {self.kind!r}",
                hint=_HINT,
            )
        check_rising(self.first, self.last)


def contact_of(text: str) -> ContactKind:
    """The contact that `text` names: in full, by one word, or by a phone.

    >>> contact_of("m"), contact_of("teeth")
    ('closed lips', 'lip to teeth')

    Raises:
        SettingsError: it names none.
    """
    name = text.strip().lower().replace("-", " ")
    for kind, others in _NAMED.items():
        if name == kind or name in others:
            return kind
    raise SettingsError(
        f"unknown contact {text!r}",
        hint=_HINT,
    )
