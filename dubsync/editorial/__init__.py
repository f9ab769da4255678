"""The cut, in and back: the only part that imports opentimelineio.

May import: core.
"""
