"""Files as such: opened through FFmpeg, or written whole or not at all.

May import: core.
"""
