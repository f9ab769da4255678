"""The rows of a reel as Qt's table model: sorted in one step, with check boxes kept by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt

from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode
from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.reel.columns import AT, COLUMNS
from dubsync.service.overview import ShotRow

ROW = Qt.UserRole + 1  #: the ShotRow
CHECKED = Qt.UserRole + 2


class ReelModel(QAbstractTableModel):
    """Rows by `show`; Qt's `sort` orders them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ShotRow] = []
        self.checked: frozenset[str] = frozenset()
        self._drop = False
        self._column, self._order = AT["number"], Qt.AscendingOrder

    def show(self, rows: Sequence[ShotRow], drop: bool) -> None:
        """Show other rows.  Where the shots are the same, places and selection stay."""
        ordered, self._drop = self._sorted(rows), drop
        if [row.name for row in ordered] == [row.name for row in self.rows]:
            before, self.rows = self.rows, ordered
            for n, (old, new) in enumerate(zip(before, ordered, strict=True)):
                if old != new:
                    self._told(n)
            return
        self.beginResetModel()
        self.rows = ordered
        self.endResetModel()

    def check(self, names: Iterable[str]) -> None:
        """Tick exactly these rows."""
        now = frozenset(names)
        changed, self.checked = now ^ self.checked, now
        for n, row in enumerate(self.rows):
            if row.name in changed:
                self._told(n)

    def told(self, names: Iterable[str]) -> None:
        """Paint these rows again: their picture came, or they began to render."""
        wanted = set(names)
        for n, row in enumerate(self.rows):
            if row.name in wanted:
                self._told(n)

    def at(self, name: str) -> int:
        """The place of a shot; -1 where there is none."""
        return next((n for n, row in enumerate(self.rows) if row.name == name), -1)

    def record_in(self, row: ShotRow) -> str:
        """Record timecode of the first frame; the frame's number where the rate has none."""
        start, rate = row.record.start, row.record.rate
        if rate not in TIMECODE_RATES or start < 0:
            return str(start)
        return str(Timecode(start, rate, self._drop))

    # -- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, side: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        if side == Qt.Horizontal and role == Qt.DisplayRole:
            return COLUMNS[section].title
        return None

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == CHECKED:
            return row.name in self.checked
        name = COLUMNS[index.column()].name
        if role == Qt.DisplayRole:
            return self.text(row, name)
        if role == Qt.ToolTipRole:
            return self._tip(row, name)
        if role == Qt.AccessibleTextRole:
            return f"{COLUMNS[index.column()].title} {self.text(row, name)}"
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.AscendingOrder) -> None:
        if COLUMNS[column].key is None:
            return
        self._column, self._order = column, order
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        names = [self.rows[index.row()].name for index in held]
        self.rows = self._sorted(self.rows)
        places = {row.name: n for n, row in enumerate(self.rows)}
        self.changePersistentIndexList(
            held,
            [self.index(places[name], index.column())
             for name, index in zip(names, held, strict=True)],
        )  # fmt: skip
        self.layoutChanged.emit()

    def text(self, row: ShotRow, column: str) -> str:
        """What a cell says, in words; pictures and marks are the delegate's."""
        if column == "number":
            return row.shown_number
        if column == "record":
            return self.record_in(row)
        plain = {
            "check": "selected" if row.name in self.checked else "",
            "shot": row.name,
            "character": ", ".join(row.characters) or "\N{EM DASH}",
            "line": row.line,
            "frames": str(len(row.record)),
            "driver": row.driver or "\N{EM DASH}",
            "renderer": row.renderer or "\N{EM DASH}",
            "status": STATUSES[row.state].word,
            "triage": "" if row.triage is None else f"{row.triage:.0f}",
            "findings": _findings(row),
            "notes": str(row.notes) if row.notes else "",
            "version": row.version,
            "plate": row.shot.plate.name if row.shot else "",
        }
        return plain.get(column, "")

    # -- internal ----------------------------------------------------------------------------

    def _tip(self, row: ShotRow, column: str) -> str | None:
        if column in ("status", "findings", "thumb") and (row.reasons or row.hint):
            return "\n".join((*row.reasons, row.hint)).strip()
        if column == "findings" and row.findings:
            bad = [f for f in row.findings if f.verdict in ("fail", "review")]
            return "\n".join(f.message or f.measure for f in bad[:8]) or "Every measure passes"
        if column in ("shot", "character", "line", "driver", "plate"):
            return self.text(row, column) or None
        return None

    def _sorted(self, rows: Sequence[ShotRow]) -> list[ShotRow]:
        """By the chosen column; equals in record order; what is not known comes last."""
        key, down = COLUMNS[self._column].key, self._order == Qt.DescendingOrder
        assert key is not None
        plain = sorted(rows, key=lambda row: (row.record.start, row.event.track, row.name))
        if COLUMNS[self._column].name != "triage":
            return sorted(plain, key=key, reverse=down)
        known = [row for row in plain if row.triage is not None]
        unknown = [row for row in plain if row.triage is None]
        return [*sorted(known, key=key, reverse=down), *sorted(unknown, key=key, reverse=True)]

    def _told(self, n: int) -> None:
        self.dataChanged.emit(self.index(n, 0), self.index(n, len(COLUMNS) - 1))


def _findings(row: ShotRow) -> str:
    if row.fails or row.looks:
        return f"{row.fails} fail, {row.looks} to look at"
    if row.state == "offline":
        return "no plate"
    return "none" if row.findings else ""


class ReelFilter(QSortFilterProxyModel):
    """Which rows are shown: words typed, a state, a character.  The model sorts."""

    def __init__(self, model: ReelModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setDynamicSortFilter(False)
        self.words: tuple[str, ...] = ()
        self.state = ""
        self.character = ""
        self.setSourceModel(model)

    def ask(self, *, text: str | None = None, state: str | None = None,
            character: str | None = None) -> None:  # fmt: skip
        """Change some of the conditions; "" lifts one."""
        if text is not None:
            self.words = tuple(text.casefold().split())
        self.state = self.state if state is None else state
        self.character = self.character if character is None else character
        self.invalidateFilter()

    def sort(self, column: int, order: Qt.SortOrder = Qt.AscendingOrder) -> None:
        self.sourceModel().sort(column, order)

    def rows(self) -> list[ShotRow]:
        """The rows that are shown, in their order."""
        return [row for row in self.sourceModel().rows if self.holds(row)]

    def place(self, name: str) -> int:
        """The place of a shot among those that are shown; -1 where it is not."""
        at = self.sourceModel().at(name)
        return self.mapFromSource(self.sourceModel().index(at, 0)).row() if at >= 0 else -1

    def holds(self, row: ShotRow) -> bool:
        """Whether a row meets every condition."""
        if self.state and row.state != self.state:
            return False
        if self.character and self.character not in row.characters:
            return False
        if not self.words:
            return True
        said = " ".join((row.name, row.number.zfill(3), *row.characters, row.line)).casefold()
        return all(word in said for word in self.words)

    def filterAcceptsRow(self, n: int, _parent: QModelIndex) -> bool:  # noqa: N802
        return self.holds(self.sourceModel().rows[n])
