"""The rows of the reel with what its background jobs make of them: rendering, failed."""

from __future__ import annotations

from dataclasses import replace

from dubsync.desk.session.session import Session
from dubsync.service.overview import ShotRow


def rows_with_jobs(session: Session) -> tuple[ShotRow, ...]:
    """The session's rows; a job that runs or failed stands before the state on disk."""
    jobs = {job.shot: job for job in reversed(session.jobs.jobs)
            if job.state in ("running", "failed") and job.kind != "check"}  # fmt: skip
    if not jobs:
        return session.rows
    return tuple(_with(row, jobs[row.name].state == "running", jobs[row.name].message)
                 if row.name in jobs else row for row in session.rows)  # fmt: skip


def _with(row: ShotRow, running: bool, message: str) -> ShotRow:
    if running:
        return replace(row, state="rendering")
    return replace(row, state="failed", reasons=(message,))
