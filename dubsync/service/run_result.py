"""The results of `Project.run` and `Project.train`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dubsync.core.errors import DubsyncError
from dubsync.core.result import Delivery, QCReport
from dubsync.service.reel.models import ModelRecord
from dubsync.service.reel.shot_result import ShotResult

#: The result of a character's training: the model, or why there is none.
Trained = ModelRecord | DubsyncError


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of `Project.run`; report and delivery are None if no shot was rendered.

    undelivered  why nothing was delivered after a report; None if it was
    """

    shots: tuple[ShotResult, ...]
    report: QCReport | None
    delivery: Delivery | None
    trained: Mapping[str, Trained] = field(default_factory=dict)
    undelivered: DubsyncError | None = None


def run_result(
    shots: tuple[ShotResult, ...],
    trained: Mapping[str, Trained],
    check: Callable[[], QCReport],
    deliver: Callable[[str], Delivery],
) -> RunResult:
    """The end of a run, whoever rendered: what was rendered is checked, and the reel delivered.

    Args:
        deliver: told the report's page; why it refuses becomes part of the result.
    """
    if not any(result.rendered for result in shots):
        return RunResult(shots, None, None, trained)
    report = check()
    try:
        return RunResult(shots, report, deliver(report.html), trained)
    except DubsyncError as error:
        return RunResult(shots, report, None, trained, error)
