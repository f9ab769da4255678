"""The deliveries of a project that hold a render: in the ledger, and on disk.

A delivery that is in the ledger left the house even where its folder was deleted since.  One that
is not in it was made without a house key: what it holds is read from its timelines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dubsync.service.ledger.read_ledger import Ledger

#: Timelines of a delivery that name their media, and the most bytes of one that are read.
_TIMELINES, _MOST = ("*.otio", "*.edl", "*.fcpxml", "*.xml"), 64 << 20
#: What a person should do about deliveries that hold a performer who withdrew.
WHAT_TO_DO = (
    "What left the house no program can call back. Tell whoever received it which shots may no "
    "longer be used, deliver again without these shots, and keep their answers with the record. "
    "What the agreement says of copies that are out is for a lawyer to read."
)


@dataclass(frozen=True, slots=True)
class LeftTheHouse:
    """One delivery.

    folder  its version's folder, in the project
    shots   (shot, version) of the renders asked for that it holds
    made    when, ISO 8601; "": not known
    sha256  of its signed proof; "": it has none
    there   whether the folder is still on disk
    """

    folder: str
    shots: tuple[tuple[str, str], ...]
    made: str
    sha256: str
    there: bool


def deliveries_with(
    project: Path, ledger: Ledger, renders: Mapping[tuple[str, str, str], str]
) -> tuple[LeftTheHouse, ...]:
    """Every delivery that holds one of the `renders`, oldest first.

    Args:
        project: its folder.
        renders: (language, shot, version) -> the name of its files, without what follows it.
    """
    found = list(_entered(project, ledger, renders))
    known = {one.folder for one in found}
    entered = {str(entry.what.get("folder", "")) for entry in ledger.of("delivery")}
    found += [one for one in _on_disk(project, renders)
              if one.folder not in known | entered]  # fmt: skip
    return tuple(found)


def _entered(
    project: Path, ledger: Ledger, renders: Mapping[tuple[str, str, str], str]
) -> Iterator[LeftTheHouse]:
    for entry in ledger.of("delivery"):
        what, shots = entry.what, entry.what.get("shots", {})
        if not isinstance(shots, dict):
            continue
        language, folder = str(what.get("language", "")), str(what.get("folder", ""))
        held = tuple((str(shot), str(version)) for shot, version in shots.items()
                     if (language, str(shot), str(version)) in renders)  # fmt: skip
        if held:
            there = bool(folder) and (project / folder).is_dir()
            yield LeftTheHouse(
                folder, held, entry.made.isoformat(), str(what.get("proof", "")), there
            )


def _on_disk(project: Path, renders: Mapping[tuple[str, str, str], str]) -> Iterator[LeftTheHouse]:
    home = project / "delivery"
    for folder in sorted(p for p in (*home.glob("v*"), *home.glob("*/v*")) if p.is_dir()):
        texts = list(_texts(folder))
        held = tuple((shot, version) for (_, shot, version), stem in renders.items()
                     if any(stem in text for text in texts))  # fmt: skip
        if held:
            yield LeftTheHouse(folder.relative_to(project).as_posix(), held, "", "", True)


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(one for kind in _TIMELINES for one in folder.glob(kind)):
        try:
            with path.open("rb") as file:
                yield file.read(_MOST).decode("utf-8", "replace")
        except OSError:
            continue  # what cannot be read cannot be named; the others are
