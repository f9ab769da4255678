"""How each state of a shot is shown: always a shape, a colour and a word."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.desk.look import tokens


@dataclass(frozen=True, slots=True)
class StatusLook:
    """Icon (Phosphor), colour and word of one state."""

    icon: str
    colour: str
    word: str


#: State of a shot -> how it is shown.
STATUSES: dict[str, StatusLook] = {
    "todo": StatusLook("circle", tokens.TODO, "To do"),
    "rendering": StatusLook("spinner-gap", tokens.ACCENT, "Rendering"),
    "rendered": StatusLook("circle-half", tokens.RENDERED, "Rendered"),
    "stale": StatusLook("clock-clockwise", tokens.STALE, "Stale"),
    "pending review": StatusLook("eye-fill", tokens.PENDING, "Pending review"),
    "approved": StatusLook("check-circle-fill", tokens.APPROVED, "Approved"),
    "rejected": StatusLook("x-circle-fill", tokens.REJECTED, "Rejected"),
    "blocked": StatusLook("prohibit-fill", tokens.BLOCKED, "Blocked"),
    "offline": StatusLook("link-break", tokens.STALE, "Offline"),
    "skipped": StatusLook("minus-circle", tokens.TODO, "Left alone"),
    "failed": StatusLook("warning-octagon-fill", tokens.REJECTED, "Failed"),
}
#: Verdict of a finding -> how it is shown.
VERDICTS: dict[str, StatusLook] = {
    "pass": StatusLook("check-circle-fill", tokens.APPROVED, "pass"),
    "review": StatusLook("warning-fill", tokens.STALE, "look"),
    "fail": StatusLook("warning-octagon-fill", tokens.REJECTED, "fail"),
    "not measured": StatusLook("minus-circle", tokens.TODO, "not measured"),
}
