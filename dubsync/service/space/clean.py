"""What of a project can go, what stays and why; and how it goes.

Nothing goes that is the newest, approved, delivered, or named in a cut.  What goes of renders is
entered in the ledger, and the record stays.  A clean that is killed leaves a whole project: a
version with a note counts as deleted, a model is renamed away before its first file goes, and every
other file is a cache of its own.  What lies behind a link that leads out of the project stays.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dubsync.core.errors import DeliveryError
from dubsync.service.disk_space.model_bytes import folder_bytes
from dubsync.service.keys.house_key import house_key
from dubsync.service.ledger.append import append
from dubsync.service.project import Project
from dubsync.service.render.older.let_go import left_overs, let_go
from dubsync.service.render.older.referred import RenderVersion, render_versions
from dubsync.service.space.superseded import superseded_models
from dubsync.service.store.links import leads_out

Kind = Literal["versions", "proxies", "left over", "models", "caches"]
#: What goes unless kinds are named: nothing of it is missed.
USUAL: tuple[Kind, ...] = ("versions", "proxies", "left over")
WHY: dict[Kind, str] = {
    "versions": "a newer render stands, and nobody approved or delivered this one",
    "proxies": "made again when the desk shows them",
    "left over": "a run was killed while it wrote them",
    "models": "a newer one stands, and no render that stays was drawn by it",
    "caches": "made again by the next run, which then takes longer",
}
#: Derived data that can be made again from plates and sounds.  Not in the list: what people were
#: asked, what a recut kept, and the clean faces by which the mark is read.
CACHES = (
    "beside", "channels", "condition", "edit_frames", "grain", "hearings", "holdouts", "mixed",
    "pages", "pops", "proofs", "rests", "sounds", "speaking", "takes", "tracks", "words",
)  # fmt: skip
_PROXIES = ("thumbnails", "faces")
_NEVER = frozenset({"clean"})
#: Left-overs younger than this may be those of a run on another machine, seconds.
_YOUNG_S = 86_400
_ASIDE = ".deleting-"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that goes or stays.

    what   its path in the project
    bytes  that it takes
    why    it goes, or stays
    """

    kind: Kind
    what: str
    bytes: int
    why: str


@dataclass(frozen=True, slots=True)
class CleanPlan:
    """What a clean would do."""

    goes: tuple[Item, ...]
    stays: tuple[Item, ...]
    versions: tuple[tuple[Project, tuple[RenderVersion, ...]], ...] = ()

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.goes)


def plan_clean(project: Project, kinds: Collection[Kind] = USUAL, *, newest: int = 1) -> CleanPlan:
    """What would go of a project in all its languages.  Nothing is deleted.

    Args:
        newest: how many versions of each shot stay.

    Raises:
        SettingsError: a file of judgements is damaged, so that nobody knows what is approved.
    """
    root = project.file.folder
    goes: list[Item] = []
    stays: list[Item] = []
    versions: list[tuple[Project, tuple[RenderVersion, ...]]] = []
    kept: list[RenderVersion] = []
    for mine in project.into_each():
        cuts = [mine.file.cut]
        found = render_versions(mine.store, mine.language, cuts=cuts, newest=newest)
        spare = tuple(one for one in found if not one.stays and _has_media(one))
        wanted = spare if "versions" in kinds else ()
        versions.append((mine, wanted))
        kept += [one for one in found if one not in wanted]
        goes += [_version(one, root, WHY["versions"]) for one in wanted]
        stays += [_version(one, root, one.stays) for one in found if one.stays]
    derived: tuple[tuple[Kind, Sequence[str]], ...] = (("proxies", _PROXIES), ("caches", CACHES))
    for kind, names in derived:
        files, out = _folders(root, kind, names) if kind in kinds else ([], [])
        goes, stays = goes + files, stays + out
    if "left over" in kinds:
        goes += [_item("left over", path, root) for path in _left_over(root)]
    old, used = superseded_models(project.store, kept)
    if "models" in kinds:
        goes += [_item("models", path, root) for path in old if not leads_out(path.parent, root)]
    stays += [Item("models", path.relative_to(root).as_posix(), folder_bytes(path), why)
              for path, why in used.items()]  # fmt: skip
    return CleanPlan(tuple(goes), tuple(stays), tuple(versions))


def clean(project: Project, plan: CleanPlan) -> int:
    """Delete what a plan says, the caches first; returns the bytes that were deleted.

    Raises:
        DeliveryError: something cannot be deleted; run it again, and what is left goes.
        HouseKeyError: the key cannot sign.
    """
    root, freed = project.file.folder, 0
    rest = [one for one in plan.goes if one.kind != "versions"]
    for item in rest:
        _delete(root / item.what, project.store.derived)
        freed += item.bytes
    key = house_key()
    if rest and key is not None:
        rows = [{"kind": one.kind, "what": one.what, "bytes": one.bytes} for one in rest]
        append(root, "clean", {"by": "clean", "why": "asked for", "deleted": rows}, key)
    for mine, versions in plan.versions:
        done = let_go(mine.store, versions, "clean", WHY["versions"]) if versions else ()
        freed += sum(one.bytes for one in done)
    return freed


def _has_media(one: RenderVersion) -> bool:
    return not one.gone or left_overs(one.folder)


def _version(one: RenderVersion, root: Path, why: str) -> Item:
    return Item("versions", one.folder.relative_to(root).as_posix(), one.bytes, why)


def _item(kind: Kind, path: Path, root: Path) -> Item:
    size = folder_bytes(path) if path.is_dir() else path.lstat().st_size
    return Item(kind, path.relative_to(root).as_posix(), size, WHY[kind])


def _folders(root: Path, kind: Kind, names: Iterable[str]) -> tuple[list[Item], list[Item]]:
    """The folders of derived data of one kind that hold something; those that lead out."""
    goes, out = list[Item](), list[Item]()
    for name in names:
        folder = root / ".dubsync" / name
        what = folder.relative_to(root).as_posix()
        if leads_out(folder, root):
            out.append(Item(kind, what, 0, "a link that leads out of the project's folder"))
        elif size := sum(path.lstat().st_size for path in _spare_files(folder)):
            goes.append(Item(kind, what, size, WHY[kind]))
    return goes, out


def _spare_files(folder: Path) -> Iterator[Path]:
    for home, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NEVER]
        yield from (Path(home, name) for name in names)


def _left_over(root: Path) -> Iterator[Path]:
    """Folders and files that a killed run left aside, and nobody writes to any more."""
    now = time.time()
    for home in ("renders", "reports", "delivery", "disclosure", ".dubsync"):
        for path in sorted((root / home).rglob(".*")):
            aside = path.name.startswith((".making-", ".before-", _ASIDE)) or ".part." in path.name
            inside = any(one.name.startswith((".making-", ".before-", _ASIDE))
                         for one in path.parents)  # fmt: skip
            if leads_out(path.parent, root) or not aside or inside:
                continue
            if now - path.lstat().st_mtime > _YOUNG_S:
                yield path


def _delete(path: Path, derived: Path) -> None:
    """Delete a file or folder; a folder of caches loses its files, and keeps what is no cache."""
    try:
        if path.parent == derived and path.name in (*CACHES, *_PROXIES):
            for file in list(_spare_files(path)):
                file.unlink(missing_ok=True)
        elif path.is_dir() and not path.is_symlink():
            aside = derived / f"{_ASIDE}{path.name}-{os.getpid()}-{time.monotonic_ns()}"
            path.rename(aside)
            shutil.rmtree(aside)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DeliveryError(
            f"{error.filename or path} cannot be deleted: {error.strerror or error}",
            hint="see who may write there, and run it again: what is left goes then",
        ) from error
