"""What the actor's footage shows of a control at a frame, and where a value goes beyond it."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.desk.inspector.controls.control_values import ControlForm


@dataclass(frozen=True, slots=True)
class HeldBand:
    """The footage shows the control from `low` to `high`; `room` farther still looks clean."""

    low: float
    high: float
    room: float

    @property
    def shown(self) -> bool:
        """Whether the footage shows anything of it."""
        return self.high > self.low

    def beyond(self, value: float, usual: float) -> bool:
        """Whether a value goes farther than looks clean; the usual value never does."""
        return value != usual and not self.low - self.room <= value <= self.high + self.room

    def text(self, form: ControlForm) -> str:
        """What a tooltip says of it."""
        if not self.shown:
            return "The footage never shows it: a general face's movement is used."
        said = f"The footage shows {form.text(self.low)} to {form.text(self.high)}"
        if self.room >= form.step:
            said += f"; up to {form.text(self.room)} farther looks clean"
        return said + "."
