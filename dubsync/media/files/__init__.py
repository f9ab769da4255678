"""Open files with FFmpeg, and write files completely or not at all.

May import: core.
"""
