"""A note's marker in a CMX3600 list: a locator, and its whole words in remarks below it.

A line of a list is ASCII and at most 250 characters.  Where the locator cannot hold all words,
remarks that every system skips hold them as JSON text, in pieces:

    * LOC: 01:00:05:10 YELLOW  N0007 [2] ELISE: lips should close (dubsync)
    * DUBSYNC N0007 1/2: <"N0007 [2] ELISE: lips should >
    * DUBSYNC N0007 2/2: <close (dubsync)\\nFIX">
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.notes.words import HEAD, MARK, Words, plain

#: Longest text of a locator, so that its line stays below 250 characters.
LONGEST = 210
#: Characters of JSON text in one remark.
_PIECE = 180
_REMARK = re.compile(
    r"\*\s*DUBSYNC\s+(?P<note>N\d{4,9})\s+(?P<n>\d{1,4})/(?P<of>\d{1,4}): <(?P<piece>.*)>"
)


def list_lines(marker: ProbedMarker) -> list[str]:
    """The remarks of a note's marker, the locator first."""
    words = Words(marker.name, marker.comment)
    time = marker.record.text[0] if marker.record else ""
    locator = f"* LOC: {time} {marker.colour.upper():<7} {_locator_text(words)}"
    head = HEAD.match(marker.name)
    if head is None or _locator_text(words) == words.together:
        return [locator]
    text = json.dumps([words.name, words.comment]).replace("|", r"\u007c")  # Resolve's tags
    pieces = [text[n : n + _PIECE] for n in range(0, len(text), _PIECE)]
    name, of = head["name"], len(pieces)
    return [locator, *(f"* DUBSYNC {name} {n}/{of}: <{p}>" for n, p in enumerate(pieces, start=1))]


def is_words_remark(remark: str) -> bool:
    """Whether a remark holds a piece of a note's words."""
    return _REMARK.fullmatch(remark.strip()) is not None


def words_in(remarks: Iterable[str]) -> Mapping[str, Words]:
    """Note -> its words, of every note whose pieces are all there."""
    found: dict[str, dict[int, str]] = {}
    lengths: dict[str, int] = {}
    for remark in remarks:
        if piece := _REMARK.fullmatch(remark.strip()):
            found.setdefault(piece["note"], {})[int(piece["n"])] = piece["piece"]
            lengths[piece["note"]] = int(piece["of"])
    result = {}
    for note, pieces in found.items():
        if sorted(pieces) != list(range(1, lengths[note] + 1)):
            continue
        try:
            read = json.loads("".join(pieces[n] for n in sorted(pieces)))
        except (ValueError, RecursionError):  # damaged: the locator's own words count
            continue
        match read:
            case [str(name), str(comment)]:
                result[note] = Words(name, comment)
    return result


def whole_words(text: str, written: Mapping[str, Words]) -> Words:
    """The words of a locator: those that were written, if nobody changed the locator since.

    What somebody wrote after them is kept after them.
    """
    head = HEAD.match(text)
    words = written.get(head["name"]) if head else None
    if words is None:
        return Words(text)
    ours, found = _locator_text(words), plain(text)
    if found == ours:
        return words
    if found.startswith(ours) and not ours.endswith("..."):
        added = found[len(ours) :].strip()
        return Words(words.name, "\n".join(filter(None, (words.comment, added))))
    return Words(text)


def _locator_text(words: Words) -> str:
    """The words as one line of ASCII, cut off with dots where they are too long.

    The name is kept whole; of the comment, what follows its last mark is what an editor reads.
    """
    name, answer = plain(words.name), plain(words.comment.rpartition(MARK)[2])
    text = f"{name} {answer}".strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 3].rstrip() + "..."
