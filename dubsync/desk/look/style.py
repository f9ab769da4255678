"""Fusion with the desk's palette: what the style sheet cannot reach."""

from __future__ import annotations

from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import (
    QApplication,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import add_fonts, font
from dubsync.desk.look.stylesheet import stylesheet


class DeskStyle(QProxyStyle):
    """Fusion; menus open without effects and tooltips come at once."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def styleHint(  # noqa: N802
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        given: QStyleHintReturn | None = None,
    ) -> int:
        if hint == QStyle.SH_ToolTip_WakeUpDelay:
            return 500
        if hint == QStyle.SH_ComboBox_Popup:
            return 0
        return int(super().styleHint(hint, option, widget, given))


def dress(application: QApplication) -> None:
    """Give an application the desk's type, palette and style."""
    add_fonts()
    application.setStyle(DeskStyle())
    application.setPalette(_palette())
    application.setFont(font())
    application.setStyleSheet(stylesheet())


def _palette() -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.Window: tokens.BG1, QPalette.Base: tokens.WELL, QPalette.AlternateBase: tokens.BG1,
        QPalette.Button: tokens.BG3, QPalette.Text: tokens.TX1, QPalette.WindowText: tokens.TX1,
        QPalette.ButtonText: tokens.TX1, QPalette.BrightText: tokens.TX1,
        QPalette.ToolTipBase: tokens.BG3, QPalette.ToolTipText: tokens.TX1,
        QPalette.Highlight: tokens.ACCENT_BACK, QPalette.HighlightedText: tokens.TX1,
        QPalette.Link: tokens.ACCENT, QPalette.PlaceholderText: tokens.TX3,
        QPalette.Light: tokens.BG4, QPalette.Mid: tokens.EDGE, QPalette.Dark: tokens.BG0,
        QPalette.Shadow: tokens.BG0,
    }  # fmt: skip
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.Text, QPalette.WindowText, QPalette.ButtonText):
        palette.setColor(QPalette.Disabled, role, QColor(tokens.TX4))
    return palette
