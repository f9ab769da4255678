"""The table of the reel: a current row for the keyboard, and rows that are ticked."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt5.QtCore import QEvent, QModelIndex, QSettings, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.parts.row_painting import draw_check, draw_icon, draw_text
from dubsync.desk.reel.columns import AT, COLUMNS, FIXED
from dubsync.desk.reel.reel_model import ROW, ReelFilter, ReelModel
from dubsync.desk.reel.row_delegate import PAD, RowDelegate
from dubsync.desk.session.thumbs import Thumbs

ROW_HEIGHT, HEAD = 40, 28
#: Keys that belong to the table while it has the focus, not to the actions of the window.
OWN_KEYS = frozenset({
    Qt.Key_Up, Qt.Key_Down, Qt.Key_PageUp, Qt.Key_PageDown, Qt.Key_Home, Qt.Key_End, Qt.Key_Space,
    Qt.Key_Return, Qt.Key_Enter,
})  # fmt: skip


class ReelTable(QTableView):
    """`checked` tells the names that are ticked; `moved` the current shot; `opened` one to open."""

    checked = pyqtSignal(tuple)
    moved = pyqtSignal(str)
    opened = pyqtSignal(str)

    def __init__(
        self, model: ReelModel, shown: ReelFilter, thumbs: Thumbs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self._shown, self._from = model, shown, ""
        self.setModel(shown)
        self.delegate = RowDelegate(model, thumbs, self)
        self.setItemDelegate(self.delegate)
        self.setHorizontalHeader(ReelHead(self))
        self.setSelectionMode(QAbstractItemView.NoSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAsNeeded)
        self.setAccessibleName("Shots of the reel")
        self.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().hide()
        self._hide_columns()
        self._moving = QTimer(self, singleShot=True, interval=60)
        self._moving.timeout.connect(lambda: self.moved.emit(self.delegate.current))
        thumbs.ready.connect(model.told)

    # -- what is current and ticked ------------------------------------------------------------

    def stand_on(self, name: str, *, tell: bool = False) -> None:
        """Make a shot the current row and bring it into view."""
        if name != self.delegate.current:
            old, self.delegate.current = self.delegate.current, name
            self._model.told((old, name))
        if (at := self._shown.place(name)) >= 0:
            index = self._shown.index(at, AT["shot"])
            self.setCurrentIndex(index)
            self.scrollTo(index)
        if tell:
            self._moving.start()

    def tick(self, names: Iterable[str]) -> None:
        """Tick exactly these shots."""
        self._model.check(names)
        self.horizontalHeader().viewport().update()
        self.checked.emit(self.ticked())

    def ticked(self) -> tuple[str, ...]:
        """The ticked shots, in the order shown."""
        return tuple(row.name for row in self._model.rows if row.name in self._model.checked)

    def tick_all(self) -> None:
        """Tick every shot that is shown; none, where all of them were."""
        names = {row.name for row in self._shown.rows()}
        self.tick(() if names <= self._model.checked else self._model.checked | names)

    # -- mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        index = self.indexAt(event.pos())
        if not index.isValid() or event.button() != Qt.LeftButton:
            event.ignore()
            return
        self.setFocus(Qt.MouseFocusReason)
        name = index.data(ROW).name
        if event.modifiers() & Qt.ShiftModifier:
            self._tick_range(name)
        elif event.modifiers() & Qt.ControlModifier or index.column() == AT["check"]:
            self._toggle(name)
        self.stand_on(name, tell=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        index = self.indexAt(event.pos())
        if index.isValid() and index.column() == AT["check"]:
            self._toggle(index.data(ROW).name)
        elif index.isValid():
            self.opened.emit(index.data(ROW).name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        index = self.indexAt(event.pos())
        self._hover(index.data(ROW).name if index.isValid() else "")

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._hover("")
        super().leaveEvent(event)

    # -- keys --------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.ShortcutOverride and event.key() in OWN_KEYS
            and not event.modifiers() & (Qt.ControlModifier | Qt.AltModifier)
        ):  # fmt: skip
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, page = event.key(), max(self.viewport().height() // ROW_HEIGHT - 1, 1)
        count = len(self._model.rows)
        steps = {Qt.Key_Up: -1, Qt.Key_Down: 1, Qt.Key_PageUp: -page, Qt.Key_PageDown: page,
                 Qt.Key_Home: -count, Qt.Key_End: count}  # fmt: skip
        if key in steps:
            self._step(steps[key], bool(event.modifiers() & Qt.ShiftModifier))
        elif key == Qt.Key_Space and self.delegate.current:
            self._toggle(self.delegate.current)
        elif key in (Qt.Key_Return, Qt.Key_Enter) and self.delegate.current:
            self.opened.emit(self.delegate.current)
        elif key == Qt.Key_A and event.modifiers() & Qt.ControlModifier:
            self.tick(row.name for row in self._shown.rows())
        elif key == Qt.Key_Escape and self._model.checked:
            self.tick(())
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self._focus(True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self._focus(False)
        super().focusOutEvent(event)

    # -- columns -----------------------------------------------------------------------------

    def show_column(self, name: str, shown: bool) -> None:
        """Show or hide a column; remembered."""
        QSettings().setValue(f"reel/columns/{name}", shown)
        self._hide_columns()

    def column_shown(self, name: str) -> bool:
        default = COLUMNS[AT[name]].shown
        return bool(QSettings().value(f"reel/columns/{name}", default, bool))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit_columns()

    def _hide_columns(self) -> None:
        for n, column in enumerate(COLUMNS):
            self.setColumnHidden(n, column.name not in FIXED and not self.column_shown(column.name))
        self.delegate.last_column = max(
            n for n in range(len(COLUMNS)) if not self.isColumnHidden(n)
        )
        self._fit_columns()

    def _fit_columns(self) -> None:
        """The line takes what is left; the shot's name gives way first where that is little."""
        shown = [n for n in range(len(COLUMNS)) if not self.isColumnHidden(n)]
        left = self.viewport().width() - sum(COLUMNS[n].width for n in shown)
        give = min(max(120 - left, 0), 56) if AT["line"] in shown else 0
        for n in shown:
            width = COLUMNS[n].width - (give if COLUMNS[n].name == "shot" else 0)
            self.setColumnWidth(n, width or max(left + give, 96))

    # -- internal ----------------------------------------------------------------------------

    def _step(self, by: int, ticking: bool) -> None:
        count = self._shown.rowCount()
        if not count:
            return
        at = self._shown.place(self.delegate.current)
        at = min(max((at + by) if at >= 0 else 0, 0), count - 1)
        name = self._shown.index(at, 0).data(ROW).name
        if ticking:
            self._tick_range(name)
        else:
            self._from = ""
        self.stand_on(name, tell=True)

    def _toggle(self, name: str) -> None:
        self._from = name
        self.tick(self._model.checked ^ {name})

    def _tick_range(self, name: str) -> None:
        """Tick the rows from where the range began to `name`."""
        self._from = self._from or self.delegate.current or name
        ends = sorted((max(self._shown.place(self._from), 0), self._shown.place(name)))
        names = [row.name for row in self._shown.rows()[ends[0] : ends[1] + 1]]
        self.tick(self._model.checked | set(names))

    def _hover(self, name: str) -> None:
        if name != self.delegate.hovered:
            old, self.delegate.hovered = self.delegate.hovered, name
            self._model.told((old, name))

    def _focus(self, there: bool) -> None:
        self.delegate.focused = there
        self._model.told((self.delegate.current,))


class ReelHead(QHeaderView):
    """The head of the table: a click sorts, the box at the left ticks all that is shown."""

    def __init__(self, table: ReelTable) -> None:
        super().__init__(Qt.Horizontal, table)
        self._table = table
        self.sorted_by, self.order = AT["number"], Qt.AscendingOrder
        self.setFixedHeight(HEAD)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)
        self.setSectionResizeMode(QHeaderView.Fixed)
        self.sectionClicked.connect(self._clicked)

    def sort_by(self, section: int, order: Qt.SortOrder) -> None:
        """Sort the table and show by what."""
        self.sorted_by, self.order = section, order
        self._table.model().sort(section, order)
        self._table.scrollToTop()
        self.viewport().update()

    def paintSection(self, painter: QPainter, where: object, section: int) -> None:  # noqa: N802
        painter.fillRect(where, QColor(tokens.BG2))
        box = where.adjusted(PAD, 0, -PAD, 0)  # type: ignore[attr-defined]
        column, on = COLUMNS[section], section == self.sorted_by
        if column.name == "check":
            rows, ticked = self._table.model().rows(), self._table.ticked()
            whole = bool(rows) and len(ticked) >= len(rows)
            draw_check(painter, where, whole, some=bool(ticked))
        else:
            draw_text(painter, box, column.title, tokens.TX1 if on else tokens.TX2,
                      right=column.right, medium=on)  # fmt: skip
        if on and column.title:
            width = painter.fontMetrics().width(column.title)
            left = box.right() - width - 16 if column.right else box.left() + width + 6
            name = "caret-down" if self.order == Qt.DescendingOrder else "caret-up"
            draw_icon(painter, left, box.top() + 8, name, tokens.ACCENT, 12)

    def _clicked(self, section: int) -> None:
        column = COLUMNS[section]
        if column.name == "check":
            self._table.tick_all()
        elif column.key is not None:
            down = column.down
            if section == self.sorted_by:
                down = self.order == Qt.AscendingOrder
            self.sort_by(section, Qt.DescendingOrder if down else Qt.AscendingOrder)


def index_of(table: ReelTable, name: str, column: str) -> QModelIndex:
    """The cell of a shot as the table shows it; not valid where a filter hides it."""
    shown = table.model()
    return shown.index(shown.place(name), AT[column])
