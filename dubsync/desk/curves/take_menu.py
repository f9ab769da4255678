"""The menu of a word: which take says it, by one key."""

from __future__ import annotations

from PyQt5.QtCore import QPoint
from PyQt5.QtWidgets import QAction, QMenu, QWidget

from dubsync.core.tweak.take_comp import PLATE, SOUND
from dubsync.desk.curves.comp_parts import short_names
from dubsync.desk.curves.shaping import Shaping
from dubsync.service.reel.comp_list import CharacterComp, CompWord

MOST = 9  #: takes that have a digit of their own


def word_under(comp: CharacterComp, frame: int) -> CompWord | None:
    """The word heard at a frame, else the nearest one within half a second's frames."""
    inside = [word for word in comp.words if word.first <= frame <= word.last]
    return inside[0] if inside else None


def take_menu(shaping: Shaping, comp: CharacterComp, word: CompWord, parent: QWidget) -> QMenu:
    """Takes by 1 to 9, the sound by S, the plate by P, the automatic list by A."""
    menu = QMenu(parent)
    menu.setAccessibleName(f"Take of word {word.index}, {word.text}")
    head = QAction(f"\N{LEFT DOUBLE QUOTATION MARK}{word.text}\N{RIGHT DOUBLE QUOTATION MARK}"
                   if word.text else f"Word {word.index}", menu)  # fmt: skip
    head.setEnabled(False)
    menu.addAction(head)
    names = short_names(lane.take for lane in comp.lanes)
    reasons = {one.take: one.reason for one in word.candidates}
    for n, (take, name) in enumerate(list(names.items())[:MOST], 1):
        why = reasons.get(take, "it does not say this word")
        text = f"&{n}  {name}" + (f": {why}" if why else "")
        _add(menu, text, take, word, shaping, allowed=take in reasons)
    menu.addSeparator()
    _add(menu, "&Sound", SOUND, word, shaping)
    _add(menu, "&Plate", PLATE, word, shaping)
    _add(menu, "&Automatic", "", word, shaping, allowed=word.by_hand)
    return menu


def _add(
    menu: QMenu, text: str, source: str, word: CompWord, shaping: Shaping, *, allowed: bool = True
) -> None:
    action = QAction(text, menu)
    action.setCheckable(True)
    action.setChecked(source == word.source if source else not word.by_hand)
    action.setEnabled(allowed)
    action.triggered.connect(lambda _on=False: shaping.set_source(word, source))
    menu.addAction(action)


def show_menu(menu: QMenu, at: QPoint) -> None:
    """Open it above a place of the screen; nothing waits for it."""
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at - QPoint(0, menu.sizeHint().height()))
