"""What a render was drawn with besides its inputs and settings, so that it can be drawn again.

Settings, tweaks, faces and the digests of inputs have keys of their own in a record.  Here stands
what they leave open: the device and threads of that run, the machine, the cut, and the keys under
which the project keeps face tracks, actors and speaking styles.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from threadpoolctl import threadpool_info

from dubsync.core.digest import digest
from dubsync.core.shot import Shot
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.grain.plate_grain import grain_key, grain_seed
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.shot_plan import ShotPlan


def recipe_of(plan: ShotPlan) -> dict[str, Any]:
    """The recipe of a planned shot on this machine, as plain JSON values."""
    reel, shot = plan.reel, plan.shot
    return {
        "engine": reel.engine.version,
        "device": reel.engine.device,
        "precision": reel.settings.engine.precision,
        "threads": _threads(),
        "seeds": {"grain": grain_seed(shot)},
        "machine": {"system": platform.system(), "processor": platform.machine()},
        "cut": {"name": reel.turnover.cut.name, "sha256": _cut_digest(reel)},
        "shot": digest("shot", shot.source, shot.render, shot.record, _pace(shot)),
        "renderer": reel.renderer_setting(shot),
        "grain": grain_key(reel, shot),
        "dubs": {face.character: _dub(reel, shot, face) for face in plan.faces},
        "models": {face.character: _model(face) for face in plan.faces},
        "tracks": reel.face_tracks.key(shot.plate, shot.render),
    }


def _dub(reel: ReelInputs, shot: Shot, face: DubbedFace) -> dict[str, Any]:
    """What is heard under the shot: digest of that stretch of the dub, and lines off screen.

    rests  readings (first, last + 1) of the dub, 100 a second, at which lips rest in its music
    """
    return {
        "sound": reel.audio_analysis.window_digest(face.stem, shot),
        "rests": [list(rest) for rest in reel.audio_analysis.rests_under(face.stem, shot)],
        "off_screen": [line.name for line in face.off_screen],
        "pauses": face.pauses,
    }


def _model(face: DubbedFace) -> dict[str, str]:
    return {
        "actor": face.actor_key,
        "trained": face.trained or "",
        "speaking_style": face.speaking_style_key,
    }


def _threads() -> Mapping[str, Mapping[str, Any]]:
    """Each library that computes in threads: how many, and for which processor it is built."""
    return {
        str(pool["prefix"]): {
            "threads": int(pool["num_threads"]),
            "kernels": str(pool.get("architecture") or ""),
        }
        for pool in threadpool_info()
    }


def _cut_digest(reel: ReelInputs) -> str:
    probed = reel.turnover.cut.probed
    return "" if probed is None else probed.digest


def _pace(shot: Shot) -> Any:
    """Its speed, or how that changes."""
    return shot.time.keyframes if shot.speed is None else shot.speed
