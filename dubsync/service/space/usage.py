"""What takes the space of a project, in words a person knows.

Every file of the project's folder is in exactly one row.  A file that two versions share (a hard
link) is counted once, where it was found first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dubsync.service.project import Project
from dubsync.service.render.older.referred import render_versions
from dubsync.service.space.clean import CACHES

#: What a row says -> what can be done about it.
_MODELS = {
    "actors": ("models: actors as learnt", "learnt again from the plates"),
    "trained": ("models: actors as trained", "superseded ones: dubsync clean --models"),
    "heads": ("models: whole heads", "learnt again from the plates"),
    "training": ("models: unfinished trainings", "dubsync train goes on with them"),
    "speaking_styles": ("models: speaking styles", "learnt again from the takes"),
}
#: Folders of the project -> (what they are, what can be done).
_FOLDERS = {
    "reports": ("reports, review strips and movies", ""),
    "delivery": ("deliveries", "kept: they left the house"),
    "disclosure": ("disclosures", ""),
    "cuts": ("cuts sent by plugins", ""),
}
#: Derived data that is no cache of pictures or sound.
_PAPERS = frozenset({"ledger", "frames", "training", "checked", "states", "voices", "results"})
_PROXIES = frozenset({"thumbnails", "faces"})


@dataclass(frozen=True, slots=True)
class Use:
    """One row: what it is, how much, in how many files, and what can be done about it."""

    what: str
    bytes: int
    files: int
    remedy: str = ""


def usage(project: Project) -> tuple[Use, ...]:
    """What takes the space of a project in all its languages, the largest first."""
    root = project.file.folder
    current = {
        one.folder for mine in project.into_each()
        for one in render_versions(mine.store, mine.language) if one.stays.startswith("the newest")
    }  # fmt: skip
    rows: dict[tuple[str, str], list[int]] = {}
    for path, size in _files(root):
        row = rows.setdefault(_row(path, root, current), [0, 0])
        row[0] += size
        row[1] += 1
    found = [Use(what, size, count, remedy) for (what, remedy), (size, count) in rows.items()]
    return tuple(sorted(found, key=lambda one: -one.bytes))


def _files(root: Path) -> Iterator[tuple[Path, int]]:
    seen: set[tuple[int, int]] = set()
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            try:
                facts = path.lstat()
            except OSError:
                continue  # deleted meanwhile
            known = (facts.st_dev, facts.st_ino)
            if facts.st_nlink > 1 and known in seen:
                continue
            seen.add(known)
            yield path, facts.st_size


def _row(path: Path, root: Path, current: set[Path]) -> tuple[str, str]:
    """The words of the row that a file belongs to, and what can be done about it."""
    parts = path.relative_to(root).parts
    if parts[0] == ".dubsync" and len(parts) > 1:
        return _derived(parts)
    if any(part.startswith((".making-", ".before-")) for part in parts):
        return "left over from runs that were killed", "dubsync clean"
    if parts[0] == "renders":
        return _render(path, root, current)
    return _FOLDERS.get(parts[0], ("what you brought: plates, dubs, takes, cut, consent", ""))


def _derived(parts: tuple[str, ...]) -> tuple[str, str]:
    kind = parts[1]
    if kind in _MODELS:
        return _MODELS[kind]
    if kind in _PROXIES:
        return "proxies: small pictures for the desk", "dubsync clean --proxies"
    if kind == "tracks" and "clean" in parts:
        return "clean faces, by which the mark is read", ""
    if kind in _PAPERS or len(parts) == 2:
        return "ledger, digests, states", ""
    if kind.startswith("."):
        return "left over from runs that were killed", "dubsync clean"
    if kind in CACHES:
        return "caches: faces tracked, sounds analysed, shots checked", "dubsync clean --caches"
    return "other derived data", ""


def _render(path: Path, root: Path, current: set[Path]) -> tuple[str, str]:
    version = next((one for one in path.parents if one.parent != root and one in current), None)
    if "edit" in path.relative_to(root).parts[:-1]:
        kind = "edit media"
    elif path.suffix in (".json", ".c2pa") or path.name == ".lock":
        return "records and credentials of renders", ""
    else:
        kind = next((words for end, words in (("_matte", "mattes"), ("_layer", "layers"))
                     if end in path.name), "pictures")  # fmt: skip
    if version is not None:
        return f"renders: {kind}", ""
    return f"older versions: {kind}", "dubsync clean --versions"
