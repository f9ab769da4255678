"""The uses made of records that allow only some: `consent/uses.jsonl`, a line for each.

Only uses of records with a limit are written, so that most projects have no such file.  A line is
never changed.  The file is not signed: whoever deletes lines gets uses back, and it does not show.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from dubsync.core.documents import DamagedDocument, parse_json
from dubsync.core.errors import SettingsError
from dubsync.service.consent.scope import COUNTED, Counted, Used

FILE = "uses.jsonl"


def use_line(record: str, kind: Counted, what: str, made: str) -> str:
    """One line of the file.

    Args:
        record: the record's id.
        what: which render or delivery; the same one counts once.
        made: when, ISO 8601.
    """
    return json.dumps({"record": record, "kind": kind, "what": what, "made": made}, sort_keys=True)


def uses(folder: Path) -> Mapping[str, Used]:
    """Id of a record -> the uses made of it, by the file in the records' folder.

    Raises:
        SettingsError: the file cannot be read: how many uses are left is then not known.
    """
    path = folder / FILE
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, str(error)) from error
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(lines, 1):
        try:
            value = parse_json(line)
            one = (value["record"], value["kind"], value["what"])
        except (DamagedDocument, KeyError, TypeError) as error:
            raise _damaged(path, f"line {number}: {error}") from error
        if one[1] not in COUNTED or not all(isinstance(part, str) for part in one):
            raise _damaged(path, f"line {number} names no use")
        seen.add(one)
    counted = Counter((record, kind) for record, kind, _ in seen)
    return {
        record: Used(counted[record, "renders"], counted[record, "deliveries"])
        for record, _ in counted
    }


def _damaged(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f"{path} cannot be read ({why}), so it is not known how many uses are left",
        hint="restore the file from a backup; its lines are never changed",
    )
