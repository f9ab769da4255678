"""Every action of the desk: its name, words, keys, menu and group; the one place for keys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action.

    name   under which views connect to it, and under which changed keys are stored
    text   in menus and in the shortcut sheet
    keys   as Qt writes them; the first is shown
    menu   File, Edit, Shot, Tweak, Play, View, Window, Help
    group  of the shortcut sheet
    icon   Phosphor name
    on     whether it is a switch, and how it starts; None: it is none
    held   whether the key repeats while it is held down
    """

    name: str
    text: str
    keys: tuple[str, ...]
    menu: str
    group: str
    icon: str = ""
    on: bool | None = None
    held: bool = False


def _row(name: str, text: str, keys: str, menu: str, group: str, **more: object) -> ActionRow:
    return ActionRow(name, text, tuple(keys.split()), menu, group, **more)  # type: ignore[arg-type]


ACTIONS: tuple[ActionRow, ...] = (
    # -- the file
    _row("new reel", "New reel...", "Ctrl+N", "File", "Window", icon="plus"),
    _row("open reel", "Open reel...", "Ctrl+O", "File", "Window", icon="folder-open"),
    _row("deliver", "Deliver...", "Ctrl+Shift+E", "File", "Window", icon="file-arrow-down"),
    _row("close reel", "Close reel", "Ctrl+W", "File", "Window"),
    _row("quit", "Quit", "Ctrl+Q", "File", "Window"),
    # -- undo
    _row("undo", "Undo", "Ctrl+Z", "Edit", "Shape", icon="arrow-u-up-left", held=True),
    _row("redo", "Redo", "Ctrl+Shift+Z", "Edit", "Shape", icon="arrow-u-up-right", held=True),
    _row("copy tweak", "Copy tweak", "Ctrl+C", "Edit", "Shape", icon="copy"),
    _row("paste tweak", "Paste tweak", "Ctrl+V", "Edit", "Shape", icon="clipboard"),
    _row("paste to selection", "Paste to selection", "Ctrl+Shift+V", "Edit", "Shape", icon="stack"),
    _row("find", "Find shot", "Ctrl+F", "Edit", "Reel", icon="magnifying-glass"),
    # -- play
    _row("play", "Play, stop", "Space", "Play", "Play", icon="play-fill"),
    _row("backwards", "Play backwards, faster", "J", "Play", "Play"),
    _row("stop", "Stop", "K", "Play", "Play", icon="pause-fill"),
    _row("forwards", "Play, faster", "L", "Play", "Play"),
    _row("back a frame", "Back a frame", "Left", "Play", "Play", icon="caret-left-fill", held=True),
    _row("on a frame", "On a frame", "Right", "Play", "Play", icon="caret-right-fill", held=True),
    _row("word before", "Word before", "Ctrl+Left", "Play", "Play", held=True),
    _row("word after", "Word after", "Ctrl+Right", "Play", "Play", held=True),
    _row("key before", "Key before", ",", "Play", "Play", held=True),
    _row("key after", "Key after", ".", "Play", "Play", held=True),
    _row("first frame", "First frame", "Home", "Play", "Play", icon="skip-back-fill"),
    _row("last frame", "Last frame", "End", "Play", "Play", icon="skip-forward-fill"),
    _row("mark in", "Loop from here", "I", "Play", "Play"),
    _row("mark out", "Loop to here", "O", "Play", "Play"),
    _row("loop", "Loop", "Shift+L", "Play", "Play", icon="repeat", on=True),
    _row("with handles", "With handles", "Ctrl+L", "Play", "Play",
         icon="arrows-in-line-horizontal", on=False),
    _row("hear dub", "Hear the dub", "1", "Play", "Play"),
    _row("hear original", "Hear the original", "2", "Play", "Play"),
    _row("hear mix", "Hear both", "3", "Play", "Play"),
    # -- the reel
    _row("shot before", "Shot before", "Up", "Shot", "Reel", held=True),
    _row("shot after", "Shot after", "Down", "Shot", "Reel", held=True),
    _row("next worst", "Next worst", "W", "Shot", "Reel"),
    _row("next rejected", "Next rejected", "Shift+W", "Shot", "Reel"),
    # -- judge
    _row("approve", "Approve", "A", "Shot", "Judge", icon="check-circle-fill"),
    _row("reject", "Reject", "X", "Shot", "Judge", icon="x-circle-fill"),
    _row("note", "Note", "N", "Shot", "Judge", icon="note-pencil"),
    _row("next finding", "Next finding", "Q", "Shot", "Judge"),
    _row("next note", "Next note", "Shift+N", "Shot", "Judge"),
    _row("render", "Render", "Ctrl+R", "Shot", "Judge", icon="film-strip"),
    _row("cancel job", "Cancel the job", "Ctrl+.", "Shot", "Judge"),
    # -- look
    _row("show plate", "Plate", "P", "View", "Look"),
    _row("show render", "Render", "R", "View", "Look"),
    _row("show wipe", "Wipe", "V", "View", "Look"),
    _row("show both", "Side by side", "B", "View", "Look"),
    _row("show difference", "Difference", "D", "View", "Look"),
    _row("swap", "Swap A and B", "Shift+V", "View", "Look"),
    _row("matte", "Matte", "M", "View", "Look", icon="selection", on=False),
    _row("landmarks", "Landmarks", "G", "View", "Look", icon="user-focus", on=False),
    _row("take picture", "Take in the corner", "Shift+T", "View", "Look",
         icon="picture-in-picture", on=True),
    _row("title safe", "Title safe", "Shift+G", "View", "Look", icon="frame-corners", on=False),
    _row("fit", "Fit", "F", "View", "Look"),
    _row("pixels", "Pixels, 100 %", "Z", "View", "Look"),
    _row("exposure back", "Exposure and gamma back", "E", "View", "Look"),
    _row("viewer alone", "Viewer alone", "Ctrl+Return", "View", "Look", on=False),
    _row("less motion", "Less motion", "", "View", "Look", on=False),
    # -- shape
    _row("close lips", "Close lips here", "C", "Tweak", "Shape"),
    _row("set key", "Set a key", "Shift+K", "Tweak", "Shape", icon="diamond"),
    _row("set span", "Set a span", "S", "Tweak", "Shape"),
    _row("more", "More", "+", "Tweak", "Shape", held=True),
    _row("less", "Less", "-", "Tweak", "Shape", held=True),
    _row("reset control", "Reset the control", "Backspace", "Tweak", "Shape",
         icon="arrow-counter-clockwise"),
    _row("other version", "A / B", "Y", "Tweak", "Shape"),
    _row("take of word", "Take of this word, then 1 to 9", "T", "Tweak", "Shape"),
    # -- curves
    _row("tool select", "Select", "Ctrl+1", "Tweak", "Curves", icon="cursor"),
    _row("tool draw", "Draw", "Ctrl+2", "Tweak", "Curves", icon="pencil-simple"),
    _row("tool smooth", "Smooth", "Ctrl+3", "Tweak", "Curves", icon="waves"),
    _row("tool ease", "Ease", "Ctrl+4", "Tweak", "Curves", icon="path"),
    _row("tool slip", "Slip the dub", "Ctrl+5", "Tweak", "Curves", icon="arrows-left-right"),
    _row("whole shot", "Whole shot", "H", "View", "Curves"),
    _row("zoom selection", "Selection", "Shift+H", "View", "Curves"),
    _row("snap", "Snap", "Shift+S", "View", "Curves", icon="magnet", on=True),
    _row("nudge earlier", "Nudge earlier", "Alt+Left", "Tweak", "Curves", held=True),
    _row("nudge later", "Nudge later", "Alt+Right", "Tweak", "Curves", held=True),
    _row("delete", "Delete key or span", "Del", "Tweak", "Curves"),
    # -- the window
    _row("page reel", "Reel", "F1", "Window", "Window"),
    _row("page shot", "Shot", "F2", "Window", "Window"),
    _row("page faces", "Faces", "F3", "Window", "Window"),
    _row("page deliver", "Deliver", "F4", "Window", "Window"),
    _row("next dock", "Next dock", "F6", "Window", "Window"),
    _row("reset layout", "Reset layout", "", "Window", "Window"),
    _row("shortcuts", "Shortcuts", "?", "Help", "Window", icon="keyboard"),
    _row("manual", "Manual", "", "Help", "Window"),
    _row("about", "About dubsync", "", "Help", "Window"),
)  # fmt: skip
MENUS = ("File", "Edit", "Shot", "Tweak", "Play", "View", "Window", "Help")
