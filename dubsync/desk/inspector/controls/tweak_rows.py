"""The rows of every control, kept at the current frame, and what a hand on them changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QWidget

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.controls import CONTROLS, MIX
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.inspector.controls.change_at_frame import (
    Changed,
    Keyed,
    key_at,
    key_switched,
    mix_at,
    set_at,
    state_at,
)
from dubsync.desk.inspector.controls.control_row import ControlRow
from dubsync.desk.inspector.controls.control_values import ROWS, form_of
from dubsync.desk.inspector.controls.held_band import HeldBand
from dubsync.desk.inspector.controls.mix_bar import MixBar, Shares
from dubsync.desk.session.session import Session


class TweakRows(QObject):
    """Rows of controls over the session's draft; every change goes through `session.edits`."""

    def __init__(self, session: Session, parent: QWidget, names: Sequence[str] = ROWS) -> None:
        super().__init__(parent)
        self._session = session
        self.rows = {name: self._row(name, parent) for name in names}
        self.mix = MixBar(parent)
        self.mix.asked.connect(self._mix_asked)
        self.mix.reset.connect(self.reset_mix)
        self.mix.key.connect(self.key_mix)
        session.reach.changed.connect(self.show_bands)

    def _row(self, name: str, parent: QWidget) -> ControlRow:
        row = ControlRow(form_of(name), parent)
        row.asked.connect(lambda value: self._do(
            lambda tweak, at, rate: set_at(tweak, name, at, value, rate)))  # fmt: skip
        row.key.connect(lambda: self.key(name))
        row.reset.connect(lambda: self.reset(name))
        if name in CONTROLS:
            row.taken.connect(lambda: self._session.show_control(name))
        row.refused.connect(lambda text: self._session.message.emit(text, True))
        return row

    # -- what is shown -----------------------------------------------------------------------

    def show_frame(self) -> None:
        """Show every control as it is at the session's frame."""
        frames = self._session.frames
        if frames is None:
            return
        tweak = self._session.edits.tweak(self._session.character)
        for name, row in self.rows.items():
            row.show_state(state_at(tweak, name, self._session.frame, frames))
        self.show_bands()
        take, sound, original = shares_at(tweak, self._session.frame, frames)
        there = self._has_take()
        self.mix.allow_take(there)
        self.mix.show_shares((take, sound, original) if there else
                             (0.0, round(take + sound, 6), original))  # fmt: skip

    def show_bands(self) -> None:
        """Show how far the footage shows each control at the session's frame."""
        ends = self._session.reach.at_frame()
        for name, row in self.rows.items():
            row.show_band(HeldBand(*ends[name]) if name in ends else None)

    def _has_take(self) -> bool:
        """Whether the current character has a take in the shot."""
        row = self._session.current
        takes = row.shot.takes if row is not None and row.shot is not None else ()
        return any(take.character == self._session.character for take in takes)

    def mix_keyed(self) -> Keyed:
        """Whether the mix has keys, and one on this frame."""
        frames, session = self._session.frames, self._session
        if frames is None:
            return "none"
        tweak = session.edits.tweak(session.character)
        found = {state_at(tweak, name, session.frame, frames).keyed for name in MIX}
        return "here" if "here" in found else "elsewhere" if "elsewhere" in found else "none"

    def allow(self, allowed: bool, why: str, idle: dict[str, str]) -> None:
        """Let the rows be changed, or say why not; `idle`: control -> why it has no effect."""
        for name, row in self.rows.items():
            row.allow(allowed and name not in idle, why or idle.get(name, ""))
        self.mix.setEnabled(allowed)
        self.mix.setToolTip(why or MIX_TIP)

    # -- what a hand asks for ----------------------------------------------------------------

    def reset(self, name: str) -> None:
        """The control at its usual value, without keys and spans."""
        self._do(lambda tweak, _at, _rate: Changed(tweak.cleared(name), f"clear {name}"))

    def key(self, name: str) -> None:
        """A key of the control on this frame; without it where there is one."""
        if name in CONTROLS:
            self._do(lambda tweak, at, rate: key_switched(tweak, name, at, rate))

    def reset_mix(self) -> None:
        def cleared(tweak: Tweak, _at: int, _rate: FrameRange) -> Changed:
            for name in MIX:
                tweak = tweak.cleared(name)
            return Changed(tweak, "clear mix")

        self._do(cleared)

    def key_mix(self) -> None:
        """A key of all three shares on this frame; without them where all have one."""

        def keyed(tweak: Tweak, at: int, rate: FrameRange) -> Changed:
            here = all(at in dict(tweak.curve(name).keys) for name in MIX)
            for name in MIX:
                if here:
                    tweak = key_switched(tweak, name, at, rate).tweak
                elif at not in dict(tweak.curve(name).keys):
                    value = state_at(tweak, name, at, rate).value
                    tweak = key_at(tweak, name, at, value, rate).tweak
            return Changed(tweak, f"clear mix key @{at}" if here else f"mix key @{at}")

        self._do(keyed)

    def _mix_asked(self, shares: Shares) -> None:
        self._do(lambda tweak, at, rate: mix_at(tweak, at, shares, rate))

    def _do(self, change: Callable[[Tweak, int, FrameRange], Changed]) -> None:
        session = self._session
        frames, character = session.frames, session.character
        if frames is None or not character:
            return
        try:
            changed = change(session.edits.tweak(character), session.frame, frames)
        except SettingsError as error:
            session.message.emit(f"{error}. {error.hint}" if error.hint else str(error), True)
            return
        session.edits.change(character, changed.tweak, changed.request)


MIX_TIP = (
    "Drag a border, or move it with the arrows (Up or Down takes the other border).\n"
    "Where a take cannot be used, the sound has its share too."
)


def shares_at(tweak: Tweak, frame: int, frames: FrameRange) -> Shares:
    """The shares of take, sound and original at a frame; they sum to 1."""
    if all(tweak.curve(name).constant for name in MIX):
        weights = [tweak.curve(name).value for name in MIX]
    else:
        weights = [state_at(tweak, name, frame, frames).value for name in MIX]
    total = sum(weights)
    take, sound, original = (w / total if total > 0 else 0.0 for w in weights)
    return round(take, 6), round(sound, 6), round(original, 6)
