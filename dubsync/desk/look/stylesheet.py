"""The style sheet of Qt's own widgets, made from the tokens."""

from __future__ import annotations

from string import Template

from dubsync.desk.look import tokens

_SHEET = Template("""
* { outline: none; }
QWidget { color: $TX1; }
QMainWindow, QDialog, QStackedWidget { background: $BG1; }
QMainWindow::separator { background: $BG0; width: 1px; height: 1px; }
QDockWidget, QWidget[dock="true"] { background: $BG2; }
QToolTip { background: $BG3; color: $TX1; border: 1px solid $EDGE; padding: 4px 6px; }
QMenuBar { background: $BG1; color: $TX2; }
QMenuBar::item { padding: 10px 8px; background: transparent; }
QMenuBar::item:selected { background: $BG4; color: $TX1; }
QMenu { background: $BG2; border: 1px solid $EDGE; padding: 4px 0; }
QMenu::item { padding: 4px 24px 4px 24px; color: $TX1; }
QMenu::item:selected { background: $ACCENT_BACK; }
QMenu::item:disabled { color: $TX4; }
QMenu::separator { height: 1px; background: $LINE; margin: 4px 0; }
QPushButton { background: $BG3; border: 1px solid $EDGE; border-radius: ${RADIUS}px;
  padding: 0 8px; color: $TX1; }
QPushButton:hover { background: $BG4; }
QPushButton:pressed, QPushButton:checked { background: $ACCENT_BACK; color: $ACCENT; }
QPushButton:focus { border-color: $ACCENT; }
QPushButton:disabled { background: transparent; color: $TX4; border-color: $LINE; }
QPushButton[primary="true"] { background: $ACCENT; border-color: $ACCENT; color: $ON_ACCENT;
  font-weight: 500; }
QPushButton[primary="true"]:disabled { background: transparent; border-color: $LINE;
  color: $TX4; }
QPushButton[primary="true"]:focus { border-color: $TX1; }
QPushButton[flat_look="true"] { background: transparent; border-color: transparent; color: $TX2; }
QPushButton[flat_look="true"]:hover { background: $BG4; color: $TX1; }
QPushButton[flat_look="true"]:focus { border-color: $ACCENT; }
QPushButton[flat_look="true"]:disabled { color: $TX4; background: transparent; }
QToolButton { background: transparent; border: 1px solid transparent;
  border-radius: ${RADIUS}px; color: $TX2; }
QToolButton:hover { background: $BG4; }
QToolButton:checked { background: $ACCENT_BACK; color: $ACCENT; }
QToolButton:focus { border-color: $ACCENT; }
QToolButton:disabled { color: $TX4; background: transparent; }
QToolButton[segment] { background: $BG2; border: 1px solid $EDGE; border-radius: 0;
  padding: 0 5px; color: $TX2; border-right: none; }
QToolButton[segment="first"] { border-top-left-radius: 3px; border-bottom-left-radius: 3px; }
QToolButton[segment="last"] { border-top-right-radius: 3px; border-bottom-right-radius: 3px;
  border-right: 1px solid $EDGE; }
QToolButton[segment="only"] { border-radius: 3px; border-right: 1px solid $EDGE; }
QToolButton[segment]:hover { background: $BG4; }
QToolButton[segment]:checked { background: $ACCENT_BACK; color: $ACCENT; }
QToolButton[segment]:focus { border: 1px solid $ACCENT; }
QToolButton[segment]:disabled { color: $TX4; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox { background: $WELL;
  border: 1px solid $EDGE; border-radius: ${RADIUS}px; padding: 0 6px; color: $TX1;
  selection-background-color: $ACCENT; selection-color: $ON_ACCENT; min-height: 22px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus {
  border-color: $ACCENT; }
QLineEdit:disabled { color: $TX4; border-color: $LINE; }
QComboBox { background: $WELL; border: 1px solid $EDGE; border-radius: ${RADIUS}px;
  padding: 0 4px 0 8px; color: $TX1; min-height: 22px; }
QComboBox:hover { background: $BG3; }
QComboBox:focus, QComboBox:on { border-color: $ACCENT; }
QComboBox:disabled { color: $TX4; border-color: $LINE; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox QAbstractItemView { background: $BG2; border: 1px solid $EDGE;
  selection-background-color: $ACCENT_BACK; selection-color: $TX1; padding: 4px 0; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 12px; height: 12px; border: 1px solid $CHECK_EDGE;
  border-radius: 2px; background: $WELL; }
QCheckBox::indicator:checked { background: $ACCENT; border-color: $ACCENT; }
QCheckBox:focus::indicator { border-color: $ACCENT; }
QAbstractItemView { background: $BG1; alternate-background-color: $BG1; border: none;
  selection-background-color: $ACCENT_BACK; selection-color: $TX1; }
QHeaderView { background: $BG2; }
QHeaderView::section { background: $BG2; color: $TX2; border: none;
  border-bottom: 1px solid $BG0; padding: 0 8px; height: 28px; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: $EDGE; border-radius: 3px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $TX4; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $TX2; padding: 0 8px; height: 30px;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $TX1; border-bottom-color: $ACCENT; }
QTabBar::tab:hover { color: $TX1; }
QTabBar::tab:disabled { color: $TX4; }
QProgressBar { background: $BG4; border: none; max-height: 4px; }
QProgressBar::chunk { background: $ACCENT; }
QLabel[tone="second"] { color: $TX2; }
QLabel[tone="caption"] { color: $TX3; }
QLabel[tone="head"] { font-weight: 500; }
QFrame[seam="true"] { background: $LINE; max-height: 1px; border: none; }
""")


def stylesheet() -> str:
    """Qt's style sheet for the whole application."""
    names = {name: getattr(tokens, name) for name in dir(tokens) if name.isupper()}
    return _SHEET.substitute({name: value for name, value in names.items()})
