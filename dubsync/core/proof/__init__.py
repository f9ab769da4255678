"""Values that prove who made what, from what, and say so.

May import: core.
"""
