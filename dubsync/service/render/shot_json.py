"""A shot's result as the command line's JSON prints it (docs/reference/json.md)."""

from __future__ import annotations

from dataclasses import asdict

from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.mouth_sources import plate_kept_share


def reported(result: ShotResult) -> dict[str, object]:
    """The JSON object of one ShotResult."""
    rendered = result.rendered
    return {
        "name": result.name,
        "status": result.status,
        "frames": len(rendered.frames) if rendered else 0,
        "picture": rendered.picture if rendered else None,
        "matte": rendered.matte if rendered else None,
        "layer": rendered.layer if rendered else None,
        "samples_changed_outside_matte": (
            rendered.samples_changed_outside_matte if rendered else None
        ),
        "version": rendered.version if rendered else None,
        "frames_changed": rendered.frames_changed if rendered else 0,
        "characters": list(rendered.characters) if rendered else [],
        "record": rendered.record if rendered else None,
        "renderers": {name: asdict(pick) for name, pick in rendered.picks.items()}
        if rendered
        else {},
        "mouths": {
            name: [asdict(stretch) for stretch in stretches]
            for name, stretches in (rendered.mouths if rendered else {}).items()
        },
        "plate_kept_share": plate_kept_share(rendered) if rendered else 0.0,
        "reason": result.reason,
        "hint": result.hint,
        "warnings": [
            {"about": d.about, "message": d.message, "hint": d.hint} for d in result.warnings
        ],
    }
