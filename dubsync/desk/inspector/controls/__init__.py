"""Rows of controls: how a value is written, laid out, painted, and changed at a frame.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5; `core`.
"""
