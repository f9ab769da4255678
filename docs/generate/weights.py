"""The tables of weights and of their sources, from the cards beside the weights."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docs.generate.blocks import table

PACKAGE = Path(__file__).parents[2] / "dubsync"
FOLDERS = ("engine/weights", "speech/weights")


def cards() -> Sequence[Mapping[str, Any]]:
    """Every card, with the folder of its file."""
    return [
        {**card, "folder": folder} for folder in FOLDERS for card in _read(folder).get("card", ())
    ]


def sources() -> Sequence[Mapping[str, Any]]:
    """Every source that something of ours was taught on."""
    return [source for folder in FOLDERS for source in _read(folder).get("source", ())]


def ours() -> str:
    """The generated part: what we taught."""
    rows = [
        (_named(card), card["what"], ", ".join(f"[{one}](#{one})" for one in card["taught_on"]),
         card["consent"], f"{card['unknown']}", card["date"], f"`{card['sha256'][:16]}`")
        for card in cards()
        if card["taught_on"]
    ]  # fmt: skip
    head = ("file", "what", "taught on", "consent", "not known", "made", "sha256")
    return table(head, rows)


def others() -> str:
    """The generated part: what other people taught."""
    rows = [
        (_named(card), card["what"], card["made_by"], card["licence"], card["unknown"],
         f"`{card['sha256'][:16]}`")
        for card in cards()
        if not card["taught_on"]
    ]  # fmt: skip
    head = ("file", "what", "whose", "licence", "not known of its training", "sha256")
    return table(head, rows)


def taught_on() -> str:
    """The generated part: each source with its licence, in its own words."""
    parts = []
    for source in sources():
        rows = [
            ("what", source["what"]), ("licence", source["licence"]),
            ("its words", source["words"]),
            ("where they were found", source["found"]), ("read on", source["read"]),
            ("consent", source["consent"]),
            *((("credit", source["credit"]),) if "credit" in source else ()),
        ]  # fmt: skip
        parts += [f"### {source['id']}", table(("", ""), rows)]
    return "\n\n".join(parts)


def _named(card: Mapping[str, Any]) -> str:
    return f"[{card['file']}]({card['page']})" if "page" in card else str(card["file"])


def _read(folder: str) -> Mapping[str, Any]:
    return tomllib.loads((PACKAGE / folder / "cards.toml").read_text(encoding="utf-8"))
