"""The comp lane with the lanes of the takes under it, and the hand on them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PyQt5.QtCore import QPoint, pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from dubsync.core.face import Stretch
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.comp_parts import comp_parts, take_rows
from dubsync.desk.curves.lanes.comp_lane import CompLane, TakeLane
from dubsync.desk.curves.shaping import Shaping
from dubsync.desk.curves.take_menu import show_menu, take_menu, word_under
from dubsync.service.reel.comp_list import CharacterComp

MOST_TAKES = 6  #: take lanes at most


class CompStack(QWidget):
    """`made` tells that there are other take lanes than before."""

    made = pyqtSignal()

    def __init__(self, shaping: Shaping, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shaping, self._view = shaping, view
        self._comp: CharacterComp | None = None
        self.comp = CompLane(view)
        self.takes: tuple[TakeLane, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.comp)

    def show_comp(
        self, comp: CharacterComp | None, drivers: Sequence[Stretch], takes: Sequence[str]
    ) -> None:
        """Which source drives which frames, and what `takes` could; lanes that stay are kept."""
        self._comp = comp
        by_hand = [(word.first, word.last) for word in comp.words if word.by_hand] if comp else []
        self.comp.show_parts(comp_parts(drivers, by_hand))
        rows = take_rows(comp, takes)[:MOST_TAKES]
        if [row.take for row in rows] == [lane.row.take for lane in self.takes]:
            for lane, row in zip(self.takes, rows, strict=True):
                lane.show_row(row)
            return
        for lane in self.takes:
            self._column.removeWidget(lane)
            lane.hide()
            lane.deleteLater()
        self.takes = tuple(TakeLane(row, self._view) for row in rows)
        for lane in self.takes:
            lane.chosen.connect(self._chosen)
            lane.set_faint(self._shaping.locked)
            self._column.addWidget(lane)
        for before, lane in pairwise((self.comp, *self.takes)):
            self.setTabOrder(before, lane)
        self.made.emit()

    def fold(self, folded: bool) -> None:
        """Only the comp lane, or the takes too."""
        for lane in self.takes:
            lane.setVisible(not folded)

    def ask(self) -> None:
        """A menu of takes at the word under the playhead."""
        session = self._shaping.session
        word = word_under(self._comp, session.frame) if self._comp else None
        if self._comp is None or word is None or self._shaping.locked:
            session.message.emit("There is no word of the dub under the playhead", False)
            return
        at = QPoint(round(self._view.axis.x(word.first)), 0)
        menu = take_menu(self._shaping, self._comp, word, self)
        show_menu(menu, self.comp.mapToGlobal(at))

    def _chosen(self, number: int, take: str) -> None:
        words = self._comp.words if self._comp else ()
        word = next((one for one in words if one.index == number), None)
        if word is not None:
            self._shaping.set_source(word, take)
