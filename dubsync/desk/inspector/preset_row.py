"""The row of presets, copy and paste in the Tweak tab."""

from __future__ import annotations

from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dubsync.desk.inspector.carrying import Carrying
from dubsync.desk.inspector.words_field import WordsField
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.session.session import Session


class PresetRow(QWidget):
    """A preset that is chosen is put over the tweak; the name of a new one is typed below."""

    def __init__(
        self, session: Session, actions: Actions, carrying: Carrying, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._carrying = session, carrying
        label = QLabel("Preset", self)
        label.setProperty("tone", "second")
        self.choice = ChoiceField("Preset")
        self.choice.setToolTip("Put a preset over this tweak; what it does not set stays")
        self.choice.setFixedWidth(132)
        self.save = icon_button("floppy-disk", "Save this tweak as a preset")
        self.copy = icon_button("copy", actions.tip("copy tweak"))
        self.paste = icon_button("clipboard", actions.tip("paste tweak"))
        self.spread = icon_button("stack", actions.tip("paste to selection"))
        self.words = WordsField(self)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label)
        row.addSpacing(4)
        row.addWidget(self.choice)
        row.addWidget(self.save)
        row.addStretch(1)
        for button in (self.copy, self.paste, self.spread):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 8)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.words)
        self.choice.activated.connect(self._chosen)
        self.save.clicked.connect(self.ask_name)
        for button, name in ((self.copy, "copy tweak"), (self.paste, "paste tweak"),
                             (self.spread, "paste to selection")):  # fmt: skip
            button.clicked.connect(actions[name].trigger)
        actions.on("copy tweak", carrying.copy)
        actions.on("paste tweak", carrying.paste)
        actions.on("paste to selection", carrying.paste_to_selection)
        carrying.presets_changed.connect(self.show_presets)
        session.shot_changed.connect(self.words.fold)
        self.show_presets()

    def show_presets(self) -> None:
        """Offer the project's presets."""
        self.choice.clear()
        self.choice.addItems([one.name for one in self._carrying.presets])
        self.choice.setCurrentIndex(-1)
        self.choice.show_text("Choose..." if self._carrying.presets else "None yet")
        self.choice.setEnabled(bool(self._carrying.presets))

    def allow(self, allowed: bool, neutral: bool) -> None:
        """Let the tweak be replaced; one that changes nothing cannot be kept or copied."""
        self.choice.setEnabled(allowed and bool(self._carrying.presets))
        self.paste.setEnabled(allowed)
        for button in (self.save, self.copy):
            button.setEnabled(not neutral)

    def ask_name(self) -> None:
        """Ask for the name of a new preset."""
        self.words.ask(
            "Save as preset", lambda name, _choice: self._carrying.save_preset(name),
            button="Save",
        )  # fmt: skip

    def _chosen(self, index: int) -> None:
        name = self.choice.itemText(index)
        self.choice.setCurrentIndex(-1)
        self._carrying.use_preset(name)
