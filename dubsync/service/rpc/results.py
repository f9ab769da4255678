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


def result_json(project: Project, row: ShotRow, host: str = "") -> dict[str, Any]:
    """The newest render of a row; its paths are "" where there is none, or it is damaged.

    Args:
        host: that opens it; "": the project's own choice of edit media.
    """
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
        return made | _render(project, folder, row.shot, host)
    except DubsyncError as error:
        return made | {"state": "failed", "message": str(error), "hint": error.hint}


def _render(project: Project, folder: Path, shot: Shot, host: str) -> dict[str, Any]:
    """Raises DeliveryError where the record is damaged."""
    from dubsync.service.render.provenance import rendered_from, whole_record
    from dubsync.service.rpc.host_media import host_media

    rendered = rendered_from(folder, shot, whole_record(folder))
    frames = rendered.frames
    return {
        "version": folder.name,
        "picture": rendered.picture,
        "edit": host_media(project, rendered, host),
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
