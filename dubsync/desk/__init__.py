"""The desk: a window in which a reel is reviewed and every performance is shaped.

It calls `dubsync.service` as the command line does, and holds no craft of its own.
May import: `core`, `service`; PyQt5, pyqtgraph, qtawesome and sounddevice, here and nowhere else.
"""
