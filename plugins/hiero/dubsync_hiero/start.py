"""Makes the menu, and opens the panel from it."""

from dubsync_link import problems
from dubsync_link.client import Client, read_command
from dubsync_link.flow import Flow

from dubsync_hiero.adapter import HieroHost


def qt():
    """(QtWidgets, QtCore) as this Hiero brings them: PySide6 from version 16, PySide2 before."""
    try:
        from PySide6 import QtCore, QtWidgets
    except ImportError:
        from PySide2 import QtCore, QtWidgets
    return QtWidgets, QtCore


def make_flow(core, ui, home):
    """The flow of this sitting.  Raises Problem: the command file is damaged."""
    command, environment = read_command(home)
    # Edit media are made for "nuke": Hiero reads what Nuke reads.
    return Flow(HieroHost(core, ui), Client(command, "nuke", environment=environment))


class Opener:
    """Opens the one panel when the menu asks."""

    def __init__(self, core, ui, home, widgets, qtcore):
        self._core, self._ui, self._home = core, ui, home
        self._widgets, self._qtcore = widgets, qtcore
        self.panel = None

    def open(self):
        """Show the panel; it is made the first time."""
        if self.panel is None:
            try:
                flow = make_flow(self._core, self._ui, self._home)
            except problems.Problem as problem:
                self._widgets.QMessageBox.warning(self._ui.mainWindow(), "dubsync", problem.text())
                return
            from dubsync_hiero.panel import Panel

            self.panel = Panel(flow, self._widgets, self._qtcore)
        self.panel.show()


def add_menu(home):
    """Put "dubsync" into Hiero's menu bar; without a window (hiero --python) there is none."""
    import hiero.core
    import hiero.ui

    bar = hiero.ui.menuBar()
    if bar is None:
        return None
    opener = Opener(hiero.core, hiero.ui, home, *qt())
    action = bar.addMenu("dubsync").addAction("Sync clips...")
    action.triggered.connect(opener.open)
    bar.dubsync = opener  # kept as long as the menu is
    return opener
