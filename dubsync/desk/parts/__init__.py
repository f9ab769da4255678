"""Widgets that several views use: buttons, segments, marks of a status, cards, elided text.

May import: `desk.look`, `desk.session`; PyQt5; `core`.
"""
