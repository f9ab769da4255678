"""Time, the neutral model of an editorial timeline, and how two cuts differ.

May import: `core.errors`, `core.arrays`, `core.picture`.
"""
