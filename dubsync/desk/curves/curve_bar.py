"""The bar over the lanes: tools, the measure of the mouth, what the lines are, what is selected."""

from __future__ import annotations

from PyQt5.QtCore import QLineF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QWidget

from dubsync.desk.curves.axes.value_axis import value_text
from dubsync.desk.curves.lanes.mouth_lane import LINES
from dubsync.desk.curves.shaping import Shaping
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.choice_field import ChoiceField

TOOL_ICONS = {
    "select": "cursor", "draw": "pencil-simple", "smooth": "waves", "ease": "path",
    "slip": "arrows-left-right",
}  # fmt: skip
#: Measures of a mouth that a preview knows, and what their values are.
MEASURES = {"opening": "% of eyes", "width": "% of eyes", "jaw": "% of eyes"}
GAP, SAMPLE = 6, 20


class Legend(QWidget):
    """A sample of each line with its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = ("plate", "take", "sound", "result")
        self.setAccessibleName("Lines: plate dashed, take, sound dotted, result thick")
        metrics = self.fontMetrics()
        wide = sum(SAMPLE + GAP + metrics.horizontalAdvance(n) + 16 for n in self._names)
        self.setMinimumWidth(0)
        self._wide = wide

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._wide, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setFont(font())
        x, middle = 0.0, self.height() / 2
        for name in self._names:
            colour, width, dashes = LINES[name]
            pen = QPen(QColor(colour), width)
            pen.setCapStyle(Qt.FlatCap)
            if dashes:
                pen.setDashPattern(list(dashes))
            painter.setPen(pen)
            painter.drawLine(QLineF(x, middle + 0.5, x + SAMPLE, middle + 0.5))
            painter.setPen(QColor(tokens.TX2))
            advance = painter.fontMetrics().horizontalAdvance(name)
            painter.drawText(int(x) + SAMPLE + GAP, 0, advance + 2, self.height(),
                             Qt.AlignVCenter, name)  # fmt: skip
            x += SAMPLE + GAP + advance + 16


class CurveBar(QWidget):
    """`measured` tells the measure that was chosen."""

    measured = pyqtSignal(str)

    def __init__(self, shaping: Shaping, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens.CURVE_BAR)
        self._shaping = shaping
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        self.tools = QButtonGroup(self)
        self._tools = {}
        for name, icon_name in TOOL_ICONS.items():
            button = icon_button(icon_name, actions.tip(f"tool {name}"), checkable=True)
            button.setChecked(name == shaping.tool)
            button.clicked.connect(lambda _on, one=name: shaping.use(one))
            self.tools.addButton(button)
            self._tools[name] = button
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(_rule(self))
        row.addSpacing(4)
        self.measure = ChoiceField("Which measure of the mouth the lane shows", parent=self)
        self.measure.addItems(list(MEASURES))
        self.measure.setFixedSize(92, tokens.HIT)
        self.measure.setAccessibleName("Measure of the mouth")
        self.measure.currentTextChanged.connect(self.measured)
        row.addWidget(self.measure)
        row.addSpacing(8)
        row.addWidget(Legend(self), 1)
        self._name, self._value = QLabel(self), QLabel(self)
        self._name.setProperty("tone", "caption")
        self._value.setMinimumWidth(104)
        row.addWidget(self._name)
        row.addSpacing(4)
        row.addWidget(self._value)
        row.addSpacing(4)
        self.snap = icon_button("magnet", actions.tip("snap"), checkable=True)
        self.snap.setChecked(actions["snap"].isChecked())
        self.snap.clicked.connect(actions["snap"].setChecked)
        actions.on("snap", self.snap.setChecked)
        row.addWidget(self.snap)
        self.whole = icon_button("arrows-out-line-horizontal", actions.tip("whole shot"))
        self.whole.clicked.connect(actions["whole shot"].trigger)
        row.addWidget(self.whole)
        shaping.selected_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Tool and value as they are."""
        shaping = self._shaping
        self._tools[shaping.tool].setChecked(True)
        name, text = shaping.control, ""
        curve, values = shaping.curve, dict(shaping.curve.keys)
        if shaping.contact is not None:
            name = shaping.contact.kind
            text = f"at {shaping.contact.first}"
        elif shaping.span is not None and shaping.span < len(curve.spans):
            span = curve.spans[shaping.span]
            text = f"{value_text(name, span.value)} on {span.first}..{span.last}"
        elif len(shaping.keys) == 1 and min(shaping.keys) in values:
            frame = min(shaping.keys)
            text = f"{value_text(name, values[frame])} at {frame}"
        elif shaping.keys:
            text = f"{len(shaping.keys)} keys"
        elif shaping.frames is not None:
            text = value_text(name, shaping.value_at(shaping.session.frame))
        self._name.setText(name)
        self._value.setText(text)
        self._value.setAccessibleName(f"{name} {text}")


def _rule(parent: QWidget) -> QFrame:
    rule = QFrame(parent)
    rule.setFixedSize(1, 16)
    rule.setStyleSheet(f"background: {tokens.EDGE};")
    return rule
