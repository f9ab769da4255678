"""Verifies whatever a path leads to: a delivery, a project, a render, or a single file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.errors import VerificationError
from dubsync.core.progress import Progress, silent
from dubsync.core.proof.verification import Verification, not_checked
from dubsync.service.verification.delivery_claims import verify_delivery
from dubsync.service.verification.delivery_form import DELIVERY, PROOF
from dubsync.service.verification.file_claims import verify_file
from dubsync.service.verification.render_claims import verify_renders
from dubsync.service.verification.trust import Trust, trust_here
from dubsync.service.verification.versions import (
    PROJECT,
    VERSION,
    Version,
    is_delivery,
    latest_deliveries,
    latest_of_each,
    project_of,
    renders_in,
    versions_of,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user wants verified, and what is at hand for it.

    houses   public files of houses that are trusted for this call
    media    folders in which media are looked for
    records  deliveries and projects in which the record of a single file is looked for
    """

    target: Path
    houses: Sequence[Path] = ()
    media: Sequence[Path] = ()
    records: Sequence[Path] = ()


def verify(asked: Asked, progress: Progress = silent) -> Verification:
    """Every claim about the delivery, project, render or file that was asked about.

    Raises:
        VerificationError: nothing that can be verified is there.
        HouseKeyError: a file of a house is damaged.
    """
    path, trust = asked.target, trust_here(asked.houses)
    if not path.exists():
        raise VerificationError(
            f"{path} does not exist",
            hint="name a file, a delivery (delivery/v001), a project or a render (renders/SHOT)",
        )
    if path.is_dir():
        return _folder(asked, trust, progress)
    delivery = _delivery_around(path)
    if delivery is not None:
        return _file_of_delivery(asked, delivery, trust, progress)
    version = path.parent
    root = project_of(path)
    if root and VERSION.fullmatch(version.name) and any(version.glob("*.record.json")):
        mine = Version(version.parent.name, version)
        return verify_renders(root, [mine], (), str(path), trust, asked.media, progress)
    return verify_file(path, str(path), trust, _places(asked, root), progress)


def _folder(asked: Asked, trust: Trust, progress: Progress) -> Verification:
    path, target = asked.target, str(asked.target)
    if path.name == PROOF and (path / DELIVERY).exists():
        path = path.parent
    if (path / PROJECT).is_file():
        return _project(path, asked, trust, progress)
    if is_delivery(path):
        return verify_delivery(path, target, trust, asked.media, progress)
    root = project_of(path)
    if root is not None:
        versions = versions_of(path)[-1:]
        if VERSION.fullmatch(path.name):
            versions = (Version(path.parent.name, path),)
        if versions:
            return verify_renders(root, versions, (), target, trust, asked.media, progress)
    raise VerificationError(
        f"{path} is no delivery, no project and no render",
        hint="name a file, a delivery (delivery/v001), a project or a render (renders/SHOT)",
    )


def _project(root: Path, asked: Asked, trust: Trust, progress: Progress) -> Verification:
    """The newest renders in full, all others by their bytes, and the newest deliveries."""
    every = renders_in(root)
    if not every:
        nothing = not_checked(
            "record",
            root.name,
            "nothing is rendered in this project yet",
            "render it: dubsync run REEL",
        )
        return Verification(str(asked.target), "reel", (nothing,))
    made = verify_renders(
        root, latest_of_each(every), every, str(asked.target), trust, asked.media, progress
    )
    claims = list(made.claims)
    for folder in latest_deliveries(root):
        found = verify_delivery(folder, str(folder), trust, asked.media, progress, pixels=False)
        claims += [claim for claim in found.claims if claim not in claims]
    return Verification(made.target, "reel", tuple(claims), made.shots)


def _file_of_delivery(
    asked: Asked, delivery: Path, trust: Trust, progress: Progress
) -> Verification:
    """The claims about one file of a delivery, and about who signed that delivery."""
    path = asked.target
    name = path.resolve().relative_to(delivery.resolve()).as_posix()
    found = verify_delivery(
        delivery, str(path), trust, asked.media, progress, pixels=False, only=name
    )
    return Verification(str(path), "file", found.claims, found.shots)


def _delivery_around(path: Path) -> Path | None:
    """The delivery that a file lies in; None: it lies in none."""
    near = list(path.absolute().parents)[:3]
    return next((one for one in near if (one / PROOF / DELIVERY).exists()), None)


def _places(asked: Asked, root: Path | None) -> list[Path]:
    """Where the record of a single file may be: what was named, else the folders round it."""
    if asked.records:
        return list(asked.records)
    places = [root] if root else []
    for near in list(asked.target.absolute().parents)[:2]:
        places += [one.parent.parent for one in sorted(near.glob(f"*/{PROOF}/{DELIVERY}"))[:20]]
    here = project_of(Path.cwd())
    return [*places, *([here] if here and here != root else [])]
