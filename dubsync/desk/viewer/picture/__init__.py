"""The picture widget: its state, how it is zoomed, wiped and painted.

May import: `desk.look`, `desk.parts`; PyQt5; `core`, `service`.
"""
