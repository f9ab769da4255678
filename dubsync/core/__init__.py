"""Data types, exact time and errors.  Opens no media file and uses no device.

May import: nothing of dubsync.
"""
