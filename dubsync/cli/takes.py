"""Which take says each word of a shot, as text and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dubsync.cli.tables import table

if TYPE_CHECKING:
    from dubsync.core.shot import Shot
    from dubsync.service.reel.comp_list import CharacterComp, CompWord, ShotComp


def takes_text(comp: ShotComp, drop: bool) -> str:
    """A table of the words with their sources for each character, and what to say about them."""
    parts = []
    for one in comp.characters:
        if not one.words:
            parts.append(f"{one.character} says nothing here.")
            continue
        rows = [
            (str(word.index), word.text, _record(word, comp.shot, drop),
             f"{word.first}..{word.last}", word.source, "by hand" if word.by_hand else "",
             "; ".join(_candidates(word)))
            for word in one.words
        ]  # fmt: skip
        head = ("word", "text", "record", "plate frames", "source", "set", "takes")
        parts.append(f"{one.character}:\n{table(head, rows)}")
    if comp.warnings:
        parts.append("\n".join(f"Note: {warning.message}." for warning in comp.warnings))
    return "\n\n".join(parts)


def takes_json(comp: ShotComp, drop: bool) -> dict[str, Any]:
    """Character -> their words and the lanes of their takes, as JSON values."""
    return {one.character: _json(one, comp.shot, drop) for one in comp.characters}


def _json(one: CharacterComp, shot: Shot, drop: bool) -> dict[str, Any]:
    return {
        "words": [
            {
                "word": word.index,
                "text": word.text,
                "record": _record(word, shot, drop),
                "first": word.first,
                "last": word.last,
                "source": word.source,
                "by_hand": word.by_hand,
                "note": word.said,
                "takes": [
                    {"take": c.take, "usable": c.usable, "reason": c.reason}
                    for c in word.candidates
                ],
            }
            for word in one.words
        ],
        "lanes": [
            {"take": lane.take, "frames": [list(span) for span in lane.spans],
             "words": list(lane.words), "used": list(lane.used)}
            for lane in one.lanes
        ],
        "lost": [
            {"text": key.text, "first": key.first, "last": key.last, "source": key.source}
            for key in one.lost
        ],
    }  # fmt: skip


def _candidates(word: CompWord) -> list[str]:
    return [c.take if c.usable else f"{c.take} ({c.reason})" for c in word.candidates]


def _record(word: CompWord, shot: Shot, drop: bool) -> str:
    from dubsync.service.tweaks.commands import record_text

    return record_text(word.first, shot, drop)
