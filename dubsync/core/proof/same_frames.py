"""Which frames of a render a file holds, found out by the digests of its decoded frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

#: "altered": as many frames, and some show something else.  "other": hardly any frame is the same.
Likeness = Literal["same", "trimmed", "dropped", "repeated", "reordered", "altered", "other"]
#: Share of a file's frames that must be a render's before it is called a copy of it.
COPY_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class SameFrames:
    """How a file's frames relate to those of a render.

    missing  numbers of the render's frames that the file does not hold
    foreign  positions in the file, from 0, of frames that are not the render's
    share    of the file's frames that are the render's, 0..1
    """

    likeness: Likeness
    missing: tuple[int, ...]
    foreign: tuple[int, ...]
    share: float

    def sentence(self, first: int, total: int) -> str:
        """What was done to the file, for a render of `total` frames from number `first` on."""
        lost = spans(self.missing)
        match self.likeness:
            case "same":
                return f"all {total} frames are the render's, bit for bit"
            case "trimmed":
                return f"it was trimmed: frames {lost} of the render are not in it"
            case "dropped":
                return f"frames were dropped: {lost} of the render are not in it"
            case "repeated":
                return "it holds frames of the render more than once"
            case "reordered":
                return "it holds the render's frames in another order"
            case "altered":
                return f"not the render's: {spans(first + n for n in self.foreign)} of its frames"
            case _:
                return (f"{len(self.foreign)} of its frames are not the render's, and "
                        f"{len(self.missing)} of the render's {total} are not in it")  # fmt: skip


def same_frames(found: Sequence[str], wanted: Sequence[str], first: int) -> SameFrames:
    """Compare the digests of a file's frames with those of a render, both in order.

    A render may hold a frame more than once (a freeze), so frames are matched in order.

    Args:
        first: number of the render's first frame.
    """
    known, there = set(wanted), set(found)
    foreign = tuple(n for n, one in enumerate(found) if one not in known)
    share = 1 - len(foreign) / len(found) if found else 0.0
    if list(found) == list(wanted):
        return SameFrames("same", (), (), 1.0)
    if not found or share < COPY_SHARE:
        missing = tuple(first + n for n, one in enumerate(wanted) if one not in there)
        return SameFrames("other", missing, foreign, share)
    if len(found) == len(wanted) and foreign:
        differs = tuple(n for n, (a, b) in enumerate(zip(found, wanted, strict=True)) if a != b)
        missing = tuple(first + n for n in differs if wanted[n] not in there)
        return SameFrames("altered", missing, differs, share)
    if foreign:
        missing = tuple(first + n for n, one in enumerate(wanted) if one not in there)
        return SameFrames("other", missing, foreign, share)
    start = _run(found, wanted)
    if start is not None:
        lost = (*range(start), *range(start + len(found), len(wanted)))
        return SameFrames("trimmed", tuple(first + n for n in lost), (), 1.0)
    lost_ = _left_out(found, wanted)
    if lost_ is not None:
        return SameFrames("dropped", tuple(first + n for n in lost_), (), 1.0)
    missing = tuple(first + n for n, one in enumerate(wanted) if one not in there)
    return SameFrames("reordered" if len(found) <= len(wanted) else "repeated", missing, (), 1.0)


def spans(numbers: Iterable[int]) -> str:
    """Numbers in rising order as spans; at most four are named.

    >>> spans([1, 2, 3, 7])
    '1..3, 7'
    """
    result: list[list[int]] = []
    for n in numbers:
        if result and n == result[-1][1] + 1:
            result[-1][1] = n
        else:
            result.append([n, n])
    words = [f"{a}..{b}" if a != b else str(a) for a, b in result[:4]]
    return ", ".join(words) + (f" and {len(result) - 4} more spans" if len(result) > 4 else "")


def _run(found: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where `found` stands in `wanted` as one run; None: nowhere."""
    for start in range(len(wanted) - len(found) + 1):
        if wanted[start] == found[0] and list(wanted[start : start + len(found)]) == list(found):
            return start
    return None


def _left_out(found: Sequence[str], wanted: Sequence[str]) -> list[int] | None:
    """Which of `wanted` must be left out to get `found`; None: `found` has another order."""
    lost, at = [], 0
    for n, one in enumerate(wanted):
        if at < len(found) and found[at] == one:
            at += 1
        else:
            lost.append(n)
    return lost if at == len(found) else None
