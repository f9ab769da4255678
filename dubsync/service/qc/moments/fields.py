"""Findings of interlaced shots: of all fields, or of the worse half of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.result import Finding

Flags = NDArray[np.bool_]
_BADNESS = {"fail": 2, "review": 1, "pass": 0, "not measured": 0}


def worst_of_fields(
    judged: Callable[[Flags], Sequence[Finding]],
    late: Flags | None,
    count: int,
    *,
    fails: bool = False,
) -> tuple[Finding, ...]:
    """What `judged` finds in all moments; where only the earlier or the later fields are worse,
    what it finds in those.

    A median over both fields hides what is wrong in every second one.

    Args:
        judged: gives the same findings, in order, of those moments (T,) that are True.
        late: (T,) which moments are later fields; None: there are no fields.
        count: T.
        fails: of one field alone only a failure counts; where a review is asked for because of
            single moments, those of both fields say it already.
    """
    whole = tuple(judged(np.ones(count, bool)))
    if late is None:
        return whole
    sides = ("the earlier fields alone", judged(~late)), ("the later fields alone", judged(late))
    return tuple(
        worse(
            one,
            *(
                _noted(found[n], side)
                for side, found in sides
                if found[n].verdict == "fail" or not fails
            ),
        )
        for n, one in enumerate(whole)
    )


def worse(*found: Finding) -> Finding:
    """The one with the worst verdict; the first of those that are as bad."""
    return max(found, key=lambda one: _BADNESS[one.verdict])


def _noted(found: Finding, where: str) -> Finding:
    return replace(found, note=f"{found.note}; {where}" if found.note else where)
