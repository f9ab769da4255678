"""The text of an empty consent record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dubsync.service.consent.operations import DUB, OPERATIONS
from dubsync.service.consent.records import OF_PEOPLE, OF_WORKS, WITH_WORKS
from dubsync.service.consent.scope import MEDIA
from dubsync.service.consent.signing import CAPACITIES


def template(
    character: str, performer: str, languages: Sequence[str], day: date, *,
    renamed: bool = True, operations: Sequence[str] = DUB, basis: str = "consent",
) -> str:  # fmt: skip
    """An unsigned record to fill in.  What is not filled in is refused.

    Args:
        character: whom they play; "": not known.
        languages: tags to write in; none: left to be filled in.
        renamed: whether the file counts only once a person renames it to .toml.
        operations: those written in; the others are named in a comment.
        basis: the one written in; a basis of a work adds its [consent.work].
    """
    of_work = basis in OF_WORKS
    if of_work:
        operations = [name for name in operations if name in WITH_WORKS] or WITH_WORKS[:1]
        languages = languages or ["*"]
    offered = WITH_WORKS if of_work else tuple(OPERATIONS)
    bases = OF_WORKS if of_work else OF_PEOPLE
    tags = ", ".join(f'"{tag}"' for tag in languages) or '"..."'
    then = ", then rename the file so that it ends in .toml." if renamed else "."
    plays = f"            # plays {character}" if character else ""
    what = "what may be done with this work" if of_work else "what the performer signed"
    chosen = ", ".join(f'"{name}"' for name in operations)
    meaning = "\n".join(f"#   {name:<16} {OPERATIONS[name].done}" for name in offered)
    said = "why it may be used, in words" if of_work else "what was agreed, in words"
    signed = "who says so" if of_work else "who signed"
    return f"""\
# Fill this in with {what}{then}
# Until then dubsync neither learns from nor renders {"it" if of_work else "this performer"}.
[consent]
id = "{performer}-001"             # your own number; it is written beside every render
performer = "{performer}"{plays}
# Operations:
{meaning}
# Delete what was not agreed to; add nothing that was not.
operations = [{chosen}]
# Languages of the dub, such as "fr-FR"; "de" covers de-DE and de-AT, "*" covers all.
languages = [{tags}]
basis = "{basis}"{" " * max(1, 18 - len(basis))}        # {", ".join(bases)}
statement = "..."                  # {said}
signatory = "..."                  # {signed}
# First and last day, both included.
valid_from = {day}
valid_until = {day.replace(year=day.year + 1, day=min(day.day, 28))}
{_further(day)}{_work_form() if of_work else ""}"""


def _further(day: date) -> str:
    """The keys that most records do not need, each behind a comment that begins with #: ."""
    later = day.replace(year=day.year + 2, day=min(day.day, 28))
    return f"""\
# What follows is optional.  Remove "#: " from what was agreed; a key left out limits nothing.
#: territory = ["DE", "AT"]        # ISO 3166 countries; where deliveries may go
#: media = ["streaming"]           # {", ".join(MEDIA)}
#: shots = ["A001C003", "SC012_*"] # names of shots, or patterns
#: uses = {{ deliveries = 1 }}       # how many renders and deliveries may be made
#: role = "screen performer"       # or "voice actor", or "both"
#: capacity = "performer"          # who signed: {", ".join(CAPACITIES)}
# Of a minor: capacity = "guardian", minor = true, of_age = DATE.  Of a dead performer:
# capacity = "estate", deceased = DATE.
#: retention_until = {later}    # last day on which what was learnt may be used
#: delete_after = {later}       # last day on which it may be on disk; then: consent REEL --purge
# On the basis contractual or exempt: why nobody had to be asked.
#: reason = "clause 7 of the contract of 2026-02-03"
# What proves this, beside the record; `face` names the one that shows who it is about.
# face = "NAME.png"
# [[consent.evidence]]
# file = "NAME.png"
# sha256 = "sha256sum FILE prints it"
"""


def _work_form() -> str:
    return """
[consent.work]
name = "..."                       # what it is called
source = "..."                     # where this picture of it comes from
ground = "..."                     # why it is in the public domain, or whose it is by what right
depicts = "..."                    # whom it shows; a living person needs a record of their own
"""
