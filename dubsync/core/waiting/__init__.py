"""Calls into disks and network shares that may not return, and who is told.

May import: nothing of dubsync.
"""
