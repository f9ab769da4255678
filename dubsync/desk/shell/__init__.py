"""The window: pages, docks, menus, actions and their keys, the status bar, the remembered layout.

May import: every view, `desk.parts`, `desk.session`, `desk.look`; PyQt5.
"""
