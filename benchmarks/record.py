"""The consent record of the benchmarks: nothing that they make is kept or shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

RECORD = """\
[consent]
id = "BENCH"
performer = "a"
operations = ["lip_reenact", "train_model"]
languages = ["*"]
basis = "exempt"
reason = "Public speech, measured in-house; nothing of it is shown."
statement = "Measurement only, and nothing is kept; ../shared/SOURCES.md has each clip's licence."
signatory = "the benchmarks"
valid_from = {today}
valid_until = {today}
"""


def record_in(folder: Path) -> Path:
    """Write the record, valid today, into `folder`; its path."""
    path = folder / "record.toml"
    path.write_text(RECORD.format(today=date.today()), encoding="utf-8")
    return path
