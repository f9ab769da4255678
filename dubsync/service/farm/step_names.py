"""Names of a job's steps: what an artist reads in the farm's monitor, safe in any template."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from dubsync.core.digest import digest

#: Longest name of a step (Template Schemas 2023-09, Identifier and StepName).
LONGEST = 64


def step_name(kind: str, words: Iterable[str], taken: Iterable[str]) -> str:
    """A name such as "Shots_ELISE_MARC": letters, digits and _ only, at most 64 of them.

    A name in letters other than ASCII's, one that is too long and one that is taken get a digest at
    the end instead, so that two characters never share a step.

    Args:
        kind: the first word.
        words: names from the project, which are not trusted.
        taken: names that other steps have.
    """
    words = tuple(words)
    slugs = [_slug(word) for word in words]
    name = "_".join([kind, *(slug for slug in slugs if slug)])
    if len(name) <= LONGEST and all(slugs) and name.casefold() not in _folded(taken):
        return name
    mark = digest("step", kind, words)[:8]
    return f"{name[: LONGEST - 9].rstrip('_')}_{mark}"


def _slug(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    kept = "".join(c if c.isascii() and c.isalnum() else "_" if c in " ._-" else "" for c in plain)
    return "_".join(part for part in kept.split("_") if part)


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}
