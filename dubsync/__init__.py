"""dubsync: fit the picture of a film to its dub.

The names below are the public Python API.  Each is loaded when it is first used, so
`import dubsync` itself is fast and needs neither torch nor FFmpeg.

    from pathlib import Path
    import dubsync

    project = dubsync.Project.open(Path("REEL_1"))
    for shot in project.turnover().shots:
        print(shot.name, shot.record, shot.characters)
    result = project.run()
    print(result.delivery)

Projects     Project, new_project, Dubs, RunResult, ShotResult, ShotTweaks, Settings
Clips        sync_clip, ClipResult
Cuts         read_cut, probe, probe_cut, write_cut
Values       Cut, Delivery, Event, FrameRange, Line, Loss, LossReport, Plate, ProbedCut,
             ProbedMedia, ProjectWarning, QCReport, RenderedShot, Shot, Stem, Take, Timecode,
             Turnover, Tweak
Progress     Step, Progress: a function of one Step; it may raise Cancelled to stop the work
Errors       DubsyncError and its subclasses; each has a `hint`, the next thing to try
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dubsync.core.version import __version__

if TYPE_CHECKING:
    from dubsync.core.errors import (
        Cancelled,
        ConsentMissing,
        DeliveryError,
        DubsyncError,
        EngineError,
        LossyDelivery,
        MediaError,
        MissingMedia,
        ModelError,
        NoFace,
        SettingsError,
        ShapeError,
        TimecodeError,
        TurnoverError,
        VariableRate,
    )
    from dubsync.core.progress import Progress, Step
    from dubsync.core.result import Delivery, QCReport, RenderedShot
    from dubsync.core.settings import Settings
    from dubsync.core.shot import (
        Cut,
        Event,
        Line,
        Plate,
        ProjectWarning,
        Shot,
        Stem,
        Take,
        Turnover,
    )
    from dubsync.core.timeline.losses import Loss, LossReport
    from dubsync.core.timeline.probed import ProbedCut, ProbedMedia
    from dubsync.core.timeline.timecode import FrameRange, Timecode
    from dubsync.core.tweak.tweak import Tweak
    from dubsync.editorial.probe import probe_cut
    from dubsync.editorial.read_cut import read_cut
    from dubsync.service.clip import ClipResult, sync_clip
    from dubsync.service.new_project import Dubs, new_project
    from dubsync.service.project import Project
    from dubsync.service.reel.shot_result import ShotResult
    from dubsync.service.run_result import RunResult
    from dubsync.service.turnover.probe import probe
    from dubsync.service.tweaks.commands import ShotTweaks
    from dubsync.service.write_cut import write_cut

#: Module -> the public names it defines.
_DEFINED_IN = {
    "dubsync.core.errors": (
        "Cancelled", "ConsentMissing", "DeliveryError", "DubsyncError", "EngineError",
        "LossyDelivery", "MediaError", "MissingMedia", "ModelError", "NoFace", "SettingsError",
        "ShapeError", "TimecodeError", "TurnoverError", "VariableRate",
    ),
    "dubsync.core.progress": ("Progress", "Step"),
    "dubsync.core.result": ("Delivery", "QCReport", "RenderedShot"),
    "dubsync.core.settings": ("Settings",),
    "dubsync.core.shot": (
        "Cut", "Event", "Line", "Plate", "ProjectWarning", "Shot", "Stem", "Take", "Turnover",
    ),
    "dubsync.core.timeline.losses": ("Loss", "LossReport"),
    "dubsync.core.timeline.probed": ("ProbedCut", "ProbedMedia"),
    "dubsync.core.timeline.timecode": ("FrameRange", "Timecode"),
    "dubsync.core.tweak.tweak": ("Tweak",),
    "dubsync.editorial.probe": ("probe_cut",),
    "dubsync.editorial.read_cut": ("read_cut",),
    "dubsync.service.clip": ("ClipResult", "sync_clip"),
    "dubsync.service.new_project": ("Dubs", "new_project"),
    "dubsync.service.project": ("Project",),
    "dubsync.service.run_result": ("RunResult",),
    "dubsync.service.reel.shot_result": ("ShotResult",),
    "dubsync.service.turnover.probe": ("probe",),
    "dubsync.service.tweaks.commands": ("ShotTweaks",),
    "dubsync.service.write_cut": ("write_cut",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _DEFINED_IN.items() for name in names}

__all__ = [
    "Cancelled",
    "ClipResult",
    "ConsentMissing",
    "Cut",
    "Delivery",
    "DeliveryError",
    "Dubs",
    "DubsyncError",
    "EngineError",
    "Event",
    "FrameRange",
    "Line",
    "Loss",
    "LossReport",
    "LossyDelivery",
    "MediaError",
    "MissingMedia",
    "ModelError",
    "NoFace",
    "Plate",
    "ProbedCut",
    "ProbedMedia",
    "Progress",
    "Project",
    "ProjectWarning",
    "QCReport",
    "RenderedShot",
    "RunResult",
    "Settings",
    "SettingsError",
    "ShapeError",
    "Shot",
    "ShotResult",
    "ShotTweaks",
    "Stem",
    "Step",
    "Take",
    "Timecode",
    "TimecodeError",
    "Turnover",
    "TurnoverError",
    "Tweak",
    "VariableRate",
    "__version__",
    "new_project",
    "probe",
    "probe_cut",
    "read_cut",
    "sync_clip",
    "write_cut",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value  # the next use finds it at once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
