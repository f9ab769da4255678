"""One background job of the desk, and what the lines of its process tell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

JobKind = Literal["render", "repair", "check"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]

_ARGUMENTS: Mapping[JobKind, tuple[str, ...]] = {
    "render": ("sync",),
    "repair": ("sync", "--repair"),
    "check": ("check",),
}
#: A line of progress: "render SHOT 41/100 3.8 frames/s".
_PROGRESS = re.compile(
    r"(?P<stage>.+) (?P<shot>\S+) (?P<done>\d+)/(?P<total>\d+)(?: (?P<rate>.*))?"
)
_RATE = re.compile(r"([\d.]+) \S+/s")
#: Exit codes of dubsync: done, out of limits (a check that found something), stopped.
_DONE, _FINDINGS, _STOPPED = 0, 3, 130
#: Endings that a stopped process may have: SIGINT and SIGTERM.
_SIGNALS = (2, 15)


@dataclass(frozen=True, slots=True)
class Job:
    """A render, a repair or a check of one shot in one language.

    stage    what it is doing, "render"; "" while it waits or begins
    done, total  items of the stage
    rate     items a second; 0 where it is not known
    message  why it failed, in the engine's sentence; hint: what would help
    """

    kind: JobKind
    shot: str
    language: str
    state: JobState = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    message: str = ""
    hint: str = ""

    @property
    def subject(self) -> tuple[str, str, str]:
        """What it is about; of two waiting jobs about one thing the newer replaces the older."""
        return self.kind, self.shot, self.language

    @property
    def open(self) -> bool:
        """Whether it is still to be done or being done."""
        return self.state in ("waiting", "running")

    @property
    def share(self) -> float:
        """How much of the stage is done, 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Of the stage, by its rate; None where that is not known."""
        if self.state != "running" or not self.rate or not self.total:
            return None
        return max(self.total - self.done, 0) / self.rate

    @property
    def words(self) -> str:
        """What it does: "Rendering", "Waiting to render", "Check failed"."""
        doing = {"render": "Rendering", "repair": "Repairing", "check": "Checking"}[self.kind]
        return {
            "waiting": f"Waiting to {self.kind}",
            "running": doing,
            "done": f"{self.kind.capitalize()} done",
            "failed": f"{self.kind.capitalize()} failed",
            "cancelled": f"{self.kind.capitalize()} cancelled",
        }[self.state]


def arguments_of(job: Job, reel: str) -> list[str]:
    """The arguments of Python that do the job as a process of its own."""
    verb, *options = _ARGUMENTS[job.kind]
    language = ["--language", job.language] if job.language else []
    return ["-m", "dubsync", verb, reel, job.shot, *options, *language, "--json"]


def after_line(job: Job, line: str) -> Job:
    """The job after a line of standard error."""
    found = _PROGRESS.fullmatch(line.strip())
    if found is None:
        return job
    rate = _RATE.fullmatch(found["rate"] or "")
    stage, done, total = found["stage"], int(found["done"]), int(found["total"])
    same = stage == job.stage
    pace = float(rate.group(1)) if rate else job.rate if same else 0.0
    return replace(job, stage=stage, done=done, total=total, rate=pace)


def after_exit(job: Job, code: int, crashed: bool, out: str, err: str) -> Job:
    """The job when its process ended.

    Args:
        code: exit code, or the signal of a process that `crashed`.
        out, err: what it wrote on standard output and standard error.
    """
    if code == _STOPPED or (crashed and code in _SIGNALS):
        return replace(job, state="cancelled")
    answer = _answer(out)
    message, hint = _refusal(answer, job.shot)
    fine = not crashed and (code == _DONE or (code == _FINDINGS and job.kind != "render"))
    if fine and not message:
        return replace(job, state="done", done=job.total, message=_unchanged(answer, job), hint="")
    if not message:
        message = _last_words(err) or f"the process ended with code {code}"
    if crashed:
        message, hint = "the engine's process ended abruptly", "try again; the render goes on"
    return replace(job, state="failed", message=message, hint=hint)


def _answer(out: str) -> Any:
    """The last JSON object on standard output; None where there is none."""
    for line in reversed(out.strip().splitlines()):
        try:
            return json.loads(line)
        except ValueError:
            continue
    return None


def _refusal(answer: Any, shot: str) -> tuple[str, str]:
    """Why the shot was not made, and what would help; ("", "") where it was."""
    if not isinstance(answer, dict):
        return "", ""
    if "error" in answer:
        return str(answer["error"]), str(answer.get("hint", ""))
    for row in _rows(answer):
        if row.get("name") == shot and row.get("status") in ("failed", "blocked"):
            return str(row.get("reason", "")) or str(row["status"]), str(row.get("hint", ""))
    left = answer.get("left")
    for row in left if isinstance(left, list) else ():
        if isinstance(row, dict) and row.get("name") == shot:
            return str(row.get("reason", "")), ""
    return "", ""


def _unchanged(answer: Any, job: Job) -> str:
    """That nothing was rendered, because nothing had changed; "" where something was."""
    rows = _rows(answer) if isinstance(answer, dict) and job.kind == "render" else []
    same = any(row.get("name") == job.shot and row.get("status") == "unchanged" for row in rows)
    return "nothing has changed since its newest render" if same else ""


def _rows(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = answer.get("shots")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _last_words(err: str) -> str:
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    refused = [line.removeprefix("Error:").strip() for line in lines if line.startswith("Error:")]
    return (refused or lines or [""])[-1][:400]
