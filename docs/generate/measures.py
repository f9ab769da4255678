"""The measures of the QC report, from qc/measures.py."""

from __future__ import annotations

from docs.generate.blocks import table
from dubsync.qc.measures import MEASURES


def measures() -> str:
    """The generated part: a table of measures with meaning and remedy."""
    rows = [(m.name, m.means, m.remedy) for m in MEASURES.values()]
    return table(("measure", "what it says", "what to do"), rows)
