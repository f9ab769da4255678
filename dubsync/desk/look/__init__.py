"""How the desk looks: colours, sizes, type, icons and the style of Qt's own widgets.

May import: PyQt5, qtawesome; no other part of dubsync.
"""
