"""The open reel without a widget: rows, the current shot and frame, edits, jobs, the preview.

May import: PyQt5.QtCore; `core`, `service`.
"""
