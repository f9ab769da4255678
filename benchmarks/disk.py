"""What a run needs on disk as it is foreseen, against what it then took.

    python -m benchmarks.disk REEL...

Each REEL is a finished project.  It is asked twice: as it is, with its renders, and as a copy
without renders, models and edit media.  Nothing is rendered.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from dubsync.service.disk_space.model_bytes import folder_bytes
from dubsync.service.disk_space.needed import Needed, needed
from dubsync.service.project import Project

KINDS = ("picture", "matte", "layer", "edit media", "models")
MODELS = ("actors", "trained")


def taken(project: Project) -> dict[str, int]:
    """Bytes by kind that the newest renders and the models of a project take."""
    found = dict.fromkeys(KINDS, 0)
    for shot in project.intake.turnover.shots:
        folder = project.store.latest("renders", shot.name)
        if folder is None:
            continue
        for path in folder.iterdir():
            kind = next((k for k in ("matte", "layer") if f"_{k}" in path.stem), "picture")
            found[kind] += path.stat().st_size if path.suffix in (".mkv", ".mov") else 0
        found["edit media"] += folder_bytes(folder / "edit")
    files = {path.stat().st_ino: path.stat().st_size for name in MODELS
             for path in (project.store.derived / name).rglob("*") if path.is_file()}  # fmt: skip
    found["models"] = sum(files.values())  # a file that two models share is one
    return found


def without_renders(reel: Path, room: Path) -> Path:
    """A copy of a project as it was before its first run, its plates' probes kept."""
    left_out = shutil.ignore_patterns("renders", "reports", "delivery", *MODELS, "heads")
    return shutil.copytree(reel, room / reel.name, ignore=left_out)


def row(name: str, need: Needed, seconds: float, real: Mapping[str, int]) -> str:
    parts = [f"{kind} {need.bytes_by_kind.get(kind, 0) / 1e6:.1f} of {real[kind] / 1e6:.1f}"
             for kind in KINDS]  # fmt: skip
    # Models that are there need nothing: they count where they were foreseen.
    models = need.bytes_by_kind.get("models", 0)
    kinds = KINDS if models else KINDS[:-1]
    told, was = sum(need.bytes_by_kind.get(k, 0) for k in kinds), sum(real[k] for k in kinds)
    off = f"{told / was - 1:+.1%}" if was else "-"
    return f"{name}: {off} ({seconds:.1f} s); MB: {', '.join(parts)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reels", nargs="+", type=Path)
    for reel in parser.parse_args().reels:
        project = Project.open(reel)
        real, names = taken(project), [shot.name for shot in project.intake.turnover.shots]
        began = time.monotonic()
        after = needed(project.unlooked, names)
        print(row(f"{reel.name}, with its renders", after, time.monotonic() - began, real))
        with tempfile.TemporaryDirectory(prefix="dubsync-disk-") as room:
            fresh = Project.open(without_renders(reel, Path(room)))
            _ = fresh.unlooked
            began = time.monotonic()
            before = needed(fresh.unlooked, names)
        print(row(f"{reel.name}, before its first run", before, time.monotonic() - began, real))


if __name__ == "__main__":
    main()
