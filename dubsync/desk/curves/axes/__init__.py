"""Frames, values and levels as pixels of a lane.

May import: `desk.parts`, `desk.session`, `desk.look`; PyQt5.QtCore; `core`.
"""
