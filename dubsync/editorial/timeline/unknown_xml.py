"""Reports what the reader of an XML document does not know, a line for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.core.timeline.losses import LOST, QUIET, WARNS
from dubsync.editorial.files.xml_census import Known, unknown_in
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import LossNotes


def lose_unknown(root: Element, grammar: Mapping[str, Known], notes: LossNotes, hint: str) -> None:
    """Report every kind of element and attribute below `root` that `grammar` does not name."""
    for found in unknown_in(root, grammar):
        uses = "" if found.count == 1 else f"; number of uses: {found.count}"
        notes.lose(
            f"line {found.line}", f"{found.what} of <{found.parent}> is not read{uses}", LOST,
            hint, QUIET if found.attribute else WARNS,
        )  # fmt: skip
