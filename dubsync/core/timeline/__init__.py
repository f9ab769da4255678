"""Timecode, the format-neutral model of an editorial timeline, and the differences of two cuts.

May import: `core.errors`, `core.arrays`, `core.picture`.
"""
