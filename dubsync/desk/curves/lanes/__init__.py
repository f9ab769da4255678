"""What is painted over the frames of a shot, one lane a file, and what lies over them all.

May import: `desk.curves.axes` and the shaping beside it; PyQt5, pyqtgraph; `core`.
"""
