"""What is claimed of a version whose media were deleted: that it was done here, when and why."""

from __future__ import annotations

from pathlib import Path

from dubsync.core.proof.verification import Claim, not_checked, verified
from dubsync.service.ledger.read_ledger import Ledger
from dubsync.service.render.older.deleted_note import DeletedNote, note_digest
from dubsync.service.verification.versions import Version


def deleted_claim(root: Path, version: Version, note: DeletedNote, ledger: Ledger) -> Claim:
    """The claim about a version with a note that its media were deleted.

    Verified where the ledger has exactly this note; the record stays, and is checked as any.
    """
    folder = version.folder.relative_to(root / "renders").as_posix()
    entered = {
        (str(row.get("folder")), str(row.get("note")))
        for entry in ledger.of("clean")
        for row in entry.what.get("versions") or ()
        if isinstance(row, dict)
    }
    if (folder, note_digest(version.folder)) in entered:
        why = f"{note.sentence}; the ledger says so, and its record stays"
        return verified("file", version.name, why)
    return not_checked(
        "file", version.name, f"{note.sentence}; but the ledger does not say so",
        "with a house key what is deleted is entered: dubsync keys new --house NAME",
    )  # fmt: skip
