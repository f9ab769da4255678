"""Copy, paste, presets, and a tweak applied to the selected shots."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QMimeData, QObject, pyqtSignal
from PyQt5.QtWidgets import QApplication, QWidget

from dubsync.core.documents import parse_json
from dubsync.core.errors import DubsyncError
from dubsync.core.plural import counted
from dubsync.core.tweak.carry import Carried, carry
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain
from dubsync.desk.session.session import Session
from dubsync.service.shape.shots import carry_tweak, presets, save_preset
from dubsync.service.tweaks.presets import Preset

#: Kind of what a copy puts on the clipboard, so that another desk can paste it.
KIND = "application/x-dubsync-tweak"
_MOST = 2_000_000


@dataclass(frozen=True, slots=True)
class CopiedTweak:
    """A tweak on the clipboard, and where it is from; `first`: frames are counted from it."""

    tweak: Tweak
    shot: str
    character: str
    first: int


class Carrying(QObject):
    """Carries tweaks between characters and shots; each time one step that can be undone.

    presets_changed  `presets` were read again
    """

    presets_changed = pyqtSignal()

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.presets: tuple[Preset, ...] = ()
        session.reel_opened.connect(self.read_presets)

    # -- presets -----------------------------------------------------------------------------

    def read_presets(self) -> None:
        """Read the project's presets again."""
        project = self._session.project
        if project is not None:
            self._session.ask(lambda: presets(project), self._show_presets)

    def _show_presets(self, found: tuple[Preset, ...]) -> None:
        self.presets = found
        self.presets_changed.emit()

    def save_preset(self, name: str) -> None:
        """Keep the tweak of the current character under a name."""
        project, shot, character = self._session.project, self._shot, self._session.character
        if project is None or not shot:
            return
        self._session.edits.save()

        def kept(preset: Preset) -> None:
            self._session.message.emit(f"Preset {preset.name} saved", False)
            self.read_presets()

        self._session.ask(lambda: save_preset(project, shot, name, character=character), kept)

    def use_preset(self, name: str) -> None:
        """Put a preset over the current character's tweak; keys stay with the preset's shot."""
        found = next((one for one in self.presets if one.name == name), None)
        if found is not None:
            self._lay_over(found.tweak, None, f"preset {name}")

    # -- the clipboard -----------------------------------------------------------------------

    def copy(self) -> None:
        """Copy the tweak of the current character."""
        row, character = self._session.current, self._session.character
        if row is None or row.shot is None or not character:
            return
        tweak = self._session.edits.tweak(character)
        if tweak.neutral:
            self._session.message.emit(f"{character} has no tweak here to copy", False)
            return
        document = {
            "shot": row.name, "character": character, "first": row.shot.source.start,
            "tweak": plain(tweak),
        }  # fmt: skip
        data = QMimeData()
        data.setData(KIND, json.dumps(document).encode())
        data.setText(", ".join(name for name, _ in tweak.curves))
        QApplication.clipboard().setMimeData(data)
        self._session.message.emit(f"Copied the tweak of {character}", False)

    @property
    def copied(self) -> CopiedTweak | None:
        """The tweak on the clipboard; None where there is none that can be read."""
        data = QApplication.clipboard().mimeData()
        if data is None or not data.hasFormat(KIND):
            return None
        text = bytes(data.data(KIND))
        try:
            document: Any = parse_json(text.decode()) if len(text) <= _MOST else {}
            return CopiedTweak(from_plain(document["tweak"]), str(document["shot"]),
                               str(document["character"]), int(document["first"]))  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError, DubsyncError):
            return None

    def paste(self) -> None:
        """Put the copied tweak over the current character's; keys only within one shot."""
        copied = self.copied
        if copied is None:
            self._session.message.emit("There is no tweak on the clipboard (Ctrl+C)", False)
            return
        shift = 0 if copied.shot == self._shot else None
        self._lay_over(copied.tweak, shift, f"paste from {copied.shot}:{copied.character}")

    def paste_to_selection(self) -> None:
        """Carry the copied tweak to the selected shots."""
        copied = self.copied
        if copied is None:
            self._session.message.emit("There is no tweak on the clipboard (Ctrl+C)", False)
            return
        said = f"paste from {copied.shot}:{copied.character}"
        if self._shot in self._session.selected:
            self.paste()
        self._carry(copied.tweak, said, copied.first, (), False)

    def apply_to_selection(self, only: tuple[str, ...] = (), with_keys: bool = False) -> None:
        """Carry the current character's tweak, or some controls of it, to the selected shots."""
        row, character = self._session.current, self._session.character
        if row is None or row.shot is None:
            return
        tweak, first = self._session.edits.tweak(character), row.shot.source.start
        self._carry(tweak, f"copy from {row.name}:{character}", first, only, with_keys)

    # -- internal ----------------------------------------------------------------------------

    @property
    def _shot(self) -> str:
        row = self._session.current
        return row.name if row is not None and row.shot is not None else ""

    @property
    def targets(self) -> tuple[str, ...]:
        """The selected shots that have a dubbed face, without the current one."""
        rows = (self._session.row(name) for name in self._session.selected)
        return tuple(r.name for r in rows if r is not None and r.shot is not None and r.characters
                     and r.name != self._shot)  # fmt: skip

    def _lay_over(self, tweak: Tweak, shift: int | None, said: str) -> None:
        """Put `tweak` over the draft of the current character."""
        character, edits = self._session.character, self._session.edits
        if not self._shot or not character:
            return
        try:
            carried = carry(tweak, edits.tweak(character), shift=shift)
        except DubsyncError as error:
            self._session.message.emit(f"{error}. {error.hint}", True)
            return
        edits.change(character, carried.tweak, said)
        self._session.message.emit(carried_words(carried), False)

    def _carry(
        self, tweak: Tweak, said: str, first: int, only: tuple[str, ...], with_keys: bool
    ) -> None:
        project, targets = self._session.project, self.targets
        if project is None or not targets:
            return
        self._session.edits.save()

        def done(_shots: object) -> None:
            self._session.message.emit(f"Applied to {counted(len(targets), 'shot')}", False)
            self._session.reread()

        self._session.ask(
            lambda: carry_tweak(
                project, targets, tweak, said, first=first, only=only, with_keys=with_keys
            ),
            done,
        )


def carried_words(carried: Carried) -> str:
    """What was carried and what was not, in a sentence."""
    names = ", ".join(carried.names) or "nothing"
    left = "; ".join(f"not {name}: {why}" for name, why in carried.left)
    return f"Took {names}" + (f"; {left}" if left else "")
