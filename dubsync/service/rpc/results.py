"""The newest render of a shot as the protocol tells it: files, frames, colour, handles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dubsync.core.errors import DubsyncError
from dubsync.core.shot import Plate, Shot
from dubsync.service.overview import ShotRow
from dubsync.service.project import Project
from dubsync.service.rpc.reels import rate_text, span

EMPTY: Mapping[str, Any] = {
    "version": "", "picture": "", "edit": "", "matte": "", "layer": "", "record_file": "",
    "first_frame": 0, "frames": [], "size": [], "colour": {"space": "", "tags": {}},
    "handles": [], "rate": "",
}  # fmt: skip


def result_json(project: Project, row: ShotRow) -> dict[str, Any]:
    """The newest render of a row; its paths are "" where there is none, or it is damaged."""
    made = {
        "name": row.name,
        "state": row.state,
        **EMPTY,
        "source": span(row.shot.source) if row.shot else [],
        "record": span(row.record),
        "message": "; ".join(row.reasons),
        "hint": row.hint,
    }
    folder = project.store.latest("renders", row.name)
    if row.shot is None or folder is None:
        return made
    try:
        return made | _render(folder, row.shot)
    except DubsyncError as error:
        return made | {"state": "failed", "message": str(error), "hint": error.hint}


def _render(folder: Path, shot: Shot) -> dict[str, Any]:
    """Raises DeliveryError where the record is damaged."""
    from dubsync.service.render.provenance import rendered_from, whole_record

    rendered = rendered_from(folder, shot, whole_record(folder))
    frames = rendered.frames
    return {
        "version": folder.name,
        "picture": rendered.picture,
        "edit": edit_media(folder),
        "matte": rendered.matte,
        "layer": rendered.layer,
        "record_file": rendered.record,
        "first_frame": frames.start,
        "frames": span(frames),
        "rate": rate_text(frames.rate),
        "size": [shot.plate.format.width, shot.plate.format.height],
        "colour": colour_json(shot.plate),
        "handles": [shot.source.start - frames.start, frames.stop - shot.source.stop],
    }


def edit_media(folder: Path) -> str:
    """The edit media of a render, the newest where there are several; "": the project makes none.

    A sequence is named by its first frame.
    """
    edit = folder / "edit"
    if not edit.is_dir():
        return ""
    files = [path for path in edit.rglob("*") if path.is_file() and not path.name.startswith(".")]
    media = sorted(path for path in files if path.suffix.lower() in _EDIT)
    return str(media[0]) if media else ""


_EDIT = (".mov", ".mxf", ".mp4", ".exr", ".dpx")


def colour_json(plate: Plate) -> dict[str, Any]:
    """The colour of a plate, which its render has too: its space, and the tags of its file."""
    pixels = plate.format
    tags = {
        "primaries": pixels.primaries,
        "transfer": pixels.transfer,
        "matrix": pixels.matrix if pixels.matrix_tagged else "",
        "range": "full" if pixels.full_range else "video",
    }
    return {"space": "scene-linear" if pixels.floating else "", "tags": tags}
